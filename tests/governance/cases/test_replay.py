"""What cases leave in the log gives the same state anywhere, and costs little to replay."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.canonical import format_base64
from ledger.entries.codec import decode_entry, encode_entry
from ledger.entries.entry import ActRecorded
from ledger.governance.cases.acts import ACTS
from ledger.governance.evolve import evolve
from ledger.governance.snapshot import format_snapshot, parse_snapshot
from ledger.governance.state import EMPTY
from ledger.ids import LeafIndex
from tests.governance.assembly.town import DAY_MS, key
from tests.governance.cases.desk import NGO, Desk, new_desk

ROOT = Path(__file__).parents[3]
PROGRAM = """
import json, sys
from ledger.canonical import parse_base64
from ledger.entries.codec import decode_entry
from ledger.governance.evolve import evolve
from ledger.governance.state import EMPTY
from ledger.ids import LeafIndex

state = EMPTY
for index, leaf in enumerate(json.load(sys.stdin)):
    state = evolve(state, decode_entry(parse_base64(leaf)), LeafIndex(index))
print(json.dumps({"root": state.root(), "sections": state.section_hashes()}))
"""


def eventful() -> Desk:
    """Everything that a case can have happens once at least."""
    desk = new_desk()
    held, other, quiet = (desk.decide(number) for number in (1, 2, 3))
    mine = desk.claim(held, 1)
    desk.do(mine, "helper.name", desk.naming(held, NGO.did, "contest", "read", "erase"))
    contests = [desk.contest(held, by) for by in (held.key, mine, NGO)]
    grant = desk.take(contests[0])
    desk.read(grant)
    share = {"to": key(4).did, "box": desk.opening(other)["boxes"][0]["box"]}
    desk.do(1, "case.share", {"contest": contests[0], "boxes": [share]})
    said = {"statement": desk.part(), "attachments": [desk.part()]}
    desk.do(1, "case.say", {"contest": contests[0], **said})
    changed = desk.receipt(desk.decide(4))
    desk.conclude(contests[0], conclusion="changed", corrected=changed)
    desk.take(contests[1], 2)
    desk.do(2, "review.release", {"contest": contests[1]})
    desk.do(mine, "contest.settle", {"contest": contests[1]})
    again = desk.contest(held, mine)
    desk.do(mine, "contest.withdraw", {"contest": again})
    desk.do(other.key, "grant.give", desk.granting(other, key(4).did))
    granted = desk.do(other.key, "grant.give", desk.granting(other, key(4).did))
    desk.do(other.key, "grant.end", {"grant": granted})
    desk.do(held.key, "erasure.ask", {"receipt": desk.receipt(held)})
    desk.do(held.key, "erasure.withdraw", {"decision": held.id})
    desk.do(other.key, "erasure.ask", {"receipt": desk.receipt(other)})
    desk.do(quiet.key, "erasure.ask", {"receipt": desk.receipt(quiet)})
    desk.reissue(held.id, other.id)
    desk.do(other.key, "reissue.stop", {"receipt": desk.receipt(other)})
    hold = {"system": None, "decision": quiet.id, "reason": "court"}
    desk.enact(("legal_hold.set", hold), nonce="hold")
    desk.do(mine, "helper.end", {"decision": held.id, "helper": NGO.did})
    desk.wait(200 * DAY_MS)
    desk.sweep(other.id)
    return desk


@pytest.fixture(scope="module")
def desk() -> Desk:
    return eventful()


def test_every_section_has_something(desk: Desk) -> None:
    sections = desk.state.sections()
    names = desk.state.cases.sections().keys()
    assert names == {
        *("shown", "claims", "contests", "grants", "helpers", "erasures", "reissues"),
        *("legal_holds", "later"),
    }
    assert names <= sections.keys()
    ends = {one.ended for one in desk.state.cases.contests.values()}
    assert ends == {"changed", "settled", "withdrawn-by-opener", None}
    assert any(c.overdue_ms for c in desk.state.cases.contests.values())


@pytest.mark.parametrize("seed", ["0", "17"])
def test_another_process_reaches_the_same_root(desk: Desk, seed: str) -> None:
    leaves = [format_base64(encode_entry(entry)) for entry in desk.entries]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(leaves),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        timeout=120,
    )
    assert json.loads(done.stdout) == {
        "root": desk.state.root(),
        "sections": desk.state.section_hashes(),
    }


def test_the_golden_log_gives_what_it_gave() -> None:
    """The leaves were made once; whatever changes here, they mean what they meant."""
    (vector,) = json.loads((ROOT / "tests/vectors/cases/log.json").read_text())
    state, acts = EMPTY, set()
    for index, text in enumerate(vector["input"]["leaves"]):
        entry = decode_entry(text.encode())
        state = evolve(state, entry, LeafIndex(index))
        if isinstance(entry, ActRecorded):
            acts.add(entry.act.act)
    assert state.root() == vector["want"]["root"]
    assert state.section_hashes() == vector["want"]["sections"]
    assert acts >= ACTS.keys()


def test_a_snapshot_anywhere_lives_on(desk: Desk) -> None:
    state = EMPTY
    for index, entry in enumerate(desk.entries):
        state = evolve(state, entry, LeafIndex(index))
        read = parse_snapshot(format_snapshot(state))
        assert read == state, f"after entry {index}"
        state = read
    assert state.root() == desk.state.root()


def test_a_snapshot_of_before_there_were_cases_reads_back() -> None:
    """The form needs no new number: sections that are not there are empty."""
    state = new_desk().state
    assert not state.cases.shown
    assert parse_snapshot(format_snapshot(state)) == state
    assert b'"later"' not in format_snapshot(state)
