"""Emergency suspension: a few people stop a system at once; it lapses unless ratified.

    system.suspend_emergency {"system", "reason"}    one member's call

Calls gather for `emergency_s`. The system is suspended in the very entry with which they
come from two thirds of the guardians and at least two of them, or from
`emergency_percent` of the members and at least `emergency_least`. After `emergency_s` it
is active again by itself, unless a proposal (`system.suspend`) ratified it; and for
`emergency_pause_s` after that nobody can suspend it so again, whatever came of it. A
caller who has left, or whose role has ended, counts no more. It never does anything
else than suspend.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from immutables import Map

from ledger.errors import ConflictError, FatalError, ForbiddenError, RejectedError
from ledger.governance.kinds import Context
from ledger.governance.parameters import period_ms, value_of
from ledger.governance.people.bodies import GUARDIAN
from ledger.governance.people.electorate import may_vote
from ledger.governance.people.rights import acting_member
from ledger.governance.people.roles import holders
from ledger.governance.state import Community, State
from ledger.governance.systems.bodies import StatusOf
from ledger.governance.systems.room import Emergency, Signature
from ledger.governance.systems.standing import put, system_of
from ledger.governance.systems.system import ACTIVE, SUSPENDED
from ledger.ids import Did

GUARDIANS_LEAST: Final = 2  # however few guardians there are, none stops a system alone


def check_call(state: State, told: StatusOf, context: Context) -> None:
    """That the actor may call for this system's suspension now.

    Raises:
        RejectedError: `unknown-system`, `inactive-system`, `emergency-rest`.
        ForbiddenError: `forbidden`: neither of the electorate nor a guardian.
        ConflictError: `already-called`. Nothing was recorded in any of these cases.
    """
    system_of(state, told.system, ACTIVE)
    member = acting_member(state, context)
    if not _counts(state, member, context.time_ms):
        raise ForbiddenError(
            "forbidden",
            "the actor joined too lately to call for an emergency suspension, and is no "
            "guardian",
        )
    emergency = state.emergencies.by_system.get(told.system, Emergency())
    rest_ms = emergency.rest_until_ms
    if rest_ms is not None and context.time_ms < rest_ms:
        hours = -(-(rest_ms - context.time_ms) // 3_600_000)
        raise RejectedError(
            "emergency-rest",
            "the system was suspended in an emergency lately, and cannot be again for "
            f"another {hours:,} hours: open a proposal",
        )
    if member in _fresh(state, emergency, context.time_ms):
        raise ConflictError(
            "already-called", "this member's call for the suspension stands already"
        )


def join_call(state: State, told: StatusOf, context: Context) -> State:
    """The call counted; the system suspended if it was the last one needed."""
    member = acting_member(state, context)
    time_ms = context.time_ms
    emergency = state.emergencies.by_system.get(told.system, Emergency())
    signers = _fresh(state, emergency, time_ms)
    signers[member] = Signature(time_ms, told.reason)
    emergency = replace(emergency, signers=Map(signers))
    if _enough(state, signers.keys(), time_ms):
        parameters = _community(state).parameters
        lapses_ms = time_ms + period_ms(parameters, "emergency_s")
        pause_ms = period_ms(parameters, "emergency_pause_s")
        emergency = replace(emergency, rest_until_ms=lapses_ms + pause_ms)
        state = put(
            state,
            replace(
                state.systems[told.system],
                status=SUSPENDED,
                status_by=context.act_id,
                status_reason=told.reason,
                lapses_ms=lapses_ms,
            ),
        )
    by_system = state.emergencies.by_system.set(told.system, emergency)
    return replace(state, emergencies=replace(state.emergencies, by_system=by_system))


def due(state: State) -> int | None:
    """Log time of the earliest lapse, if any is to come."""
    lapses = state.emergencies.lapses
    return lapses[0][0] if lapses else None


def tick(state: State, time_ms: int) -> State:
    """The state after all that lapses until `time_ms`, in order of time, then of id."""
    for lapses_ms, system in state.emergencies.lapses:
        if lapses_ms > time_ms:
            break
        found = state.systems[system]
        again = replace(
            found, status=ACTIVE, status_by="", status_reason="", lapses_ms=None
        )
        state = put(state, again)
    return state


def _community(state: State) -> Community:
    if state.community is None:
        raise FatalError("no system can be suspended before entry 0")
    return state.community


def _fresh(state: State, emergency: Emergency, time_ms: int) -> dict[Did, Signature]:
    """The calls that still stand."""
    period = period_ms(_community(state).parameters, "emergency_s")
    return {
        did: signature
        for did, signature in emergency.signers.items()
        if time_ms < signature.time_ms + period
    }


def _counts(state: State, member: Did, time_ms: int) -> bool:
    """Whether a member's call counts now."""
    return member in holders(state.people, GUARDIAN, time_ms) or may_vote(
        state.people, member, time_ms, _community(state).parameters
    )


def _enough(state: State, signers: Collection[Did], time_ms: int) -> bool:
    """Whether these members may suspend a system together now."""
    guardians = holders(state.people, GUARDIAN, time_ms)
    calling = len(guardians.intersection(signers))
    if calling >= GUARDIANS_LEAST and calling * 3 >= 2 * len(guardians):
        return True
    parameters = _community(state).parameters
    counted = sum(may_vote(state.people, did, time_ms, parameters) for did in signers)
    percent = value_of(parameters, "emergency_percent")
    return (
        counted >= value_of(parameters, "emergency_least")
        and counted * 100 >= percent * state.people.belonging
    )
