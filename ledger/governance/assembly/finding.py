"""Which proposal an act means, and whether it may have that done to it now."""

from collections.abc import Collection

from ledger.errors import ForbiddenError, NotFoundError, RejectedError
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.assembly.status import phase_of
from ledger.governance.kinds import Context
from ledger.governance.people.rights import acting_member
from ledger.governance.state import State
from ledger.ids import Did


def find(state: State, name: str) -> Proposal:
    """The proposal of this key, or whose present wording this is.

    Earlier wordings name nothing: a state read back from its sections does not know
    them, and must answer as the one that has seen them.

    Raises:
        NotFoundError: `unknown-proposal`. Nothing was recorded, here and below.
    """
    assembly = state.assembly
    proposal = assembly.proposals.get(assembly.revisions.get(name, name))
    if proposal is None:
        raise NotFoundError(
            "unknown-proposal",
            "no proposal here has this key, or this as its present wording",
        )
    return proposal


def find_wording(state: State, revision: str) -> Proposal:
    """The proposal whose present wording this is.

    Raises:
        NotFoundError: `unknown-proposal`.
        RejectedError: `another-revision`: what was signed is its key, and no wording.
    """
    proposal = find(state, revision)
    check_wording(proposal, revision)
    return proposal


def check_wording(proposal: Proposal, revision: str) -> None:
    """That `revision` is its present wording.

    Raises:
        RejectedError: `another-revision`.
    """
    if proposal.revision != revision:
        raise RejectedError(
            "another-revision",
            "the act names another wording than the proposal's present one: read it "
            "and sign again",
        )


def check_phase(
    proposal: Proposal, time_ms: int, allowed: Collection[str], what: str
) -> None:
    """That its state at `time_ms` lets it be done.

    Raises:
        RejectedError: `wrong-phase`.
    """
    phase = phase_of(proposal, time_ms)
    if phase not in allowed:
        raise RejectedError(
            "wrong-phase",
            f"the proposal is {phase}: {what} is for {', '.join(sorted(allowed))}",
        )


def check_proposer(state: State, proposal: Proposal, context: Context) -> Did:
    """That the actor is its proposer, still a member.

    Raises:
        ForbiddenError: `forbidden`.
    """
    member = acting_member(state, context)
    if member != proposal.proposer:
        raise ForbiddenError(
            "forbidden", "the actor did not open the proposal, and its proposer may"
        )
    return member
