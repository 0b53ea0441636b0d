"""What an auditor finds when the ledger writes what nobody asked for, or nothing when due."""

from pathlib import Path

from ledger.governance.cases.lateness import late_erasures, late_since
from ledger.ids import DecisionId
from ledger.limits import ERASURE_LATE_MS
from tests.audit.world import indexes, kinds, publish_and_look, told
from tests.governance.assembly.town import DAY_MS
from tests.governance.cases.desk import Desk, Held, new_desk, uuid_of

FLOOR_MS = 184 * DAY_MS


def asked(desk: Desk, number: int = 1) -> Held:
    held = desk.decide(number)
    desk.do(held.key, "erasure.ask", {"receipt": desk.receipt(held)})
    return held


async def test_a_whole_case_has_no_findings(tmp_path: Path) -> None:
    desk = new_desk()
    held, other = asked(desk), desk.decide(2)
    contest = desk.contest(held)
    desk.read(desk.take(contest))
    desk.conclude(contest, conclusion="changed", corrected=desk.receipt(other))
    desk.reissue(other.id, held.id)
    desk.wait(FLOOR_MS)
    desk.sweep(held.id)
    report = await publish_and_look(desk.log(), tmp_path)
    assert told(report) == []


async def test_an_erasure_nobody_asked_for(tmp_path: Path) -> None:
    desk = new_desk()
    held, other = asked(desk), desk.decide(2)
    desk.wait(FLOOR_MS)
    desk.sweep(held.id, other.id)
    report = await publish_and_look(desk.log(), tmp_path)
    assert kinds(report) == ["rule"]
    assert other.id in told(report)[0]
    assert "nobody asked for it" in told(report)[0]


async def test_an_erasure_too_early_put_off_or_twice(tmp_path: Path) -> None:
    desk = new_desk()
    held, contested = asked(desk), asked(desk, 2)
    desk.contest(contested)
    early = len(desk.entries)
    desk.sweep(held.id)
    desk.wait(FLOOR_MS)
    desk.sweep(held.id)
    assert desk.state.cases.erasures[held.id].executed_ms == desk.time_ms
    again = len(desk.entries)
    desk.sweep(held.id, contested.id)
    report = await publish_and_look(desk.log(), tmp_path)
    assert list(indexes(report, "rule")) == [early, again, again]
    whys = ("it is not due", "it was executed before", "a contest is open")
    assert all(any(why in line for line in told(report)) for why in whys)


async def test_an_erasure_that_nobody_executes(tmp_path: Path) -> None:
    """Two sweeps after it was due it is a finding; not while something puts it off."""
    desk = new_desk()
    held, contested = asked(desk), asked(desk, 2)
    desk.contest(contested)
    desk.wait(FLOOR_MS + DAY_MS)
    assert late_since(desk.state, held.id) is None
    report = await publish_and_look(desk.log(), tmp_path / "soon")
    assert told(report) == []
    desk.wait(2 * DAY_MS)
    since_ms = late_since(desk.state, held.id)
    assert since_ms == desk.state.cases.erasures[held.id].due_ms + ERASURE_LATE_MS
    report = await publish_and_look(desk.log(), tmp_path / "late")
    assert kinds(report) == ["late"]
    assert held.id in told(report)[0]
    assert dict(late_erasures(desk.state)) == {held.id: since_ms}
    assert not dict(late_erasures(desk.state, lifted_ms=desk.state.log_time_ms))
    desk.sweep(held.id)
    report = await publish_and_look(desk.log(), tmp_path / "done")
    assert told(report) == []


async def test_a_reissue_of_what_is_not_there(tmp_path: Path) -> None:
    desk = new_desk()
    held = desk.decide(1)
    nobodys = uuid_of(99)
    at = len(desk.entries)
    desk.reissue(held.id, nobodys)
    desk.reissue(nobodys)
    report = await publish_and_look(desk.log(), tmp_path)
    assert list(indexes(report, "rule")) == [at]
    assert nobodys in told(report)[0]


async def test_a_reissue_before_its_decision(tmp_path: Path) -> None:
    desk = new_desk()
    at = len(desk.entries)
    desk.reissue(DecisionId(uuid_of(5)))
    desk.decide(5)
    report = await publish_and_look(desk.log(), tmp_path)
    assert list(indexes(report, "rule")) == [at]


async def test_a_missed_deadline_that_no_entry_tells(tmp_path: Path) -> None:
    desk = new_desk()
    contest = desk.contest(desk.decide(1))
    desk.time_ms = desk.found(contest).due_ms
    at = len(desk.entries)
    desk.reissue(uuid_of(1))
    report = await publish_and_look(desk.log(), tmp_path)
    assert list(indexes(report, "time")) == [at]
    assert "a deadline was missed" in told(report)[0]


async def test_a_sweep_out_of_its_time_or_ledger(tmp_path: Path) -> None:
    desk = new_desk()
    held = desk.decide(1)
    desk.wait(DAY_MS)
    desk.time_ms -= DAY_MS
    at = len(desk.entries)
    desk.reissue(held.id)
    report = await publish_and_look(desk.log(), tmp_path)
    assert list(indexes(report, "time")) == [at]
