"""Whether an act may be recorded now: a pure function that changes nothing.

The checks, in this order; each has its own answer:

    (1) genesis   it was signed for this ledger
    (2) right     this actor may do this: 403
    (3) seq       it is the actor's previous + 1: 409, naming the one expected
    (4) time      log time lies before `until`, and at most 24 h before it
    (5) seen      what the actor has seen is in this history
    (6) body      it has its act's form
    (7) effect    the state allows it

In this version only the founders may act: they register systems and their versions.
The signature was checked by the caller (`ledger.entries.act.check_act`), who also knows
whether the same payload was recorded before.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ledger.entries.act import Act
from ledger.entries.entry import ActRecorded, Entry
from ledger.errors import ConflictError, FatalError, ForbiddenError, RejectedError
from ledger.governance.bodies import (
    SYSTEM_REGISTER,
    SYSTEM_VERSION,
    read_system,
    read_version,
)
from ledger.governance.state import ACTIVE, Community, State
from ledger.ids import TreeSize
from ledger.limits import ACT_AHEAD_MS, SYSTEM_VERSIONS_MAX, SYSTEMS_MAX


def decide(
    state: State, act: Act, *, time_ms: int, size: TreeSize, seen_holds: bool
) -> list[Entry]:
    """The entries that record `act`, to append in order.

    Args:
        state: after `size` entries.
        act: its signature holds.
        time_ms: log time of the batch.
        size: how many entries there are.
        seen_holds: whether this tree had the root `act.seen_root` at `act.seen_size`;
            not asked when that size lies ahead.

    Raises:
        ForbiddenError: `forbidden`: (2). Nothing was recorded, here and below.
        ConflictError: `seq-used`: (3).
        RejectedError: `another-ledger`, `act-out-of-time`, `seen-ahead`,
            `seen-elsewhere`, `invalid-act`, `unknown-act`, or the effect's own kind.
    """
    community = state.community
    if community is None:
        raise FatalError("no act can be decided before entry 0")
    if act.genesis != community.genesis:  # (1)
        raise RejectedError(
            "another-ledger",
            f"signed for another ledger than the one whose genesis is "
            f"{community.genesis}",
        )
    _check_right(community, act)  # (2)
    _check_seq(state, act)  # (3)
    _check_time(act, time_ms)  # (4)
    if act.seen_size > size:  # (5)
        raise RejectedError(
            "seen-ahead", f"it has seen {act.seen_size} entries, and here are {size}"
        )
    if not seen_holds:
        raise RejectedError(
            "seen-elsewhere",
            f"the tree of {act.seen_size} entries here has another root than it has "
            "seen",
        )
    effect = _EFFECTS.get(act.act)
    if effect is None:
        raise RejectedError(
            "unknown-act", f"there is no such act; there are {', '.join(_EFFECTS)}"
        )
    effect(state, act)  # (6), (7)
    return [ActRecorded(ledger=community.ledger, time_ms=time_ms, act=act)]


def _check_right(community: Community, act: Act) -> None:
    if act.actor not in community.founders:
        raise ForbiddenError(
            "forbidden", "the actor is not a founder, and only founders may act yet"
        )


def _check_seq(state: State, act: Act) -> None:
    expected = state.sequences.get(act.actor, 0) + 1
    if act.seq != expected:
        raise ConflictError(
            "seq-used",
            f"the act's seq is not the actor's next; the next one is {expected}",
        )


def _check_time(act: Act, time_ms: int) -> None:
    if time_ms >= act.until_ms:
        raise RejectedError(
            "act-out-of-time", "log time has reached the act's until: sign it again"
        )
    if act.until_ms - time_ms > ACT_AHEAD_MS:
        raise RejectedError(
            "act-out-of-time", "the act's until lies more than 24 hours ahead"
        )


def _register(state: State, act: Act) -> None:
    system = read_system(act)
    if system.id in state.systems:
        raise RejectedError("system-exists", "a system of this id is registered")
    if len(state.systems) >= SYSTEMS_MAX:
        raise RejectedError("too-many-systems", f"there are {SYSTEMS_MAX:,} systems")


def _add_version(state: State, act: Act) -> None:
    added = read_version(act)
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


_EFFECTS: Final[Mapping[str, Callable[[State, Act], None]]] = {
    SYSTEM_REGISTER: _register,
    SYSTEM_VERSION: _add_version,
}
