"""One proposal through every state, and where each boundary lies."""

import pytest

from ledger.errors import ConflictError, ForbiddenError, RejectedError
from ledger.governance.assembly import phases
from ledger.governance.assembly.status import phase_of
from ledger.governance.parameters import value_of
from ledger.governance.snapshot import format_snapshot, parse_snapshot
from ledger.governance.state import parameters_of
from tests.governance.assembly.town import (
    DAY_MS,
    REASON,
    SAFEGUARD,
    Town,
    did,
    key,
)

CHANGE = ("parameter.set", SAFEGUARD)


def test_every_state_in_turn() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    seen = [town.phase(proposal)]
    town.do(0, "proposal.submit", {"proposal": proposal})
    seen.append(town.phase(proposal))
    town.do(
        1, "proposal.endorse", {"proposal": proposal, "revision": town.id(proposal)}
    )
    seen.append(town.phase(proposal))
    for span in ("deliberation_until_ms", "frozen_until_ms", "pending_until_ms"):
        town.wait_until(getattr(town.proposal(proposal), span) + 1)
        seen.append(town.phase(proposal))
    for number in range(5):
        town.vote(number, proposal)
    town.close(proposal)
    seen.append(town.phase(proposal))
    for span in ("challenge_until_ms", "timelock_until_ms"):
        town.wait_until(getattr(town.proposal(proposal), span) + 1)
        seen.append(town.phase(proposal))
    town.execute(proposal)
    seen.append(town.phase(proposal))
    assert seen == [
        "Draft", "Endorsing", "Deliberation", "Frozen", "Pending", "Voting",
        "Challenge", "Timelock", "Ready", "Executed",
    ]  # fmt: skip
    assert value_of(parameters_of(town.state), "decided_at_age_days") == 60


def test_a_vote_at_the_snapshot_is_refused_and_one_at_the_deadline_counts() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_deliberation(proposal)
    town.time_ms = town.proposal(proposal).pending_until_ms - 1
    with pytest.raises(RejectedError, match="Pending") as caught:
        town.vote(0, proposal)
    assert caught.value.kind == "wrong-phase"
    town.vote(0, proposal)  # one millisecond later
    deadline = town.deadline(proposal)
    town.time_ms = deadline - 1
    town.vote(1, proposal)
    assert town.time_ms == deadline
    vote = town.proposal(proposal).vote
    assert vote is not None
    assert set(vote.ballots) == {did(0), did(1)}
    town.time_ms = town.deadline(proposal) + DAY_MS * 30
    with pytest.raises(RejectedError):
        town.vote(2, proposal)


def test_ready_lasts_until_expired_and_executed_stays_executed() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_ready(proposal)
    until = town.proposal(proposal).ready_until_ms
    early = town.proposal(proposal)
    assert phase_of(early, early.timelock_until_ms) == "Timelock"
    assert phase_of(early, until) == "Ready"
    assert phase_of(early, until + 1) == "Expired"
    town.execute(proposal)
    town.wait_until(until + DAY_MS)
    assert town.phase(proposal) == "Executed"
    with pytest.raises(RejectedError, match="Executed"):
        town.execute(proposal)


def test_ready_expires() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_ready(proposal)
    town.time_ms = town.proposal(proposal).ready_until_ms
    with pytest.raises(RejectedError, match="Expired"):
        town.execute(proposal)
    town.wait(1)
    assert town.phase(proposal) == "Expired"
    assert not town.state.assembly.agenda


def test_before_its_time_nothing_is_executed() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.pass_it(proposal)
    for until in ("challenge_until_ms", "timelock_until_ms"):
        town.time_ms = getattr(town.proposal(proposal), until) - 1
        with pytest.raises(RejectedError, match="executing is for"):
            town.execute(proposal)


@pytest.mark.parametrize(
    ("choices", "outcome"),
    [
        ([], "NoQuorum"),
        (["abstain"], "NoQuorum"),
        (["yes", "yes", "no"], "Defeated"),
        (["yes", "yes", "yes", "no"], "Defeated"),  # 3/4 must be exceeded
        (["yes", "yes", "yes", "yes", "no"], "Challenge"),
        (["abstain", "abstain"], "Defeated"),
        (["yes", "objection"], "Defeated"),
    ],
)
def test_what_a_constitution_class_needs(choices: list[str], outcome: str) -> None:
    town = Town()
    proposal = town.open(0, ("parameter.set", {"name": "voting_s", "value": 700_000}))
    town.to_voting(proposal)
    for number, choice in enumerate(choices):
        town.vote(number, proposal, choice)
    town.close(proposal)
    assert town.phase(proposal) == outcome


def test_late_quorum_extends_and_no_longer_than_one_voting_period() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    first = town.deadline(proposal)
    vote = town.proposal(proposal).vote
    assert vote is not None
    choices = ["yes", "no"]
    for step in range(20):
        if town.proposal(proposal).vote is None:
            break
        town.wait_until(town.deadline(proposal) - 10)
        for number in range(5):
            town.vote(number, proposal, choices[step % 2])
        town.wait_until(town.deadline(proposal) + 1)
    assert town.proposal(proposal).vote is None
    result = town.proposal(proposal).results[-1]
    assert first < result.counted_ms <= 2 * first - vote.snapshot_ms


