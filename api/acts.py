"""`POST /acts`: a signed act into the log, or the reason why not."""

import orjson
from aiohttp import web

from api.body import read_body
from ledger.canonical import format_base64
from ledger.entries.act import check_act
from ledger.errors import RejectedError
from ledger.limits import ACT_BYTES_MAX
from ledger.log.book import Book
from schemas.acts import MEDIA_TYPES, parse_act


async def act(book: Book, request: web.BaseRequest, _: dict[str, str]) -> web.Response:
    """Record one act.

    Raises:
        CounterfoilError: refused; nothing was recorded.
    """
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip()
    if media_type.lower() not in MEDIA_TYPES:
        raise RejectedError(
            "unsupported-media-type", f"send {' or '.join(MEDIA_TYPES)}"
        )
    signed = parse_act(await read_body(request, ACT_BYTES_MAX))
    check_act(signed)
    recorded = await book.act(signed)
    proof = orjson.Fragment(await book.proof_json_of(recorded))
    answer = {
        "index": recorded.index,
        "id": recorded.id,
        "receipt": {"leaf": format_base64(recorded.leaf), "proof": proof},
    }
    return web.Response(
        body=orjson.dumps(answer),
        status=201 if recorded.created else 200,
        headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
    )
