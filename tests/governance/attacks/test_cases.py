"""Attacks on the person's half: by who knows K, by reviewers, helpers and the operator."""

from pathlib import Path

import pytest

from ledger.entries.act import act_id
from ledger.entries.entry import ActRecorded
from ledger.errors import RejectedError
from ledger.governance.cases.queries import later_of
from ledger.governance.snapshot import format_snapshot
from tests.audit.world import indexes, publish_and_look, told
from tests.governance.assembly.town import DAY_MS, key
from tests.governance.attacks.hall import Hall
from tests.governance.cases.desk import (
    LEDGER,
    NGO,
    OTHER,
    OVERSEER,
    REVIEWERS,
    Desk,
    claim_keys,
    new_desk,
)

ANN, BOB = REVIEWERS


@pytest.fixture
def desk() -> Desk:
    return new_desk()


def test_a_deployer_who_knows_k_occupies_no_place(desk: Desk) -> None:
    """It contests with K first; the person's claimed key has a place of its own."""
    held = desk.decide(1)
    deployer = held.key  # the same key: it made K, or was told it
    theirs = desk.contest(held, deployer)
    mine = desk.claim(held, 1)
    contest = desk.contest(held, mine)
    for act in ("contest.withdraw", "contest.settle"):
        assert desk.refuses(deployer, act, {"contest": contest})[0] == "forbidden"
    said = {"contest": contest, "statement": desk.part(), "attachments": []}
    assert desk.refuses(deployer, "case.say", said)[0] == "forbidden"
    desk.do(deployer, "contest.settle", {"contest": theirs})
    assert desk.status(contest) == "open"
    # A contest under K alone: what the deployer opened, the person can take away.
    other = desk.decide(2)
    occupied = desk.contest(other)
    desk.do(other.key, "contest.withdraw", {"contest": occupied})
    desk.contest(other)


def test_a_flood_of_claims_shuts_nobody_out(desk: Desk) -> None:
    """The day's claims can be used up; the receipt's own key needs none."""
    held = desk.decide(1)
    for number in range(20):
        desk.claim(held, number)
    size = len(format_snapshot(desk.state))
    for number in range(20, 60):
        body = desk.claim_body(held, claim_keys(number))
        assert desk.refuses(held.key, "receipt.claim", body)[0] == "too-many-claims"
    assert len(format_snapshot(desk.state)) == size
    occupied = desk.contest(held)
    desk.do(held.key, "contest.withdraw", {"contest": occupied})
    desk.contest(held)
    desk.do(held.key, "helper.name", desk.naming(held, NGO.did, "contest"))
    desk.contest(held, NGO)
    desk.wait(DAY_MS)
    desk.contest(held, desk.claim(held, 60))


def test_a_reviewer_who_oversees_the_system(desk: Desk) -> None:
    contest = desk.contest(desk.decide(1))
    assert desk.refuses(OVERSEER, "review.take", {"contest": contest})[0] == "involved"
    desk.enact(
        ("system.overseers", {"system": "example", "overseers": [key(BOB).did]}),
        nonce="overseers",
    )
    assert desk.refuses(BOB, "review.take", {"contest": contest})[0] == "involved"


def test_one_who_becomes_an_overseer_concludes_nothing(desk: Desk) -> None:
    """Made one of the system's after taking the case: the review is no longer theirs."""
    contest = desk.contest(desk.decide(1))
    desk.read(desk.take(contest))
    desk.enact(
        ("system.overseers", {"system": "example", "overseers": [key(ANN).did]}),
        nonce="overseers",
    )
    body = desk.concluding(contest)
    assert desk.refuses(ANN, "review.conclude", body)[0] == "involved"
    grant = desk.found(contest).grant
    read = {"grant": grant, "decision": desk.found(contest).decision}
    assert desk.refuses(ANN, "grant.read", read)[0] == "forbidden"
    desk.take(contest, BOB)


def test_reviewers_named_as_helpers_may_still_review(desk: Desk) -> None:
    """Nobody is asked before they are named: whoever knows K could name them all."""
    held = desk.decide(1)
    contest = desk.contest(held, desk.claim(held, 1))
    for reviewer in REVIEWERS:
        naming = desk.naming(held, key(reviewer).did, "contest", "read", "grant")
        desk.do(held.key, "helper.name", naming)
    desk.read(desk.take(contest))
    desk.conclude(contest)


