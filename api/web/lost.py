"""The pages of somebody who lost a receipt: the two ways, and where a sign-in returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from markupsafe import Markup

from api.server import BookHandler
from api.web.rendering import PRIVATE, Rendering
from ledger.governance.parameters import value_of
from ledger.governance.state import parameters_of
from ledger.log.book import Book

AREA: Final = "lost"
# Seconds in a day, an hour, a minute, a second; the keys of `delay.*`.
UNITS: Final = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
# Everything a sign-in may come to, in the catalogue as `<name>.title` and `<name>.text`.
AVAILABLE: Final = Markup('<time class="available"></time>')  # filled by the script
OUTCOMES: Final = (
    *("waiting", "dated", "ready", "stopped", "nothing"),
    *("no-sign-in", "sign-in-unknown", "sign-in-elsewhere", "sign-in-expired"),
    *("sign-in-used", "sign-in-refused", "sign-in-untrusted", "no-identifier"),
    *("cancelled", "away", "busy", "broken", "empty"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPages:
    """Both pages of every ledger.

    Attributes:
        provider: the host where people sign in; None where nobody can.
    """

    rendering: Rendering
    provider: str | None

    def pages(self) -> Mapping[str, BookHandler]:
        """The pages by their path below `/{ledger}`."""
        return {"/lost": self.lost, "/lost/return": self.returned}

    async def lost(
        self, book: Book, request: web.BaseRequest, _: dict[str, str]
    ) -> web.Response:
        """The two ways to a receipt that was lost."""
        return self._page(book, request, "lost.html")

    async def returned(
        self, book: Book, request: web.BaseRequest, _: dict[str, str]
    ) -> web.Response:
        """Where the provider sends the browser back to.

        The address carries a code and a state, which are for the page's script alone:
        nothing that is made here repeats them.
        """
        query = {
            name: request.query[name] for name in ("lang",) if name in request.query
        }
        bare = request.clone(rel_url=request.rel_url.with_query(query))
        return self._page(book, bare, "lost_return.html")

    def _page(self, book: Book, request: web.BaseRequest, name: str) -> web.Response:
        parameters = parameters_of(book.projection.current.state)
        delay_s = value_of(parameters, "reissue_delay_s")
        unit, seconds = next(one for one in UNITS if delay_s % one[1] == 0)
        return self.rendering.page(
            request,
            name,
            ledger=book.ledger.name,
            area=AREA,
            cache=PRIVATE,
            provider=self.provider or "",
            date=AVAILABLE,
            delay=(f"delay.{unit}", delay_s // seconds),
            outcomes=OUTCOMES,
        )
