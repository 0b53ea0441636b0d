"""A proposal's steps in time: those it took, and those that come if nothing changes."""

from typing import Any

from ledger.entries.moment import format_log_time
from ledger.governance.assembly.proposal import Proposal, Vote


def steps(proposal: Proposal) -> list[tuple[str, int]]:
    """(step, log time in ms at which it began or would begin), in order of time."""
    found = [("opened", proposal.opened_ms)]
    if proposal.submitted_ms is not None:
        found.append(("submitted", proposal.submitted_ms))
    vote = proposal.vote
    planned = [
        ("frozen", proposal.deliberation_until_ms),
        ("pending", proposal.frozen_until_ms),
        ("voting", proposal.pending_until_ms),
        ("voting-ends", 0 if vote is None else vote.deadline_ms),
        ("opening-ends", _opened_by(vote)),
        ("timelock", proposal.challenge_until_ms),
        ("ready", proposal.timelock_until_ms),
        ("expires", proposal.ready_until_ms),
    ]
    found += [(name, until_ms + 1) for name, until_ms in planned if until_ms]
    found += [(f"counted-{one.outcome}", one.counted_ms) for one in proposal.results]
    if proposal.failure is not None:
        found.append(("execution-failed", proposal.failure.time_ms))
    ending = proposal.ending
    if ending is not None:
        # What was planned after its end never comes.
        found = [one for one in found if one[1] <= ending.time_ms]
        found.append((ending.state.lower(), ending.time_ms))
    return sorted(found, key=lambda one: one[1])


def _opened_by(vote: Vote | None) -> int:
    if vote is None or not vote.reveal_ms:
        return 0
    return vote.deadline_ms + vote.reveal_ms


def timeline(proposal: Proposal, now_ms: int) -> list[dict[str, Any]]:
    """The same as JSON; `now_ms` is the state's log time."""
    return [
        {"step": name, "at": format_log_time(at_ms), "past": at_ms <= now_ms}
        for name, at_ms in steps(proposal)
    ]
