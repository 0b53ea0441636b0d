"""Pages and documents that are the same for every request, made once at start."""

from importlib.resources import files
from typing import Any, Final

import orjson
from aiohttp import web

from ledger.errors import NotFoundError
from ledger.log.book import Book

# Everything from this very server, nothing inline: CONTRACT fixes it for `/r`.
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'"
)
HTML: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": CSP,
    "Cache-Control": "no-cache",
}
STATIC_TYPES: Final = {".css": "text/css", ".js": "text/javascript"}
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

    def __init__(self, document: dict[str, Any], docs: str) -> None:
        """`document`: OpenAPI 3.1; `docs`: the page made from it."""
        self._openapi = orjson.dumps(document)
        self._docs = docs.encode()
        folder = files("api") / "web" / "static"
        self._static = {
            f"/static/{file.name}": (file.read_bytes(), STATIC_TYPES[suffix])
            for file in folder.iterdir()
            if (suffix := "." + file.name.rpartition(".")[2]) in STATIC_TYPES
        }

    async def openapi(self, _request: web.BaseRequest) -> web.Response:
        """The OpenAPI 3.1 document."""
        headers = {"Content-Type": "application/json", "Cache-Control": "no-cache"}
        return web.Response(body=self._openapi, headers=headers)

    async def docs(self, _request: web.BaseRequest) -> web.Response:
        """The readable documentation."""
        return web.Response(body=self._docs, headers=HTML)

    async def static(self, request: web.BaseRequest) -> web.Response:
        """A style sheet or script of the pages.

        Raises:
            NotFoundError: no such file.
        """
        found = self._static.get(request.path)
        if found is None:
            raise NotFoundError("not-found", "no such file")
        kind = {"Content-Type": found[1], "Cache-Control": "public, max-age=3600"}
        return web.Response(body=found[0], headers=kind)

    async def receipt(
        self, _book: Book, _request: web.BaseRequest, _: dict[str, str]
    ) -> web.Response:
        """One true sentence, until the receipt page exists."""
        return web.Response(body=RECEIPT, headers=HTML)
