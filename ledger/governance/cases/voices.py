"""Who speaks for a decision: its contest key, a key that claimed it, a helper of theirs.

    contest key   comes from the receipt's secret K; the deployer may know it too
    claimed key   the person's own; claims add and never exclude
    helper        named by one of those, for some acts, until a time

Whoever speaks first shows the receipt; from then on the state knows the contest key.
"""

from ledger.errors import ErasedError, ForbiddenError, RejectedError
from ledger.governance.cases.bodies import ReceiptOf
from ledger.governance.cases.kept import Event, Shown
from ledger.governance.cases.room import NO_HELPERS, Cases
from ledger.governance.kinds import Context
from ledger.governance.people.rights import community_of
from ledger.governance.showing import decision_of
from ledger.governance.state import State
from ledger.ids import DecisionId, Did


def show(state: State, receipt: ReceiptOf, context: Context) -> tuple[Shown, str]:
    """What the receipt says, and the time on its leaf.

    Raises:
        RejectedError: `leaf-elsewhere`: it is of no decision of this log, or of another
            than it says. Nothing was recorded, here and below.
    """
    entry = decision_of(receipt.showing, context.seen_size, context.seen_root)
    shown = Shown(
        system=entry.statement.system,
        index=receipt.showing.index,
        contest_key=entry.statement.contest_key,
        signed=entry.signature is not None,
    )
    if (
        entry.id != receipt.id
        or entry.statement.genesis != community_of(state).genesis
        or state.cases.shown.get(receipt.id, shown) != shown
    ):
        raise RejectedError(
            "leaf-elsewhere", "the leaf is not that of the decision the receipt names"
        )
    return shown, entry.time


def helps(cases: Cases, decision: DecisionId, did: Did, scope: str, at: int) -> bool:
    """Whether `did` may do this for the person at log time `at`."""
    helper = cases.helpers.get(decision, NO_HELPERS).get(did)
    return helper is not None and scope in helper.scope and helper.is_in_force(at)


def is_own(cases: Cases, decision: DecisionId, shown: Shown, key: Did) -> bool:
    """Whether `key` is the decision's contest key, or claimed it."""
    claims = cases.claims.get(decision)
    return key == shown.contest_key or (claims is not None and key in claims.keys)


def check_voice(
    state: State, decision: DecisionId, shown: Shown, context: Context, scope: str = ""
) -> None:
    """That the actor speaks for the decision; a helper only with this scope.

    Raises:
        ForbiddenError: `helper-ended`: a helper whose time is over, or another ended it;
            `forbidden`: anybody else.
    """
    cases, actor = state.cases, context.actor
    if is_own(cases, decision, shown, actor):
        return
    if scope and helps(cases, decision, actor, scope, context.time_ms):
        return
    helper = cases.helpers.get(decision, NO_HELPERS).get(actor)
    if helper is not None and not helper.is_in_force(context.time_ms):
        raise ForbiddenError(
            "helper-ended", "the actor was a helper of the person, and is no longer"
        )
    also = f", nor that of a helper whose scope has {scope}" if scope else ""
    raise ForbiddenError(
        "forbidden",
        "the actor's key is neither the contest key of that decision nor one that "
        f"claimed it{also}",
    )


def check_shown_voice(
    state: State, receipt: ReceiptOf, context: Context, scope: str = ""
) -> tuple[Shown, str]:
    """As `show` and `check_voice`, and that the private part is still there.

    Raises:
        ErasedError: `erased`.
        RejectedError: as `show`.
        ForbiddenError: as `check_voice`.
    """
    shown, time = show(state, receipt, context)
    check_voice(state, receipt.id, shown, context, scope)
    check_there(state, receipt.id)
    return shown, time


def known(state: State, decision: DecisionId) -> Shown:
    """What was shown of a decision before.

    Raises:
        RejectedError: `not-shown`.
    """
    shown = state.cases.shown.get(decision)
    if shown is None:
        raise RejectedError(
            "not-shown", "nobody has shown a receipt of a decision of this id here"
        )
    return shown


def check_there(state: State, decision: DecisionId) -> None:
    """That the decision's private part was not erased.

    Raises:
        ErasedError: `erased`.
    """
    erasure = state.cases.erasures.get(decision)
    if erasure is not None and erasure.executed_ms is not None:
        raise ErasedError("erased", "the decision's private part has been erased")


def begin(
    state: State, receipt: ReceiptOf, context: Context, name: str, about: str | None
) -> Cases:
    """The cases once the receipt is known, and that this act came."""
    shown, _ = show(state, receipt, context)
    cases = state.cases.with_shown(receipt.id, shown)
    return cases.told(receipt.id, event(context, name, about))


def event(context: Context, name: str, about: str | None = None) -> Event:
    """The act as an event of its decision."""
    return Event(
        type=name,
        id=context.act_id,
        index=context.index,
        at_ms=context.time_ms,
        about=about,
    )
