"""An answer whose head is known beforehand: one write, for the one busy operation.

`web.Response` makes a dictionary of headers, fills in what is missing and formats it, for
every answer anew. A receipt's head differs in its length and the second only.
"""

from http import HTTPStatus
from typing import Final

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.helpers import rfc822_formatted_time
from typing_extensions import override

SAFE: Final = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Kind:
    """What the answers of one status and media type have in common."""

    __slots__ = ("head", "headers", "status")

    def __init__(self, status: int, media_type: str) -> None:
        """Never kept by a cache, as all that is private."""
        self.status = status
        self.headers = {
            "Content-Type": media_type,
            "Cache-Control": "no-store",
            **SAFE,
        }
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        self.head = "\r\n".join(lines).encode("ascii")


class _Written(web.StreamResponse):
    """An answer that is written as it is, with its head."""

    def __init__(self, kind: Kind, body: bytes) -> None:
        super().__init__(status=kind.status)
        self._head = kind.head
        self._whole = body

    @property
    @override
    def prepared(self) -> bool:
        """Nobody adds a header any more."""
        return True

    @override
    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client is gone")
        data = b"%b\r\nContent-Length: %d\r\nDate: %b\r\n\r\n%b" % (
            self._head,
            len(self._whole),
            rfc822_formatted_time().encode("ascii"),
            self._whole,
        )
        request.writer.output_size += len(data)
        transport.write(data)
        self._keep_alive = True
        self._eof_sent = True
        return None

    @override
    async def write_eof(self, data: bytes = b"") -> None:
        """It was written whole."""


def answer(
    request: web.BaseRequest, kind: Kind, body: bytes
) -> web.Response | web.StreamResponse:
    """The answer to `request`; to an old or closing client, aiohttp's own."""
    if request.version == HttpVersion11 and request.keep_alive:
        return _Written(kind, body)
    return web.Response(body=body, status=kind.status, headers=kind.headers)
