"""Actions on systems: what each does, from which status, and every refusal."""

from typing import Any

import pytest
from immutables import Map

from ledger.governance.state import State
from ledger.governance.systems.actions import ACTIONS
from ledger.governance.systems.room import from_sections, systems_from
from ledger.governance.systems.system import System
from ledger.ids import SystemId
from ledger.limits import SYSTEM_KEYS_MAX
from tests.governance.acting import PROPOSAL, act_refused, execute, odd_bodies, refused
from tests.governance.world import FOUNDER, REGISTER, REGISTERED, START, STRANGER

WHY = {"system": "example", "reason": "harm-reported"}
DIGEST = {"system": "example", "reason": "A" * 43}
GOOD: dict[str, dict[str, Any]] = {
    "system.register": {
        **REGISTER,
        "overseers": [STRANGER.did],
        "review_days": 30,
        "recourse_days": 90,
    },
    "system.version": {"system": "example", "version": "2027-01"},
    "system.suspend": WHY,
    "system.reinstate": WHY,
    "system.retire": WHY,
    "system.profile": {"system": "example", "profile": "open", "outcomes": ["yes"]},
    "system.deadlines": {"system": "example", "review_days": 7, "recourse_days": 60},
    "system.overseers": {"system": "example", "overseers": [STRANGER.did]},
    "system.keys": {"system": "example", "add": [STRANGER.did], "remove": []},
}
SUSPENDED = execute(REGISTERED, "system.suspend", WHY)
RETIRED = execute(REGISTERED, "system.retire", WHY)
# Where each action may start; "" is: not registered.
FROM = {
    "system.register": {""},
    "system.version": {"active"},
    "system.suspend": {"active"},
    "system.reinstate": {"suspended"},
    "system.retire": {"active", "suspended"},
    "system.profile": {"active", "suspended"},
    "system.deadlines": {"active", "suspended"},
    "system.overseers": {"active", "suspended"},
    "system.keys": {"active", "suspended"},
}
STATES = {"": START, "active": REGISTERED, "suspended": SUSPENDED, "retired": RETIRED}


def example(state: State) -> System:
    return state.systems[SystemId("example")]


def loosens(state: State, action: str, body: dict[str, Any]) -> bool:
    kind = ACTIONS[action]
    return kind.loosens(state, kind.read(body))


def test_the_tables_name_every_action() -> None:
    assert set(GOOD) == set(FROM) == set(ACTIONS)


@pytest.mark.parametrize("action", GOOD)
@pytest.mark.parametrize("status", STATES)
def test_each_action_from_each_status(action: str, status: str) -> None:
    state = STATES[status]
    if status in FROM[action]:
        assert execute(state, action, GOOD[action]) != state
    elif status == "":
        assert refused(state, action, GOOD[action]) == "unknown-system"
    elif action == "system.register":
        assert refused(state, action, GOOD[action]) == "system-exists"
    else:
        assert refused(state, action, GOOD[action]) == "inactive-system"


# Odd values that a member of that name may have after all.
FITTING = {
    ("system.register", "review_days"),
    ("system.register", "recourse_days"),
    ("system.register", "overseers"),
}


@pytest.mark.parametrize("action", GOOD)
def test_every_odd_body_is_refused(action: str) -> None:
    state = STATES[min(FROM[action])]
    for name, body in odd_bodies(GOOD[action]):
        if name.startswith("no ") and (action, name[3:]) in FITTING:
            continue
        assert refused(state, action, body) == "invalid-act", name


@pytest.mark.parametrize("action", sorted(set(GOOD) - {"system.register"}))
def test_another_system_is_unknown(action: str) -> None:
    body = {**GOOD[action], "system": "other"}
    assert refused(REGISTERED, action, body) == "unknown-system"


def test_statuses_name_who_set_them_and_why() -> None:
    system = example(SUSPENDED)
    assert (system.status, system.status_by) == ("suspended", PROPOSAL)
    assert system.status_reason == "harm-reported"
    again = example(execute(SUSPENDED, "system.reinstate", DIGEST))
    assert (again.status, again.status_reason) == ("active", "A" * 43)
    assert example(RETIRED).status == "retired"


def test_what_is_set_is_there() -> None:
    state = REGISTERED
    for action in ("system.profile", "system.deadlines", "system.overseers"):
        state = execute(state, action, GOOD[action])
    system = example(state)
    assert (system.profile, system.outcomes) == ("open", ("yes",))
    assert (system.review_days, system.recourse_days) == (7, 60)
    assert system.overseers == (STRANGER.did,)
    bare = {"system": "example", "review_days": None, "recourse_days": None}
    assert example(execute(state, "system.deadlines", bare)).review_days is None
    registered = example(execute(START, "system.register", GOOD["system.register"]))
    assert (registered.review_days, registered.overseers) == (30, (STRANGER.did,))
    assert registered.registered_by == PROPOSAL


