"""Who may do what: asked before an act's body is read."""

from ledger.errors import FatalError, ForbiddenError
from ledger.governance.kinds import Context
from ledger.governance.state import State


def check_founder(state: State, context: Context) -> None:
    """That the actor is a founder whose special powers last.

    Raises:
        ForbiddenError: `forbidden`.
    """
    if state.community is None:
        raise FatalError("no act can be decided before entry 0")
    if context.actor not in state.community.founders:
        raise ForbiddenError(
            "forbidden", "the actor is not a founder, and only founders may act yet"
        )
