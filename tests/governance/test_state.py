"""The root: what moves it, what does not, and that a replay gives it again."""

import hashlib
import json
from dataclasses import replace

import pytest

from ledger.entries.codec import decode_entry, encode_entry
from ledger.entries.entry import ActRecorded, Entry, TimePassed
from ledger.errors import MalformedError
from ledger.governance.evolve import evolve
from ledger.governance.parameters import check_parameters, decided_at_age_ms
from ledger.governance.state import EMPTY
from ledger.ids import LeafIndex
from tests.entries.vectors import WANT
from tests.governance.world import (
    COMMONS,
    FOUNDED,
    NOW_MS,
    REGISTER,
    REGISTERED,
    START,
    act_of,
)


def digest(value: object) -> str:
    """Not by our encoder: sorted, compact, ASCII names, so this is JCS too."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_root_is_contracts_formula() -> None:
    sections = REGISTERED.sections()
    assert set(sections) == {"community", "members", "receipts", "systems"}
    hashes = {name: digest(section) for name, section in sections.items()}
    assert REGISTERED.section_hashes() == hashes
    assert REGISTERED.root() == digest(hashes)


def test_empty_sections_are_left_out() -> None:
    assert EMPTY.sections() == {}
    assert set(START.sections()) == {"community", "members", "receipts"}
    assert START.sections()["community"]["log_time"] == "2026-11-22T10:00:00.000Z"


def test_a_golden_root() -> None:
    """Never changes: a later version that moves it cannot replay this one's history."""
    assert START.root() == GOLDEN_START
    assert REGISTERED.root() == GOLDEN_REGISTERED


def test_decisions_do_not_move_the_state() -> None:
    entry = decode_entry(WANT["leaf"].encode())
    assert evolve(REGISTERED, entry, LeafIndex(5)) is REGISTERED


def test_time_moves_only_log_time_and_the_count_of_records() -> None:
    passed = TimePassed(
        id=FOUNDED.id, ledger=COMMONS, time_ms=NOW_MS + 9, checkpoint=None, refused={}
    )
    counted = START.assembly.record(NOW_MS + 9, 1)
    assert evolve(START, passed, LeafIndex(1)) == replace(
        START, log_time_ms=NOW_MS + 9, assembly=counted
    )


def test_a_second_founding_does_nothing() -> None:
    other = replace(FOUNDED, origin="other.example/commons")
    assert evolve(START, other, LeafIndex(3)) is START


def test_genesis_is_the_hash_of_entry_0() -> None:
    founding = decode_entry(WANT["genesis_leaf"].encode())
    state = evolve(EMPTY, founding, LeafIndex(0))
    assert state.community is not None
    assert state.community.genesis == WANT["genesis"]


def test_replay_from_bytes_gives_the_same_root() -> None:
    act = act_of("system.register", REGISTER)
    unknown = act_of("member.unheard", {}, seq=2)
    entries: list[Entry] = [
        FOUNDED,
        ActRecorded(ledger=COMMONS, time_ms=NOW_MS + 1, act=act),
        ActRecorded(ledger=COMMONS, time_ms=NOW_MS + 2, act=unknown),
        ActRecorded(ledger=COMMONS, time_ms=NOW_MS + 3, act=act),
    ]
    state = again = EMPTY
    for index, entry in enumerate(entries):
        state = evolve(state, entry, LeafIndex(index))
        again = evolve(again, decode_entry(encode_entry(entry)), LeafIndex(index))
    assert state == again
    assert state.root() == again.root()
    assert state.systems == REGISTERED.systems


def test_the_same_version_twice_does_nothing_more() -> None:
    body = {"system": "example", "version": "2026-11"}
    for system in ("example", "other"):
        act = act_of("system.version", body | {"system": system}, seq=2)
        entry = ActRecorded(ledger=COMMONS, time_ms=NOW_MS + 5, act=act)
        assert evolve(REGISTERED, entry, LeafIndex(2)).systems == REGISTERED.systems


def test_parameters() -> None:
    check_parameters({})
    check_parameters({"decided_at_age_days": 3_650})
    assert decided_at_age_ms({}) == 30 * 86_400_000
    assert decided_at_age_ms({"decided_at_age_days": 2}) == 2 * 86_400_000
    for bad in ({"age": 1}, {"decided_at_age_days": 0}, {"decided_at_age_days": True}):
        with pytest.raises(MalformedError):
            check_parameters(bad)


GOLDEN_START = "3c4ffd5e73359dfa21fa76b0114305adfc3b53d80d258923891ae3b35b79c828"
GOLDEN_REGISTERED = "90bf8e9be0b0215796cdf6b03373dde7418b756ce7bcb89abf27e547cf6bb980"
