"""Reading a request's body: bounded in bytes and in time, decompressed by the server."""

import asyncio
from typing import Final

from aiohttp import StreamReader, web

from ledger.errors import MalformedError, RejectedError, UnavailableError
from ledger.limits import BODIES_BYTES_MAX, DECISION_BYTES_MAX, REQUEST_TIME_S

ENCODINGS: Final = frozenset({"identity", "gzip", "deflate"})


async def read_body(request: web.BaseRequest, bytes_max: int) -> bytes:
    """The whole body, after decompression at most `bytes_max` bytes.

    Raises:
        RejectedError: `body-too-large`, thrown away unread; `request-timeout`, it did
            not arrive within `REQUEST_TIME_S`.
        UnavailableError: too many batches are on their way at once.
        MalformedError: cut short, or not what its Content-Encoding says.
    """
    if request.headers.get("Content-Encoding", "identity").lower() not in ENCODINGS:
        raise RejectedError("unsupported-encoding", "not gzip, deflate or identity")
    length = request.content_length
    if length is not None and length > bytes_max:
        raise _too_large(bytes_max)
    content = request.content
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer itself has not begun
    if content.is_eof():  # the usual case: it came with the headers
        data = content.read_nowait()
    else:
        try:
            async with asyncio.timeout(REQUEST_TIME_S):
                data = await _read_slowly(content, bytes_max)
        except TimeoutError:
            raise RejectedError(
                "request-timeout", f"no whole body within {REQUEST_TIME_S} s"
            ) from None
        except (web.RequestPayloadError, ConnectionError):
            raise MalformedError(
                "the body is cut short or wrongly compressed"
            ) from None
    if len(data) > bytes_max:
        raise _too_large(bytes_max)
    return data


async def _read_slowly(content: StreamReader, bytes_max: int) -> bytes:
    parts = []
    total = held = 0
    try:
        while part := await content.readany():
            parts.append(part)
            total += len(part)
            if total > bytes_max:
                raise _too_large(bytes_max)
            if total > DECISION_BYTES_MAX:
                _unfinished.hold(len(part))
                held += len(part)
        return b"".join(parts)
    finally:
        _unfinished.let_go(held)


class _Unfinished:
    """Bytes of batches that are on their way to this process.

    The first 64 KiB of a body are not counted, so that a single decision is taken in
    whatever else is on its way.
    """

    def __init__(self) -> None:
        self._held = 0

    def hold(self, count: int) -> None:
        if self._held + count > BODIES_BYTES_MAX:
            raise UnavailableError("too many batches are on their way")
        self._held += count

    def let_go(self, count: int) -> None:
        self._held -= count


_unfinished = _Unfinished()  # of the process, as is the memory that it bounds


def _too_large(bytes_max: int) -> RejectedError:
    return RejectedError(
        "body-too-large", f"the body is longer than {bytes_max:,} bytes"
    )
