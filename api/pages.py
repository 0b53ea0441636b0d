"""Pages and documents that are the same for every request, made once at start."""

from typing import Any, Final

import orjson
from aiohttp import web

from api.web.files import StaticFiles
from api.web.rendering import CSP, Rendering
from ledger.log.book import Book

HTML: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": CSP,
    "Cache-Control": "no-cache",
}
RECEIPT: Final = b"""<!doctype html>
<html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your receipt</title>
<p>This page cannot show your receipt yet: keep its link, and check the receipt file
with <code>counterfoil verify</code>.</p>
</html>
"""


class Pages:
    """The documentation, the OpenAPI document, the receipt page's one sentence."""

    def __init__(
        self, document: dict[str, Any], docs: str, rendering: Rendering
    ) -> None:
        """`document`: OpenAPI 3.1; `docs`: the page made from it."""
        self.rendering = rendering
        self._openapi = orjson.dumps(document)
        self._docs = docs.encode()
        self.static = StaticFiles().answer

    async def openapi(self, _request: web.BaseRequest) -> web.Response:
        """The OpenAPI 3.1 document."""
        headers = {"Content-Type": "application/json", "Cache-Control": "no-cache"}
        return web.Response(body=self._openapi, headers=headers)

    async def docs(self, _request: web.BaseRequest) -> web.Response:
        """The readable documentation."""
        return web.Response(body=self._docs, headers=HTML)

    async def receipt(
        self, _book: Book, _request: web.BaseRequest, _: dict[str, str]
    ) -> web.Response:
        """One true sentence, until the receipt page exists."""
        return web.Response(body=RECEIPT, headers=HTML)
