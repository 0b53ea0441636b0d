"""The state of a proposal at a log time: derived, never stored.

Each phase has a last moment, which still belongs to it: at the snapshot a proposal is
Pending and takes no ballot, at its deadline it takes one. What follows needs an entry
only where something is decided (a check, a snapshot, a count, an end): `due_ms` says
when, and `time.passed` records it. `ends_ms` is for people: until when it is as it is.
"""

from ledger.governance.assembly import phases
from ledger.governance.assembly.proposal import Proposal, Vote


def phase_of(proposal: Proposal, time_ms: int) -> str:
    """Its state at `time_ms`: a row of `phases.TRANSITIONS`."""
    closed = closed_as(proposal)
    if closed is not None:
        return closed
    if proposal.vote is not None:
        return _phase_of_vote(proposal.vote, time_ms)
    if proposal.ready_until_ms:
        return _phase_after_success(proposal, time_ms)
    return _phase_before_vote(proposal, time_ms)


def closed_as(proposal: Proposal) -> str | None:
    """The terminal state it has reached, if it has."""
    if proposal.ending is not None:
        return proposal.ending.state
    last = proposal.results[-1].outcome if proposal.results else ""
    return last if last in phases.TERMINAL else None


def _phase_before_vote(proposal: Proposal, time_ms: int) -> str:
    if proposal.submitted_ms is None:
        return _until(time_ms, proposal.draft_until_ms, phases.DRAFT)
    if not proposal.endorsed:
        return _until(time_ms, proposal.endorsing_until_ms, phases.ENDORSING)
    if time_ms <= proposal.deliberation_until_ms:
        return phases.DELIBERATION
    frozen = time_ms <= proposal.frozen_until_ms
    return phases.FROZEN if frozen else phases.PENDING


def _until(time_ms: int, until_ms: int, phase: str) -> str:
    return phase if time_ms <= until_ms else phases.EXPIRED


def _phase_of_vote(vote: Vote, time_ms: int) -> str:
    if time_ms > vote.deadline_ms:
        return phases.COUNTED
    extended = vote.deadline_ms > vote.first_deadline_ms
    return phases.EXTENDED if extended else phases.VOTING


def _phase_after_success(proposal: Proposal, time_ms: int) -> str:
    if time_ms <= proposal.challenge_until_ms:
        return phases.CHALLENGE
    if time_ms <= proposal.timelock_until_ms:
        return phases.TIMELOCK
    if time_ms > proposal.ready_until_ms:
        return phases.EXPIRED
    return phases.READY if proposal.failure is None else phases.FAILED


def ends_ms(proposal: Proposal, time_ms: int) -> int | None:
    """The first moment after `time_ms` at which time alone ends its state; None: never.

    What only an entry decides (the snapshot, a count) ends it when that entry is due. An
    extended vote may be extended again.
    """
    now = phase_of(proposal, time_ms)
    for moment_ms in sorted(last_ms + 1 for last_ms in _last_moments(proposal)):
        if moment_ms > time_ms and phase_of(proposal, moment_ms) != now:
            return moment_ms
    due = due_ms(proposal)
    return due if due is not None and due > time_ms else None


def _last_moments(proposal: Proposal) -> tuple[int, ...]:
    """Every moment that `phase_of` compares a time with."""
    return (
        proposal.draft_until_ms,
        proposal.endorsing_until_ms,
        proposal.deliberation_until_ms,
        proposal.frozen_until_ms,
        proposal.challenge_until_ms,
        proposal.timelock_until_ms,
        proposal.ready_until_ms,
        *(() if proposal.vote is None else (proposal.vote.deadline_ms,)),
    )


def due_ms(proposal: Proposal) -> int | None:
    """When something of it changes by itself that an entry must record; None: never."""
    last_ms = _last_moment(proposal)
    return None if last_ms is None else last_ms + 1


def _last_moment(proposal: Proposal) -> int | None:
    if closed_as(proposal) is not None:
        return None
    if proposal.vote is not None:
        return _last_moment_of_vote(proposal.vote)
    if proposal.ready_until_ms:
        return proposal.ready_until_ms
    if proposal.submitted_ms is None:
        return proposal.draft_until_ms
    if not proposal.endorsed:
        return proposal.endorsing_until_ms
    frozen = proposal.frozen
    return proposal.pending_until_ms if frozen else proposal.deliberation_until_ms


def _last_moment_of_vote(vote: Vote) -> int:
    if vote.reveal_ms:  # nobody knows how sealed ballots stand: nothing moves late
        return vote.deadline_ms + vote.reveal_ms
    if vote.sample is None:
        return vote.deadline_ms - vote.extension_ms
    return vote.deadline_ms
