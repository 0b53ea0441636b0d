"""What an erasure takes: which decisions are due, and all that is private about them."""

from collections.abc import Sequence
from uuid import uuid4

from ledger.entries.entry import Entry, ErasureExecuted, ReceiptReissued
from ledger.errors import RejectedError
from ledger.governance.cases.queries import erasures_due
from ledger.governance.state import State
from ledger.ids import DecisionId, LedgerName
from ledger.limits import NAMED_DECISIONS_MAX
from ledger.log.pending import PendingErasure, PendingOwn


def acts_about(state: State, decisions: Sequence[str]) -> list[str]:
    """Ids of the acts about these decisions: what they name in the vault is private too."""
    cases, found = state.cases, []
    for decision in map(DecisionId, decisions):
        found += [event.id for event in cases.later.get(decision, ()) if event.id]
        found += cases.by_decision.get(decision, ())
        if (erasure := cases.erasures.get(decision)) is not None:
            hold = state.safeguards.hold_of(erasure.system, decision)
            found += [] if hold is None else [hold.act]
    return list(dict.fromkeys(found))


def executed(state: State) -> set[str]:
    """The decisions that the log says are erased."""
    return {
        decision
        for decision, erasure in state.cases.erasures.items()
        if erasure.executed_ms is not None
    }


def own_entry(
    state: State, pending: PendingOwn, *, ledger: LedgerName, time_ms: int
) -> Entry:
    """The ledger's own entry that the sweep asked for.

    Raises:
        RejectedError: there is nothing to say.
    """
    if isinstance(pending, PendingErasure):
        due = erasures_due(state, time_ms)[:NAMED_DECISIONS_MAX]
        if not due:
            raise RejectedError("rejected", "no erasure is due")
        return ErasureExecuted(
            id=str(uuid4()), ledger=ledger, time_ms=time_ms, decisions=tuple(due)
        )
    return ReceiptReissued(
        id=str(uuid4()),
        ledger=ledger,
        time_ms=time_ms,
        decisions=pending.decisions,
    )
