"""The public reads of a ledger, and the sealed part for who shows the tag."""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson
from aiohttp import web

from ledger.canonical import format_base64, parse_base64url
from ledger.entries.codec import decode_entry
from ledger.entries.entry import DecisionRecorded
from ledger.entries.moment import format_second
from ledger.errors import MalformedError, NotFoundError, RejectedError
from ledger.ids import LeafIndex, is_code, is_uuid4
from ledger.limits import PAGE_ITEMS, PAGE_ITEMS_MAX, TREE_SIZE_MAX
from ledger.log.book import Book
from ledger.merkle.tile import parse_number
from schemas.times import parse_time_ms

Params = dict[str, str]

TEXT: Final = {"Content-Type": "text/plain; charset=utf-8"}
FRESH: Final = {"Cache-Control": "no-cache"}
FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
PRIVATE: Final = {"Cache-Control": "no-store"}
TAG_BYTES: Final = 32
LEVEL: Final = re.compile(r"[0-9]|[1-5][0-9]|6[0-3]", re.ASCII)  # C2SP tlog-tiles
# An act's id is a hash, an entry of the ledger's own has a UUID; nothing else is asked.
ACT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def _json(value: Any, headers: Mapping[str, str] = FRESH) -> web.Response:
    return web.Response(
        body=orjson.dumps(value),
        headers={"Content-Type": "application/json", **headers},
    )


# ---- the log, as C2SP tlog-tiles says -------------------------------------------------


async def checkpoint(book: Book, _request: web.BaseRequest, _: Params) -> web.Response:
    """The newest signed checkpoint, a signed note."""
    return web.Response(body=book.reader.newest()[1], headers={**TEXT, **FRESH})


async def tile(book: Book, _request: web.BaseRequest, params: Params) -> web.Response:
    """A hash tile, full or partial; immutable."""
    level, (number, width) = params["level"], _tile_number(params)
    if not LEVEL.fullmatch(level):
        raise NotFoundError("not-found", "no such tile path")
    return _tile(await book.reader.tile(int(level), number, width))


async def entries_tile(
    book: Book, _request: web.BaseRequest, params: Params
) -> web.Response:
    """An entry bundle, full or partial; immutable."""
    return _tile(await book.reader.bundle(*_tile_number(params)))


def _tile_number(params: Params) -> tuple[int, int]:
    try:
        return parse_number(params["index"])
    except MalformedError as error:
        raise NotFoundError("not-found", "no such tile path") from error


def _tile(data: bytes) -> web.Response:
    kind = {"Content-Type": "application/octet-stream"}
    return web.Response(body=data, headers={**kind, **FOREVER})


async def keys(book: Book, _request: web.BaseRequest, _: Params) -> web.Response:
    """Origin, genesis, verifier keys and policy."""
    headers = {"Content-Type": "application/json", **FRESH}
    return web.Response(body=book.keys, headers=headers)


# ---- entries and decisions ------------------------------------------------------------


async def entry(book: Book, _request: web.BaseRequest, params: Params) -> web.Response:
    """One leaf, by index."""
    try:
        index = _number(params["index"])
    except RejectedError:  # a path that names nothing, as any other
        raise NotFoundError("not-found", "no such entry here") from None
    leaf = await book.reader.entry(index)
    return _json({"index": index, "leaf": format_base64(leaf)}, FOREVER)


