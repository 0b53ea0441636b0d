"""Acts of those who vote: cast a ballot, challenge what succeeded."""

from dataclasses import replace
from typing import Any, Final

from ledger.errors import ConflictError, ForbiddenError, RejectedError
from ledger.governance.assembly import phases
from ledger.governance.assembly.bodies import (
    Cast,
    Named,
    read_cast,
    read_reasoned,
)
from ledger.governance.assembly.course import put, repeat
from ledger.governance.assembly.finding import check_phase, find_wording
from ledger.governance.assembly.proposal import Ballot, Proposal, Vote
from ledger.governance.assembly.unsealing import is_sealed, sealing_of
from ledger.governance.assembly.voting import option_codes
from ledger.governance.ballots.methods import METHODS
from ledger.governance.ballots.sealing import keep, read_sealed
from ledger.governance.body import refuse
from ledger.governance.changed import changed
from ledger.governance.kinds import ActKind, Context
from ledger.governance.parameters import value_of
from ledger.governance.people.electorate import may_vote
from ledger.governance.people.rights import acting_member, check_member
from ledger.governance.state import State, parameters_of
from ledger.ids import Did


def _check_cast(state: State, cast: Cast, context: Context) -> None:
    member = acting_member(state, context)
    proposal = find_wording(state, cast.proposal)
    check_ballot(proposal, member, cast, context.time_ms)


def check_ballot(proposal: Proposal, member: Did, cast: Cast, time_ms: int) -> Vote:
    """That the member may cast this now; the vote that it is cast in.

    The ballots cast before it are not asked.

    Raises:
        RejectedError: `wrong-phase`, `invalid-act`, or as `read_sealed`. Nothing was
            recorded, here and below.
        ForbiddenError: `forbidden`: not of the electorate.
    """
    check_phase(proposal, time_ms, phases.OPEN_TO_BALLOTS, "voting")
    vote = proposal.vote
    if vote is None or member not in vote.electorate:
        raise ForbiddenError(
            "forbidden",
            "the actor was not of the electorate when the vote's snapshot was taken",
        )
    if is_sealed(proposal) != (cast.sealed is not None):
        raise refuse("a ballot is sealed where the vote is, and open elsewhere")
    if cast.sealed is not None:
        read_sealed(cast.sealed, sealing_of(proposal, member))
        return vote
    method = proposal.content.ballot["method"]
    METHODS[method].read(cast.choice, option_codes(proposal))
    if cast.choice == "objection" and method == "yesno" and cast.reason is None:
        raise refuse("an objection has a reason")
    return vote


def ballot_of(cast: Cast, act_id: str, time_ms: int) -> Ballot:
    """The ballot as its vote keeps it."""
    choice = cast.choice if cast.sealed is None else keep(cast.sealed)
    return Ballot(act_id, time_ms, choice, cast.reason)


def _cast(state: State, cast: Cast, context: Context) -> State:
    proposal = find_wording(state, cast.proposal)
    vote = proposal.vote
    if vote is None:
        return state
    member = acting_member(state, context)
    ballot = ballot_of(cast, context.act_id, context.time_ms)
    voted = changed(vote, ballots=vote.ballots.set(member, ballot))
    return put(state, changed(proposal, vote=voted))


def challengers_needed(state: State, proposal: Proposal) -> int:
    """How many must challenge to have the vote repeated; never more than may vote."""
    parameters = parameters_of(state)
    eligible = proposal.results[-1].eligible
    share = -(-eligible * value_of(parameters, "challenge_percent") // 100)
    return min(eligible, max(share, value_of(parameters, "challenge_least")))


def _check_challenge(state: State, named: Named, context: Context) -> None:
    member = acting_member(state, context)
    proposal = find_wording(state, named.proposal)
    check_phase(proposal, context.time_ms, (phases.CHALLENGE,), "challenging")
    if proposal.challenged:
        raise RejectedError(
            "challenged-before", "the vote was repeated once, and that one stands"
        )
    if member in proposal.challenges:
        raise ConflictError("challenged", "the actor has challenged this vote")
    if not may_vote(state.people, member, context.time_ms, parameters_of(state)):
        raise ForbiddenError("forbidden", "the actor may not vote yet")


def _challenge(state: State, named: Named, context: Context) -> State:
    proposal = find_wording(state, named.proposal)
    member = acting_member(state, context)
    challenges = proposal.challenges.set(member, context.act_id)
    proposal = replace(proposal, challenges=challenges)
    if len(challenges) >= challengers_needed(state, proposal):
        again = repeat(state, proposal, context.time_ms)
        proposal = replace(again, challenged=True)
    return put(state, proposal)


ACTS: Final[dict[str, ActKind[Any]]] = {
    "ballot.cast": ActKind(
        who=check_member, read=read_cast, check=_check_cast, apply=_cast
    ),
    "proposal.challenge": ActKind(
        who=check_member,
        read=read_reasoned,
        check=_check_challenge,
        apply=_challenge,
    ),
}
