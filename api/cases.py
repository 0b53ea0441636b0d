"""Contests, their parts, and grants over HTTP; what came after a decision.

A part is read with `Authorization: Case <tag>`, a grant's key with `Authorization: Read
<act id>`; what is wrong there has one and the same answer.
"""

from collections.abc import Iterator
from typing import Any, Final

from aiohttp import web

from api.body import read_body
from api.governance import listing, sized, standing
from api.paging import bad_parameter, json_answer, page_of, read_query
from ledger.canonical import format_base64, parse_base64url
from ledger.clock import Clock
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ActRecorded
from ledger.entries.moment import format_log_time
from ledger.errors import MalformedError, NotFoundError, RejectedError
from ledger.governance.cases.contest import Contest
from ledger.governance.cases.erasing import EXECUTED, REISSUED
from ledger.governance.cases.kept import Grant, plain
from ledger.governance.cases.queries import (
    claims_of,
    contests_of,
    is_erased,
    later_of,
    timeline_of,
)
from ledger.governance.cases.states import ALLOWED, OVERDUE, status_of
from ledger.governance.state import State
from ledger.ids import DecisionId, is_code, is_uuid4
from ledger.limits import PART_BYTES_MAX
from ledger.log.book import Book
from ledger.log.grants import missing_key
from ledger.log.parts import missing_part

Params = dict[str, str]

MEDIA_TYPE: Final = "application/octet-stream"
PRIVATE: Final = {"Cache-Control": "no-store"}
_HASH_BYTES: Final = 32
OWN: Final = frozenset({EXECUTED, REISSUED})


# ---- parts -----------------------------------------------------------------------------


