"""The HTTP server of one process: dispatch, problems, CORS, one log line a request."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp import web

from api.answer import SAFE
from api.books import Books
from api.logs import RequestLog
from api.metrics import Metrics
from api.router import Router
from ledger.clock import Clock
from ledger.errors import CounterfoilError
from ledger.log.book import Book
from schemas.problems import Problem, problem_for, problem_of

BookHandler = Callable[
    [Book, web.BaseRequest, dict[str, str]], Awaitable[web.StreamResponse]
]
PlainHandler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
# A problem as a page, for a browser; None: whoever asked is a program.
Mishap = Callable[[web.BaseRequest, Problem, str | None], web.Response | None]

CORS: Final = {"Access-Control-Allow-Origin": "*"}
PREFLIGHT: Final = {
    **CORS,
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": "86400",
}


class Route:
    """One operation: its name, and who answers it."""

    __slots__ = ("book", "cors", "name", "plain")

    def __init__(
        self,
        name: str,
        *,
        book: BookHandler | None = None,
        plain: PlainHandler | None = None,
        cors: bool = False,
    ) -> None:
        """`book` answers for a ledger; `plain` for the service as a whole."""
        self.name = name
        self.book = book
        self.plain = plain
        self.cors = cors


class Server:
    """Answers every request; an error of any kind becomes a problem here."""

    def __init__(
        self,
        *,
        router: Router[Route],
        books: Books,
        metrics: Metrics,
        clock: Clock,
        log: Any,
        requests: RequestLog,
        mishap: Mishap,
    ) -> None:
        """Everything is made by the composition root and passed in."""
        self._router = router
        self._books = books
        self._metrics = metrics
        self._clock = clock
        self._log = log
        self._requests = requests
        self._mishap = mishap

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        started = self._clock.monotonic_s()
        method = request.method
        path = request.raw_path.partition("?")[0]
        found = self._router.find(path)
        route = None
        response: web.StreamResponse
        try:
            if found is None:
                problem = problem_of("not-found", "no such path")
                response = self._refused(request, problem, path)
            else:
                targets, params = found
                lookup = "GET" if method == "HEAD" else method
                route = targets.get(lookup)
                if route is not None:
                    response = await self._answer(route, request, params)
                elif method == "OPTIONS":
                    response = _preflight(targets)
                else:
                    allow = ", ".join(sorted(targets))
                    problem = problem_of("method-not-allowed", headers={"Allow": allow})
                    response = self._refused(request, problem, path)
        except CounterfoilError as error:
            response = self._refused(request, problem_for(error), path)
            if response.status >= 500:
                self._log.warning("request_failed", error=str(error))
        except Exception as error:  # noqa: BLE001 -- the edge: everything ends here
            # The traceback's place, never its values: they may be a person's.
            response = self._refused(request, problem_for(error), path)
            self._log.error("request_broke", **_place(error))
        self._finish(route, request, response, started)
        return response

    async def _answer(
        self, route: Route, request: web.BaseRequest, params: dict[str, str]
    ) -> web.StreamResponse:
        if route.book is not None:
            book = self._books.open.get(params["ledger"])
            if book is None:
                book = await self._books.get(params["ledger"])
            return await route.book(book, request, params)
        assert route.plain is not None, "a route has a handler"  # noqa: S101 -- ours
        return await route.plain(request)

    def _refused(
        self, request: web.BaseRequest, problem: Problem, path: str
    ) -> web.Response:
        """The problem; where a browser asks for a page, as one."""
        name = path[1:].partition("/")[0]
        ledger = name if name in self._books.open else None
        try:
            page = self._mishap(request, problem, ledger)
        except Exception as error:  # noqa: BLE001 -- a page that fails hides no problem
            self._log.error("page_broke", **_place(error))
            page = None
        if page is not None:
            return page
        return web.Response(
            body=problem.body, status=problem.status, headers=problem.headers
        )

    def _finish(
        self,
        route: Route | None,
        request: web.BaseRequest,
        response: web.StreamResponse,
        started: float,
    ) -> None:
        seconds = self._clock.monotonic_s() - started
        name = "none" if route is None else route.name
        self._metrics.request(name, response.status, seconds)
        # Only methods of the table are named: another one is the client's own text.
        method = request.method if route is not None else ""
        self._requests.answered(name, method, response.status, seconds)
        if not response.prepared:
            if "Referrer-Policy" not in response.headers:
                response.headers.update(SAFE)
            # A preflight says itself whether other origins may ask.
            if route.cors if route is not None else request.method != "OPTIONS":
                response.headers.update(CORS)


def _preflight(targets: Mapping[str, Route]) -> web.Response:
    cors = any(route.cors for route in targets.values())
    return web.Response(status=204, headers=PREFLIGHT if cors else {})


def _place(error: BaseException) -> dict[str, Any]:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code if trace is not None else None
    return {
        "error": type(error).__name__,
        "file": code.co_filename.rpartition("/")[2] if code else "",
        "line": trace.tb_lineno if trace is not None else 0,
    }
