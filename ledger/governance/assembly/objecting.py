"""The act of a person decided about: object to what would loosen their protection.

It is signed by the contest key of a receipt, by nobody's name, and brings that receipt's
leaf and its inclusion proof in the very tree that the act says to have seen, which is of
this history. `brake` says what objections do.
"""

from dataclasses import replace
from typing import Any, Final

from ledger.errors import ConflictError, ForbiddenError, RejectedError
from ledger.governance.assembly import phases
from ledger.governance.assembly.bodies import Objection, read_objection
from ledger.governance.assembly.brake import goes_back
from ledger.governance.assembly.course import deliberate, lock, put
from ledger.governance.assembly.doing import may_loosen
from ledger.governance.assembly.finding import check_phase, find_wording
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.kinds import ActKind, Context
from ledger.governance.people.rights import anybody
from ledger.governance.showing import decision_of
from ledger.governance.state import State

_WHILE: Final = phases.BEFORE_READY - {phases.DRAFT, phases.ENDORSING}


def _check_object(state: State, objection: Objection, context: Context) -> None:
    proposal = find_wording(state, objection.proposal)
    check_phase(proposal, context.time_ms, _WHILE, "objecting")
    if not may_loosen(state, proposal):
        raise RejectedError(
            "nothing-to-object",
            "the proposal loosens no protection of the people decided about",
        )
    if proposal.braked:
        raise RejectedError(
            "objected-before", "objections sent it back to deliberation once already"
        )
    _check_window(proposal, objection.shown.index)
    _check_key(objection, context)


def _check_window(proposal: Proposal, index: int) -> None:
    if not proposal.receipts_index <= index < proposal.opened_index:
        raise RejectedError(
            "outside-window",
            "the decision was not recorded in the 90 days before the proposal",
        )
    if index in proposal.objections:
        raise ConflictError("objected", "this receipt has objected")


def _check_key(objection: Objection, context: Context) -> None:
    entry = decision_of(objection.shown, context.seen_size, context.seen_root)
    if entry.statement.contest_key != context.actor:
        raise ForbiddenError(
            "forbidden", "the actor's key is not the contest key of that decision"
        )


def _object(state: State, objection: Objection, context: Context) -> State:
    proposal = find_wording(state, objection.proposal)
    objections = proposal.objections.set(objection.shown.index, context.act_id)
    proposal = replace(proposal, objections=objections)
    if proposal.ready_until_ms:  # it has succeeded: the timelock is the newest R's
        if goes_back(proposal):
            braked = replace(proposal, braked=True)
            proposal = deliberate(state, braked, context.time_ms)
        else:
            proposal = lock(proposal)
    return put(state, proposal)


ACTS: Final[dict[str, ActKind[Any]]] = {
    "proposal.object": ActKind(
        who=anybody, read=read_objection, check=_check_object, apply=_object
    ),
}
