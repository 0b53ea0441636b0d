"""RFC 3339 times as strangers send them: a zone, a real date, a real second.

    2026-11-22T10:04:31Z   2026-11-22t11:04:31.123456789+01:00

Lower-case `t` and `z` are RFC 3339's own and accepted; the blank it mentions in a note
is not. Second 60 and hour 24 are refused: no clock here can hold them, so two readers
would place them differently. `-00:00` counts as UTC. Up to nine digits of a fraction.
"""

import re
from datetime import UTC, datetime, timedelta

from ledger.errors import MalformedError

# Also the JSON Schema pattern; so no `\d` and no `\Z`.
TIME_PATTERN = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
_TIME = re.compile(TIME_PATTERN[:-1], re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def real_time_ms(text: str) -> int | None:
    """Milliseconds since 1970 (floored) of a text that has the pattern's form.

    None when there is no such day (30 February, year 0).
    """
    try:
        return (datetime.fromisoformat(text.upper()) - _EPOCH) // _MS
    except (ValueError, OverflowError):
        return None


def parse_time_ms(text: str) -> int:
    """Milliseconds since 1970, floored, of an RFC 3339 time.

    Raises:
        MalformedError: another form, no zone, or no such day or second.
    """
    time_ms = real_time_ms(text) if _TIME.fullmatch(text) else None
    if time_ms is None:
        raise MalformedError("not an RFC 3339 time with a zone and a real date")
    return time_ms