def test_late_flip_extends_once_and_shows() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    for number in range(3):
        town.vote(number, proposal, "no")
    first = town.deadline(proposal)
    town.wait_until(first - 10)
    for number in range(5):
        town.vote(number, proposal)
    town.wait_until(first + 1)
    assert town.phase(proposal) == "Extended"
    town.close(proposal)
    assert town.phase(proposal) == "Challenge"
    assert town.proposal(proposal).results[-1].counted_ms == first + DAY_MS


def test_an_amended_wording_is_endorsed_again() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_deliberation(proposal)
    before = town.id(proposal)
    body = {
        "proposal": proposal, "title": "Another", "text": "", "actions": [],
        "ballot": {"method": "yesno"}, "expedited": False,
    }  # fmt: skip
    town.do(0, "proposal.amend", body)
    assert town.phase(proposal) == "Endorsing"
    with pytest.raises(RejectedError) as caught:
        town.do(1, "proposal.endorse", {"proposal": proposal, "revision": before})
    assert caught.value.kind == "another-revision"
    with pytest.raises(ConflictError):
        town.do(0, "proposal.amend", body)
    town.do(
        1, "proposal.endorse", {"proposal": proposal, "revision": town.id(proposal)}
    )
    assert town.phase(proposal) == "Deliberation"


def test_whoever_endorsed_a_wording_endorses_it_when_it_comes_back() -> None:
    """Counted alike by a state that saw the other wording and by one read back."""
    town = Town(5, {"endorsement_least": 3})
    proposal = town.open(0, CHANGE)
    first, said = town.id(proposal), town.proposal(proposal).content.public()
    town.do(0, "proposal.submit", {"proposal": proposal})
    town.do(1, "proposal.endorse", {"proposal": proposal, "revision": first})
    for title in ("Another", said["title"]):
        body = {"proposal": proposal, **said, "title": title}
        town.do(0, "proposal.amend", body)
    assert town.id(proposal) == first
    assert town.proposal(proposal).confirmed == 2
    read = parse_snapshot(format_snapshot(town.state))
    assert read == town.state
    with pytest.raises(ConflictError):
        town.do(1, "proposal.endorse", {"proposal": proposal, "revision": first})
    town.do(2, "proposal.endorse", {"proposal": proposal, "revision": first})
    assert town.phase(proposal) == "Deliberation"


def test_an_earlier_wording_names_nothing_here_and_after_a_restart() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    first, said = town.id(proposal), town.proposal(proposal).content.public()
    town.do(0, "proposal.amend", {"proposal": proposal, **said, "title": "Another"})
    read = parse_snapshot(format_snapshot(town.state))
    assert read.assembly.revisions == town.state.assembly.revisions
    for state in (town.state, read):
        town.state = state
        with pytest.raises(RejectedError) as caught:
            town.do(0, "proposal.submit", {"proposal": first})
        assert caught.value.kind == "unknown-proposal"


def test_no_ballot_for_another_wording_nor_by_a_stranger() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    first = town.id(proposal)
    town.do(0, "proposal.amend", {
        "proposal": proposal, "title": "Another", "text": "", "actions": [],
        "ballot": {"method": "yesno"}, "expedited": False,
    })  # fmt: skip
    town.to_voting(proposal)
    body = {"proposal": first, "choice": "yes", "reason": None}
    with pytest.raises(RejectedError) as caught:
        town.do(1, "ballot.cast", body)
    assert caught.value.kind == "unknown-proposal"
    with pytest.raises(RejectedError) as caught:
        town.do(1, "ballot.cast", {**body, "proposal": proposal})
    assert caught.value.kind == "another-revision"
    with pytest.raises(ForbiddenError):
        town.do(key(99), "ballot.cast", {**body, "proposal": town.id(proposal)})


def test_a_challenge_repeats_the_vote_once() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.pass_it(proposal)
    body = {"proposal": town.id(proposal), "reason": REASON}
    for number in range(3):
        town.do(number, "proposal.challenge", body)
    assert town.phase(proposal) == "Pending"
    town.wait_until(town.proposal(proposal).pending_until_ms + 1)
    for number in range(5):
        town.vote(number, proposal)
    town.close(proposal)
    assert town.phase(proposal) == "Challenge"
    assert len(town.proposal(proposal).results) == 2
    with pytest.raises(RejectedError) as caught:
        town.do(0, "proposal.challenge", body)
    assert caught.value.kind == "challenged-before"


def test_what_became_impossible_fails_and_may_be_tried_again() -> None:
    town = Town()
    proposal = town.open(0, ("member.remove", {"member": did(4)}))
    town.to_ready(proposal)
    town.do(4, "member.exit", {})
    town.execute(proposal)
    assert town.phase(proposal) == "Failed"
    failure = town.proposal(proposal).failure
    assert failure is not None
    town.execute(proposal)
    assert town.phase(proposal) == "Failed"


def test_terminal_rows_are_empty_and_every_state_has_a_row() -> None:
    rows = phases.TRANSITIONS
    assert {name for row in rows.values() for name in row} <= rows.keys()
    assert {
        "NoQuorum", "Defeated", "Executed", "Expired", "Withdrawn", "Cancelled",
        "Aborted", "Superseded",
    } == phases.TERMINAL  # fmt: skip
