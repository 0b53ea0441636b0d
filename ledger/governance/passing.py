"""What the passing of time does: every room's part, in order of due time.

A room's `due` says when something of it changes by itself, its `tick` does all that is
due until then. Where several fall due, the earliest comes first, and at one time the
rooms' order decides. The writer records `time.passed` before anything that comes later;
nothing else moves by time.
"""

from collections.abc import Callable
from typing import Final

from ledger.governance.assembly import course
from ledger.governance.cases import overdue
from ledger.governance.people import recovery
from ledger.governance.state import State
from ledger.governance.systems import emergency

_Room = tuple[Callable[[State], int | None], Callable[[State, int], State]]
_ROOMS: Final[tuple[_Room, ...]] = (
    (recovery.due, recovery.tick),
    (emergency.due, emergency.tick),
    (course.due, course.tick),
    (overdue.due, overdue.tick),
)


def due(state: State) -> int | None:
    """The earliest log time, in ms, at which something changes by itself."""
    found = [ms for room_due, _ in _ROOMS if (ms := room_due(state)) is not None]
    return min(found, default=None)


def is_due(state: State, time_ms: int) -> bool:
    """Whether something is due at `time_ms` that no entry has recorded."""
    for room_due, _ in _ROOMS:  # asked of every act: no list is made
        next_ms = room_due(state)
        if next_ms is not None and next_ms <= time_ms:
            return True
    return False


def tick(state: State, time_ms: int) -> State:
    """The state after all that is due until `time_ms`."""
    while (next_ms := due(state)) is not None and next_ms <= time_ms:
        for _, room_tick in _ROOMS:
            state = room_tick(state, next_ms)
    return state
