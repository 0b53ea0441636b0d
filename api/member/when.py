"""Moments and spans in words, for a terminal."""

from datetime import UTC, datetime
from typing import Final

_UNITS: Final = (
    (86_400_000, "day"),
    (3_600_000, "hour"),
    (60_000, "minute"),
    (1_000, "second"),
)


def span(length_ms: int) -> str:
    """How long, in its two largest units: `2 days 4 hours`; `0 seconds` when over."""
    rest = max(length_ms, 0)
    parts: list[str] = []
    for unit_ms, name in _UNITS:
        count, rest = divmod(rest, unit_ms)
        if count and len(parts) < 2:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
        elif parts:
            break
    return " ".join(parts) or "0 seconds"


def moment(time_ms: int) -> str:
    """A moment in UTC: `24 Nov 2026 10:00:00`."""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%d %b %Y %H:%M:%S}"
