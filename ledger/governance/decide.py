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

The signature was checked by the caller (`ledger.entries.act.check_act`), who also knows
whether the same payload was recorded before.
"""

from ledger.entries.act import Act
from ledger.entries.entry import ActRecorded, Entry
from ledger.errors import ConflictError, FatalError, RejectedError
from ledger.governance.kinds import Context
from ledger.governance.state import State
from ledger.governance.tables import ACTS
from ledger.ids import TreeSize
from ledger.limits import ACT_AHEAD_MS


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
        ForbiddenError: `forbidden`: (3). Nothing was recorded, here and below.
        ConflictError: `seq-used`: (4).
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
    kind = ACTS.get(act.act)  # (2)
    if kind is None:
        raise RejectedError(
            "unknown-act", f"there is no such act; there are {', '.join(ACTS)}"
        )
    context = Context(act_id=act.id, actor=act.actor, time_ms=time_ms, index=int(size))
    kind.who(state, context)  # (3)
    _check_seq(state, act)  # (4)
    _check_time(act, time_ms)  # (5)
    if act.seen_size > size:  # (6)
        raise RejectedError(
            "seen-ahead", f"it has seen {act.seen_size} entries, and here are {size}"
        )
    if not seen_holds:
        raise RejectedError(
            "seen-elsewhere",
            f"the tree of {act.seen_size} entries here has another root than it has "
            "seen",
        )
    kind.check(state, kind.read(act.body), context)  # (7), (8)
    return [ActRecorded(ledger=community.ledger, time_ms=time_ms, act=act)]


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
