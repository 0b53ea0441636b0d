"""A client that sends one byte a second is cut off within the bound, which is patched."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from api import body, worker
from api.app import open_app
from api.auth import hash_token
from api.config import Config
from ledger.log import intake
from tests.world.desk import Desk, Events
from tests.world.service import decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

BOUND_S = 1
# What was sent here byte by byte lasts 20 s and more; a loaded machine looks up late.
LATE_S = 10


@pytest.fixture
async def port(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[int]:
    """The service in this process, with its bound of time made short."""
    monkeypatch.setattr(worker, "REQUEST_TIME_S", BOUND_S)
    monkeypatch.setattr(body, "REQUEST_TIME_S", BOUND_S)
    async with Desk(database, tmp_path) as desk:
        config = Config.read(
            {"DATA_DIR": str(tmp_path / "data"), "KEYS_DIR": str(desk.keys)}
        )
        async with open_app(
            config, dsn=database, base_url="http://x", worker=0, log=Events()
        ) as app:
            book = await app.books.get("commons")
            await book.store.add_token(
                desk.row.log_id, hash_token("cft_token"), "example"
            )
            runner = web.ServerRunner(worker.http_server(app, Events()))
            await runner.setup()
            bound = socket.create_server(("127.0.0.1", 0))
            await web.SockSite(runner, bound).start()
            yield bound.getsockname()[1]
            await runner.cleanup()
        await desk.check()


async def trickle(port: int, start: bytes, rest: bytes) -> tuple[bytes, float]:
    """What a client hears that sends `rest` byte by byte, and after how long."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    writer.write(start)

    async def send() -> None:
        with contextlib.suppress(OSError):
            for byte in rest:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.2)

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(60):
            heard = await reader.read()
    except OSError:
        heard = b""
    took = time.monotonic() - began
    sending.cancel()
    writer.transport.abort()
    return heard, took


HEAD = (
    b"POST /commons/v1/decisions HTTP/1.1\r\nHost: x\r\n"
    b"Authorization: Bearer cft_token\r\nContent-Type: application/json\r\n"
)


async def test_slow_headers(port: int) -> None:
    heard, took = await trickle(port, b"", HEAD)

    assert heard == b""
    assert took < BOUND_S + LATE_S


async def test_slow_headers_on_a_used_connection(port: int) -> None:
    first = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"

    heard, took = await trickle(port, first, HEAD)

    assert heard.startswith(b"HTTP/1.1 200 ")
    assert heard.count(b"HTTP/1.1") == 1
    assert took < BOUND_S + LATE_S


@pytest.mark.parametrize(
    "length", [b"Content-Length: 300", b"Transfer-Encoding: chunked"]
)
async def test_a_slow_body(port: int, length: bytes) -> None:
    rest = b" " * 300 if b"300" in length else b"1\r\n \r\n" * 50

    heard, took = await trickle(port, HEAD + length + b"\r\n\r\n", rest)

    assert heard.startswith(b"HTTP/1.1 408 ")
    assert b'"recorded":false' in heard
    assert took < BOUND_S + LATE_S


async def test_a_full_pool_is_503_with_retry_after(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "POOL_DECISIONS_MAX", 0)

    data = json.dumps(decision()).encode()
    head = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(data)

    heard, _ = await trickle(port, head + data, b"")

    assert heard.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: " in heard
    assert b'"recorded":false' in heard
