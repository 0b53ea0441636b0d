"""What the community does with AI systems: actions of proposals.

    action             from status            loosens protection
    system.register    –                      yes
    system.version     active                 yes
    system.suspend     active, or suspended in an emergency (which ratifies it)   never
    system.reinstate   suspended              yes
    system.retire      active, suspended      never
    system.profile     active, suspended      when more becomes public
    system.deadlines   active, suspended      when a review may take longer, or a person
                                              has less time to contest
    system.overseers   active, suspended      no
    system.keys        active, suspended      no

All are of class standard. The founders may set up the first systems by acts of their
own, while their powers last (`acts.py`). Names never change.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

from ledger.errors import RejectedError
from ledger.governance.assembly.classes import STANDARD
from ledger.governance.kinds import ActionKind, Context
from ledger.governance.parameters import value_of
from ledger.governance.state import State, parameters_of
from ledger.governance.systems.bodies import (
    DeadlinesOf,
    KeysOf,
    OverseersOf,
    ProfileOf,
    StatusOf,
    VersionOf,
    read_deadlines,
    read_keys,
    read_overseers,
    read_profile,
    read_status,
    read_system,
    read_version,
)
from ledger.governance.systems.standing import put, set_by, system_of
from ledger.governance.systems.system import ACTIVE, RETIRED, SUSPENDED, System
from ledger.limits import SYSTEM_KEYS_MAX, SYSTEM_VERSIONS_MAX, SYSTEMS_MAX

SYSTEM_REGISTER: Final = "system.register"
SYSTEM_VERSION: Final = "system.version"

T = TypeVar("T")


# ---- registering ------------------------------------------------------------------


def _check_register(state: State, system: System, _: Context) -> None:
    if system.id in state.systems:
        raise RejectedError("system-exists", "a system of this id is registered")
    if len(state.systems) >= SYSTEMS_MAX:
        raise RejectedError("too-many-systems", f"there are {SYSTEMS_MAX:,} systems")


def _register(state: State, system: System, context: Context) -> State:
    return put(state, replace(system, registered_by=set_by(context)))


def _check_version(state: State, added: VersionOf, _: Context) -> None:
    system = system_of(state, added.system, ACTIVE)
    if added.version in system.versions:
        raise RejectedError("version-exists", "the system has this version already")
    if len(system.versions) >= SYSTEM_VERSIONS_MAX:
        raise RejectedError(
            "too-many-versions", f"the system has {SYSTEM_VERSIONS_MAX:,} versions"
        )


def _add_version(state: State, added: VersionOf, _: Context) -> State:
    system = state.systems[added.system]
    return put(state, replace(system, versions=(*system.versions, added.version)))


# ---- status -----------------------------------------------------------------------


def _check_suspend(state: State, told: StatusOf, _: Context) -> None:
    system = system_of(state, told.system, ACTIVE, SUSPENDED)
    if system.status == SUSPENDED and system.lapses_ms is None:
        raise RejectedError(
            "inactive-system",
            "the system is suspended already, and not only until then",
        )


def _check_reinstate(state: State, told: StatusOf, _: Context) -> None:
    system_of(state, told.system, SUSPENDED)


def _check_retire(state: State, told: StatusOf, _: Context) -> None:
    system_of(state, told.system, ACTIVE, SUSPENDED)


def _to(status: str) -> Callable[[State, StatusOf, Context], State]:
    def apply(state: State, told: StatusOf, context: Context) -> State:
        return put(
            state,
            replace(
                state.systems[told.system],
                status=status,
                status_by=set_by(context),
                status_reason=told.reason,
                lapses_ms=None,
            ),
        )

    return apply


# ---- what a system is held to -------------------------------------------------------


def _widens(state: State, told: ProfileOf) -> bool:
    system = state.systems.get(told.system)
    if told.profile != "open" or system is None:
        return told.profile == "open"
    return system.profile != "open" or not set(told.outcomes) <= set(system.outcomes)


def _relaxes(state: State, told: DeadlinesOf) -> bool:
    system = state.systems.get(told.system)
    if system is None:
        return False
    # Where a system says nothing, the community's number holds for a review. It has none
    # for the time to contest: setting one, or taking it away, may leave less time.
    usual = value_of(parameters_of(state), "review_days")
    before = usual if system.review_days is None else system.review_days
    later = (usual if told.review_days is None else told.review_days) > before
    had, has = system.recourse_days, told.recourse_days
    shorter = had != has and (had is None or has is None or has < had)
    return later or shorter


def _check_standing(
    state: State, told: ProfileOf | DeadlinesOf | OverseersOf, _: Context
) -> None:
    system_of(state, told.system, ACTIVE, SUSPENDED)


def _set_profile(state: State, told: ProfileOf, _: Context) -> State:
    system = state.systems[told.system]
    return put(state, replace(system, profile=told.profile, outcomes=told.outcomes))


def _set_deadlines(state: State, told: DeadlinesOf, _: Context) -> State:
    return put(
        state,
        replace(
            state.systems[told.system],
            review_days=told.review_days,
            recourse_days=told.recourse_days,
        ),
    )


def _set_overseers(state: State, told: OverseersOf, _: Context) -> State:
    return put(state, replace(state.systems[told.system], overseers=told.overseers))


def _check_keys(state: State, told: KeysOf, _: Context) -> None:
    keys = set(system_of(state, told.system, ACTIVE, SUSPENDED).keys)
    if keys & set(told.add) or set(told.remove) - keys:
        raise RejectedError(
            "key-mismatch",
            "add names a key that the system has, or remove one that it has not",
        )
    if len(keys) - len(told.remove) + len(told.add) > SYSTEM_KEYS_MAX:
        raise RejectedError(
            "too-many-keys", f"a system has at most {SYSTEM_KEYS_MAX:,} keys"
        )


def _change_keys(state: State, told: KeysOf, _: Context) -> State:
    system = state.systems[told.system]
    kept = tuple(key for key in system.keys if key not in told.remove)
    return put(state, replace(system, keys=(*kept, *told.add)))


def _action(
    read: Callable[[dict[str, Any]], T],
    check: Callable[[State, T, Context], None],
    apply: Callable[[State, T, Context], State],
    loosens: Callable[[State, T], bool],
) -> ActionKind[T]:
    return ActionKind(
        class_of=lambda _state, _value: STANDARD,
        loosens=loosens,
        read=read,
        check=check,
        apply=apply,
    )


def _always(_state: State, _value: object) -> bool:
    return True


def _never(_state: State, _value: object) -> bool:
    return False


ACTIONS: Final[dict[str, ActionKind[Any]]] = {
    SYSTEM_REGISTER: _action(read_system, _check_register, _register, _always),
    SYSTEM_VERSION: _action(read_version, _check_version, _add_version, _always),
    "system.suspend": _action(read_status, _check_suspend, _to(SUSPENDED), _never),
    "system.reinstate": _action(read_status, _check_reinstate, _to(ACTIVE), _always),
    "system.retire": _action(read_status, _check_retire, _to(RETIRED), _never),
    "system.profile": _action(read_profile, _check_standing, _set_profile, _widens),
    "system.deadlines": _action(
        read_deadlines, _check_standing, _set_deadlines, _relaxes
    ),
    "system.overseers": _action(
        read_overseers, _check_standing, _set_overseers, _never
    ),
    "system.keys": _action(read_keys, _check_keys, _change_keys, _never),
}
