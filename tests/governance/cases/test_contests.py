"""A case from its opening to its end, and all that is refused on the way."""

from typing import Any

import pytest

from ledger.governance.cases.queries import part_contest, timeline_of
from ledger.governance.cases.states import ALLOWED
from tests.governance.assembly.town import DAY_MS, key
from tests.governance.cases.desk import (
    NGO,
    OTHER,
    STRANGER,
    Desk,
    held_of,
    new_desk,
    text_of,
    uuid_of,
)


@pytest.fixture
def desk() -> Desk:
    return new_desk()


def test_a_case_from_receipt_to_correction(desk: Desk) -> None:
    held = desk.decide(1)
    contest = desk.contest(held)
    assert desk.status(contest) == "open"
    assert desk.found(contest).due_ms == desk.time_ms + 30 * DAY_MS
    grant = desk.take(contest)
    assert desk.status(contest) == "taken"
    desk.read(grant)
    said = {"statement": desk.part(), "attachments": [desk.part()]}
    desk.do(held.key, "case.say", {"contest": contest, **said})
    desk.do(1, "case.say", {"contest": contest, "statement": desk.part(),
                            "attachments": []})  # fmt: skip
    corrected = desk.decide(2)
    desk.conclude(contest, conclusion="changed", corrected=desk.receipt(corrected))
    found = desk.found(contest)
    assert (found.ended, found.corrected) == ("changed", corrected.id)
    assert [one.by for one in found.said] == [
        *[held.key.did] * 2,
        key(1).did,
    ]
    assert all(part_contest(desk.state, one.part) == contest for one in found.parts)
    assert len(found.parts) == 5
    desk.wait(31 * DAY_MS)
    assert (desk.status(contest), found.overdue_ms) == ("changed", None)
    told = [one["type"] for one in timeline_of(desk.state, found)]
    assert told == [
        *("contest.open", "review.take", "case.say", "case.say", "review.conclude")
    ]


def test_a_missed_deadline_is_a_fact_by_itself(desk: Desk) -> None:
    contest = desk.contest(desk.decide(1))
    due_ms = desk.found(contest).due_ms
    desk.wait_until(due_ms - 1)
    assert (desk.status(contest), desk.found(contest).overdue_ms) == ("open", None)
    desk.wait_until(due_ms)
    assert (desk.status(contest), desk.found(contest).overdue_ms) == ("overdue", due_ms)


def test_an_act_that_comes_late_says_first_that_time_passed(desk: Desk) -> None:
    contest = desk.contest(desk.decide(1))
    desk.time_ms = desk.found(contest).due_ms + 5
    size = len(desk.entries)
    desk.take(contest)
    assert len(desk.entries) == size + 2
    found = desk.found(contest)
    assert found.overdue_ms == found.due_ms
    assert desk.status(contest) == "overdue"


def test_the_deadline_is_the_systems_or_the_communitys(desk: Desk) -> None:
    of_other = desk.contest(desk.decide(1, OTHER))
    assert desk.found(of_other).due_ms == desk.time_ms + 7 * DAY_MS
    change = ("parameter.set", {"name": "review_days", "value": 14})
    desk.enact(change, nonce="days")
    contest = desk.contest(desk.decide(2))
    assert desk.found(contest).due_ms == desk.time_ms + 14 * DAY_MS


def test_a_longer_period_of_review_loosens(desk: Desk) -> None:
    longer = desk.open(0, ("parameter.set", {"name": "review_days", "value": 60}))
    shorter = desk.open(
        1, ("parameter.set", {"name": "review_days", "value": 5}), nonce="2"
    )
    assert desk.proposal(longer).loosens
    assert not desk.proposal(shorter).loosens


def test_one_open_contest_for_each_key(desk: Desk) -> None:
    held = desk.decide(1)
    contest = desk.contest(held)
    assert desk.refuses(held.key, "contest.open", desk.opening(held))[0] == (
        "contest-open"
    )
    mine = desk.claim(held, 1)
    desk.contest(held, mine)
    desk.do(held.key, "contest.withdraw", {"contest": contest})
    desk.contest(held)
    assert len(desk.state.cases.by_decision[held.id]) == 3