async def entries(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """Leaves past `after`, in order."""
    query = _query(request, {"after", "limit"})
    after = _number(query["after"]) if "after" in query else -1
    limit = _limit(query)
    found = await book.reader.entries(after, limit)
    items = [{"index": index, "leaf": format_base64(leaf)} for index, leaf in found]
    return _json(
        {
            "items": items,
            "next": _next(found[-1][0], len(found), limit) if found else None,
        }
    )


async def decision(
    book: Book, _request: web.BaseRequest, params: Params
) -> web.Response:
    """The public view of a decision."""
    row, leaf = await book.reader.decision(_decision_id(params))
    return _json(_view(row.position, leaf))


async def decisions(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """Decisions by index; `since` and `until` compare the leaf's time only."""
    query = _query(request, {"system", "since", "until", "limit", "cursor"})
    system = query.get("system")
    if system is not None and not is_code(system):
        raise _parameter("system")
    limit = _limit(query)
    rows = await book.reader.decisions(
        system=system,
        since_s=_time_s(query, "since", 0),
        until_s=_time_s(query, "until", 2**62),
        after=_number(query["cursor"]) if "cursor" in query else -1,
        limit=limit,
    )
    items = [
        {
            "id": row.id,
            "index": row.position,
            "system": row.system,
            "time": format_second(row.time_s * 1000),
        }
        for row in rows
    ]
    return _json(
        {
            "items": items,
            "next": _next(rows[-1].position, len(rows), limit) if rows else None,
        }
    )


async def sealed(book: Book, request: web.BaseRequest, params: Params) -> web.Response:
    """The sealed part; every wrong question has one and the same answer."""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    try:
        # Another scheme shows no tag: the empty text is not 32 bytes.
        text = shown.strip() if scheme.lower() == "receipt" else ""
        tag = parse_base64url(text, length=TAG_BYTES)
        decision_id = _decision_id(params)
    except (MalformedError, NotFoundError):
        raise NotFoundError("not-found", "no such sealed part here") from None
    data = await book.reader.sealed(decision_id, tag)
    headers = {"Content-Type": "application/octet-stream", **PRIVATE}
    return web.Response(body=data, headers=headers)


# ---- proofs -----------------------------------------------------------------------------


async def receipt(
    book: Book, _request: web.BaseRequest, params: Params
) -> web.Response:
    """The tlog-proof of a decision or act under the newest checkpoint."""
    entry_id = params["id"]
    if is_uuid4(entry_id):
        index = LeafIndex((await book.reader.decision(entry_id))[0].position)
    elif ACT_ID.fullmatch(entry_id):
        index = await book.reader.record_index(entry_id)
    else:
        raise NotFoundError("not-found", "no such decision or act here")
    text = await book.reader.tlog_proof(index)
    return web.Response(text=text, headers={**TEXT, **FRESH})


async def inclusion(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """An inclusion proof by index, in the newest tree or an older one."""
    query = _query(request, {"index", "size"})
    if "index" not in query:
        raise _parameter("index")
    size = _number(query["size"]) if "size" in query else None
    proof = await book.reader.inclusion(_number(query["index"]), size)
    note = proof.checkpoint
    return _json(
        {
            "index": proof.index,
            "size": proof.size,
            "leaf_hash": format_base64(proof.leaf_hash),
            "hashes": [format_base64(one) for one in proof.hashes],
            "checkpoint": None if note is None else note.decode(),
        }
    )


async def consistency(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """A consistency proof between two sizes."""
    query = _query(request, {"from", "to"})
    if "from" not in query:
        raise _parameter("from")
    new = _number(query["to"]) if "to" in query else None
    old, new_size, hashes = await book.reader.consistency(_number(query["from"]), new)
    return _json(
        {"from": old, "to": new_size, "hashes": [format_base64(one) for one in hashes]}
    )


# ---- state ------------------------------------------------------------------------------


async def state(book: Book, _request: web.BaseRequest, _: Params) -> web.Response:
    """The roots of the governance state, and how many entries it is the state of."""
    # The size first: what another process releases meanwhile is not in this state.
    covered = int(book.reader.size())
    projected = await book.projection.refreshed()
    size = max(covered, projected.last_record + 1)
    sections = projected.state.section_hashes()
    return _json({"size": size, "root": projected.state.root(), "sections": sections})


async def community(book: Book, _request: web.BaseRequest, _: Params) -> web.Response:
    """What this ledger is: origin, founders, parameters."""
    projected = await book.projection.refreshed()
    return _json(projected.state.sections()["community"])


async def systems(book: Book, _request: web.BaseRequest, _: Params) -> web.Response:
    """Every registered system."""
    items = await _systems(book)
    return _json({"items": list(items.values()), "next": None})


async def system(book: Book, _request: web.BaseRequest, params: Params) -> web.Response:
    """One registered system, with how many decisions it recorded."""
    found = (await _systems(book)).get(params["id"])
    if found is None:
        raise NotFoundError("not-found", "no such system here")
    return _json(found)


async def _systems(book: Book) -> dict[str, dict[str, Any]]:
    projected = await book.projection.refreshed()
    counters = await book.store.counters(book.ledger.log_id)
    return {
        name: {
            "id": name,
            **value,
            "seq": counters.get(name, (0, 0))[0],
            "refused": counters.get(name, (0, 0))[1],
        }
        for name, value in projected.state.sections().get("systems", {}).items()
    }


# ---- small parts ------------------------------------------------------------------------


def _view(index: int, leaf: bytes) -> dict[str, Any]:
    found = decode_entry(leaf)
    if not isinstance(found, DecisionRecorded):
        raise NotFoundError("not-found", "no such decision here")
    return {
        "id": found.id,
        "index": index,
        "entry": orjson.loads(leaf),
        "leaf": format_base64(leaf),
        "later": [],
    }


def _decision_id(params: Params) -> str:
    if not is_uuid4(params["id"]):
        raise NotFoundError("not-found", "no such decision here")
    return params["id"]


def _query(request: web.BaseRequest, known: set[str]) -> dict[str, str]:
    query = request.query
    if len(query) != len(set(query)) or not known.issuperset(query):
        raise RejectedError(
            "invalid-parameter", "an unknown parameter, or one that stands twice"
        )
    return dict(query)


def _parameter(name: str) -> RejectedError:
    return RejectedError("invalid-parameter", f"`{name}` is missing or not usable")


def _number(text: str) -> int:
    """A size, index or cursor: decimal digits without a leading zero."""
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        raise RejectedError("invalid-parameter", "an index or size is a whole number")
    number = int(text)
    if str(number) != text or number > TREE_SIZE_MAX:
        raise RejectedError("invalid-parameter", "an index or size is a whole number")
    return number


def _limit(query: Mapping[str, str]) -> int:
    limit = _number(query["limit"]) if "limit" in query else PAGE_ITEMS
    if not 1 <= limit <= PAGE_ITEMS_MAX:
        raise RejectedError(
            "invalid-parameter", f"`limit` is from 1 to {PAGE_ITEMS_MAX:,}"
        )
    return limit


def _next(last: int, found: int, limit: int) -> str | None:
    return str(last) if found == limit else None


def _time_s(query: Mapping[str, str], name: str, missing: int) -> int:
    if name not in query:
        return missing
    try:
        return -(-parse_time_ms(query[name]) // 1000)
    except MalformedError:
        raise _parameter(name) from None
