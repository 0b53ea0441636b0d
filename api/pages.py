"""Pages and documents that are the same for every request, made once at start."""

from typing import Any, Final

import orjson
from aiohttp import web

from api.web.files import StaticFiles
from api.web.receipts import Receipts
from api.web.rendering import CSP, Rendering

HTML: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": CSP,
    "Cache-Control": "no-cache",
}


class Pages:
    """The documentation and the OpenAPI document; the ground of all other pages."""

    def __init__(
        self,
        document: dict[str, Any],
        docs: str,
        rendering: Rendering,
        *,
        backup_days: int,
    ) -> None:
        """`document`: OpenAPI 3.1; `docs`: the page made from it."""
        self.rendering = rendering
        self.receipts = Receipts(rendering, backup_days=backup_days)
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
