"""Delegations: who carries whose vote, counted from what stood at the snapshot."""

from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given, settings, strategies as st

from ledger.canonical import format_base64url
from ledger.governance.people.delegation import (
    Resolution,
    cap_of,
    chosen,
    resolve,
    scopes_of,
    uncut,
)
from ledger.governance.people.electorate import electorate
from ledger.governance.people.held import Delegation
from ledger.governance.people.member import BY_FOUNDING, HeldKey, Member, Span
from ledger.governance.people.room import People, from_sections
from ledger.ids import Did, SystemId
from ledger.keys import SigningKey
from ledger.limits import (
    DELEGATION_KEPT_MS,
    DELEGATIONS_KEPT_MAX,
    DELEGATIONS_MEMBER_MAX,
)
from tests.governance.people.world import ANN, BOB, CAT, DAN, DAY_MS, EVE, World
from tests.governance.world import FOUNDER, NOW_MS, REGISTER

UNTIL = "2027-06-01T00:00:00Z"
NO_CAP = 1_000


def did(number: int) -> Did:
    return Did(f"did:key:{number:06}")


def edge(to: int, index: int) -> Delegation:
    return Delegation(to=did(to), scope="all", index=index, from_ms=0, until_ms=10**15)


def resolved(
    edges: dict[int, int], direct: set[int], electors: int = 10, cap: int = NO_CAP
) -> Resolution:
    """Edges are set in the order they are written."""
    return resolve(
        {did(a): edge(b, index) for index, (a, b) in enumerate(edges.items(), 1)},
        frozenset(map(did, range(electors))),
        {did(number) for number in direct},
        cap,
    )


def weights(found: Resolution) -> dict[int, int]:
    return {int(d.removeprefix("did:key:")): w for d, w in found.weights.items()}


def test_depth_is_at_most_three() -> None:
    assert weights(resolved({1: 0, 2: 1, 3: 2, 4: 3}, {0})) == {0: 4}
    assert weights(resolved({4: 3, 3: 2, 2: 1, 1: 0}, {0})) == {0: 4}


def test_ones_own_ballot_comes_first() -> None:
    assert weights(resolved({1: 0, 2: 1, 3: 2}, {0, 1})) == {0: 1, 1: 3}
    assert weights(resolved({1: 0}, {1})) == {1: 1}


def test_rings_end_nowhere() -> None:
    found = resolved({1: 2, 2: 3, 3: 1, 4: 4}, {0})
    assert weights(found) == {0: 1}
    assert not found.carried


def test_others_than_electors_count_nothing() -> None:
    assert weights(resolved({11: 0, 1: 12, 2: 0}, {0, 13})) == {0: 2}


def test_the_cap_takes_those_that_came_first() -> None:
    edges = {5: 0, 1: 0, 4: 0}
    found = resolved(edges, {0}, cap=2)
    assert weights(found) == {0: 3}
    assert set(found.carried) == {did(5), did(1)}
    assert found.over == {did(4)}


def test_a_vote_comes_when_the_last_link_of_its_way_is_set() -> None:
    """3 is first to delegate, to 2; but 2 delegates to 0 only after 1 did."""
    found = resolved({3: 2, 1: 0, 2: 0}, {0}, cap=2)
    assert set(found.carried) == {did(1), did(2)}
    assert found.over == {did(3)}


def test_the_cap_of_an_electorate() -> None:
    assert [cap_of(n, {}) for n in (0, 1, 39, 40, 100_000)] == [1, 1, 1, 2, 5_000]
    assert cap_of(100, {"delegation_cap_percent": 20}) == 20


def test_delegate_capture_is_bounded() -> None:
    """However many delegate to one, they carry a twentieth, and the rest counts nowhere."""
    found = resolved(dict.fromkeys(range(1, 100), 0), {0}, 100, cap_of(100, {}))
    assert weights(found) == {0: 6}
    assert len(found.over) == 94


