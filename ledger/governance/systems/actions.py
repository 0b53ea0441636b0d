"""What the community does with AI systems: actions of proposals.

The founders may do the first of them by acts of their own, while their powers last.
"""

from dataclasses import replace
from typing import Any, Final

from ledger.errors import RejectedError
from ledger.governance.kinds import ActionKind, Context
from ledger.governance.state import State
from ledger.governance.systems.bodies import VersionOf, read_system, read_version
from ledger.governance.systems.system import ACTIVE, System
from ledger.limits import SYSTEM_VERSIONS_MAX, SYSTEMS_MAX

SYSTEM_REGISTER: Final = "system.register"  # names never change
SYSTEM_VERSION: Final = "system.version"


def _check_register(state: State, system: System, _: Context) -> None:
    if system.id in state.systems:
        raise RejectedError("system-exists", "a system of this id is registered")
    if len(state.systems) >= SYSTEMS_MAX:
        raise RejectedError("too-many-systems", f"there are {SYSTEMS_MAX:,} systems")


def _register(state: State, system: System, context: Context) -> State:
    by = context.proposal or context.act_id
    registered = replace(system, registered_by=by)
    return replace(state, systems=state.systems.set(system.id, registered))


def _check_version(state: State, added: VersionOf, _: Context) -> None:
    system = state.systems.get(added.system)
    if system is None:
        raise RejectedError("unknown-system", "no system of this id is registered")
    if system.status != ACTIVE:
        raise RejectedError(
            "inactive-system", f"the system is {system.status}: expected {ACTIVE}"
        )
    if added.version in system.versions:
        raise RejectedError("version-exists", "the system has this version already")
    if len(system.versions) >= SYSTEM_VERSIONS_MAX:
        raise RejectedError(
            "too-many-versions", f"the system has {SYSTEM_VERSIONS_MAX:,} versions"
        )


def _add_version(state: State, added: VersionOf, _: Context) -> State:
    system = state.systems[added.system]
    grown = replace(system, versions=(*system.versions, added.version))
    return replace(state, systems=state.systems.set(system.id, grown))


ACTIONS: Final[dict[str, ActionKind[Any]]] = {
    SYSTEM_REGISTER: ActionKind(
        class_of=lambda _state, _value: "standard",
        loosens=lambda _state, _value: True,
        read=read_system,
        check=_check_register,
        apply=_register,
    ),
    SYSTEM_VERSION: ActionKind(
        class_of=lambda _state, _value: "standard",
        loosens=lambda _state, _value: True,
        read=read_version,
        check=_check_version,
        apply=_add_version,
    ),
}
