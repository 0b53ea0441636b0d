"""The pages about contests: where each stands, by when, and whether it is late.

Who contests, and what was said, is not public; that somebody did, and how long a review
takes, is. An overdue review stands here without anybody's help: log time says so.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from api.web.face import Face, paged
from ledger.errors import NotFoundError
from ledger.governance.cases import states
from ledger.governance.cases.contest import Contest
from ledger.governance.cases.erasing import EXECUTED, REISSUED
from ledger.governance.cases.lateness import late_erasures
from ledger.governance.cases.queries import later_of, timeline_of
from ledger.governance.state import State
from ledger.ids import DecisionId, SystemId
from ledger.log.book import Book

Params = dict[str, str]
FILTERS: Final = (states.OVERDUE, states.OPEN, states.TAKEN, "ended")


@dataclass(frozen=True, slots=True)
class Row:
    """A contest in a list: where it stands is a row of `states.ALLOWED`."""

    contest: Contest
    status: str

    @property
    def group(self) -> str:
        """One of `FILTERS`."""
        return self.status if self.contest.ended is None else "ended"


@dataclass(frozen=True, slots=True)
class Docket:
    """Every contest of a ledger, sorted once while none of them changes.

    Attributes:
        rows: late ones first, then those that wait, then the rest; newest first.
        counts: how many of each of `FILTERS`.
        conclusions: how many ended in each way.
        systems: the rows of each system.
    """

    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    conclusions: Mapping[str, int]
    systems: Mapping[str, tuple[Row, ...]]

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.rows)


def docket_of(state: State) -> Docket:
    """The docket of a state."""
    now_ms = state.log_time_ms
    rows = [
        Row(one, states.status_of(one, now_ms)) for one in state.cases.contests.values()
    ]
    order = {name: place for place, name in enumerate(FILTERS)}
    rows.sort(key=lambda row: (order[row.group], -row.contest.opened_ms))
    systems: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        systems[row.contest.system].append(row)
    return Docket(
        rows=tuple(rows),
        counts=Counter(row.group for row in rows),
        conclusions=Counter(row.status for row in rows if row.group == "ended"),
        systems={id_: tuple(found) for id_, found in systems.items()},
    )


async def docket(face: Face, book: Book, state: State) -> Docket:
    """The docket, worked out beside the loop; once while the contests are the same."""
    follows = (state.cases.contests,)
    name = book.ledger.name
    found: Docket = await face.dockets.get(name, follows, lambda: docket_of(state))
    return found


@dataclass(frozen=True, slots=True)
class Late:
    """An erasure that somebody asked for, that was due, and that nobody executed."""

    decision: DecisionId
    system: SystemId
    since_ms: int


def late(state: State, system: SystemId | None = None) -> list[Late]:
    """Every late erasure, or those of one system, the oldest first."""
    found = [
        Late(decision, state.cases.erasures[decision].system, since_ms)
        for decision, since_ms in late_erasures(state)
    ]
    return sorted(
        (one for one in found if system in {None, one.system}),
        key=lambda one: (one.since_ms, one.decision),
    )


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry about a decision or a contest: a word for it, its place and time."""

    kind: str
    name: str
    index: int
    time: str


def happened(told: list[dict[str, object]]) -> list[Happened]:
    """What `queries` told, for a list."""
    found = []
    for one in told:
        type_ = str(one["type"])
        kind = _KINDS.get(type_, "act")
        found.append(Happened(kind, type_, int(str(one["index"])), str(one["time"])))
    return found


# What the ledger itself wrote; every other type is an act's own name.
_KINDS: Final = {
    EXECUTED: "erased",
    REISSUED: "reissued",
}


def since(state: State, decision: DecisionId) -> list[Happened]:
    """Everything recorded about a decision since it was made."""
    return happened(later_of(state, decision))


class Contests:
    """The pages of the room."""

    def __init__(self, face: Face) -> None:
        """`face`: the process's."""
        self._face = face

    async def listed(
        self, book: Book, request: web.BaseRequest, _: Params
    ) -> web.Response:
        """Every contest, the late ones first; `?status=` keeps one group of them."""
        state = await self._face.state(book)
        found = await docket(self._face, book, state)
        asked = request.query.get("status", "")
        chosen = asked if asked in FILTERS else ""
        rows = [row for row in found.rows if chosen in {"", row.group}]
        return self._face.page(
            book,
            request,
            "contests.html",
            docket=found,
            late=late(state),
            filters=FILTERS,
            chosen=chosen,
            contests=paged(request, rows),
            systems=state.systems,
        )

    async def one(
        self, book: Book, request: web.BaseRequest, params: Params
    ) -> web.Response:
        """One contest, from its opening to its end.

        Raises:
            NotFoundError: no such contest.
        """
        state = await self._face.state(book)
        contest = state.cases.contests.get(params["id"])
        if contest is None:
            raise NotFoundError("not-found", "no such contest here")
        corrected = None
        if contest.corrected is not None:
            corrected = (await book.reader.decision(contest.corrected))[0].position
        return self._face.page(
            book,
            request,
            "contest.html",
            contest=contest,
            stands=states.status_of(contest, state.log_time_ms),
            system=state.systems.get(contest.system),
            corrected=corrected,
            events=happened(timeline_of(state, contest)),
        )
