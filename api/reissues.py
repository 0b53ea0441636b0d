"""`POST /reissues`: receipts asked for again by their deployer; `GET /reissues/{id}`."""

from typing import Any, Final

import orjson
from aiohttp import web

from api.auth import Tokens
from api.body import read_body
from ledger.canonical import format_base64url
from ledger.entries.moment import format_log_time
from ledger.errors import NotFoundError, RejectedError
from ledger.ids import is_uuid4
from ledger.limits import REISSUE_BODY_BYTES_MAX
from ledger.log.book import Book
from schemas.reissues import MEDIA_TYPE, parse_reissue

# The links carry K: no cache keeps them.
_HEADERS: Final = {"Content-Type": "application/json", "Cache-Control": "no-store"}


class Reissues:
    """Takes requests of systems' tokens, and answers each to its own system."""

    def __init__(self, tokens: Tokens, base_url: str) -> None:
        """`base_url`: what links begin with."""
        self._tokens = tokens
        self._base_url = base_url

    async def ask(
        self, book: Book, request: web.BaseRequest, _: dict[str, str]
    ) -> web.Response:
        """Keep a request; the next sweep notes it.

        Raises:
            CounterfoilError: refused; nothing was kept.
        """
        system = await self._system(book, request)
        media_type = request.headers.get("Content-Type", "").partition(";")[0].strip()
        if media_type.lower() != MEDIA_TYPE:
            raise RejectedError("unsupported-media-type", f"send {MEDIA_TYPE}")
        reference = parse_reissue(await read_body(request, REISSUE_BODY_BYTES_MAX))
        request_id = await book.reissues.ask(system, reference)
        return _answer({"id": request_id, "available_at": None}, status=202)

    async def find(
        self, book: Book, request: web.BaseRequest, params: dict[str, str]
    ) -> web.Response:
        """Where a request stands, and the links once they may be given.

        Raises:
            NotFoundError: no such request of this token's system, or it is gone.
        """
        system = await self._system(book, request)
        if not is_uuid4(params["id"]):
            raise NotFoundError("not-found", "this system has no such request")
        found = await book.reissues.find(system, params["id"])
        at_ms, page = found.available_ms, f"{self._base_url}/{book.ledger.name}/r"
        return _answer(
            {
                "status": found.status,
                "available_at": None if at_ms is None else format_log_time(at_ms),
                "links": [
                    f"{page}#{decision}.{format_base64url(secret)}"
                    for decision, secret in found.receipts
                ],
            },
            status=200,
        )

    async def _system(self, book: Book, request: web.BaseRequest) -> str:
        header = request.headers.get("Authorization")
        return await self._tokens.system(book.ledger.log_id, header)


def _answer(value: dict[str, Any], *, status: int) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, headers=_HEADERS)
