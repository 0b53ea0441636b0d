"""The first page of a ledger, the search by id, and the way to both."""

import re
from typing import Final

from aiohttp import web

from api.books import Books
from api.web.catalogue import LANGUAGES
from api.web.chart import chart_of_all
from api.web.contests import docket, late
from api.web.entries import newest
from api.web.face import Face, origin_of, proposal_of
from api.web.members import present
from api.web.proposals import open_proposals
from api.web.systems import counted
from ledger.errors import NotFoundError
from ledger.governance.state import State
from ledger.ids import SystemId, is_uuid4
from ledger.log.book import Book

Params = dict[str, str]
SYSTEMS_SHOWN: Final = 10  # rows of the first page; each list has a page of its own
RULES_SHOWN: Final = 10
PROPOSALS_SHOWN: Final = 5
ENTRIES_SHOWN: Final = 8
# An act's id is a hash, an entry of the ledger's own has a UUID; nothing else is asked.
RECORD_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
SEARCH_CHARS_MAX: Final = 200  # characters; the longest id, a did:key, has 56


class Front:
    """The pages of the room."""

    def __init__(self, face: Face) -> None:
        """`face`: the process's."""
        self._face = face

    async def page(
        self, book: Book, request: web.BaseRequest, _: Params
    ) -> web.Response:
        """What this ledger is, what it holds, how it stands."""
        state = await self._face.state(book)
        figures = await self._face.counting.current(book)
        systems = await counted(book, state, figures)
        rules = sorted(state.safeguards.in_force.values(), key=lambda rule: rule.id)
        proposals = open_proposals(state)
        community = state.community
        assert community is not None, "a book has entry 0"  # noqa: S101 -- ours
        size = int(book.reader.size())
        words = self._face.rendering.words_for(request)
        return self._face.page(
            book,
            request,
            "front.html",
            decisions=figures.decisions,
            size=size,
            founded_ms=community.founded_ms,
            vkeys=community.vkeys,
            systems=systems[:SYSTEMS_SHOWN],
            systems_total=len(systems),
            chart=chart_of_all(figures.hours, figures.all_days, words),
            docket=await docket(self._face, book, state),
            late=late(state),
            rules=[
                (one, origin_of(state, one.enacted_by)) for one in rules[:RULES_SHOWN]
            ],
            rules_total=len(rules),
            proposals=proposals[:PROPOSALS_SHOWN],
            proposals_total=len(proposals),
            members=present(state),
            lines=await newest(book, state, size, ENTRIES_SHOWN),
            address=f"{self._face.base_url}/{book.ledger.name}",
        )

    async def redirect(
        self, book: Book, request: web.BaseRequest, _: Params
    ) -> web.Response:
        """`/{ledger}` is the same place as `/{ledger}/`: relative links need the slash."""
        asked = f"?{request.query_string}" if request.query_string else ""
        return _found(f"/{book.ledger.name}/{asked}")

    async def search(
        self, book: Book, request: web.BaseRequest, _: Params
    ) -> web.Response:
        """Leads to whatever has the id of `?q=`; else says that nothing has."""
        text = request.query.get("q", "").strip()[:SEARCH_CHARS_MAX]
        state = await self._face.state(book)
        path = await self._find(book, state, text) if text else None
        if path is None:
            status = 404 if text else 200
            return self._face.page(
                book, request, "search.html", status=status, asked=text
            )
        chosen = request.query.get("lang")
        lang = f"?lang={chosen}" if chosen in LANGUAGES else ""
        return _found(f"/{book.ledger.name}/{path}{lang}")

    async def _find(self, book: Book, state: State, text: str) -> str | None:
        number = text.replace(",", "").removeprefix("#")
        if number.isascii() and number.isdecimal() and len(number) < 19:
            return (
                f"entries/{int(number)}" if int(number) < book.reader.size() else None
            )
        if is_uuid4(text.lower()):
            return await self._decision(book, text.lower())
        return _named(state, text) or await self._act(book, text)

    async def _decision(self, book: Book, id_: str) -> str | None:
        try:
            row, _ = await book.reader.decision(id_)
        except NotFoundError:
            return await self._act(book, id_)  # entries of the ledger's own have UUIDs
        return f"entries/{row.position}"

    async def _act(self, book: Book, id_: str) -> str | None:
        if not RECORD_ID.fullmatch(id_):
            return None
        try:
            return f"entries/{await book.reader.record_index(id_)}"
        except NotFoundError:
            return None


def _named(state: State, text: str) -> str | None:
    """The page of what the state itself holds under this id."""
    if SystemId(text) in state.systems:
        return f"systems/{text}"
    if any(rule.id == text for rule in state.safeguards.past.values()):
        return f"safeguards/{text}"
    proposal = proposal_of(state, text)
    if proposal is not None:
        return f"proposals/{proposal.key}"
    return f"contests/{text}" if text in state.cases.contests else None


class Home:
    """`/`: which ledgers this service keeps."""

    def __init__(self, face: Face, books: Books) -> None:
        """`books`: every open ledger."""
        self._face = face
        self._books = books

    async def page(self, request: web.BaseRequest) -> web.Response:
        """The only ledger's first page, or a list of them."""
        names = sorted(self._books.open)
        if len(names) == 1:
            asked = f"?{request.query_string}" if request.query_string else ""
            return _found(f"/{names[0]}/{asked}")
        return self._face.rendering.page(request, "home.html", names=names)


def _found(place: str) -> web.Response:
    headers = {"Location": place, "Cache-Control": "no-cache"}
    return web.Response(status=302, headers=headers)
