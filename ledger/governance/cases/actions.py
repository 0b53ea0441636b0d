"""Legal holds: what a proposal does so that nothing is erased while a court may ask.

    legal_hold.set    {"system": id or null, "decision": uuid or null (exactly one),
                       "reason": a code, or a digest}
    legal_hold.lift   {"system": id or null, "decision": uuid or null (exactly one)}

Neither loosens protection: a hold puts an erasure off, and lifting one lets it go on.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from immutables import Map

from ledger.errors import ConflictError, RejectedError
from ledger.governance.assembly.classes import STANDARD
from ledger.governance.body import (
    Body,
    check_members,
    read_code,
    read_system_id,
    refuse,
)
from ledger.governance.cases.bodies import read_decision
from ledger.governance.cases.kept import Event, LegalHold
from ledger.governance.cases.voices import event
from ledger.governance.kinds import ActionKind, Context
from ledger.governance.state import State
from ledger.ids import DecisionId, SystemId

LEGAL_HOLD_SET: Final = "legal_hold.set"  # never change
LEGAL_HOLD_LIFT: Final = "legal_hold.lift"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOf:
    """What is held, or no longer; exactly one of the first two."""

    system: SystemId | None
    decision: DecisionId | None
    reason: str = ""

    @property
    def name(self) -> str:
        """As section "legal_holds" names it."""
        if self.decision is not None:
            return f"decision:{self.decision}"
        return f"system:{self.system}"


def read_lift(body: Body) -> HoldOf:
    """The body of a `legal_hold.lift`.

    Raises:
        RejectedError: `invalid-act`. Nothing was recorded, here and below.
    """
    check_members(body, ("system", "decision"))
    return _what(body)


def read_set(body: Body) -> HoldOf:
    """The body of a `legal_hold.set`.

    Raises:
        RejectedError: `invalid-act`.
    """
    check_members(body, ("system", "decision", "reason"))
    return replace(_what(body), reason=read_code(body, "reason"))


def _what(body: Body) -> HoldOf:
    if (body["system"] is None) == (body["decision"] is None):
        raise refuse("exactly one of system and decision is null")
    return HoldOf(
        system=None if body["system"] is None else read_system_id(body),
        decision=None if body["decision"] is None else read_decision(body),
    )


def _check_set(state: State, told: HoldOf, _: Context) -> None:
    if told.system is not None and told.system not in state.systems:
        raise RejectedError("unknown-system", "no system of this id is registered")
    if told.name in state.cases.legal_holds:
        raise ConflictError("hold-stands", "a legal hold of this stands already")


def _set(state: State, told: HoldOf, context: Context) -> State:
    hold = LegalHold(reason=told.reason, by=context.proposal, since_ms=context.time_ms)
    holds = state.cases.legal_holds.set(told.name, hold)
    return _with(state, holds, told, event(context, LEGAL_HOLD_SET))


def _check_lift(state: State, told: HoldOf, _: Context) -> None:
    if told.name not in state.cases.legal_holds:
        raise RejectedError("no-hold", "no legal hold of this stands")


def _lift(state: State, told: HoldOf, context: Context) -> State:
    holds = state.cases.legal_holds.delete(told.name)
    return _with(state, holds, told, event(context, LEGAL_HOLD_LIFT))


def _with(state: State, holds: Map[str, LegalHold], told: HoldOf, this: Event) -> State:
    cases = replace(state.cases, legal_holds=holds)
    if told.decision is not None:
        cases = cases.told(told.decision, this)
    return replace(state, cases=cases)


def _never(_state: State, _told: HoldOf) -> bool:
    return False


def _standard(_state: State, _told: HoldOf) -> str:
    return STANDARD


ACTIONS: Final[dict[str, ActionKind[Any]]] = {
    LEGAL_HOLD_SET: ActionKind(
        class_of=_standard, loosens=_never, read=read_set, check=_check_set, apply=_set
    ),
    LEGAL_HOLD_LIFT: ActionKind(
        class_of=_standard,
        loosens=_never,
        read=read_lift,
        check=_check_lift,
        apply=_lift,
    ),
}
