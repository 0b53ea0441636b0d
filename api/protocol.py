"""What never becomes a request: bytes that are not HTTP are answered, and not repeated.

aiohttp's own answer and its log quote the line that failed: a header with one stray
control character would put a bearer token into both. Ours say only that it failed.
"""

from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from typing_extensions import override

from schemas.problems import problem_of


class QuietServer(web.Server):
    """A low-level server whose connections quote nothing that was sent."""

    def __init__(self, handler: Any, *, log: Any, **settings: Any) -> None:
        """`log` is structlog's; `settings` are those of each connection."""
        super().__init__(handler, **settings)
        self._log = log

    @override
    def __call__(self) -> RequestHandler:
        return _Connection(self._log, self, loop=self._loop, **self._kwargs)


class _Connection(RequestHandler):
    """One client's connection."""

    __slots__ = ("_events",)

    def __init__(self, log: Any, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._events = log

    @override
    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        self._events.info("request_refused", status=status, error=type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is under way; there is no second one")
        name = "bad-request" if status < 500 else "internal"
        problem = problem_of(name, recorded=False if status < 500 else None)
        response = web.Response(
            body=problem.body, status=problem.status, headers=problem.headers
        )
        response.force_close()
        return response

    @override
    def log_exception(self, *args: Any, **more: Any) -> None:
        error = more.get("exc_info")
        self._events.warning("connection_broke", error=type(error).__name__)
