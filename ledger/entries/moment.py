"""Times as they stand on leaves and in acts: RFC 3339, UTC, written one way each.

    YYYY-MM-DDTHH:00:00Z          a sealed decision: cut to the hour
    YYYY-MM-DDTHH:MM:SSZ          an open decision; what people write
    YYYY-MM-DDTHH:MM:SS.mmmZ      log time: of acts and of the ledger's own entries

Milliseconds count from 1970-01-01T00:00:00Z. There is no leap second (a `:60` is
refused), and no year before 1970 or after 9999.

Example: `format_log_time(1_795_341_600_000)` is `2026-11-22T10:00:00.000Z`.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache

from ledger.errors import MalformedError

HOUR_MS = 3_600_000
SECOND_MS = 1_000
_TO_SECOND = re.compile(
    # Not 24:00, which later readers of ISO 8601 take for the next day.
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d",
    re.ASCII,
)
_REST = re.compile(r"(?:\.(\d{1,9}))?Z", re.ASCII)
_EXPECTED = "a time is RFC 3339 in UTC, as 2026-11-22T10:00:00Z"
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- all times here are UTC, and none says so


@lru_cache(maxsize=4_096)
def format_hour(hour: int) -> str:
    """`YYYY-MM-DDTHH:00:00Z` of the hour that begins `hour` hours after the epoch."""
    return format_second(hour * HOUR_MS)


def format_second(time_ms: int) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ`, cut, not rounded.

    Raises:
        MalformedError: before 1970 or after 9999.
    """
    return format_log_time(time_ms)[:19] + "Z"


@lru_cache(maxsize=64)  # the acts of a batch have one
def format_log_time(time_ms: int) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ`.

    Raises:
        MalformedError: before 1970 or after 9999.
    """
    if not 0 <= time_ms < 253_402_300_800_000:  # 10000-01-01
        raise MalformedError("a time before 1970 or after 9999")
    seconds, ms = divmod(time_ms, SECOND_MS)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.isoformat()[:19]}.{ms:03d}Z"


def parse_utc(text: str) -> int:
    """Milliseconds of an RFC 3339 time in UTC with a `Z`; finer digits are cut.

    Raises:
        MalformedError: another form, another zone, or no real date.
    """
    rest_ms = _rest_ms(text[19:])  # first: another form is told before no real date
    return _second_ms(text[:19]) + rest_ms


@lru_cache(maxsize=4_096)  # there are a thousand, of log times
def _rest_ms(rest: str) -> int:
    found = _REST.fullmatch(rest)
    if found is None:
        raise MalformedError(_EXPECTED)
    return int((found[1] or "").ljust(3, "0")[:3])


@lru_cache(maxsize=4_096)  # entries that stand near each other share their seconds
def _second_ms(to_second: str) -> int:
    if not _TO_SECOND.fullmatch(to_second):
        raise MalformedError(_EXPECTED)
    try:
        passed = datetime.fromisoformat(to_second) - _EPOCH
    except ValueError as error:
        raise MalformedError("a date or time that does not exist") from error
    if passed.days < 0:
        raise MalformedError("a time before 1970")
    return (passed.days * 86_400 + passed.seconds) * SECOND_MS


@lru_cache(maxsize=4_096)
def is_hour(text: str) -> bool:
    """Whether `text` is a time cut to the hour: `YYYY-MM-DDTHH:00:00Z`."""
    return text.endswith(":00:00Z") and is_second(text)


def is_second(text: str) -> bool:
    """Whether `text` is a real time of the form `YYYY-MM-DDTHH:MM:SSZ`."""
    try:
        return len(text) == 20 and parse_utc(text) >= 0
    except MalformedError:
        return False


def parse_log_time(text: str) -> int:
    """Milliseconds of a log time; the only text `format_log_time` writes for them.

    Raises:
        MalformedError: another form than `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    """
    if len(text) != 24:
        raise MalformedError("a log time is RFC 3339 UTC with three decimals")
    return parse_utc(text)
