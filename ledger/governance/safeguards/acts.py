"""What overseers say of held decisions.

    hold.confirm   {"system", "decision", "confirm": bool}

Only an overseer registered with the system says it, and the first word stands. The state
knows no decisions: whoever reads one compares its system with the act's. Under a rule
that reads sealed fields this act is what reveals the hold.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from ledger.errors import ConflictError, ForbiddenError, RejectedError
from ledger.governance.body import Body, check_members, read_system_id, refuse
from ledger.governance.kinds import ActKind, Context
from ledger.governance.safeguards.room import Hold
from ledger.governance.state import State
from ledger.governance.systems.system import System
from ledger.ids import Did, SystemId, is_uuid4

HOLD_CONFIRM: Final = "hold.confirm"  # never changes


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The body of a `hold.confirm`."""

    system: SystemId
    decision: str
    confirm: bool


def overseers_of(system: System) -> tuple[Did, ...]:
    """Who may confirm holds of the system."""
    return system.overseers


def _check_overseer(state: State, context: Context) -> None:
    if not any(context.actor in overseers_of(s) for s in state.systems.values()):
        raise ForbiddenError("forbidden", "the actor is no system's overseer")


def _read(body: Body) -> Confirmation:
    check_members(body, ("system", "decision", "confirm"))
    decision, confirm = body["decision"], body["confirm"]
    if type(decision) is not str or not is_uuid4(decision):
        raise refuse("decision is a decision's id")
    if type(confirm) is not bool:
        raise refuse("confirm is true or false")
    return Confirmation(read_system_id(body), decision, confirm)


def _check(state: State, said: Confirmation, context: Context) -> None:
    system = state.systems.get(said.system)
    if system is None:
        raise RejectedError("unknown-system", "no system of this id is registered")
    if context.actor not in overseers_of(system):
        raise ForbiddenError("forbidden", "the actor is not this system's overseer")
    hold = state.safeguards.hold_of(said.system, said.decision)
    if hold is not None:
        told = "confirmed" if hold.confirm else "turned down"
        raise ConflictError("hold-decided", f"the hold was {told} already")


def _apply(state: State, said: Confirmation, context: Context) -> State:
    hold = Hold(confirm=said.confirm, by=context.actor, act=context.act_id)
    decided = state.safeguards.with_hold(said.system, said.decision, hold)
    return replace(state, safeguards=decided)


ACTS: Final[dict[str, ActKind[Any]]] = {
    HOLD_CONFIRM: ActKind(who=_check_overseer, read=_read, check=_check, apply=_apply)
}