def test_who_may_open_one(desk: Desk) -> None:
    held, other = desk.decide(1), desk.decide(2)
    assert desk.refuses(STRANGER, "contest.open", desk.opening(held))[0] == "forbidden"
    body = desk.opening(held)
    assert desk.refuses(other.key, "contest.open", body)[0] == "forbidden"
    mine = desk.claim(other, 1)
    assert desk.refuses(mine, "contest.open", desk.opening(held))[0] == "forbidden"
    desk.do(held.key, "helper.name", desk.naming(held, NGO.did, "read"))
    assert desk.refuses(NGO, "contest.open", desk.opening(held))[0] == "forbidden"


def test_a_part_stands_once(desk: Desk) -> None:
    held, other = desk.decide(1), desk.decide(2)
    body = desk.opening(held)
    contest = desk.do(held.key, "contest.open", body)
    again = desk.opening(other, statement=body["statement"])
    assert desk.refuses(other.key, "contest.open", again)[0] == "part-used"
    same = desk.part()
    twice = desk.opening(other, statement=same, attachments=[same])
    assert desk.refuses(other.key, "contest.open", twice)[0] == "part-used"
    said = {"contest": contest, "statement": body["statement"], "attachments": []}
    assert desk.refuses(held.key, "case.say", said)[0] == "part-used"
    desk.take(contest)
    concluding = desk.concluding(
        contest, reasons=body["statement"], looked_at=["person"]
    )
    assert desk.refuses(1, "review.conclude", concluding)[0] == "part-used"


def test_only_the_opener_and_the_reviewer_speak(desk: Desk) -> None:
    held = desk.decide(1)
    mine = desk.claim(held, 1)
    contest = desk.contest(held, mine)
    said = {"contest": contest, "statement": desk.part(), "attachments": []}
    for stranger in (held.key, STRANGER, key(0), key(1)):
        assert desk.refuses(stranger, "case.say", said)[0] == "forbidden"
    desk.take(contest, 2)
    assert desk.refuses(1, "case.say", said)[0] == "forbidden"
    desk.do(2, "case.say", said)
    for act in ("contest.withdraw", "contest.settle"):
        for stranger in (held.key, STRANGER, key(2)):
            body = {"contest": contest}
            assert desk.refuses(stranger, act, body)[0] == "forbidden"
    desk.do(mine, "contest.settle", {"contest": contest})
    assert desk.status(contest) == "settled"


def test_each_side_says_fifty_things(desk: Desk) -> None:
    held = desk.decide(1)
    contest = desk.contest(held)
    desk.take(contest)
    for _ in range(49):
        said = {"contest": contest, "statement": desk.part(), "attachments": []}
        desk.do(held.key, "case.say", said)
    said = {"contest": contest, "statement": desk.part(), "attachments": []}
    assert desk.refuses(held.key, "case.say", said)[0] == "too-many-messages"
    desk.do(1, "case.say", said)


def test_sharing_adds_boxes_and_only_the_opener_replaces(desk: Desk) -> None:
    held = desk.decide(1)
    contest = desk.contest(held)

    def boxes(*dids: str, what: str = "more") -> dict[str, Any]:
        made = [{"to": did, "box": text_of(9, what, 80)} for did in dids]
        return {"contest": contest, "boxes": made}

    assert desk.refuses(STRANGER, "case.share", boxes(NGO.did))[0] == "forbidden"
    assert desk.refuses(4, "case.share", boxes(NGO.did))[0] == "forbidden"
    desk.do(1, "case.share", boxes(key(4).did))
    kind, _ = desk.refuses(4, "case.share", boxes(key(2).did, NGO.did, what="bad"))
    assert kind == "box-exists"
    desk.do(held.key, "case.share", boxes(key(2).did, what="new"))
    found = desk.found(contest).boxes
    assert found[key(2).did] == text_of(9, "new", 80)
    assert found[key(4).did] == text_of(9, "more", 80)


