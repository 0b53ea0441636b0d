"""Which acts are recorded, in which order refusals come, and what acts do."""

from dataclasses import replace
from string import ascii_letters
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from immutables import Map

from ledger.entries.act import Act
from ledger.entries.entry import ActRecorded
from ledger.errors import ConflictError, FatalError, ForbiddenError, RejectedError
from ledger.governance.decide import decide
from ledger.governance.evolve import evolve
from ledger.governance.state import EMPTY, State
from ledger.ids import LeafIndex, SystemId, TreeSize
from ledger.limits import SYSTEM_VERSIONS_MAX, SYSTEMS_MAX
from tests.governance.world import (
    COMMONS,
    FOUNDER,
    NOW_MS,
    REGISTER,
    REGISTERED,
    START,
    STRANGER,
    act_of,
    after,
)

DAY_MS = 86_400_000


def refusal(state: State, act: Act, *, seen_holds: bool = True) -> str:
    with pytest.raises(RejectedError) as caught:
        decide(state, act, time_ms=NOW_MS, size=TreeSize(1), seen_holds=seen_holds)
    return caught.value.kind


def test_a_system_and_its_versions_are_registered() -> None:
    state = after(
        START,
        act_of("system.register", REGISTER),
        act_of("system.version", {"system": "example", "version": "2026-12"}, seq=2),
    )
    (system,) = state.systems.values()
    assert system.versions == ("2026-11", "2026-12")
    assert system.public() == {
        **{name: value for name, value in REGISTER.items() if name != "system"},
        "versions": ["2026-11", "2026-12"],
        "status": "active",
        "registered_by": act_of("system.register", REGISTER).id,
    }
    assert dict(state.sequences) == {FOUNDER.did: 2}
    assert state.log_time_ms == NOW_MS + 2


def test_the_entry_is_the_act_at_log_time() -> None:
    act = act_of("system.register", REGISTER)
    entries = decide(START, act, time_ms=NOW_MS, size=TreeSize(1), seen_holds=True)
    assert entries == [ActRecorded(ledger=COMMONS, time_ms=NOW_MS, act=act)]
    assert not START.systems


def test_each_refusal_has_its_kind_and_they_come_in_order() -> None:
    """Each act here is wrong in its own way and in all the later ways."""
    bad: dict[str, Any] = {"act": "system.register", "body": {}}
    late = NOW_MS
    everything: dict[str, Any] = {
        "key": STRANGER,
        "seq": 9,
        "until_ms": late,
        "seen_size": 2,
    }
    other = "A" * 43
    assert refusal(START, act_of(**bad, **everything, genesis=other)) == (
        "another-ledger"
    )
    assert refusal(START, act_of(**bad, **everything)) == "forbidden"
    everything["key"] = FOUNDER
    assert refusal(START, act_of(**bad, **everything)) == "seq-used"
    everything["seq"] = 1
    assert refusal(START, act_of(**bad, **everything)) == "act-out-of-time"
    everything["until_ms"] = NOW_MS + 1
    assert refusal(START, act_of(**bad, **everything)) == "seen-ahead"
    everything["seen_size"] = 1
    act = act_of(**bad, **everything)
    assert refusal(START, act, seen_holds=False) == "seen-elsewhere"
    assert refusal(START, act) == "invalid-act"
    assert refusal(REGISTERED, act_of("system.register", REGISTER, seq=2)) == (
        "system-exists"
    )


def test_classes_say_the_status() -> None:
    with pytest.raises(ForbiddenError):
        decide(
            START,
            act_of("system.register", REGISTER, key=STRANGER),
            time_ms=NOW_MS,
            size=TreeSize(1),
            seen_holds=True,
        )
    with pytest.raises(ConflictError, match="next one is 2"):
        decide(
            REGISTERED,
            act_of("system.register", REGISTER, seq=1),
            time_ms=NOW_MS,
            size=TreeSize(1),
            seen_holds=True,
        )
    with pytest.raises(FatalError):
        decide(
            EMPTY,
            act_of("system.register", REGISTER),
            time_ms=NOW_MS,
            size=TreeSize(0),
            seen_holds=True,
        )