def test_keys_come_and_go() -> None:
    state = execute(REGISTERED, "system.keys", GOOD["system.keys"])
    assert example(state).keys == (STRANGER.did,)
    assert refused(state, "system.keys", GOOD["system.keys"]) == "key-mismatch"
    change = {"system": "example", "add": [FOUNDER.did], "remove": [STRANGER.did]}
    assert refused(REGISTERED, "system.keys", change) == "key-mismatch"
    assert example(execute(state, "system.keys", change)).keys == (FOUNDER.did,)
    nothing: list[dict[str, Any]] = [{"add": [], "remove": []}, {"add": [FOUNDER.did]}]
    for said in nothing:
        body = {"system": "example", "remove": [FOUNDER.did], **said}
        assert refused(state, "system.keys", body) == "invalid-act"


def test_a_system_has_so_many_keys() -> None:
    system = example(REGISTERED)
    many = tuple(f"did:key:{n}" for n in range(SYSTEM_KEYS_MAX))
    full = System(**{**{n: getattr(system, n) for n in system.__slots__}, "keys": many})
    state = execute(REGISTERED, "system.retire", WHY)
    state = type(state)(community=state.community, systems=Map({system.id: full}))
    assert refused(state, "system.keys", GOOD["system.keys"]) == "too-many-keys"


def test_what_loosens_protection() -> None:
    for action in ("system.register", "system.version", "system.reinstate"):
        assert loosens(REGISTERED, action, GOOD[action])
    for action in ("system.suspend", "system.retire", "system.overseers"):
        assert not loosens(REGISTERED, action, GOOD[action])
    widened = execute(REGISTERED, "system.profile", GOOD["system.profile"])
    narrow = {"system": "example", "profile": "sealed", "outcomes": []}
    fewer = {"system": "example", "profile": "open", "outcomes": ["yes"]}
    more = {"system": "example", "profile": "open", "outcomes": ["yes", "no"]}
    assert loosens(REGISTERED, "system.profile", fewer)
    assert loosens(START, "system.profile", fewer)
    assert loosens(widened, "system.profile", more)
    assert not loosens(widened, "system.profile", fewer)
    assert not loosens(widened, "system.profile", narrow)


@pytest.mark.parametrize(
    ("review", "recourse", "loosened"),
    [
        (7, 60, False),
        (6, 61, False),
        (8, 60, True),
        (7, 59, True),
        (None, 60, True),  # the community's 30 days
        (7, None, True),
    ],
)
def test_longer_reviews_and_shorter_recourse_loosen(
    review: int | None, recourse: int | None, loosened: bool
) -> None:
    body = {"system": "example", "review_days": review, "recourse_days": recourse}
    state = execute(REGISTERED, "system.deadlines", GOOD["system.deadlines"])
    assert loosens(state, "system.deadlines", body) is loosened
    assert not loosens(START, "system.deadlines", body)


@pytest.mark.parametrize(
    ("review", "recourse", "loosened"),
    [
        (None, None, False),
        (30, None, False),
        (29, None, False),
        (31, None, True),
        (30, 60, True),  # any time to contest, where there was no end of it
        (365, 1, True),
    ],
)
def test_a_system_without_deadlines_has_the_communitys(
    review: int | None, recourse: int | None, loosened: bool
) -> None:
    body = {"system": "example", "review_days": review, "recourse_days": recourse}
    assert example(REGISTERED).review_days is None
    assert loosens(REGISTERED, "system.deadlines", body) is loosened
    slow = execute(REGISTERED, "system.deadlines", {**body, "review_days": 40})
    back = {**body, "review_days": None}
    assert not loosens(slow, "system.deadlines", back)


def test_founders_set_up_and_do_no_more() -> None:
    from ledger.governance.tables import ACTS  # noqa: PLC0415 -- only here

    assert {name for name in GOOD if name in ACTS} == {
        "system.register",
        "system.version",
        "system.deadlines",
        "system.overseers",
        "system.keys",
    }
    body = GOOD["system.register"]
    assert act_refused(START, "system.register", body, key=STRANGER) == "forbidden"


def test_sections_read_back() -> None:
    state = REGISTERED
    for action in ("system.profile", "system.deadlines", "system.overseers"):
        state = execute(state, action, GOOD[action])
    for each in (START, REGISTERED, SUSPENDED, RETIRED, state):
        assert systems_from(each.sections()) == each.systems
        assert from_sections(each.sections()) == each.emergencies