@given(
    st.dictionaries(st.integers(0, 14), st.integers(0, 14)),
    st.sets(st.integers(0, 14)),
    st.integers(1, 12),
    st.integers(1, 5),
)
@settings(max_examples=200)
def test_nobody_counts_twice(
    edges: dict[int, int], direct: set[int], electors: int, cap: int
) -> None:
    found = resolved(edges, direct, electors, cap)
    own = {did(number) for number in direct if number < electors}
    assert found.weights.keys() == own
    assert sum(found.weights.values()) == len(own) + len(found.carried) <= electors
    assert all(1 <= weight <= 1 + cap for weight in found.weights.values())
    assert not own & found.carried.keys()
    assert not found.over & found.carried.keys()
    again = resolve(
        dict(
            reversed(
                [(did(a), edge(b, i)) for i, (a, b) in enumerate(edges.items(), 1)]
            )
        ),
        frozenset(map(did, range(electors))),
        {did(number) for number in direct},
        cap,
    )
    assert again == found, "the order in which they are looked at does not matter"


# ---- by acts -------------------------------------------------------------------------


def village() -> World:
    return World().found(ANN, BOB, CAT, DAN)


def delegate(
    world: World, by: SigningKey, to: SigningKey, scope: str = "all", until: str = UNTIL
) -> None:
    world.do("delegation.set", by, to=to.did, scope=scope, until=until, reason=None)


def carried(
    world: World,
    *direct: SigningKey,
    scopes: tuple[str, ...] = ("all",),
    time_ms: int | None = None,
) -> dict[Did, int]:
    at = world.time_ms + 1 if time_ms is None else time_ms
    electors = electorate(world.people, at, {})
    edges = chosen(world.people, at, electors, scopes)
    return resolve(edges, electors, {key.did for key in direct}, NO_CAP).weights


def test_the_narrowest_scope_counts() -> None:
    world = village()
    world.do("system.register", FOUNDER, **REGISTER)
    delegate(world, ANN, BOB, "all")
    delegate(world, ANN, CAT, "standard")
    delegate(world, ANN, DAN, "system:example")
    scopes = scopes_of("standard", [SystemId("example")])
    assert scopes == ("system:example", "standard", "all")
    for narrower, best in ((scopes, DAN), (scopes[1:], CAT), (scopes[2:], BOB)):
        assert carried(world, BOB, CAT, DAN, scopes=narrower)[best.did] == 2
    assert carried(world, BOB, scopes=scopes) == {BOB.did: 1}


def test_what_stood_at_a_time_stays_what_stood_then() -> None:
    world = village()
    delegate(world, ANN, BOB)
    then = world.time_ms + 1
    delegate(world, ANN, CAT)
    later = world.time_ms + 1
    world.do("delegation.revoke", ANN, scope="all")
    world.do("member.exit", BOB)
    assert carried(world, BOB, CAT, time_ms=then) == {BOB.did: 2, CAT.did: 1}
    assert carried(world, BOB, CAT, time_ms=later) == {BOB.did: 1, CAT.did: 2}
    assert carried(world, CAT) == {CAT.did: 1}


def test_a_delegation_expires() -> None:
    world = village()
    delegate(world, ANN, BOB, until="2026-12-25T00:00:00Z")
    assert carried(world, BOB) == {BOB.did: 2}
    world.pass_time(40 * DAY_MS)
    assert carried(world, BOB) == {BOB.did: 1}
    assert world.refuses("delegation.revoke", ANN, scope="all") == "unknown-delegation"


def test_exit_cuts_both_ways_and_for_ever() -> None:
    world = village()
    delegate(world, ANN, BOB)
    delegate(world, BOB, CAT)
    world.do("member.exit", BOB)
    assert carried(world, CAT) == {CAT.did: 1}
    world.apply(BOB)
    world.do("member.vouch", CAT, applicant=BOB.did)
    world.do("member.vouch", DAN, applicant=BOB.did)
    world.pass_time(8 * DAY_MS)
    assert world.belongs(BOB)
    assert carried(world, BOB, CAT) == {BOB.did: 1, CAT.did: 1}
    delegate(world, ANN, BOB)
    assert carried(world, BOB) == {BOB.did: 2}


def test_an_exit_while_a_vote_runs_cuts_both_ways() -> None:
    world = village()
    delegate(world, ANN, BOB)
    delegate(world, CAT, DAN)
    then = world.time_ms + 1
    electors = electorate(world.people, then, {})
    world.do("member.exit", BOB)
    world.do("member.exit", CAT)
    edges = chosen(world.people, then, electors, ("all",))
    assert edges.keys() == {ANN.did, CAT.did}
    assert uncut(world.people, edges, then) == {}
    for by in (ANN, DAN):
        if CAT.did not in world.people.applications:
            world.apply(CAT)
        world.do("member.vouch", by, applicant=CAT.did)
    assert world.belongs(CAT)
    assert uncut(world.people, edges, then) == {}, "joining again restores nothing"


