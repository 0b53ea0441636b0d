"""What an act is, and what an action of a proposal is: rows of tables.

An *act* is signed by one person and recorded; an *action* is what a proposal does when
it is executed. Each room of `governance` exports its rows as `ACTS` and `ACTIONS`;
`tables` joins them. A row's functions are pure:

    read    body → typed value           refuses a form, knows no state
    check   (state, value, context)      refuses what the state does not allow
    apply   (state, value, context) → state    never refuses what `check` let pass
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ledger.governance.state import State
from ledger.ids import Did

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who acts, when, and where it will stand.

    Attributes:
        act_id: of the act; for an action, of the act that executes its proposal.
        actor: the key that signed; `people` knows whose it is.
        time_ms: log time of the batch.
        index: the entry's.
        proposal: the id of the proposal an action belongs to; "" for an act, and for an
            action that the founders do themselves while they may.
        seen_size, seen_root: the tree that the actor says to have seen, which is of this
            history; 0 and no bytes where no act says it.
    """

    act_id: str
    actor: Did
    time_ms: int
    index: int
    proposal: str = ""
    seen_size: int = 0
    seen_root: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActKind(Generic[T]):
    """One act.

    Attributes:
        who: refuses (ForbiddenError) an actor who may never do this in this state;
            asked before the body is read.
        read: the typed body; RejectedError `invalid-act`.
        check: RejectedError, ForbiddenError, ConflictError or NotFoundError.
        apply: the state after it.
    """

    who: Callable[[State, Context], None]
    read: Callable[[dict[str, Any]], T]
    check: Callable[[State, T, Context], None]
    apply: Callable[[State, T, Context], State]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionKind(Generic[T]):
    """One action of a proposal; checked when proposed and again when executed.

    Attributes:
        class_of: the class of proposal it needs ("standard", "constitution", …), which
            may depend on the state: a repeal needs what enacting needed.
        loosens: whether it may loosen the protection of the people decided about, so
            that they can delay it.
        read, check, apply: as an act's; `invalid-act` names the action.

    `class_of` and `loosens` answer in any state, whether `check` would pass or not.
    """

    class_of: Callable[[State, T], str]
    loosens: Callable[[State, T], bool]
    read: Callable[[dict[str, Any]], T]
    check: Callable[[State, T, Context], None]
    apply: Callable[[State, T, Context], State]
