"""A missed deadline becomes a public fact by itself, when its time comes."""

from dataclasses import replace

from ledger.governance.state import State


def due(state: State) -> int | None:
    """Log time at which the next contest is overdue, if any can be."""
    waiting = state.cases.due
    return waiting[0][0] if waiting else None


def tick(state: State, time_ms: int) -> State:
    """The state once every contest due until `time_ms` is marked as overdue."""
    cases = state.cases.late(time_ms)
    return state if cases is state.cases else replace(state, cases=cases)
