"""`GET /entries/stream`: every new leaf as a server-sent event, from where one was."""

import asyncio
import contextlib
from typing import Final

import orjson
from aiohttp import web

from ledger.errors import RejectedError, UnavailableError
from ledger.log.book import Book

LOOK_S: Final = 0.25  # seconds between looks at the newest checkpoint
PAGE: Final = 256  # entries read at once
BEAT_S: Final = 15.0  # seconds of silence before a comment keeps proxies from closing
STREAMS_MAX: Final = 256  # streams a process; each holds a connection and a page
SEND_S: Final = 30.0  # seconds a reader may take for one page before it is cut off


class Stream:
    """Streams of one process; the end of the service ends them."""

    def __init__(self) -> None:
        """No streams yet."""
        self._open = 0
        self.closing = asyncio.Event()

    async def entries(
        self, book: Book, request: web.BaseRequest, _: dict[str, str]
    ) -> web.StreamResponse:
        """Send covered entries past `Last-Event-ID`, or from now on.

        Raises:
            RejectedError: a `Last-Event-ID` that is no index.
            UnavailableError: too many streams are open.
        """
        last = request.headers.get("Last-Event-ID")
        after = int(book.reader.size()) - 1 if last is None else _index(last)
        if self._open >= STREAMS_MAX:
            raise UnavailableError("too many streams are open", retry_after_s=10)
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "Access-Control-Allow-Origin": "*",
                "X-Accel-Buffering": "no",
            }
        )
        self._open += 1
        try:
            await response.prepare(request)
            if request.method == "HEAD":  # the headers alone (RFC 9110 section 9.3.2)
                return response
            with contextlib.suppress(ConnectionError, TimeoutError):
                await self._send(book, response, after)
        finally:
            self._open -= 1
        return response

    async def _send(self, book: Book, response: web.StreamResponse, after: int) -> None:
        silent_s = BEAT_S  # a first comment at once, so that the headers go out
        while not self.closing.is_set():
            found = await book.reader.entries(after, PAGE)
            if found:
                async with asyncio.timeout(SEND_S):
                    await response.write(b"".join(_event(*one) for one in found))
                after, silent_s = found[-1][0], 0.0
                continue
            if silent_s >= BEAT_S:
                async with asyncio.timeout(SEND_S):
                    await response.write(b": nothing new\n\n")
                silent_s = 0.0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self.closing.wait()
            silent_s += LOOK_S


def _event(index: int, leaf: bytes) -> bytes:
    kind = orjson.loads(leaf)["type"]
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (index, kind.encode(), leaf)


def _index(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise RejectedError("invalid-parameter", "Last-Event-ID is not an index")
    return int(text)
