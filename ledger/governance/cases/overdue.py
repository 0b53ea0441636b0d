"""A missed deadline becomes a public fact by itself, when its time comes."""

from dataclasses import replace

from ledger.governance.state import State


def due(state: State) -> int | None:
    """Log time at which the next contest is overdue, if any can be."""
    waiting = state.cases.due
    return waiting[0][0] if waiting else None


def tick(state: State, time_ms: int) -> State:
    """The state once every contest due until `time_ms` is marked as overdue."""
    cases = state.cases
    for due_ms, id_ in state.cases.due:
        if due_ms > time_ms:
            break
        cases = cases.put(replace(cases.contests[id_], overdue_ms=due_ms))
    return state if cases is state.cases else replace(state, cases=cases)
