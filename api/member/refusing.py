"""A refusal as it is told to who wrote what was refused."""

from typing import Final

from api.member.client import plain
from ledger.errors import CounterfoilError
from ledger.governance.body import OddMembersError

_SHOWN: Final = 3  # names


def in_full(error: CounterfoilError) -> str:
    """Its message, with the names of the members that were too many."""
    if not isinstance(error, OddMembersError) or not error.more:
        return str(error)
    names = ", ".join(map(plain, error.more[:_SHOWN]))
    left = len(error.more) - _SHOWN
    return f"{error} (found: {names}{f' and {left:,} more' if left > 0 else ''})"
