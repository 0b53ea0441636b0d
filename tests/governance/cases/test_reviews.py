"""Reviews: who takes a contest, what they must have looked at, what a correction is."""

import pytest

from ledger.canonical import format_base64
from ledger.entries.moment import format_log_time
from ledger.governance.cases.queries import (
    contests_of,
    corrects,
    grants_of,
    later_of,
)
from ledger.governance.people.bodies import key_message
from tests.governance.assembly.town import DAY_MS, key
from tests.governance.cases.desk import (
    OTHER,
    OVERSEER,
    REVIEWERS,
    STRANGER,
    Desk,
    new_desk,
)

ANN, BOB = REVIEWERS


@pytest.fixture
def desk() -> Desk:
    return new_desk()


def test_only_reviewers_review(desk: Desk) -> None:
    contest = desk.contest(desk.decide(1))
    for nobody in (0, 4, STRANGER):
        for act in ("review.take", "review.conclude"):
            assert desk.refuses(nobody, act, {"contest": contest})[0] == "forbidden"
    assert "reviewer" in desk.refuses(0, "review.take", {"contest": contest})[1]
    assert desk.refuses(STRANGER, "review.release", {"contest": contest})[0] == (
        "forbidden"
    )


def test_taking_opens_a_grant_until_a_while_after_the_conclusion(desk: Desk) -> None:
    held = desk.decide(1)
    contest = desk.contest(held)
    grant = desk.take(contest)
    (found,) = grants_of(desk.state, held.id)
    assert (found.id, found.to, found.purpose) == (grant, key(ANN).did, "review")
    assert (found.until_ms, found.ended_ms, found.wrapped) == (None, None, None)
    desk.read(grant)
    desk.conclude(contest)
    ended_ms = desk.time_ms
    assert grants_of(desk.state, held.id)[0].until_ms == ended_ms + 30 * DAY_MS
    desk.wait_until(ended_ms + 30 * DAY_MS - 2)
    desk.read(grant)
    body = {"grant": grant, "decision": held.id}
    assert desk.refuses(ANN, "grant.read", body)[0] == "grant-ended"


def test_a_taken_contest_is_taken(desk: Desk) -> None:
    contest = desk.contest(desk.decide(1))
    grant = desk.take(contest)
    for reviewer in REVIEWERS:
        assert desk.refuses(reviewer, "review.take", {"contest": contest})[0] == "taken"
    assert desk.refuses(BOB, "review.release", {"contest": contest})[0] == "forbidden"
    desk.do(ANN, "review.release", {"contest": contest})
    assert desk.state.cases.grants[grant].ended_ms == desk.time_ms
    assert desk.status(contest) == "open"
    desk.take(contest, BOB)
    assert desk.found(contest).reviewer == key(BOB).did
    assert desk.refuses(ANN, "review.conclude", desk.concluding(contest))[0] == (
        "forbidden"
    )


def test_an_overdue_contest_may_be_taken_from_its_reviewer(desk: Desk) -> None:
    contest = desk.contest(desk.decide(1))
    first = desk.take(contest)
    desk.wait(30 * DAY_MS)
    assert desk.refuses(ANN, "review.take", {"contest": contest})[0] == "taken"
    second = desk.take(contest, BOB)
    assert desk.state.cases.grants[first].ended_ms == desk.time_ms
    desk.read(second, BOB)
    assert desk.refuses(ANN, "review.conclude", desk.concluding(contest))[0] == (
        "forbidden"
    )
    desk.conclude(contest, BOB)
    found = desk.found(contest)
    assert (found.ended, found.overdue_ms) == ("upheld", found.due_ms)


def test_one_who_lost_the_role_reviews_no_more(desk: Desk) -> None:
    contest = desk.contest(desk.decide(1))
    grant = desk.take(contest)
    desk.read(grant)
    desk.do(ANN, "role.resign", {"role": "reviewer"})
    said = {"contest": contest, "statement": desk.part(), "attachments": []}
    assert desk.refuses(ANN, "case.say", said)[0] == "forbidden"
    assert desk.refuses(ANN, "review.conclude", desk.concluding(contest))[0] == (
        "forbidden"
    )
    decision = desk.found(contest).decision
    body = {"grant": grant, "decision": decision}
    assert desk.refuses(ANN, "grant.read", body)[0] == "forbidden"
    desk.take(contest, BOB)
    assert desk.state.cases.grants[grant].ended_ms == desk.time_ms


def test_a_term_that_ends_ends_the_review(desk: Desk) -> None:
    until_ms = desk.time_ms + 20 * DAY_MS
    role = {"role": "reviewer", "member": key(4).did}
    appoint = {**role, "until": format_log_time(until_ms)}
    desk.enact(("role.appoint", appoint), nonce="short")
    contest = desk.contest(desk.decide(1))
    desk.take(contest, 4)
    assert desk.refuses(BOB, "review.take", {"contest": contest})[0] == "taken"
    desk.wait_until(until_ms)
    desk.take(contest, BOB)


