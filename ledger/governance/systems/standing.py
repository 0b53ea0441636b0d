"""Looking a system up, and putting it back: every change of one goes through here."""

from bisect import insort
from dataclasses import replace

from ledger.errors import RejectedError
from ledger.governance.kinds import Context
from ledger.governance.state import State
from ledger.governance.systems.system import System
from ledger.ids import SystemId


def system_of(state: State, id_: SystemId, *expected: str) -> System:
    """The system of this id, in one of the expected statuses.

    Raises:
        RejectedError: `unknown-system`, `inactive-system`. Nothing was recorded.
    """
    system = state.systems.get(id_)
    if system is None:
        raise RejectedError("unknown-system", "no system of this id is registered")
    if system.status not in expected:
        raise RejectedError(
            "inactive-system",
            f"the system is {system.status}: expected {' or '.join(expected)}",
        )
    return system


def put(state: State, system: System) -> State:
    """The state with `system` as it is now; when it lapses is kept in order."""
    before = state.systems.get(system.id)
    found = replace(state, systems=state.systems.set(system.id, system))
    lapsed = None if before is None else before.lapses_ms
    if lapsed == system.lapses_ms:
        return found
    lapses = [each for each in state.emergencies.lapses if each[1] != system.id]
    if system.lapses_ms is not None:
        insort(lapses, (system.lapses_ms, system.id))
    return replace(found, emergencies=replace(state.emergencies, lapses=tuple(lapses)))


def set_by(context: Context) -> str:
    """What the state names as the origin of a change: a proposal, else an act."""
    return context.proposal or context.act_id
