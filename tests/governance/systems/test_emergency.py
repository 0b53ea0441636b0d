"""Emergency suspension: who can, when it happens, when it ends, what it never does."""

from dataclasses import replace

import pytest
from immutables import Map

from ledger.governance.evolve import evolve
from ledger.governance.people.held import Appointment
from ledger.governance.state import EMPTY, State
from ledger.governance.systems.emergency import due, tick
from ledger.governance.systems.room import from_sections
from ledger.governance.systems.system import System
from ledger.ids import LeafIndex, SystemId
from ledger.keys import SigningKey
from tests.governance.acting import act, act_refused, execute, odd_bodies, refused
from tests.governance.world import FOUNDED, NOW_MS, REGISTER, STRANGER

CALL = "system.suspend_emergency"
WHY = {"system": "example", "reason": "harm-reported"}
DAY_MS = 86_400_000
AT_MS = NOW_MS + DAY_MS


def keys(count: int) -> list[SigningKey]:
    return [SigningKey(bytes([10]) * 31 + bytes([n])) for n in range(count)]


def community(members: int, *guardians: int) -> State:
    """So many members, some of them guardians, and one system."""
    founders = tuple(key.did for key in keys(members))
    state = evolve(EMPTY, replace(FOUNDED, founders=founders), LeafIndex(0))
    term = Appointment(from_ms=NOW_MS, until_ms=NOW_MS + 99 * DAY_MS, appointed_by="p")
    holders = {founders[n]: term for n in guardians}
    roles = state.people.roles
    if guardians:
        roles = roles.set("guardian", Map(holders))
    state = replace(state, people=replace(state.people, roles=roles))
    return execute(state, "system.register", REGISTER)


def call(state: State, *members: int, time_ms: int = AT_MS) -> State:
    for member in members:
        state = act(state, CALL, WHY, key=keys(member + 1)[member], time_ms=time_ms)
    return state


def system(state: State) -> System:
    return state.systems[SystemId("example")]


@pytest.mark.parametrize(
    ("members", "guardians", "callers", "stops"),
    [
        (10, (), (0, 1), False),
        (10, (), (0, 1, 2), True),  # 5% and at least 3
        (60, (), (0, 1, 2), True),  # exactly 5%
        (61, (), (0, 1, 2), False),
        (61, (), (0, 1, 2, 3), True),
        (61, (0, 1, 2), (0,), False),
        (61, (0, 1, 2), (0, 1), True),  # 2 of 3 guardians
        (61, (0, 1, 2), (0, 5), False),
        (61, (0,), (0,), False),  # no guardian stops a system alone
        (61, (0, 1, 2, 3), (0, 1), False),
        (61, (0, 1, 2, 3), (0, 1, 2), True),
        (61, (0, 1, 2), (2, 7, 8), False),
    ],
)
def test_who_stops_a_system(
    members: int, guardians: tuple[int, ...], callers: tuple[int, ...], stops: bool
) -> None:
    state = call(community(members, *guardians), *callers)
    assert (system(state).status == "suspended") is stops
    assert (due(state) is not None) is stops
    assert from_sections(state.sections()) == state.emergencies


STOPPED = call(community(10), 0, 1, 2)
LAPSES_MS = AT_MS + 7 * DAY_MS


def test_it_lapses_by_itself_and_not_before() -> None:
    assert due(STOPPED) == system(STOPPED).lapses_ms == LAPSES_MS
    assert tick(STOPPED, LAPSES_MS - 1) is STOPPED
    after = tick(STOPPED, LAPSES_MS)
    assert system(after) == system(community(10))
    assert due(after) is None
    assert tick(after, LAPSES_MS + 1) is after
    assert from_sections(after.sections()) == after.emergencies


