"""A log that was recorded once: every later version ends at the root it had then."""

import json

from ledger.entries.codec import decode_entry, encode_entry
from ledger.governance.evolve import evolve
from ledger.governance.state import EMPTY
from ledger.ids import LeafIndex
from tests.world.service import ROOT

GOLDEN = ROOT / "tests" / "vectors" / "governance" / "town-log.json"


def test_a_town_recorded_once_has_the_same_state_for_ever() -> None:
    """A change that fails this breaks every audit of what stands already: never mend it."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    state = EMPTY
    for index, text in enumerate(golden["input"]["leaves"]):
        entry = decode_entry(text.encode())
        assert encode_entry(entry) == text.encode()
        state = evolve(state, entry, LeafIndex(index))

    assert state.section_hashes() == golden["want"]["sections"]
    assert state.root() == golden["want"]["root"]