def test_what_delegations_are_refused() -> None:
    world = village()
    good = {"to": BOB.did, "scope": "all", "until": UNTIL, "reason": None}
    for changed, kind in (
        ({"to": ANN.did}, "unknown-member"),
        ({"to": EVE.did}, "unknown-member"),
        ({"scope": "everything"}, "unknown-scope"),
        ({"scope": "system:unheard"}, "unknown-system"),
        ({"until": "2026-11-22T10:00:00Z"}, "term-out-of-bounds"),
        ({"until": "2036-11-22T10:00:00Z"}, "term-out-of-bounds"),
    ):
        assert world.refuses("delegation.set", ANN, **(good | changed)) == kind
    assert world.refuses("delegation.set", EVE, **good) == "forbidden"
    world.do("member.exit", BOB)
    assert world.refuses("delegation.set", ANN, **good) == "unknown-member"
    digest = format_base64url(bytes(32))
    world.do("delegation.set", ANN, **(good | {"to": CAT.did, "reason": digest}))
    assert world.people.delegations[ANN.did][0].reason == digest


def test_history_is_kept_as_long_as_a_vote_may_need_it() -> None:
    world = village()
    delegate(world, ANN, BOB)
    delegate(world, ANN, CAT)
    assert len(world.people.delegations[ANN.did]) == 2
    world.pass_time(DELEGATION_KEPT_MS)
    delegate(world, ANN, BOB, until="2028-06-01T00:00:00Z")
    assert [d.to for d in world.people.delegations[ANN.did]] == [CAT.did, BOB.did]


def test_changes_of_one_members_mind_are_bounded() -> None:
    world = village()
    for number in range(DELEGATIONS_KEPT_MAX):
        delegate(world, ANN, (BOB, CAT)[number % 2])
    more = {"to": BOB.did, "scope": "all", "until": UNTIL, "reason": None}
    assert world.refuses("delegation.set", ANN, **more) == "too-many-delegations"
    world.do("delegation.revoke", ANN, scope="all")


def test_delegations_of_one_member_are_bounded() -> None:
    world = village()
    for number in range(DELEGATIONS_MEMBER_MAX + 1):
        world.do(
            "system.register", FOUNDER, **(REGISTER | {"system": f"example-{number}"})
        )
    for number in range(DELEGATIONS_MEMBER_MAX):
        delegate(world, ANN, BOB, f"system:example-{number}")
    more = {"to": BOB.did, "scope": "all", "until": UNTIL, "reason": None}
    assert world.refuses("delegation.set", ANN, **more) == "too-many-delegations"
    delegate(world, ANN, CAT, "system:example-0")


@pytest.mark.slow
def test_a_hundred_thousand_members() -> None:
    """Well under a second of the processor; the bound is wide, for slow ones."""
    count = 100_000
    span = Span(joined_ms=NOW_MS, index=0, by=BY_FOUNDING)
    people = People()
    ids = [did(number) for number in range(count)]
    people = replace(
        people,
        members=people.members.update(
            {
                id_: Member(
                    id=id_, spans=(span,), keys=(HeldKey(did=id_, added_ms=NOW_MS),)
                )
                for id_ in ids
            }
        ),
        delegations=people.delegations.update(
            {
                id_: (replace(edge(number * 7 % count, number + 1)),)
                for number, id_ in enumerate(ids)
            }
        ),
    )
    began = process_time()
    electors = electorate(people, NOW_MS + 1, {})
    edges = chosen(people, NOW_MS + 1, electors, ("system:x", "standard", "all"))
    found = resolve(edges, electors, set(ids[::10]), cap_of(count, {}))
    took_s = process_time() - began
    assert sum(found.weights.values()) == len(found.weights) + len(found.carried)
    assert took_s < 3, f"{took_s:.2f} s"
    print(f"electorate, choice and resolution: {took_s:.2f} s")  # noqa: T201
    assert from_sections({}) == People()
