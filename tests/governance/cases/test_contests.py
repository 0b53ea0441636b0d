"""A case from its opening to its end."""

from tests.governance.assembly.town import DAY_MS, key
from tests.governance.cases.desk import new_desk


def test_a_case_from_receipt_to_correction() -> None:
    desk = new_desk()
    held = desk.decide(1)
    contest = desk.contest(held)
    assert desk.status(contest) == "open"
    assert desk.found(contest).due_ms == desk.time_ms + 30 * DAY_MS
    grant = desk.take(contest)
    assert desk.status(contest) == "taken"
    desk.read(grant)
    desk.do(held.key, "case.say", {"contest": contest, "statement": desk.part(),
                                   "attachments": [desk.part()]})  # fmt: skip
    corrected = desk.decide(2)
    desk.conclude(contest, conclusion="changed", corrected=desk.receipt(corrected))
    found = desk.found(contest)
    assert (found.ended, found.corrected) == ("changed", corrected.id)
    assert found.reviewer == key(1).did
    desk.wait(31 * DAY_MS)
    assert desk.status(contest) == "changed"
    assert desk.found(contest).overdue_ms is None


def test_a_missed_deadline_is_a_fact_by_itself() -> None:
    desk = new_desk()
    contest = desk.contest(desk.decide(1))
    due_ms = desk.found(contest).due_ms
    desk.wait_until(due_ms - 1)
    assert (desk.status(contest), desk.found(contest).overdue_ms) == ("open", None)
    desk.wait_until(due_ms)
    assert (desk.status(contest), desk.found(contest).overdue_ms) == ("overdue", due_ms)
