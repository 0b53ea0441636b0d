"""People as a value: who belongs, who votes when, and back from the sections."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from ledger.errors import ForbiddenError
from ledger.governance.kinds import Context
from ledger.governance.people.electorate import electorate, may_vote, member_of
from ledger.governance.people.member import (
    BY_FOUNDER,
    BY_VOUCH,
    EXITED,
    HeldKey,
    Member,
    Passkey,
    Span,
)
from ledger.governance.people.rights import check_founder, check_member
from ledger.governance.people.room import People, found, from_sections
from ledger.governance.state import State
from ledger.ids import Did
from ledger.keys import SigningKey
from tests.governance.world import FOUNDER, NOW_MS, START, STRANGER

DAY_MS = 86_400_000
WAIT = {"newcomer_wait_s": 60}
JOINED_MS = NOW_MS + 1_000


def newcomer(key: SigningKey, *, by: str = BY_VOUCH, at: int = JOINED_MS) -> Member:
    return Member(
        id=key.did,
        spans=(Span(joined_ms=at, index=1, by=by),),
        keys=(HeldKey(did=key.did, added_ms=at),),
    )


def with_people(people: People) -> State:
    return replace(START, people=people)


def context(key: SigningKey, time_ms: int = NOW_MS) -> Context:
    return Context(act_id="", actor=key.did, time_ms=time_ms, index=1)


JOINED = START.people.join(newcomer(STRANGER))


def test_founders_are_members_from_entry_0() -> None:
    assert electorate(START.people, NOW_MS, {}) == {FOUNDER.did}
    assert member_of(START.people, FOUNDER.did) == FOUNDER.did
    assert member_of(START.people, STRANGER.did) is None
    check_member(START, context(FOUNDER))
    with pytest.raises(ForbiddenError):
        check_member(START, context(STRANGER))


def test_a_founder_named_twice_is_one_member() -> None:
    assert found((FOUNDER.did, FOUNDER.did), NOW_MS) == START.people


def test_newcomers_wait_before_they_vote() -> None:
    for time_ms, expected in ((JOINED_MS + 60_000, False), (JOINED_MS + 60_001, True)):
        assert may_vote(JOINED, STRANGER.did, time_ms, WAIT) is expected
        assert (STRANGER.did in electorate(JOINED, time_ms, WAIT)) is expected
    check_member(with_people(JOINED), context(STRANGER))


def test_the_electorate_of_a_time_does_not_change_with_later_exits() -> None:
    time_ms = JOINED_MS + 61_000
    before = electorate(JOINED, time_ms, WAIT)
    gone = JOINED.put(JOINED.members[STRANGER.did].end(time_ms, EXITED))
    assert electorate(gone, time_ms, WAIT) == before
    assert electorate(gone, time_ms + 1, WAIT) == {FOUNDER.did}
    assert gone.belonging == 1
    assert member_of(gone, STRANGER.did) is None


def test_founders_powers_end_with_the_fifth_member_after_them() -> None:
    people = START.people
    for number in range(5):
        check_founder(with_people(people), context(FOUNDER))
        people = people.join(newcomer(SigningKey(bytes([9, number] * 16))))
    with pytest.raises(ForbiddenError, match="ended"):
        check_founder(with_people(people), context(FOUNDER))
    for id_ in [id_ for id_ in people.members if id_ != FOUNDER.did]:
        people = people.put(people.members[id_].end(NOW_MS + 9, EXITED))
    with pytest.raises(ForbiddenError, match="ended"):
        check_founder(with_people(people), context(FOUNDER))


def test_founders_powers_end_on_day_30() -> None:
    check_founder(START, context(FOUNDER, NOW_MS + 30 * DAY_MS - 1))
    with pytest.raises(ForbiddenError, match="ended"):
        check_founder(START, context(FOUNDER, NOW_MS + 30 * DAY_MS))


def test_only_a_founder_who_never_left_has_a_founders_powers() -> None:
    with pytest.raises(ForbiddenError, match="not a founder"):
        check_founder(with_people(JOINED), context(STRANGER))
    gone = JOINED.put(JOINED.members[FOUNDER.did].end(NOW_MS + 5, EXITED))
    with pytest.raises(ForbiddenError, match="present member"):
        check_founder(with_people(gone), context(FOUNDER))
    span = Span(joined_ms=NOW_MS + 9, index=4, by=BY_VOUCH)
    member = gone.members[FOUNDER.did]
    back = gone.join(replace(member, spans=(*member.spans, span)))
    with pytest.raises(ForbiddenError, match="not a founder"):
        check_founder(with_people(back), context(FOUNDER))


times = st.integers(NOW_MS, NOW_MS + 400 * DAY_MS)


@st.composite
def members(draw: st.DrawFn, number: int) -> Member:
    own = [SigningKey(bytes([7, number, n, 0] * 8)) for n in range(3)]
    at = sorted(draw(st.lists(times, min_size=1, max_size=4, unique=True)))
    by = draw(st.sampled_from((BY_FOUNDER, BY_VOUCH)))
    spans = tuple(
        Span(joined_ms=start, index=start - NOW_MS, by=by, ended_ms=end, why=EXITED)
        for start, end in pairwise(at)
    )
    spans += (Span(joined_ms=at[-1], index=at[-1] - NOW_MS, by=by),)
    kept = draw(st.integers(1, 3))
    keys = [HeldKey(did=own[0].did, added_ms=at[0])]
    keys += [HeldKey(did=key.did, added_ms=draw(times)) for key in own[1:kept]]
    keys.sort(key=lambda key: (key.added_ms, key.did))
    passkeys = tuple(
        Passkey(
            credential=f"c{n}",
            public_key="pQ",
            rp_id="x.example",
            added_ms=at[0] + n,
            revoked_ms=draw(st.none() | times),
        )
        for n in range(draw(st.integers(0, 2)))
    )
    return Member(id=own[0].did, spans=spans, keys=tuple(keys), passkeys=passkeys)


@given(
    st.lists(st.integers(0, 20), unique=True).flatmap(
        lambda numbers: st.tuples(*(members(number) for number in numbers))
    )
)
def test_people_are_read_back_from_their_sections(drawn: tuple[Member, ...]) -> None:
    sections = START.people.sections()
    sections["members"].update({member.id: member.public() for member in drawn})
    people = from_sections(json.loads(json.dumps(sections)))
    assert people.sections() == sections
    assert dict(people.members) == {
        **dict(START.people.members),
        **{member.id: member for member in drawn},
    }
    assert from_sections(people.sections()) == people
    assert people.belonging == 1 + len(drawn)
    assert all(
        people.owners[Did(key.did)] == member.id
        for member in drawn
        for key in member.keys
    )


def test_joining_one_by_one_gives_what_the_sections_give() -> None:
    people = JOINED.join(newcomer(SigningKey(b"\5" * 32), at=JOINED_MS + 40 * DAY_MS))
    assert from_sections(people.sections()) == people
    assert people.admitted == (JOINED_MS + 40 * DAY_MS,)
    assert people.later == 2
