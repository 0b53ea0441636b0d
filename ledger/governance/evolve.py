"""What an entry does to the state: a pure function that never refuses.

It accepts any entry that `decide` could make. An act it does not know, or whose effect
it could not have, counts as an act (its seq is used, its time has come) and changes
nothing more: an auditor who runs `decide` before it finds and names such an entry.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from ledger.canonical import format_base64url
from ledger.entries.act import Act
from ledger.entries.codec import encode_entry
from ledger.entries.entry import (
    ActRecorded,
    DecisionRecorded,
    Entry,
    Founded,
    TimePassed,
)
from ledger.errors import RejectedError
from ledger.governance.bodies import (
    SYSTEM_REGISTER,
    SYSTEM_VERSION,
    read_system,
    read_version,
)
from ledger.governance.state import Community, State
from ledger.ids import LeafIndex
from ledger.merkle.hashing import hash_leaf


def evolve(state: State, entry: Entry, index: LeafIndex) -> State:
    """The state after `entry`, which stands at `index`."""
    if isinstance(entry, DecisionRecorded):
        return state  # decisions move no section
    if isinstance(entry, ActRecorded):
        return _evolve_act(state, entry)
    if isinstance(entry, TimePassed):
        return replace(state, log_time_ms=entry.time_ms)
    return _found(state, entry) if index == 0 else state


def _found(state: State, entry: Founded) -> State:
    community = Community(
        ledger=entry.ledger,
        origin=entry.origin,
        genesis=format_base64url(hash_leaf(encode_entry(entry))),
        vkeys=entry.vkeys,
        founders=entry.founders,
        parameters=entry.parameters,
    )
    return replace(state, community=community, log_time_ms=entry.time_ms)


def _evolve_act(state: State, entry: ActRecorded) -> State:
    act = entry.act
    counted = replace(
        state,
        log_time_ms=entry.time_ms,
        sequences={**state.sequences, act.actor: act.seq},
    )
    effect = _EFFECTS.get(act.act)
    if effect is None:
        return counted
    try:
        return effect(counted, act)
    except RejectedError:
        return counted


def _register(state: State, act: Act) -> State:
    system = read_system(act)
    if system.id in state.systems:
        return state
    return replace(state, systems={**state.systems, system.id: system})


def _add_version(state: State, act: Act) -> State:
    added = read_version(act)
    system = state.systems.get(added.system)
    if system is None or added.version in system.versions:
        return state
    grown = replace(system, versions=(*system.versions, added.version))
    return replace(state, systems={**state.systems, system.id: grown})


_EFFECTS: Final[Mapping[str, Callable[[State, Act], State]]] = {
    SYSTEM_REGISTER: _register,
    SYSTEM_VERSION: _add_version,
}