@pytest.mark.parametrize(
    ("until_ms", "fits"),
    [
        (NOW_MS, False),
        (NOW_MS + 1, True),
        (NOW_MS + DAY_MS, True),
        (NOW_MS + DAY_MS + 1, False),
    ],
)
def test_the_window_of_an_act(until_ms: int, fits: bool) -> None:
    act = act_of("system.register", REGISTER, until_ms=until_ms)
    if fits:
        assert decide(START, act, time_ms=NOW_MS, size=TreeSize(1), seen_holds=True)
    else:
        assert refusal(START, act) == "act-out-of-time"


def test_unknown_acts_and_systems() -> None:
    assert refusal(START, act_of("member.unheard", {})) == "unknown-act"
    version = {"system": "example", "version": "2026-11"}
    assert refusal(START, act_of("system.version", version)) == "unknown-system"
    again = act_of("system.version", version, seq=2)
    assert refusal(REGISTERED, again) == "version-exists"
    system = REGISTERED.systems[next(iter(REGISTERED.systems))]
    retired = replace(
        REGISTERED, systems=Map({system.id: replace(system, status="retired")})
    )
    new = act_of("system.version", {"system": "example", "version": "3"}, seq=2)
    assert refusal(retired, new) == "inactive-system"


def test_the_bounds_of_a_state() -> None:
    system = next(iter(REGISTERED.systems.values()))
    full = replace(
        REGISTERED, systems=Map({SystemId(str(n)): system for n in range(SYSTEMS_MAX)})
    )
    act = act_of("system.register", REGISTER | {"system": "more"}, seq=2)
    assert refusal(full, act) == "too-many-systems"
    old = replace(system, versions=tuple(str(n) for n in range(SYSTEM_VERSIONS_MAX)))
    grown = replace(REGISTERED, systems=Map({system.id: old}))
    version = {"system": "example", "version": "more"}
    assert refusal(grown, act_of("system.version", version, seq=2)) == (
        "too-many-versions"
    )


BAD_BODIES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "more": REGISTER | {"extra": 1},
    "a dot": REGISTER | {"system": "."},
    "two dots": REGISTER | {"system": ".."},
    "a slash": REGISTER | {"system": "a/b"},
    "a number": REGISTER | {"system": 1},
    "no name": REGISTER | {"name": ""},
    "a name of lines": REGISTER | {"name": "a\nb"},
    "a long name": REGISTER | {"name": "x" * 201},
    "a name of null": REGISTER | {"operator": None},
    "a domain of words": REGISTER | {"domain": "two words"},
    "a fifth level": REGISTER | {"impact_level": "V"},
    "a level of lists": REGISTER | {"impact_level": ["I"]},
    "a third profile": REGISTER | {"profile": "secret"},
    "outcomes of text": REGISTER | {"outcomes": "granted"},
    "an outcome twice": REGISTER | {"outcomes": ["a", "a"]},
    "an outcome of words": REGISTER | {"outcomes": ["a b"]},
    "too many outcomes": REGISTER | {"outcomes": [str(n) for n in range(101)]},
    "open without outcomes": REGISTER | {"profile": "open", "outcomes": []},
    "a version of words": REGISTER | {"versions": ["a b"]},
    "a version of numbers": REGISTER | {"versions": [1]},
    "a key of another kind": REGISTER | {"keys": ["did:web:example.com"]},
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_body_of_another_form_is_refused(name: str) -> None:
    act = act_of("system.register", BAD_BODIES[name])
    assert refusal(START, act) == "invalid-act"
    entry = ActRecorded(ledger=COMMONS, time_ms=NOW_MS + 1, act=act)
    state = evolve(START, entry, LeafIndex(1))
    assert not state.systems
    assert dict(state.sequences) == {FOUNDER.did: 1}


def test_a_version_of_another_form_is_refused() -> None:
    for body in ({"system": "example"}, {"system": "example", "version": "a b"}):
        act = act_of("system.version", dict(body), seq=2)
        assert refusal(REGISTERED, act) == "invalid-act"


@given(
    st.dictionaries(
        st.text(ascii_letters, max_size=9), st.none() | st.integers(0, 9) | st.text()
    )
)
@settings(max_examples=50)
def test_any_body_is_refused_in_our_words(body: dict[str, Any]) -> None:
    for act in ("system.register", "system.version"):
        assert refusal(START, act_of(act, REGISTER | body | {"x": 1})) == "invalid-act"
