"""The community's own numbers, each with its default and its bounds.

    decided_at_age_days    how old a decision may be when it is recorded    1 to 3,650; 30

Founding sets them; an unknown name is refused then, so that a mistyped one is not
silently without effect.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.errors import MalformedError
from ledger.limits import DECIDED_AT_AGE_DAYS, DECIDED_AT_AGE_DAYS_MAX

_DAY_MS: Final = 86_400_000
_AGE: Final = "decided_at_age_days"  # never changes


def check_parameters(parameters: Mapping[str, Any]) -> None:
    """That a founding may set these.

    Raises:
        MalformedError: an unknown name, or a value outside its bounds.
    """
    for name, value in parameters.items():
        if name != _AGE:
            raise MalformedError(f"no such parameter; there is {_AGE}")
        if type(value) is not int or not 1 <= value <= DECIDED_AT_AGE_DAYS_MAX:
            raise MalformedError(
                f"{_AGE} is a whole number from 1 to {DECIDED_AT_AGE_DAYS_MAX:,}"
            )


def decided_at_age_ms(parameters: Mapping[str, Any]) -> int:
    """How old a decision may be, in milliseconds."""
    days: int = parameters.get(_AGE, DECIDED_AT_AGE_DAYS)
    return days * _DAY_MS