def test_whoever_has_to_do_with_it_does_not_review(desk: Desk) -> None:
    held = desk.decide(1)
    contest = desk.contest(held)
    kind, sentence = desk.refuses(OVERSEER, "review.take", {"contest": contest})
    assert (kind, "oversees" in sentence) == ("involved", True)
    desk.take(desk.contest(desk.decide(2, OTHER)), OVERSEER)  # of another system
    keys = {"system": "example", "add": [key(ANN).did], "remove": []}
    desk.enact(("system.keys", keys), nonce="keys")
    assert desk.refuses(ANN, "review.take", {"contest": contest})[0] == "involved"
    desk.do(held.key, "helper.name", desk.naming(held, key(BOB).did, "contest"))
    desk.contest(held, key(BOB))
    kind, sentence = desk.refuses(BOB, "review.take", {"contest": contest})
    assert (kind, "acted for the person" in sentence) == ("involved", True)
    desk.do(BOB, "helper.end", {"decision": held.id, "helper": key(BOB).did})
    assert desk.refuses(BOB, "review.take", {"contest": contest})[0] == "involved"


@pytest.mark.parametrize("act", ["grant.give", "erasure.ask"])
def test_whoever_acted_as_a_helper_does_not_review(desk: Desk, act: str) -> None:
    held = desk.decide(1)
    naming = desk.naming(held, key(BOB).did, "grant", "erase", "read")
    desk.do(held.key, "helper.name", naming)
    contest = desk.contest(held)
    desk.take(contest, BOB)  # named, and not asked: that alone is nothing
    desk.do(BOB, "review.release", {"contest": contest})
    body = {"receipt": desk.receipt(held)}
    if act == "grant.give":
        body = desk.granting(held, key(4).did)
    desk.do(BOB, act, body)
    assert desk.refuses(BOB, "review.take", {"contest": contest})[0] == "involved"


def test_a_reviewer_by_another_key_is_the_same_reviewer(desk: Desk) -> None:
    """A key that was added acts for the member; one that was revoked does not."""
    spare = STRANGER
    contest = desk.contest(desk.decide(1))
    grant = desk.take(contest)
    signed = spare.sign(key_message(desk.genesis, key(ANN).did, spare.did))
    desk.do(ANN, "key.rotate", {"key": spare.did, "proof": format_base64(signed)})
    body = {"grant": grant, "decision": desk.found(contest).decision}
    assert desk.refuses(ANN, "grant.read", body)[0] == "forbidden"
    desk.read(grant, spare)
    desk.do(spare, "review.conclude", desk.concluding(contest))
    assert desk.found(contest).reviewer == key(ANN).did


# ---- concluding -----------------------------------------------------------------------


def test_nobody_says_to_have_looked_who_did_not(desk: Desk) -> None:
    held = desk.decide(1)
    contest = desk.contest(held)
    grant = desk.take(contest)
    kind, sentence = desk.refuses(ANN, "review.conclude", desk.concluding(contest))
    assert kind == "not-read"
    assert "no read by this reviewer is recorded" in sentence
    desk.read(grant)
    desk.conclude(contest)
    assert desk.found(contest).looked_at == ("reasons", "statement")


def test_a_read_of_an_earlier_case_is_none_of_this_one(desk: Desk) -> None:
    held = desk.decide(1)
    first = desk.contest(held)
    desk.read(desk.take(first))
    desk.conclude(first)
    second = desk.contest(held)
    desk.take(second)
    assert desk.refuses(ANN, "review.conclude", desk.concluding(second))[0] == (
        "not-read"
    )
    desk.conclude(second, looked_at=["person", "deployer", "rules"])


def test_anothers_read_is_not_ones_own(desk: Desk) -> None:
    held = desk.decide(1)
    contest = desk.contest(held)
    desk.read(desk.take(contest, BOB), BOB)
    desk.do(BOB, "review.release", {"contest": contest})
    desk.take(contest)
    assert desk.refuses(ANN, "review.conclude", desk.concluding(contest))[0] == (
        "not-read"
    )


def test_only_a_change_shows_a_corrected_decision(desk: Desk) -> None:
    contest = desk.contest(desk.decide(1))
    desk.read(desk.take(contest))
    later = desk.decide(2)
    for conclusion in ("upheld", "withdrawn"):
        body = desk.concluding(
            contest, conclusion=conclusion, corrected=desk.receipt(later)
        )
        assert desk.refuses(ANN, "review.conclude", body)[0] == "correction-needed"
    body = desk.concluding(contest, conclusion="changed")
    assert desk.refuses(ANN, "review.conclude", body)[0] == "correction-needed"


def test_a_correction_is_known_from_both_sides(desk: Desk) -> None:
    held = desk.decide(1)
    contest = desk.contest(held)
    desk.read(desk.take(contest))
    later = desk.decide(2)
    desk.conclude(contest, conclusion="changed", corrected=desk.receipt(later))
    found = corrects(desk.state, later.id)
    assert found is not None
    assert found.decision == held.id
    assert later_of(desk.state, later.id) == later_of(desk.state, held.id)[-1:]
    assert corrects(desk.state, held.id) is None


def test_a_decision_corrects_one_other_only(desk: Desk) -> None:
    held, other = desk.decide(1), desk.decide(2)
    mine = desk.claim(held, 1)
    contests = [desk.contest(held), desk.contest(held, mine), desk.contest(other)]
    corrected = desk.decide(3)
    for contest in contests[1::-1]:  # two of one decision may end alike, in any order
        desk.read(desk.take(contest))
        desk.conclude(contest, conclusion="changed", corrected=desk.receipt(corrected))
    desk.read(desk.take(contests[2]))
    assert [one.id for one in contests_of(desk.state, held.id)] == contests[:2]
    assert corrects(desk.state, corrected.id) == desk.found(contests[0])
    body = desk.concluding(
        contests[2], conclusion="changed", corrected=desk.receipt(corrected)
    )
    assert desk.refuses(ANN, "review.conclude", body)[0] == "correction-used"
