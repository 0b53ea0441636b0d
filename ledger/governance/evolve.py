"""What an entry does to the state: a pure function that never refuses.

It accepts any entry that `decide` could make. An act it does not know, or whose effect
it could not have, counts as an act (its seq is used, its time has come) and changes
nothing more: an auditor who runs `decide` before it finds and names such an entry. So
does one that was made for another ledger, comes twice, out of its actor's order or out of
its time: whoever writes the log gains nothing by replaying or releasing it late.
"""

from dataclasses import replace

from ledger.canonical import format_base64url
from ledger.entries.act import Act
from ledger.entries.codec import encode_entry
from ledger.entries.entry import (
    ActRecorded,
    DecisionRecorded,
    Entry,
    ErasureExecuted,
    Founded,
    ReceiptReissued,
    TimePassed,
)
from ledger.errors import RejectedError
from ledger.governance.cases.erasing import execute, note
from ledger.governance.changed import changed
from ledger.governance.commons.constitution import found_constitution
from ledger.governance.commons.room import Commons
from ledger.governance.kinds import Context
from ledger.governance.passing import tick
from ledger.governance.people.room import found
from ledger.governance.state import Community, State
from ledger.governance.tables import ACTS
from ledger.ids import LeafIndex
from ledger.limits import ACT_AHEAD_MS
from ledger.merkle.hashing import hash_leaf


def evolve(state: State, entry: Entry, index: LeafIndex) -> State:
    """The state after `entry`, which stands at `index`."""
    if isinstance(entry, DecisionRecorded):
        return state  # decisions move no section
    if isinstance(entry, ActRecorded):
        after = _evolve_act(state, entry, index)
    elif isinstance(entry, TimePassed):
        after = state if state.community is None else tick(state, entry.time_ms)
    elif isinstance(entry, ErasureExecuted | ReceiptReissued):
        after = _sweep(state, entry, index)
    elif index:
        return state  # no log is founded twice
    else:
        after = _found(state, entry)
    return counted(after, entry, index)


def counted(
    state: State,
    entry: ActRecorded | TimePassed | ErasureExecuted | ReceiptReissued | Founded,
    index: LeafIndex,
) -> State:
    """The state that `entry` made, with what every entry moves besides.

    Last and at once: no room reads its own entry's time, count or seq in the state.
    """
    sequences = state.sequences
    if isinstance(entry, ActRecorded):
        actor, seq = entry.act.actor, entry.act.seq
        if seq > sequences.get(actor, 0):
            sequences = sequences.set(actor, seq)
    return changed(
        state,
        log_time_ms=entry.time_ms,
        sequences=sequences,
        assembly=state.assembly.record(entry.time_ms, int(index)),
    )


def _sweep(
    state: State, entry: ErasureExecuted | ReceiptReissued, index: LeafIndex
) -> State:
    if state.community is None:
        return state
    if isinstance(entry, ErasureExecuted):
        return execute(state, entry, int(index))
    return note(state, entry, int(index))


def _found(state: State, entry: Founded) -> State:
    community = Community(
        ledger=entry.ledger,
        origin=entry.origin,
        genesis=format_base64url(hash_leaf(encode_entry(entry))),
        vkeys=entry.vkeys,
        founders=entry.founders,
        founded_ms=entry.time_ms,
        parameters=entry.parameters,
    )
    return replace(
        state,
        community=community,
        people=found(entry.founders, entry.time_ms),
        commons=Commons(
            constitution=found_constitution(entry.extra.get("constitution", ""))
        ),
    )


def _evolve_act(state: State, entry: ActRecorded, index: LeafIndex) -> State:
    act = entry.act
    kind = ACTS.get(act.act)
    last = state.sequences.get(act.actor, 0)
    if kind is None or not is_in_order(state.community, entry, last):
        return state
    context = context_of(act, entry.time_ms, int(index))
    try:
        kind.who(state, context)
        value = kind.read(act.body)
        kind.check(state, value, context)
    except RejectedError:
        return state
    return kind.apply(state, value, context)


def is_in_order(community: Community | None, entry: ActRecorded, last: int) -> bool:
    """Whether the act was made for this ledger, follows its actor's `last`, and in time."""
    act = entry.act
    return (
        community is not None
        and act.genesis == community.genesis
        and act.seq == last + 1
        and 0 < act.until_ms - entry.time_ms <= ACT_AHEAD_MS
    )


def context_of(act: Act, time_ms: int, index: int) -> Context:
    """Who acts, when, where it will stand, and what the actor has seen."""
    return Context(
        act_id=act.id,
        actor=act.actor,
        time_ms=time_ms,
        index=index,
        seen_size=act.seen_size,
        seen_root=act.seen_root,
    )