def test_it_cannot_be_renewed_for_a_while() -> None:
    after = tick(STOPPED, LAPSES_MS)
    rest_ms = LAPSES_MS + 30 * DAY_MS
    assert (
        act_refused(after, CALL, WHY, key=keys(1)[0], time_ms=rest_ms - 1)
        == "emergency-rest"
    )
    assert system(call(after, 0, time_ms=rest_ms)).status == "active"
    assert system(call(after, 0, 1, 2, time_ms=rest_ms)).status == "suspended"


def test_a_proposal_ratifies_it_reinstates_or_retires() -> None:
    ratified = execute(STOPPED, "system.suspend", WHY, time_ms=AT_MS + 1)
    assert system(ratified).lapses_ms is due(ratified) is None
    assert system(tick(ratified, LAPSES_MS)).status == "suspended"
    assert refused(ratified, "system.suspend", WHY) == "inactive-system"
    for action, status in (("reinstate", "active"), ("retire", "retired")):
        state = execute(STOPPED, f"system.{action}", WHY, time_ms=AT_MS + 1)
        assert system(state).status == system(tick(state, LAPSES_MS)).status == status
        assert due(state) is None
        assert from_sections(state.sections()) == state.emergencies
    again = execute(STOPPED, "system.reinstate", WHY, time_ms=AT_MS + 1)
    assert (
        act_refused(again, CALL, WHY, key=keys(1)[0], time_ms=AT_MS + 2)
        == "emergency-rest"
    )


def test_calls_go_stale() -> None:
    state = call(community(10), 0, 1)
    later_ms = AT_MS + 7 * DAY_MS
    assert system(call(state, 2, time_ms=later_ms - 1)).status == "suspended"
    assert system(call(state, 2, time_ms=later_ms)).status == "active"
    assert system(call(state, 0, 1, 2, time_ms=later_ms)).status == "suspended"


def test_a_caller_who_left_counts_no_more() -> None:
    state = call(community(10), 0, 1)
    gone = state.people.members[keys(1)[0].did].end(AT_MS + 1, "exited")
    state = replace(state, people=state.people.put(gone))
    assert system(call(state, 2, time_ms=AT_MS + 2)).status == "active"
    assert system(call(state, 2, 3, time_ms=AT_MS + 2)).status == "suspended"


def test_refusals() -> None:
    state = call(community(10), 0)
    assert act_refused(state, CALL, WHY, key=STRANGER, time_ms=AT_MS) == "forbidden"
    first = {"key": keys(1)[0], "time_ms": AT_MS + 1}
    assert act_refused(state, CALL, WHY, **first) == "already-called"
    other = {**WHY, "system": "other"}
    assert act_refused(state, CALL, other, **first) == "unknown-system"
    assert act_refused(STOPPED, CALL, WHY, **first) == "inactive-system"
    for name, body in odd_bodies(WHY):
        assert act_refused(state, CALL, body, **first) == "invalid-act", name


def test_a_newcomer_who_may_not_vote_may_not_call() -> None:
    state = community(10)
    founder = state.people.members[keys(1)[0].did]
    span = replace(founder.span, by="vouch", joined_ms=AT_MS - DAY_MS)
    people = state.people.put(replace(founder, spans=(span,)))
    state = replace(state, people=people)
    assert act_refused(state, CALL, WHY, key=keys(1)[0], time_ms=AT_MS) == "forbidden"
    later_ms = AT_MS + 7 * DAY_MS
    act(state, CALL, WHY, key=keys(1)[0], time_ms=later_ms)


def test_two_systems_lapse_in_order() -> None:
    state = execute(STOPPED, "system.register", {**REGISTER, "system": "another"})
    for key in keys(3):
        body = {**WHY, "system": "another"}
        state = act(state, CALL, body, key=key, time_ms=AT_MS - 5)
    assert [id_ for _, id_ in state.emergencies.lapses] == ["another", "example"]
    half = tick(state, LAPSES_MS - 5)
    assert [s.status for _, s in sorted(half.systems.items())] == [
        "active",
        "suspended",
    ]
    assert not tick(state, LAPSES_MS).emergencies.lapses
