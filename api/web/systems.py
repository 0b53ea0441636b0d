"""The pages about AI systems and about the rules that bind them."""

from dataclasses import dataclass

from aiohttp import web

from api.web.chart import chart_of_days
from api.web.contests import docket, late
from api.web.face import Face, Origin, naming, origin_of, paged
from api.web.figures import Figures
from ledger.errors import NotFoundError
from ledger.governance.safeguards.room import digest_of
from ledger.governance.safeguards.rule import Rule
from ledger.governance.state import State
from ledger.governance.systems.system import System
from ledger.ids import SystemId
from ledger.log.book import Book

Params = dict[str, str]


@dataclass(frozen=True, slots=True)
class Counted:
    """A system, and how many decisions it recorded and was refused."""

    system: System
    decisions: int
    refused: int


async def counted(book: Book, state: State, figures: Figures) -> list[Counted]:
    """Every system, those that decided most first."""
    counters = await book.store.counters(book.ledger.log_id)
    found = [
        Counted(one, figures.systems.get(id_, 0), counters.get(id_, (0, 0))[1])
        for id_, one in state.systems.items()
    ]
    return sorted(found, key=lambda one: (-one.decisions, one.system.id))


def rules_of(state: State, system: str) -> list[tuple[Rule, Origin]]:
    """The rules in force that bind a system, and what enacted each."""
    return [
        (rule, origin_of(state, rule.enacted_by))
        for rule in sorted(state.safeguards.in_force.values(), key=lambda rule: rule.id)
        if not rule.scope or system in rule.scope
    ]


class Systems:
    """The pages of the room."""

    def __init__(self, face: Face) -> None:
        """`face`: the process's."""
        self._face = face

    async def systems(
        self, book: Book, request: web.BaseRequest, _: Params
    ) -> web.Response:
        """Every registered system."""
        state = await self._face.state(book)
        figures = await self._face.counting.current(book)
        rows = await counted(book, state, figures)
        return self._face.page(
            book, request, "systems.html", systems=paged(request, rows)
        )

    async def system(
        self, book: Book, request: web.BaseRequest, params: Params
    ) -> web.Response:
        """One system: who runs it, its versions, the rules that bind it, its contests.

        Raises:
            NotFoundError: no such system.
        """
        state = await self._face.state(book)
        id_ = SystemId(params["id"])
        system = state.systems.get(id_)
        if system is None:
            raise NotFoundError("not-found", "no such system here")
        figures = await self._face.counting.current(book)
        counters = await book.store.counters(book.ledger.log_id)
        words = self._face.rendering.words_for(request)
        hold = state.cases.legal_holds.get(f"system:{id_}")
        return self._face.page(
            book,
            request,
            "system.html",
            system=system,
            decisions=figures.systems.get(id_, 0),
            refused=counters.get(id_, (0, 0))[1],
            chart=chart_of_days(figures.days_of(id_), words),
            rules=rules_of(state, id_),
            registered=origin_of(state, system.registered_by),
            standing=origin_of(state, system.status_by) if system.status_by else None,
            proposals=naming(state, "system", id_, "system."),
            late=late(state, id_),
            hold=hold,
            hold_by=None if hold is None else origin_of(state, hold.by),
            contests=(await docket(self._face, book, state)).systems.get(id_, ()),
        )

    async def safeguards(
        self, book: Book, request: web.BaseRequest, _: Params
    ) -> web.Response:
        """Every rule in force, and those that were."""
        state = await self._face.state(book)
        in_force = state.safeguards.in_force
        rules = sorted(in_force.values(), key=lambda rule: rule.id)
        former = {
            rule.id: rule
            for rule in state.safeguards.past.values()
            if rule.id not in in_force
        }
        return self._face.page(
            book,
            request,
            "safeguards.html",
            rules=[(rule, origin_of(state, rule.enacted_by)) for rule in rules],
            former=sorted(former.values(), key=lambda rule: rule.id),
        )

    async def safeguard(
        self, book: Book, request: web.BaseRequest, params: Params
    ) -> web.Response:
        """One rule: its words, its text, its tests, and the vote that made it.

        A decision names rules of its time: one that was repealed keeps its page, and
        every wording there was stands on it.

        Raises:
            NotFoundError: there never was such a rule.
        """
        state = await self._face.state(book)
        id_ = params["id"]
        now = state.safeguards.in_force.get(id_)
        past = [
            rule
            for rule in state.safeguards.past.values()
            if rule.id == id_ and rule != now
        ]
        if now is None and not past:
            raise NotFoundError("not-found", "no such rule here")
        past.sort(key=lambda rule: -_enacted_ms(state, rule))
        rule = past[0] if now is None else now
        earlier = past[1:] if now is None else past
        return self._face.page(
            book,
            request,
            "safeguard.html",
            rule=rule,
            digest=digest_of(rule),
            in_force=now is not None,
            origin=origin_of(state, rule.enacted_by),
            earlier=[(one, origin_of(state, one.enacted_by)) for one in earlier],
            systems=[state.systems[SystemId(one)] for one in rule.scope],
            proposals=naming(state, "id", id_, "safeguard."),
        )


def _enacted_ms(state: State, rule: Rule) -> int:
    proposal = origin_of(state, rule.enacted_by).proposal
    return 0 if proposal is None else proposal.opened_ms
