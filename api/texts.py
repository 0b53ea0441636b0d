"""`POST /texts`: what an act's digest stands for; `GET /texts/{digest}`: to read it."""

from typing import Any, Final

import orjson
from aiohttp import web

from api.body import read_body
from ledger.canonical import parse_base64url
from ledger.errors import MalformedError, NotFoundError, RejectedError
from ledger.limits import SAYING_BYTES_MAX
from ledger.log.book import Book
from ledger.log.texts import KeptText
from schemas.texts import MEDIA_TYPE, invalid, parse_text

# A text may be erased at any time: no cache keeps it without asking.
_HEADERS: Final = {"Content-Type": "application/json", "Cache-Control": "no-cache"}


async def keep_text(
    book: Book, request: web.BaseRequest, _: dict[str, str]
) -> web.Response:
    """Keep the text that a recorded act names.

    Raises:
        CounterfoilError: refused; nothing was kept.
    """
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip()
    if media_type.lower() != MEDIA_TYPE:
        raise RejectedError("unsupported-media-type", f"send {MEDIA_TYPE}")
    sent = parse_text(await read_body(request, SAYING_BYTES_MAX))
    try:
        kept, created = await book.texts.keep(sent.act, sent.disclosure)
    except MalformedError as error:
        sentence = str(error)
    else:
        return web.Response(
            body=orjson.dumps(_public(kept)),
            status=201 if created else 200,
            headers={**_HEADERS, "Cache-Control": "no-store"},
        )
    raise invalid(f"is not a text: {sentence}")


async def text(
    book: Book, _request: web.BaseRequest, params: dict[str, str]
) -> web.Response:
    """One text, as it was sent.

    Raises:
        NotFoundError: never sent here.
        ErasedError: sent, and erased since.
    """
    try:
        parse_base64url(params["digest"], length=32)
    except MalformedError:
        raise NotFoundError("not-found", "no such text here") from None
    found = await book.texts.find(params["digest"])
    return web.Response(body=orjson.dumps(_public(found)), headers=_HEADERS)


def _public(kept: KeptText) -> dict[str, Any]:
    saying = kept.saying
    return {
        "digest": saying.digest,
        "index": kept.index,
        "slot": saying.slot,
        "text": saying.text,
        "disclosure": saying.disclosure,
    }
