"""What every public page stands on: the newest state, the figures, and how pages are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from aiohttp import web

from api.computed import Computed
from api.governance import standing
from api.web.figures import Counting
from api.web.rendering import Rendering
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.assembly.status import closed_as, phase_of
from ledger.governance.state import State
from ledger.log.book import Book

T = TypeVar("T")
PAGE_ROWS: Final = 50  # rows of a list's page; a phone scrolls through them in a minute


@dataclass(frozen=True, slots=True)
class Origin:
    """What put something in force: a proposal that was voted on, or a founder's act.

    Attributes:
        proposal: None where a founder did it, or the ledger never knew.
        act: the act's id; "" where there is a proposal.
        yes, no, abstain, eligible: of its last count; no against includes objections.
        counted: whether it was a count of yes and no.
    """

    proposal: Proposal | None
    act: str
    yes: int = 0
    no: int = 0
    abstain: int = 0
    eligible: int = 0
    counted: bool = False


class Face:
    """Shared by the pages of one process."""

    def __init__(self, rendering: Rendering, counting: Counting, base_url: str) -> None:
        """`base_url`: where the service is reached, for commands to type."""
        self.rendering = rendering
        self.counting = counting
        self.base_url = base_url
        self.dockets: Computed[Any] = Computed()

    async def state(self, book: Book) -> State:
        """The newest state that this process knows."""
        return (await standing(book))[1]

    def page(
        self, book: Book, request: web.BaseRequest, template: str, **values: Any
    ) -> web.Response:
        """A page of a ledger."""
        name = str(book.ledger.name)
        return self.rendering.page(request, template, ledger=name, **values)


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """One page of a list.

    Attributes:
        rows: of this page.
        page: from 1.
        pages: how many there are; at least 1.
        total: rows of all pages.
    """

    rows: Sequence[T]
    page: int
    pages: int
    total: int


def paged(request: web.BaseRequest, rows: Sequence[T]) -> Rows[T]:
    """The page that `?page=` asks for; one that there is not is the nearest."""
    pages = max(1, -(-len(rows) // PAGE_ROWS))
    asked = request.query.get("page", "1")
    number = (
        int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1
    )
    page = min(max(number, 1), pages)
    start = (page - 1) * PAGE_ROWS
    return Rows(rows[start : start + PAGE_ROWS], page, pages, len(rows))


def origin_of(state: State, id_: str) -> Origin:
    """What `enacted_by`, `registered_by` or `status_by` names."""
    proposal = proposal_of(state, id_)
    if proposal is None:
        return Origin(None, id_)
    count = proposal.results[-1].count if proposal.results else {}
    if count.get("method") != "yesno":
        return Origin(proposal, "")
    totals = count["totals"]
    return Origin(
        proposal,
        "",
        yes=totals["yes"],
        no=totals["no"] + totals["objection"],
        abstain=totals["abstain"],
        eligible=proposal.results[-1].eligible,
        counted=True,
    )


def proposal_of(state: State, name: str) -> Proposal | None:
    """A proposal by its key, or by the id of its present wording."""
    held = state.assembly.proposals
    return held.get(name) or held.get(state.assembly.revisions.get(name, ""))


def is_open(proposal: Proposal, time_ms: int) -> bool:
    """Whether anything can still become of it."""
    phase = phase_of(proposal, time_ms)
    return closed_as(proposal) is None and phase != "Expired"


def naming(state: State, member: str, value: str, prefix: str) -> list[Proposal]:
    """Proposals with an action `prefix…` whose body's `member` is `value`; newest first."""
    found = [
        one
        for one in state.assembly.proposals.values()
        if any(
            action.action.startswith(prefix) and action.body.get(member) == value
            for action in one.content.all_actions()
        )
    ]
    return sorted(found, key=lambda one: -one.opened_ms)


def newest_first(proposals: Any) -> list[Proposal]:
    """Proposals by the time they were opened, the newest first."""
    return sorted(proposals, key=lambda one: (-one.opened_ms, one.key))