async def keep_part(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """Keep the encrypted bytes that a recorded act names.

    Raises:
        CounterfoilError: refused; nothing was kept.
    """
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip()
    if media_type.lower() != MEDIA_TYPE:
        raise RejectedError("unsupported-media-type", f"send {MEDIA_TYPE}")
    part, created = await book.parts.keep(await read_body(request, PART_BYTES_MAX))
    answer = json_answer({"part": part}, PRIVATE)
    answer.set_status(201 if created else 200)
    return answer


async def part(book: Book, request: web.BaseRequest, params: Params) -> web.Response:
    """A part of a case; every wrong question has one and the same answer.

    Raises:
        NotFoundError: anything wrong.
        ErasedError: the right tag, after erasure.
    """
    try:
        tag = parse_base64url(_shown(request, "case"), length=_HASH_BYTES)
        parse_base64url(params["part"], length=_HASH_BYTES)
    except MalformedError:
        raise missing_part() from None
    blob = await book.parts.read(params["part"], tag)
    return web.Response(body=blob, headers={"Content-Type": MEDIA_TYPE, **PRIVATE})


def _shown(request: web.BaseRequest, scheme: str) -> str:
    """What `Authorization` shows in this scheme; empty where it has another."""
    found, _, shown = request.headers.get("Authorization", "").partition(" ")
    return shown.strip() if found.lower() == scheme else ""


# ---- contests --------------------------------------------------------------------------


async def contests(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """Contests by id, of one decision, system or status where asked."""
    query = read_query(request, {"decision", "system", "status", "limit", "cursor"})
    if "decision" in query and not is_uuid4(query["decision"]):
        raise bad_parameter("decision")
    if "system" in query and not is_code(query["system"]):
        raise bad_parameter("system")
    if "status" in query and query["status"] not in ALLOWED:
        raise bad_parameter("status")
    size, state = await standing(book)
    page, following = page_of(query, (one.id for one in _asked(state, query)))
    items = [view_of(state, state.cases.contests[id_]) for id_ in page]
    return listing(size, items, following)


def _asked(state: State, query: dict[str, str]) -> Iterator[Contest]:
    found = (
        contests_of(state, DecisionId(query["decision"]))
        if "decision" in query
        else state.cases.contests.values()
    )
    system, status = query.get("system"), query.get("status")
    for one in found:
        if system in (None, one.system) and (
            status in (None, status_of(one, state.log_time_ms))
        ):
            yield one


async def contest(
    book: Book, _request: web.BaseRequest, params: Params
) -> web.Response:
    """One contest: where it stands, by when, and every entry of it."""
    size, state = await standing(book)
    found = state.cases.contests.get(params["id"])
    if found is None:
        raise NotFoundError("not-found", "no such contest here")
    return sized(size, view_of(state, found))


def view_of(state: State, one: Contest) -> dict[str, Any]:
    """The section's row, and what follows from it at the state's log time."""
    status = status_of(one, state.log_time_ms)
    return {
        "id": one.id,
        **one.public(),
        "status": status,
        "due": format_log_time(one.due_ms),
        "overdue": one.overdue_ms is not None or status == OVERDUE,
        "timeline": [_typed(told) for told in timeline_of(state, one)],
    }


def entry_type(name: str) -> str:
    """The type that stands on the leaf of an act, or of an entry of the ledger's own."""
    return f"org.counterfoil.{'' if name in OWN else 'act.'}{name}.v1"


def _typed(told: dict[str, Any]) -> dict[str, Any]:
    """With the type that stands on the leaf."""
    return {**told, "type": entry_type(told["type"])}


# ---- grants ----------------------------------------------------------------------------


async def grant(book: Book, _request: web.BaseRequest, params: Params) -> web.Response:
    """One grant: to whom, until when, and every recorded read."""
    size, state = await standing(book)
    found = state.cases.grants.get(params["id"])
    if found is None:
        raise NotFoundError("not-found", "no such grant here")
    return sized(size, grant_view(state, found))


def grant_view(state: State, one: Grant) -> dict[str, Any]:
    """The section's row, and whether it still opens anything."""
    return {
        "id": one.id,
        **one.public(),
        "open": one.is_open(state.log_time_ms) and not is_erased(state, one.decision),
    }


class GrantKeys:
    """Hands out what a recorded read opens."""

    def __init__(self, clock: Clock) -> None:
        """`clock` says how long ago the read was."""
        self._clock = clock

    async def key(
        self, book: Book, request: web.BaseRequest, params: Params
    ) -> web.Response:
        """The sealed data key and the sealed part.

        Raises:
            NotFoundError: anything wrong.
            ErasedError: the right read, after erasure.
        """
        try:
            read = _shown(request, "read")
            for text in (read, params["id"]):
                parse_base64url(text, length=_HASH_BYTES)
        except MalformedError:
            raise missing_key() from None
        found = await book.grants.key(params["id"], read, self._clock.now_ms())
        return json_answer(
            {"wrapped": found.wrapped, "sealed": format_base64(found.sealed)}, PRIVATE
        )


# ---- what came after a decision ----------------------------------------------------------


async def about(book: Book, state: State, system: str, decision: str) -> dict[str, Any]:
    """Of a decision: every later entry, its claims, its erasure, what holds that up."""
    id_ = DecisionId(decision)
    erasure = state.cases.erasures.get(id_)
    later = [_typed(told) for told in later_of(state, id_)]
    hold = state.safeguards.hold_of(system, decision)
    if hold is not None:
        later.append(await _confirmed(book, hold.act, hold.public()))
    return {
        "later": sorted(later, key=lambda told: int(told["index"])),
        "claims": claims_of(state, id_),
        "erased": is_erased(state, id_),
        "erasure_due_ms": None if erasure is None else erasure.due_ms,
        "legal_holds": [
            plain(state.cases.legal_holds[name])
            for name in (f"decision:{id_}", f"system:{system}")
            if name in state.cases.legal_holds
        ],
    }


async def _confirmed(book: Book, act: str, public: dict[str, Any]) -> dict[str, Any]:
    """The overseer's act about a hold, in the form of all later entries."""
    index = await book.reader.record_index(act)
    entry = decode_entry(await book.reader.entry(index))
    assert isinstance(entry, ActRecorded), "a hold is decided by an act"  # noqa: S101 -- ours
    return {
        "type": entry_type(entry.act.act),
        "id": act,
        "index": index,
        "time": format_log_time(entry.time_ms),
        "about": None,
        **public,
    }
