"""Whether an act may be recorded now: a pure function that changes nothing.

The checks, in this order; each has its own answer:

    (1) genesis   it was signed for this ledger
    (2) known     there is such an act
    (3) right     this actor may do this: 403
    (4) seq       it is the actor's previous + 1: 409, naming the one expected
    (5) time      log time lies before `until`, and at most 24 h before it
    (6) seen      what the actor has seen is in this history
    (7) body      it has its act's form
    (8) effect    the state allows it

Where something is due by time, that it came is recorded first, and the act is judged in
the state after it. The signature was checked by the caller (`ledger.entries.act.check_act`), who also knows
whether the same payload was recorded before. A passkey's is checked with (3), because
the key that it needs stands in the state.
"""

from collections.abc import Callable
from functools import partial

from ledger.entries.act import Act
from ledger.entries.entry import ActRecorded, Entry, TimePassed
from ledger.errors import ConflictError, FatalError, RejectedError
from ledger.governance.evolve import context_of, counted, evolve
from ledger.governance.passing import is_due
from ledger.governance.people.passkeys import check_signature
from ledger.governance.state import State
from ledger.governance.tables import ACTS
from ledger.ids import LeafIndex, TreeSize
from ledger.limits import ACT_AHEAD_MS


def decide(
    state: State,
    act: Act,
    *,
    time_ms: int,
    size: TreeSize,
    seen_holds: bool,
    passed: TimePassed | None = None,
) -> list[Entry]:
    """The entries that record `act`, to append in order.

    Args:
        state: after `size` entries.
        act: its signature holds.
        time_ms: log time of the batch.
        size: how many entries there are.
        seen_holds: whether this tree had the root `act.seen_root` at `act.seen_size`;
            not asked when that size lies ahead.
        passed: the entry to record first if something is due at `time_ms`; its id is
            random, so it comes from outside.

    Raises:
        FatalError: something is due and `passed` is None.
        ForbiddenError: `forbidden`: (3). Nothing was recorded, here and below.
        VerificationError: a passkey that is not enrolled or did not sign: (3).
        ConflictError: `seq-used`: (4).
        RejectedError: `another-ledger`, `act-out-of-time`, `seen-ahead`,
            `seen-elsewhere`, `invalid-act`, `unknown-act`, or the effect's own kind.
    """
    before, entry, _ = _judge(state, act, time_ms, size, seen_holds, passed)
    return [*(one for one, _ in before), entry]


def decide_on(
    state: State,
    act: Act,
    *,
    time_ms: int,
    size: TreeSize,
    seen_holds: bool,
    passed: TimePassed | None = None,
) -> list[tuple[Entry, State]]:
    """As `decide`, each entry with the state after it, which is what `evolve` gives.

    What was read and checked to judge the act is not read and checked again to take it in.

    Raises:
        CounterfoilError: as `decide`.
    """
    before, entry, apply = _judge(state, act, time_ms, size, seen_holds, passed)
    return [*before, (entry, counted(apply(), entry, LeafIndex(size + len(before))))]


def _judge(
    state: State,
    act: Act,
    time_ms: int,
    size: TreeSize,
    seen_holds: bool,  # noqa: FBT001 -- as decide names it
    passed: TimePassed | None,
) -> tuple[list[tuple[Entry, State]], ActRecorded, Callable[[], State]]:
    """What comes before it, its own entry, and what gives the state that it makes."""
    community = state.community
    if community is None:
        raise FatalError("no act can be decided before entry 0")
    if act.genesis != community.genesis:  # (1)
        raise RejectedError(
            "another-ledger",
            f"signed for another ledger than the one whose genesis is "
            f"{community.genesis}",
        )
    before: list[tuple[Entry, State]] = []
    if is_due(state, time_ms):
        if passed is None:
            raise FatalError("time has passed that no entry records")
        state = evolve(state, passed, LeafIndex(size))
        before = [(passed, state)]
    kind = ACTS.get(act.act)  # (2)
    if kind is None:
        raise RejectedError(
            "unknown-act", f"there is no such act; there are {', '.join(ACTS)}"
        )
    context = context_of(act, time_ms, size + len(before))
    kind.who(state, context)  # (3)
    check_signature(state, act)
    _check_seq(state, act)  # (4)
    _check_time(act, time_ms)  # (5)
    if act.seen_size > size:  # (6)
        raise RejectedError(
            "seen-ahead",
            f"it has seen {act.seen_size} entries, and here are {size}",
        )
    if not seen_holds:
        raise RejectedError(
            "seen-elsewhere",
            f"the tree of {act.seen_size} entries here has another root than it has "
            "seen",
        )
    value = kind.read(act.body)  # (7)
    kind.check(state, value, context)  # (8)
    entry = ActRecorded(ledger=community.ledger, time_ms=time_ms, act=act)
    return before, entry, partial(kind.apply, state, value, context)


def is_seq_used(state: State, act: Act) -> bool:
    """Whether the log may hold this very act already, as far as the state knows."""
    return act.seq <= state.sequences.get(act.actor, 0)


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