def test_a_case_is_shared_with_three_hundred(desk: Desk) -> None:
    held = desk.decide(1)
    contest = desk.contest(held, boxes=[])
    dids = [_did(number) for number in range(301)]
    box = text_of(9, "box", 80)
    for first in (0, 100, 200):
        made = [{"to": did, "box": box} for did in dids[first : first + 100]]
        desk.do(held.key, "case.share", {"contest": contest, "boxes": made})
    more = {"contest": contest, "boxes": [{"to": dids[300], "box": box}]}
    assert desk.refuses(held.key, "case.share", more)[0] == "too-many-boxes"
    again = {"contest": contest, "boxes": [{"to": dids[0], "box": box}]}
    desk.do(held.key, "case.share", again)


def _did(number: int) -> str:
    return key(0).did[:-4] + f"{number:04d}".translate(str.maketrans("0", "A"))


def test_what_is_not_there(desk: Desk) -> None:
    held = desk.decide(1)
    nothing = text_of(1, "contest")
    said = {"contest": nothing, "statement": desk.part(), "attachments": []}
    assert desk.refuses(held.key, "case.say", said)[0] == "unknown-contest"
    boxes = {"contest": nothing, "boxes": [{"to": NGO.did, "box": text_of(1, "b", 80)}]}
    assert desk.refuses(held.key, "case.share", boxes)[0] == "unknown-contest"
    for act in ("contest.withdraw", "contest.settle"):
        assert desk.refuses(held.key, act, {"contest": nothing})[0] == "unknown-contest"
    for act in ("review.take", "review.release"):
        assert desk.refuses(1, act, {"contest": nothing})[0] == "unknown-contest"
    concluding = desk.concluding(nothing)
    assert desk.refuses(1, "review.conclude", concluding)[0] == "unknown-contest"
    missing = desk.opening(held)
    missing["receipt"]["id"] = uuid_of(77)
    assert desk.refuses(held.key, "contest.open", missing)[0] == "leaf-elsewhere"


# ---- the table ------------------------------------------------------------------------


def in_state(desk: Desk, state: str) -> str:
    """A contest in this state, opened by the contest key of decision 1."""
    held = desk.decide(1)
    contest = desk.contest(held)
    if state in {"taken", "upheld", "changed", "withdrawn"}:
        desk.take(contest)
    if state == "overdue":
        desk.take(contest)
        desk.wait(30 * DAY_MS)
    ends = {"settled": "contest.settle", "withdrawn-by-opener": "contest.withdraw"}
    if state in ends:
        desk.do(held.key, ends[state], {"contest": contest})
    if state in {"upheld", "changed", "withdrawn"}:
        shown = desk.receipt(desk.decide(2)) if state == "changed" else None
        desk.conclude(contest, conclusion=state, looked_at=["person"], corrected=shown)
    assert desk.status(contest) == state
    return contest


def body_of(desk: Desk, act: str, contest: str) -> dict[str, Any]:
    if act == "case.say":
        return {"contest": contest, "statement": desk.part(), "attachments": []}
    if act == "case.share":
        box = {"to": NGO.did, "box": text_of(5, "box", 80)}
        return {"contest": contest, "boxes": [box]}
    if act == "review.conclude":
        return desk.concluding(contest, looked_at=["person"])
    return {"contest": contest}


@pytest.mark.parametrize("act", sorted(set().union(*ALLOWED.values())))
@pytest.mark.parametrize("state", ALLOWED)
def test_every_state_and_every_act(desk: Desk, state: str, act: str) -> None:
    contest = in_state(desk, state)
    signer: Any = 1 if act.startswith("review.") else held_of(1).key
    if act == "review.take" and state in {"taken", "overdue"}:
        signer = 2
    body = body_of(desk, act, contest)
    before = desk.found(contest)
    if act not in ALLOWED[state]:
        kind, sentence = desk.refuses(signer, act, body)
        assert kind == "wrong-case-state"
        able = ", ".join(sorted(ALLOWED[state])) or "nothing"
        assert f"while the contest is {state}: can {able}" in sentence
        assert desk.found(contest) == before
    elif (state, act) == ("taken", "review.take"):
        assert desk.refuses(signer, act, body)[0] == "taken"
    else:
        desk.do(signer, act, body)
        assert desk.found(contest) != before
