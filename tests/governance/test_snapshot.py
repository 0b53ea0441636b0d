"""A state as bytes: read back whole, or not at all."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError
from ledger.governance.evolve import evolve
from ledger.governance.snapshot import format_snapshot, parse_snapshot
from ledger.governance.state import EMPTY, State
from ledger.ids import LeafIndex
from tests.governance.assembly.town import Town
from tests.governance.commons.test_actions import FULL
from tests.governance.systems.test_emergency import STOPPED, community
from tests.governance.world import REGISTER, REGISTERED, START


@pytest.mark.parametrize(
    "state",
    [START, REGISTERED, FULL, STOPPED, community(61, 0, 1, 2)],
    ids=["start", "registered", "commons", "stopped", "people"],
)
def test_parse_is_the_inverse_of_format(state: State) -> None:
    read = parse_snapshot(format_snapshot(state))
    assert read == state
    assert read.root() == state.root()
    assert format_snapshot(read) == format_snapshot(state)


def test_before_entry_0_there_is_nothing_to_keep() -> None:
    with pytest.raises(MalformedError):
        format_snapshot(EMPTY)


def test_every_member_is_needed_and_of_its_kind() -> None:
    good = orjson.loads(format_snapshot(REGISTERED))
    for name in good:
        less = {key: value for key, value in good.items() if key != name}
        for odd in (less, {**less, name: None}, {**less, name: [1]}, {**good, "x": 1}):
            with pytest.raises(MalformedError):
                parse_snapshot(orjson.dumps(odd))


def test_sections_of_another_form_are_refused_or_say_nothing_else() -> None:
    good = orjson.loads(format_snapshot(STOPPED))
    refused = 0
    for name, section in [*good["sections"].items(), ("unknown", {"a": 1})]:
        odds: list[dict[str, Any]] = [{}, {"a": {}}]
        for odd in (*odds, {**section, "more": {}}, {**section, "more": 1}):
            sections = {**good["sections"], name: odd}
            try:
                state = parse_snapshot(orjson.dumps({**good, "sections": sections}))
            except MalformedError:
                refused += 1
            else:
                assert state == STOPPED
    assert refused >= 3 * len(good["sections"])


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_snapshot(data)


DATA = format_snapshot(STOPPED)


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
@settings(max_examples=300)
def test_a_changed_byte_is_refused_or_is_outside_the_root(at: int, by: int) -> None:
    """What the root does not cover, the kept row's digest does (`tests/log`)."""
    changed = DATA[:at] + bytes([DATA[at] ^ by]) + DATA[at + 1 :]
    try:
        state = parse_snapshot(changed)
    except MalformedError:
        return
    assert state.root() == STOPPED.root()


def test_a_town_lives_on_from_any_of_its_snapshots() -> None:
    """Proposals, votes, a stopped system: each entry on a state that was read back."""
    town, proposal = Town(), ""
    call = {"system": "example", "reason": "harm-reported"}
    for nonce, action, body in (
        ("1", "constitution.amend", {"diff": "@@ -1 +1 @@\n-\n+One\n"}),
        ("2", "system.register", REGISTER),
    ):
        proposal = town.open(0, (action, body), nonce=nonce)
        town.to_ready(proposal)
        town.execute(proposal)
        assert town.phase(proposal) == "Executed"
    (system,) = town.state.systems.values()
    assert system.registered_by == town.id(proposal)
    for member in range(3):
        town.do(member, "system.suspend_emergency", call)
    lost = town.open(1, ("system.retire", call), nonce="3")
    town.to_voting(lost)
    town.vote(2, lost, "no")
    lapse_ms = town.state.systems[system.id].lapses_ms
    assert lapse_ms is None  # the seven days passed while they deliberated
    town.close(lost)
    state = EMPTY
    for index, entry in enumerate(town.entries):
        state = evolve(state, entry, LeafIndex(index))
        read = parse_snapshot(format_snapshot(state))
        assert read == state, f"after entry {index}"
        state = read
    assert state.root() == town.state.root()
    assert state.commons.constitution.text == "One"
