"""Pages whose secrets stay in the browser: receipts, wallet, checks, reviews, helpers.

What is private on them never reaches this server: a receipt's secret is in its link's
fragment, the wallet is in the browser, a file that is checked is not uploaded.
"""

import base64
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from aiohttp import web
from markupsafe import Markup

from api import __version__
from api.server import BookHandler
from api.web.catalogue import Message
from api.web.modules import bundle, module_order, read_module
from api.web.rendering import CSP, FRESH, PRIVATE, Rendering
from ledger.log.book import Book

RECEIPT: Final = "/static/receipt/page.js"
SCRIPTED: Final[Mapping[str, str]] = {
    "wallet": "/static/wallet/page.js",
    "review": "/static/review/page.js",
    "help": "/static/help/page.js",
    "check": "/static/check/online.js",
}
OFFLINE: Final = "/static/check/offline.js"
STYLES: Final = ("/static/site.css", "/static/receipt.css")


class Receipts:
    """The pages; what they are made of is read once, at start."""

    def __init__(self, rendering: Rendering, *, backup_days: int) -> None:
        """Puts the offline page's script together.

        Args:
            rendering: the process's.
            backup_days: for how long a backup of this service is kept.

        Raises:
            FatalError: a module of ours cannot be put into one file.
        """
        self._rendering = rendering
        self._backup_days = backup_days
        self._modules = list(module_order(RECEIPT))
        self._script = bundle(OFFLINE)
        self._style = "\n".join(map(read_module, STYLES))
        self._policy = (
            "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
            f"script-src {_hash_of(self._script)}; style-src {_hash_of(self._style)}"
        )

    def pages(self) -> Mapping[str, BookHandler]:
        """What `api/web/site.py` serves below `/{ledger}`."""
        return {
            "/wallet": self._scripted("wallet", PRIVATE),
            "/review": self._scripted("review", PRIVATE),
            "/help": self._scripted("help", PRIVATE),
            "/check": self._scripted("check", FRESH),
            "/check.html": self.offline,
        }

    async def receipt(
        self, book: Book, request: web.BaseRequest, _: dict[str, str]
    ) -> web.Response:
        """The person's page: the same for everybody, what is private is in the link."""
        return self._rendering.page(
            request,
            "receipt.html",
            ledger=book.ledger.name,
            area="receipt",
            cache=PRIVATE,
            csp=CSP,
            backup_days=self._backup_days,
            modules=self._modules,
        )

    def _scripted(self, area: str, cache: str) -> BookHandler:
        """A page whose script does the work; its template and words have one name."""
        modules = list(module_order(SCRIPTED[area]))

        async def page(
            book: Book, request: web.BaseRequest, _: dict[str, str]
        ) -> web.Response:
            return self._rendering.page(
                request,
                f"{area}.html",
                ledger=book.ledger.name,
                area=area,
                cache=cache,
                modules=modules,
            )

        return page

    async def offline(
        self, _book: Book, request: web.BaseRequest, _: dict[str, str]
    ) -> web.Response:
        """The same as one file, to be kept: it works without any server."""
        return self._rendering.page(
            request,
            "offline.html",
            area="check",
            csp=self._policy,
            policy=self._policy,
            style=Markup(self._style),  # noqa: S704 -- our own file
            script=Markup(self._script),  # noqa: S704 -- our own files
            messages=self._messages(request),
            version=__version__,
        )

    def _messages(self, request: web.BaseRequest) -> Markup:
        messages: Mapping[str, Message] = self._rendering.messages(request, "check")
        # Inside a script element only "</" could end it early.
        text = json.dumps(messages, ensure_ascii=False).replace("</", "<\\/")
        return Markup(text)  # noqa: S704 -- our own catalogue, and see above


def _hash_of(text: str) -> str:
    digest = base64.b64encode(sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
