"""Where a contest stands, and what may be done then: a table, terminal rows empty.

    open → taken → upheld | changed | withdrawn          by a reviewer
    open, taken → overdue → …                            by the passing of its due time
    open, taken, overdue → settled | withdrawn-by-opener by its opener

The state is told from the contest and log time; who may do an act is the act's own
question. Names never change.
"""

from typing import Final

from ledger.errors import RejectedError
from ledger.governance.cases.contest import (
    CHANGED,
    SETTLED,
    UPHELD,
    WITHDRAWN,
    WITHDRAWN_BY_OPENER,
    Contest,
)

OPEN: Final = "open"
TAKEN: Final = "taken"
OVERDUE: Final = "overdue"

SAY: Final = "case.say"
SHARE: Final = "case.share"
CONTEST_WITHDRAW: Final = "contest.withdraw"
CONTEST_SETTLE: Final = "contest.settle"
TAKE: Final = "review.take"
RELEASE: Final = "review.release"
CONCLUDE: Final = "review.conclude"

_ALWAYS: Final = frozenset({SAY, SHARE, CONTEST_WITHDRAW, CONTEST_SETTLE, TAKE})
_REVIEWED: Final = _ALWAYS | {RELEASE, CONCLUDE}
ALLOWED: Final[dict[str, frozenset[str]]] = {
    OPEN: _ALWAYS,
    TAKEN: _REVIEWED,  # taken again only from one who may no longer review
    OVERDUE: _REVIEWED,
    UPHELD: frozenset(),
    CHANGED: frozenset(),
    WITHDRAWN: frozenset(),
    SETTLED: frozenset(),
    WITHDRAWN_BY_OPENER: frozenset(),
}


def status_of(contest: Contest, time_ms: int) -> str:
    """The contest's state at a log time: a row of `ALLOWED`."""
    if contest.ended is not None:
        return contest.ended
    if contest.overdue_ms is not None or time_ms >= contest.due_ms:
        return OVERDUE
    return OPEN if contest.reviewer is None else TAKEN


def check_allowed(contest: Contest, act: str, time_ms: int) -> None:
    """That the contest's state allows the act.

    Raises:
        RejectedError: `wrong-case-state`. Nothing was recorded.
    """
    status = status_of(contest, time_ms)
    if act not in ALLOWED[status]:
        able = ", ".join(sorted(ALLOWED[status])) or "nothing"
        raise RejectedError(
            "wrong-case-state", f"no {act} while the contest is {status}: can {able}"
        )
