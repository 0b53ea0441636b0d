"""What time does to proposals, and the steps that acts and time share. Pure.

draft, endorsing over      Expired
deliberation over          its actions checked again: frozen, or Aborted
pending over               the snapshot
a vote's window begins     how it stands is noted
a deadline                 extended, or counted; what succeeded may be challenged
ready over                 Expired
"""

from dataclasses import replace

from ledger.errors import RejectedError
from ledger.governance.assembly import phases
from ledger.governance.assembly.brake import goes_back, timelock_ms
from ledger.governance.assembly.classes import ROUTINE, STANDARD
from ledger.governance.assembly.doing import check_actions
from ledger.governance.assembly.proposal import Ending, Proposal, Vote
from ledger.governance.assembly.voting import close_vote, open_vote, sample
from ledger.governance.changed import changed
from ledger.governance.kinds import Context
from ledger.governance.parameters import period_ms
from ledger.governance.state import State, parameters_of


def due(state: State) -> int | None:
    """The earliest log time at which something of a proposal is due."""
    return state.assembly.next_ms


def tick(state: State, time_ms: int) -> State:
    """All that is due until `time_ms`, in order of due time, then key."""
    while (next_ms := state.assembly.next_ms) is not None and next_ms <= time_ms:
        key = min(k for k, ms in state.assembly.agenda.items() if ms == next_ms)
        state = _step(state, state.assembly.proposals[key], next_ms)
    return state


def _step(state: State, proposal: Proposal, now_ms: int) -> State:
    vote = proposal.vote
    if vote is not None:
        return _step_vote(state, proposal, vote, now_ms)
    if (
        proposal.submitted_ms is None
        or not proposal.endorsed
        or proposal.ready_until_ms
    ):
        return put(state, end(proposal, phases.EXPIRED, now_ms))
    if not proposal.frozen:
        return put(state, _freeze(state, proposal, now_ms))
    return put(state, open_vote(state, proposal))


def _step_vote(state: State, proposal: Proposal, vote: Vote, now_ms: int) -> State:
    if vote.sample is None and not vote.reveal_ms:
        return put(state, sample(state, proposal, vote))
    state, proposal = close_vote(state, proposal, vote)
    if proposal.vote is None:
        proposal = _after_count(state, proposal, now_ms - 1)
    return put(state, proposal)


def _freeze(state: State, proposal: Proposal, now_ms: int) -> Proposal:
    context = Context(
        act_id="",
        actor=proposal.proposer,
        time_ms=now_ms,
        index=0,
        proposal=proposal.revision,
    )
    try:
        check_actions(state, proposal, context)
    except RejectedError as error:
        return end(proposal, phases.ABORTED, now_ms, reason=error.kind)
    return replace(proposal, frozen=True)


def _after_count(state: State, proposal: Proposal, closed_ms: int) -> Proposal:
    outcome = proposal.results[-1].outcome
    if outcome == phases.OBJECTED:
        standard = STANDARD if proposal.class_ == ROUTINE else proposal.class_
        return deliberate(state, replace(proposal, class_=standard), closed_ms)
    if outcome == phases.UNOPENED:
        return repeat(state, proposal, closed_ms)
    if outcome != phases.SUCCEEDED:
        return proposal
    if goes_back(proposal):
        return deliberate(state, replace(proposal, braked=True), closed_ms)
    parameters = proposal.results[-1].parameters
    challenge_ms = period_ms(parameters, "challenge_s")
    return lock(replace(proposal, challenge_until_ms=closed_ms + challenge_ms))


def lock(proposal: Proposal) -> Proposal:
    """With its timelock, as long as its class and the objections make it."""
    result = proposal.results[-1]
    until_ms = proposal.challenge_until_ms + timelock_ms(
        proposal, result.thresholds.timelock_ms, result.parameters
    )
    return replace(
        proposal,
        timelock_until_ms=until_ms,
        ready_until_ms=until_ms + period_ms(result.parameters, "ready_s"),
    )


def deliberate(state: State, proposal: Proposal, now_ms: int) -> Proposal:
    """Into deliberation, which begins after `now_ms`, with the times of all up to the vote."""
    parameters = parameters_of(state)
    deliberation_ms = now_ms + period_ms(parameters, "deliberation_s")
    return plan(state, proposal, deliberation_ms)


def plan(state: State, proposal: Proposal, deliberation_until_ms: int) -> Proposal:
    """With the times of all up to the vote, from the end of its deliberation."""
    parameters = parameters_of(state)
    frozen_ms = deliberation_until_ms + period_ms(parameters, "frozen_s")
    return replace(
        proposal,
        endorsed=True,
        frozen=False,
        deliberation_until_ms=deliberation_until_ms,
        frozen_until_ms=frozen_ms,
        pending_until_ms=frozen_ms + period_ms(parameters, "pending_s"),
        challenge_until_ms=0,
        timelock_until_ms=0,
        ready_until_ms=0,
    )


def repeat(state: State, proposal: Proposal, now_ms: int) -> Proposal:
    """Back to pending: the vote is held again, with a snapshot of its own."""
    pending_ms = period_ms(parameters_of(state), "pending_s")
    return replace(
        proposal,
        pending_until_ms=now_ms + pending_ms,
        challenge_until_ms=0,
        timelock_until_ms=0,
        ready_until_ms=0,
    )


def end(
    proposal: Proposal, state: str, time_ms: int, *, by: str = "", reason: str = ""
) -> Proposal:
    """Ended by an act or a rule; its unfinished vote is dropped, ballots and all."""
    ending = Ending(state=state, time_ms=time_ms, by=by, reason=reason)
    return replace(proposal, ending=ending, vote=None)


def put(state: State, proposal: Proposal) -> State:
    """The state with the proposal as it now is."""
    return changed(state, assembly=state.assembly.put(proposal))
