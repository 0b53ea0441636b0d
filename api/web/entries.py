"""Entries as people read them: the newest, and one leaf with how to check it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from aiohttp import web

from api.paging import read_number
from api.web.contests import since
from api.web.face import Face, proposal_of
from ledger.canonical import format_base64
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ActRecorded, DecisionRecorded, Entry
from ledger.errors import NotFoundError, RejectedError
from ledger.governance.cases.queries import corrects, is_erased
from ledger.governance.safeguards.ruleset import status_of
from ledger.governance.state import State
from ledger.log.book import Book
from ledger.merkle.hashing import hash_leaf

Params = dict[str, str]
LISTED: Final = 50  # entries of a page of the list
DECISIONS_NAMED: Final = (
    20  # decisions that an entry's page names; the leaf has them all
)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in a list.

    Attributes:
        index: of the entry.
        kind: "decision", "act", "founded", "passed", "erased" or "reissued".
        name: of an act; else "".
        system: the id of the system that decided; else "".
        title: the system's name, or that of the proposal an act is about; else "".
        time_ms: the leaf's own time.
    """

    index: int
    kind: str
    name: str
    system: str
    title: str
    time_ms: int


_KINDS: Final = {
    "Founded": "founded",
    "DecisionRecorded": "decision",
    "ActRecorded": "act",
    "TimePassed": "passed",
    "ErasureExecuted": "erased",
    "ReceiptReissued": "reissued",
}


def line_of(index: int, entry: Entry, state: State) -> Line:
    """One entry, in a line."""
    kind = _KINDS[type(entry).__name__]
    if isinstance(entry, DecisionRecorded):
        id_ = entry.statement.system
        known = state.systems.get(id_)
        title = id_ if known is None else known.name
        return Line(index, kind, "", id_, title, _time_ms(entry.time))
    if isinstance(entry, ActRecorded):
        act = entry.act
        named = act.body.get("proposal")
        about = proposal_of(state, named) if type(named) is str else None
        title = "" if about is None else about.content.title
        return Line(index, kind, act.act, "", title, entry.time_ms)
    return Line(index, kind, "", "", "", entry.time_ms)


def _time_ms(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)


async def newest(book: Book, state: State, before: int, limit: int) -> list[Line]:
    """Up to `limit` covered entries below `before`, the newest first."""
    start = max(0, before - limit)
    found = await book.reader.entries(start - 1, before - start)
    lines = [line_of(index, decode_entry(leaf), state) for index, leaf in found]
    return lines[::-1]


class Entries:
    """The pages about entries."""

    def __init__(self, face: Face) -> None:
        """`face`: the process's."""
        self._face = face

    async def listed(
        self, book: Book, request: web.BaseRequest, _: Params
    ) -> web.Response:
        """The newest entries, or those below `?before=`."""
        state = await self._face.state(book)
        size = book.reader.size()
        asked = request.query.get("before", "")
        try:
            before = min(read_number(asked), size) if asked else size
        except RejectedError:
            before = size
        lines = await newest(book, state, before, LISTED)
        older = max(0, before - LISTED)
        return self._face.page(
            book, request, "entries.html", lines=lines, size=size, older=older
        )

    async def one(
        self, book: Book, request: web.BaseRequest, params: Params
    ) -> web.Response:
        """One leaf, in words and as it stands in the log.

        Raises:
            NotFoundError: no such entry.
        """
        try:
            index = read_number(params["index"])
        except RejectedError:
            raise NotFoundError("not-found", "no such entry here") from None
        leaf = await book.reader.entry(index)
        state = await self._face.state(book)
        entry = decode_entry(leaf)
        values: dict[str, Any] = {"decision": None, "act": None, "named_decisions": ()}
        if isinstance(entry, DecisionRecorded):
            values["decision"] = _decision(entry, state)
        elif isinstance(entry, ActRecorded):
            values["act"] = _act(entry, state)
        else:
            values["named_decisions"] = getattr(entry, "decisions", ())[
                :DECISIONS_NAMED
            ]
        return self._face.page(
            book,
            request,
            "entry.html",
            line=line_of(index, entry, state),
            size=int(book.reader.size()),
            leaf=_pretty(leaf),
            leaf_bytes=len(leaf),
            leaf_hash=format_base64(hash_leaf(leaf)),
            command=f"counterfoil audit {self._face.base_url}/{book.ledger.name}",
            **values,
        )


def _pretty(leaf: bytes) -> str:
    return json.dumps(orjson.loads(leaf), indent=1, ensure_ascii=False)


def _decision(entry: DecisionRecorded, state: State) -> dict[str, Any]:
    statement = entry.statement
    hold = state.safeguards.hold_of(statement.system, entry.id)
    status = status_of(entry.results)
    if hold is not None:
        status = "confirmed" if hold.confirm else "turned-down"
    rules = state.safeguards.set_of(entry.rules)
    outcomes = dict(entry.results)
    bound = () if rules is None else rules.rules
    return {
        "id": entry.id,
        "system": statement.system,
        "version": statement.version,
        "automation": statement.automation,
        "profile": statement.profile,
        "outcome": statement.outcome,
        "seq": entry.seq,
        "refused": entry.refused,
        "signed": entry.keyid is not None,
        "status": status,
        "since": since(state, entry.id),
        "erased": is_erased(state, entry.id),
        "corrects": corrects(state, entry.id),
        "rules": [
            (rule, outcomes.get(rule.id, ""))
            for rule in bound
            if not rule.scope or statement.system in rule.scope
        ],
    }


def _act(entry: ActRecorded, state: State) -> dict[str, Any]:
    act, body = entry.act, entry.act.body
    named = body.get("proposal")
    about = proposal_of(state, named) if type(named) is str else None
    system = body.get("system")
    return {
        "id": act.id,
        "actor": act.actor,
        "seq": act.seq,
        "proposal": about,
        "system": system if system in state.systems else None,
    }
