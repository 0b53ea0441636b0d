"""A cheap load generator: prebuilt bytes over keep-alive sockets, on uvloop.

It shares the machine with what it measures, so it does as little as it can: no HTTP
library, no JSON. An answer that is not 201 is never counted: it ends the run.

    python -m bench.load single URL TOKEN --connections 64 --seconds 5
    python -m bench.load batch  URL TOKEN --connections 4 --seconds 5

Prints one JSON line: `{"done", "seconds", "per_s", "p50_ms", "p99_ms"}`; in mode batch
`done` counts decisions and the percentiles are of whole batches.
"""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import cast
from urllib.parse import urlsplit

import uvloop
from typing_extensions import override

from bench.bodies import decisions

BATCH = 500
_PATH = "/commons/v1/decisions"
_LINE_201 = (b'{"status":201,', b'{"status": 201,')


class RefusedError(Exception):
    """An answer that is not the one we came for: measuring refusals is cheating."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run did."""

    done: int
    seconds: float
    per_s: float
    p50_ms: float
    p99_ms: float


def request(host: str, token: str, kind: str, body: bytes) -> bytes:
    """The bytes of one POST."""
    return (
        f"POST {_PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


class Source:
    """Hands out prebuilt requests, each once, and collects what came back.

    Attributes:
        stop_at: after this moment no further request is begun.
    """

    def __init__(self, requests: list[bytes], weight: int, want: bytes) -> None:
        """`weight` is how many decisions a request carries; `want` the status line."""
        self.requests = requests
        self.weight = weight
        self.want = want
        self.next = 0
        self.stop_at = 0.0
        self.laps: list[float] = []
        self.error: RefusedError | None = None

    def take(self) -> bytes | None:
        """The next request, or None when time or requests have run out."""
        if self.next >= len(self.requests) or time.perf_counter() >= self.stop_at:
            return None
        self.next += 1
        return self.requests[self.next - 1]

    def check(self, head: bytes, body: bytes) -> None:
        """Refuses an answer that is not the one wanted.

        Raises:
            RefusedError: another status, or a line of a batch that was not recorded.
        """
        if not head.startswith(self.want):
            raise RefusedError(f"{head[:60]!r} {body[:300]!r}")
        if self.weight > 1:
            lines = body.split(b"\n")[: self.weight]
            bad = [line for line in lines if not line.startswith(_LINE_201)]
            if bad or len(lines) != self.weight:
                raise RefusedError(f"a batch's line was refused: {bad[:1]!r}")


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request in flight."""

    def __init__(self, source: Source, done: asyncio.Future[None]) -> None:
        """`done` is resolved when the source is dry or the connection lost."""
        self.source = source
        self.done = done
        self.buffer = bytearray()
        self.need = -1  # bytes of the whole answer, once its head was read
        self.head = 0
        self.sent_at = 0.0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport to write on."""
        self.transport = cast(
            "asyncio.Transport", transport
        )  # uvloop has its own class

    def send(self) -> None:
        """Sends the next request, or finishes."""
        body = self.source.take()
        if body is None:
            self.finish()
            return
        self.sent_at = time.perf_counter()
        self.transport.write(body)

    @override
    def data_received(self, data: bytes) -> None:
        """Collects until one whole answer is here."""
        buffer = self.buffer
        buffer += data
        if self.need < 0:
            at = buffer.find(b"\r\n\r\n")
            if at < 0:
                return
            self.head = at + 4
            try:
                self.need = self.head + content_length(bytes(buffer[:at]))
            except RefusedError as refused:
                self.fail(refused)
                return
        if len(buffer) >= self.need:
            self.complete()

    def complete(self) -> None:
        """One whole answer is here: count it, send the next."""
        self.source.laps.append(time.perf_counter() - self.sent_at)
        try:
            self.source.check(
                bytes(self.buffer[: self.head]), bytes(self.buffer[self.head :])
            )
        except RefusedError as refused:
            self.fail(refused)
            return
        self.buffer.clear()
        self.need = -1
        self.send()

    def fail(self, error: RefusedError) -> None:
        """Stops the whole run with the first refusal."""
        self.source.error = self.source.error or error
        self.source.stop_at = 0.0
        self.finish()

    def finish(self) -> None:
        """Nothing more to send on this connection."""
        if not self.done.done():
            self.done.set_result(None)
        self.transport.close()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """A connection lost in the middle of a run is a refusal."""
        if not self.done.done():
            self.fail(RefusedError(f"the server closed the connection: {exc}"))


def content_length(head: bytes) -> int:
    """The Content-Length of an answer's head; chunked answers are refused."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RefusedError("an answer without Content-Length")


async def run(url: str, source: Source, connections: int, seconds: float) -> Measured:
    """Drives `source` over `connections` sockets for `seconds`."""
    loop = asyncio.get_running_loop()
    place = urlsplit(url)
    made: list[Connection] = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        _, protocol = await loop.create_connection(
            partial(Connection, source, done), place.hostname or "", place.port or 80
        )
        made.append(protocol)
    begun = time.perf_counter()
    source.stop_at = begun + seconds
    for connection in made:
        connection.send()
    await asyncio.wait([connection.done for connection in made], timeout=seconds + 60)
    took = time.perf_counter() - begun
    if source.error is not None:
        raise source.error
    return summary(source, took)


def summary(source: Source, took: float) -> Measured:
    """Rates and percentiles of a finished run."""
    laps = sorted(source.laps)
    if not laps:
        raise RefusedError("no answer came")
    done = len(laps) * source.weight
    return Measured(
        done=done,
        seconds=took,
        per_s=done / took,
        p50_ms=laps[len(laps) // 2] * 1000,
        p99_ms=laps[min(len(laps) - 1, len(laps) * 99 // 100)] * 1000,
    )


def single(url: str, token: str, count: int) -> Source:
    """One decision a request; only 201 counts."""
    host = urlsplit(url).netloc
    bodies = decisions(count)
    made = [request(host, token, "application/json", body) for body in bodies]
    return Source(made, 1, b"HTTP/1.1 201 ")


def batches(url: str, token: str, count: int) -> Source:
    """`BATCH` decisions a request as NDJSON; only lines with status 201 count."""
    host = urlsplit(url).netloc
    bodies = decisions(count * BATCH)
    made = [
        request(
            host,
            token,
            "application/x-ndjson",
            b"\n".join(bodies[at : at + BATCH]) + b"\n",
        )
        for at in range(0, len(bodies), BATCH)
    ]
    return Source(made, BATCH, b"HTTP/1.1 200 ")


def main() -> None:
    """Builds the requests, runs, prints one JSON line; exit 1 on any refusal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=["single", "batch"])
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--requests", type=int, default=0, help="how many to prebuild")
    given = parser.parse_args()
    rate = 12_000 if given.mode == "single" else 40
    count = given.requests or int(given.seconds * rate) + given.connections
    make = single if given.mode == "single" else batches
    source = make(given.url, given.token, count)
    try:
        measured = uvloop.run(run(given.url, source, given.connections, given.seconds))
    except RefusedError as refused:
        sys.exit(f"refused: {refused}")
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main()
