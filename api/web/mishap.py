"""What a browser shows of a problem: a page in words; programs get the problem itself."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from aiohttp import web

from api.web.rendering import PRIVATE, Rendering
from schemas.problems import Problem

WORDED: Final = frozenset({404, 405, 410, 429, 503})  # the rest are "something failed"


def mishap_page(
    rendering: Rendering, request: web.BaseRequest, problem: Problem, ledger: str | None
) -> web.Response | None:
    """The page of a problem, with its status; None for whoever did not ask for HTML.

    Args:
        rendering: the process's.
        request: as sent.
        problem: what a program gets.
        ledger: the open ledger below which this was asked; None: none of that name.
    """
    if request.method not in {"GET", "HEAD"}:
        return None
    # Browsers name HTML; programs name JSON, or take anything.
    if "text/html" not in request.headers.get("Accept", ""):
        return None
    status = problem.status
    worded = str(status) if status in WORDED else "400" if status < 500 else "500"
    kind: Mapping[str, Any] = orjson.loads(problem.body)
    response = rendering.page(
        request,
        "mishap.html",
        ledger=ledger,
        status=status,
        cache=PRIVATE,
        group=worded,
        kind=str(kind["type"]).rpartition("#problem-")[2],
    )
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in problem.headers:
            response.headers[name] = problem.headers[name]
    return response