def test_an_expired_helper_has_no_effect_even_if_written(desk: Desk) -> None:
    held = desk.decide(1)
    desk.do(held.key, "helper.name", desk.naming(held, NGO.did, "contest", "grant"))
    contest = desk.contest(held, NGO)
    desk.wait(101 * DAY_MS)
    for act in ("contest.open", "contest.withdraw", "grant.give"):
        body = {
            "contest.open": desk.opening(held),
            "contest.withdraw": {"contest": contest},
            "grant.give": desk.granting(held, NGO.did),
        }[act]
        assert desk.refuses(NGO, act, body)[0] == "helper-ended"
        desk.time_ms += 1
        before = desk.state.cases
        signed = desk.sign(NGO, act, body)
        desk.append(ActRecorded(ledger=LEDGER, time_ms=desk.time_ms, act=signed))
        assert desk.state.cases == before


def test_a_contest_replayed_in_another_ledger(desk: Desk) -> None:
    held = desk.decide(1)
    desk.time_ms += 1
    signed = desk.sign(held.key, "contest.open", desk.opening(held))
    other = Hall(members=3)
    other.time_ms = desk.time_ms
    with pytest.raises(RejectedError) as caught:
        other.record(signed)
    assert caught.value.kind == "another-ledger"
    other.append(ActRecorded(ledger=LEDGER, time_ms=other.time_ms, act=signed))
    assert not other.state.cases.contests
    desk.record(signed)
    with pytest.raises(RejectedError) as caught:  # nor a second time in its own
        desk.record(signed)
    assert caught.value.kind == "seq-used"
    assert set(desk.state.cases.contests) == {act_id(signed.payload)}


def test_nobody_concludes_somebody_elses_case(desk: Desk) -> None:
    held = desk.decide(1)
    contest = desk.contest(held)
    body = desk.concluding(contest, looked_at=["person"])
    assert desk.refuses(BOB, "review.conclude", body)[0] == "wrong-case-state"
    desk.read(desk.take(contest))
    for nobody in (BOB, OVERSEER, 0, held.key):
        assert desk.refuses(nobody, "review.conclude", body)[0] == "forbidden"
    desk.wait(30 * DAY_MS)
    assert desk.refuses(BOB, "review.conclude", body)[0] == "forbidden"


def test_a_correction_by_another_system_or_an_earlier_decision(desk: Desk) -> None:
    earlier = desk.decide(1)
    held = desk.decide(2)
    contest = desk.contest(held)
    desk.read(desk.take(contest))
    for wrong in (earlier, held, desk.decide(3, OTHER)):
        body = desk.concluding(
            contest, conclusion="changed", corrected=desk.receipt(wrong)
        )
        kind, sentence = desk.refuses(ANN, "review.conclude", body)
        assert (kind, "same system, and later" in sentence) == (
            "wrong-correction",
            True,
        )
    assert desk.status(contest) == "taken"


def test_a_deployer_ends_a_helper_and_it_shows(desk: Desk) -> None:
    """Whoever knows K can; the person names the helper again, and all of it is public."""
    held = desk.decide(1)
    mine = desk.claim(held, 1)
    desk.do(mine, "helper.name", desk.naming(held, NGO.did, "contest"))
    desk.do(held.key, "helper.end", {"decision": held.id, "helper": NGO.did})
    desk.do(mine, "helper.name", desk.naming(held, NGO.did, "contest"))
    desk.contest(held, NGO)
    told_ = [one["type"] for one in later_of(desk.state, held.id)]
    assert told_ == [
        *("receipt.claim", "helper.name", "helper.end", "helper.name", "contest.open")
    ]


async def test_a_conclusion_written_by_the_operator(desk: Desk, tmp_path: Path) -> None:
    """Nobody read, nobody took the case: it ends nothing, and an audit names it."""
    contest = desk.contest(desk.decide(1))
    desk.time_ms += 1
    signed = desk.sign(key(ANN), "review.conclude", desk.concluding(contest))
    at = len(desk.entries)
    desk.append(ActRecorded(ledger=LEDGER, time_ms=desk.time_ms, act=signed))
    assert desk.status(contest) == "open"
    report = await publish_and_look(desk.log(), tmp_path)
    assert list(indexes(report, "rule")) == [at]
    assert "no review.conclude while the contest is open" in told(report)[0]
