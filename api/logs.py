"""Logging: one structlog line of JSON an event, to standard error.

Never a body, a secret, a key, a query or an address of a person: a line carries the
operation's name, a status and a duration, and ids that are public anyway.
"""

import asyncio
import logging
import sys
import traceback
from typing import Any, Final

import orjson
import structlog

from ledger.clock import Clock, SystemClock
from ledger.entries.moment import format_second


def _dumps(event: dict[str, Any], **_: Any) -> bytes:
    return orjson.dumps(event, default=str)


class _Stamp:
    """Adds the time in UTC; formats a second once, since a line costs every request."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ms = self._second = -1
        self._text = self._now = ""

    def __call__(
        self, _logger: Any, _name: str, event: dict[str, Any]
    ) -> dict[str, Any]:
        event["timestamp"] = self.now()
        return event

    def now(self) -> str:
        """The time, RFC 3339 with milliseconds."""
        now_ms = self._clock.now_ms()
        if now_ms == self._ms:
            return self._now
        second, ms = divmod(now_ms, 1000)
        if second != self._second:
            self._second, self._text = second, format_second(second * 1000)[:-1]
        self._ms, self._now = now_ms, f"{self._text}.{ms:03d}Z"
        return self._now


def _without_values(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """An exception as its type and places: its text and its variables may be private."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = type(error).__name__
        event["places"] = [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    return event


_JSON_LINE: Final = (
    '{"operation":"%s","method":"%s","status":%d,"ms":%.2f,'
    '"event":"request_answered","level":"info","timestamp":"%s"}\n'
)
_TEXT_LINE: Final = "request_answered operation=%s method=%s status=%d ms=%.2f at=%s\n"
GATHER_S: Final = 0.1  # seconds a line may wait to be written with others


class RequestLog:
    """The canonical line of each request, gathered and written ten times a second.

    Formatted by hand: through the chain of processors a line costs a twentieth of a
    decision. Every text in it is our own word or a number.
    """

    def __init__(self, clock: Clock, *, level: str, form: str) -> None:
        """`level` and `form`: as for `configure`."""
        self._stamp = _Stamp(clock)
        self._enabled = level in {"debug", "info"}
        self._line = _JSON_LINE if form == "json" else _TEXT_LINE
        self._answered: list[tuple[str, str, int, float, str]] = []

    def answered(
        self, operation: str, method: str, status: int, seconds: float
    ) -> None:
        """Note one answered request."""
        if not self._enabled:
            return
        if not self._answered:
            asyncio.get_running_loop().call_later(GATHER_S, self.flush)
        self._answered.append(
            (operation, method, status, seconds * 1000, self._stamp.now())
        )

    def flush(self) -> None:
        """Write what was gathered."""
        answered, self._answered = self._answered, []
        lines = "".join([self._line % values for values in answered])
        sys.stderr.buffer.write(lines.encode())
        sys.stderr.buffer.flush()


def configure(level: str, form: str) -> Any:
    """Configure structlog once for this process; returns the root logger."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.processors.add_log_level,
        _without_values,
        _Stamp(SystemClock()),
    ]
    if form == "json":
        structlog.configure(
            processors=[
                *shared,
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(number),
            logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
            cache_logger_on_first_use=True,
        )
    else:
        structlog.configure(
            processors=[*shared, structlog.dev.ConsoleRenderer(colors=False)],
            wrapper_class=structlog.make_filtering_bound_logger(number),
            logger_factory=structlog.WriteLoggerFactory(sys.stderr),
            cache_logger_on_first_use=True,
        )
    # aiohttp and asyncpg speak through the standard library: only their warnings, and
    # never a traceback's values.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
    return structlog.get_logger()
