"""Queries read strictly, and answers in JSON: what every read of this service shares."""

from collections.abc import Iterable, Mapping
from heapq import nsmallest
from typing import Any, Final

import orjson
from aiohttp import web

from ledger.errors import RejectedError
from ledger.limits import CURSOR_CHARS_MAX, PAGE_ITEMS, PAGE_ITEMS_MAX, TREE_SIZE_MAX

FRESH: Final = {"Cache-Control": "no-cache"}


def json_answer(value: Any, headers: Mapping[str, str] = FRESH) -> web.Response:
    """An answer of success."""
    return web.Response(
        body=orjson.dumps(value),
        headers={"Content-Type": "application/json", **headers},
    )


def read_query(request: web.BaseRequest, known: set[str]) -> dict[str, str]:
    """The query, each parameter once.

    Raises:
        RejectedError: `invalid-parameter`, as every function here.
    """
    query = request.query
    if len(query) != len(set(query)) or not known.issuperset(query):
        raise RejectedError(
            "invalid-parameter", "an unknown parameter, or one that stands twice"
        )
    return dict(query)


def bad_parameter(name: str) -> RejectedError:
    """A parameter that cannot be used."""
    return RejectedError("invalid-parameter", f"`{name}` is missing or not usable")


def read_number(text: str) -> int:
    """A size, index or cursor: decimal digits without a leading zero."""
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        raise RejectedError("invalid-parameter", "an index or size is a whole number")
    number = int(text)
    if str(number) != text or number > TREE_SIZE_MAX:
        raise RejectedError("invalid-parameter", "an index or size is a whole number")
    return number


def read_limit(query: Mapping[str, str]) -> int:
    """How many items a page has at most."""
    limit = read_number(query["limit"]) if "limit" in query else PAGE_ITEMS
    if not 1 <= limit <= PAGE_ITEMS_MAX:
        raise RejectedError(
            "invalid-parameter", f"`limit` is from 1 to {PAGE_ITEMS_MAX:,}"
        )
    return limit


def page_by_name(
    request: web.BaseRequest, names: Iterable[str]
) -> tuple[list[str], str | None]:
    """One page of some names, for a query that asks for nothing else."""
    return page_of(read_query(request, {"limit", "cursor"}), names)


def page_of(
    query: Mapping[str, str], names: Iterable[str]
) -> tuple[list[str], str | None]:
    """One page of some names in order, and the cursor of the next one.

    A cursor is the last name of the page before: what joins or leaves the list
    meanwhile moves no other item to another page.
    """
    limit, after = read_limit(query), query.get("cursor", "")
    if len(after) > CURSOR_CHARS_MAX:
        raise bad_parameter("cursor")
    found = nsmallest(limit + 1, (name for name in names if name > after))
    page = found[:limit]
    return page, page[-1] if len(found) > limit else None
