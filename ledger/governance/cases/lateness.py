"""Erasures that are late: asked for, due, put off by nothing, and executed by nobody.

    late since = max(due, end of its last contest) + ERASURE_LATE_MS

Told from the entries and log time alone, like an overdue review, so that an operator who
does not sweep cannot hide it. When a legal hold ended stands in no state: who has seen it
end gives `lifted_ms`; else one that ended a moment ago makes an erasure late at once.
"""

from collections.abc import Iterator

from ledger.governance.cases.erasing import put_off
from ledger.governance.state import State
from ledger.ids import DecisionId
from ledger.limits import ERASURE_LATE_MS


def late_since(state: State, decision: DecisionId, *, lifted_ms: int = 0) -> int | None:
    """Log time since which the decision's erasure is late; None: it is not."""
    cases, now_ms = state.cases, state.log_time_ms
    if put_off(cases, decision, now_ms) is not None:
        return None
    ended = (
        cases.contests[id_].ended_ms or 0 for id_ in cases.by_decision.get(decision, ())
    )
    free_ms = max(cases.erasures[decision].due_ms, lifted_ms, *ended, 0)
    since_ms = free_ms + ERASURE_LATE_MS
    return since_ms if since_ms <= now_ms else None


def late_erasures(
    state: State, *, lifted_ms: int = 0
) -> Iterator[tuple[DecisionId, int]]:
    """Every decision whose erasure is late, in order of id, and since when."""
    for decision in sorted(state.cases.pending):
        since_ms = late_since(state, decision, lifted_ms=lifted_ms)
        if since_ms is not None:
            yield decision, since_ms
