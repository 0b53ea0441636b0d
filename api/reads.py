"""The public reads of a ledger, and the sealed part for who shows the tag."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson
from aiohttp import web

from api.cases import about
from api.governance import standing
from api.paging import (
    FRESH,
    bad_parameter,
    json_answer,
    read_limit,
    read_number,
    read_query,
)
from ledger.canonical import format_base64, parse_base64url
from ledger.entries.codec import decode_entry
from ledger.entries.entry import DecisionRecorded
from ledger.entries.moment import format_second
from ledger.errors import MalformedError, NotFoundError, RejectedError
from ledger.governance.safeguards.recheck import format_rules_file
from ledger.governance.safeguards.room import Safeguards
from ledger.governance.safeguards.ruleset import status_of
from ledger.ids import LeafIndex, is_code, is_uuid4
from ledger.log.book import Book
from ledger.merkle.tile import parse_number
from schemas.times import parse_time_ms

Params = dict[str, str]

TEXT: Final = {"Content-Type": "text/plain; charset=utf-8"}
FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
PRIVATE: Final = {"Cache-Control": "no-store"}
TAG_BYTES: Final = 32
LEVEL: Final = re.compile(r"[0-9]|[1-5][0-9]|6[0-3]", re.ASCII)  # C2SP tlog-tiles
# An act's id is a hash, an entry of the ledger's own has a UUID; nothing else is asked.
ACT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


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
        index = read_number(params["index"])
    except RejectedError:  # a path that names nothing, as any other
        raise NotFoundError("not-found", "no such entry here") from None
    leaf = await book.reader.entry(index)
    return json_answer({"index": index, "leaf": format_base64(leaf)}, FOREVER)


async def entries(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """Leaves past `after`, in order."""
    query = read_query(request, {"after", "limit"})
    after = read_number(query["after"]) if "after" in query else -1
    limit = read_limit(query)
    found = await book.reader.entries(after, limit)
    items = [{"index": index, "leaf": format_base64(leaf)} for index, leaf in found]
    return json_answer(
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
    _, state = await standing(book)
    found = _decision_of(leaf)
    return json_answer(
        {
            **_view(row.position, leaf, found, state.safeguards),
            **await about(book, state, found.statement.system, found.id),
        }
    )


async def decision_rules(
    book: Book, _request: web.BaseRequest, params: Params
) -> web.Response:
    """The rules a decision was held against, and its system: what `verify` runs again."""
    _, leaf = await book.reader.decision(_decision_id(params))
    found = _decision_of(leaf)
    state = (await book.projection.refreshed()).state
    rules = state.safeguards.set_of(found.rules)
    system = state.systems.get(found.statement.system)
    if rules is None or system is None:
        raise NotFoundError("not-found", "no such rules here")
    # A profile may have changed since; what the rules read was the statement's.
    system = replace(system, profile=found.statement.profile)
    return json_answer(format_rules_file(rules, system))


async def decisions(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """Decisions by index; `since` and `until` compare the leaf's time only."""
    query = read_query(request, {"system", "since", "until", "limit", "cursor"})
    system = query.get("system")
    if system is not None and not is_code(system):
        raise bad_parameter("system")
    limit = read_limit(query)
    rows = await book.reader.decisions(
        system=system,
        since_s=_time_s(query, "since", 0),
        until_s=_time_s(query, "until", 2**62),
        after=read_number(query["cursor"]) if "cursor" in query else -1,
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
    return json_answer(
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
        index = await _uuid_index(book, entry_id)
    elif ACT_ID.fullmatch(entry_id):
        index = await book.reader.record_index(entry_id)
    else:
        raise NotFoundError("not-found", "no such decision or act here")
    text = await book.reader.tlog_proof(index)
    return web.Response(text=text, headers={**TEXT, **FRESH})


async def inclusion(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """An inclusion proof by index, in the newest tree or an older one."""
    query = read_query(request, {"index", "size"})
    if "index" not in query:
        raise bad_parameter("index")
    size = read_number(query["size"]) if "size" in query else None
    proof = await book.reader.inclusion(read_number(query["index"]), size)
    note = proof.checkpoint
    return json_answer(
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
    query = read_query(request, {"from", "to"})
    if "from" not in query:
        raise bad_parameter("from")
    new = read_number(query["to"]) if "to" in query else None
    old, new_size, hashes = await book.reader.consistency(
        read_number(query["from"]), new
    )
    return json_answer(
        {"from": old, "to": new_size, "hashes": [format_base64(one) for one in hashes]}
    )


async def _uuid_index(book: Book, entry_id: str) -> LeafIndex:
    """Decisions have such ids, and entries that the ledger itself made."""
    try:
        return LeafIndex((await book.reader.decision(entry_id))[0].position)
    except NotFoundError:
        return await book.reader.record_index(entry_id)


# ---- small parts ------------------------------------------------------------------------


def _decision_of(leaf: bytes) -> DecisionRecorded:
    found = decode_entry(leaf)
    if not isinstance(found, DecisionRecorded):
        raise NotFoundError("not-found", "no such decision here")
    return found


def _view(
    index: int, leaf: bytes, found: DecisionRecorded, safeguards: Safeguards
) -> dict[str, Any]:
    """Of holds under rules that read sealed fields nothing shows before an overseer's act."""
    hold = safeguards.hold_of(found.statement.system, found.id)
    status = status_of(found.results)
    if hold is not None:
        status = "confirmed" if hold.confirm else "turned-down"
    return {
        "id": found.id,
        "index": index,
        "status": status,
        "entry": orjson.loads(leaf),
        "leaf": format_base64(leaf),
    }


def _decision_id(params: Params) -> str:
    if not is_uuid4(params["id"]):
        raise NotFoundError("not-found", "no such decision here")
    return params["id"]


def _next(last: int, found: int, limit: int) -> str | None:
    return str(last) if found == limit else None


def _time_s(query: Mapping[str, str], name: str, missing: int) -> int:
    if name not in query:
        return missing
    try:
        return -(-parse_time_ms(query[name]) // 1000)
    except MalformedError:
        raise bad_parameter(name) from None
