"""The folder and the URL: bounded, patient, and silent about what they read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from ledger.audit.source import FolderSource, UrlSource, ahead, read_bundle, read_tile
from ledger.audit.verify import audit
from ledger.errors import MalformedError, UnavailableError
from ledger.merkle.tile import Tile
from tests.audit.world import TRUST, true_log, write

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Runs a handler on a port of its own, on the loopback."""
    runners = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_get("/commons/{path:.*}", handler)
        runner = web.AppRunner(app)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/commons"

    yield start
    for runner in runners:
        await runner.cleanup()


def files(folder: Path) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        file = folder / request.match_info["path"]
        if not file.is_file():
            raise web.HTTPNotFound
        return web.Response(body=file.read_bytes())

    return answer


async def test_a_log_over_http_holds(tmp_path: Path, serve: Serve) -> None:
    true_log().publish(tmp_path)
    url = await serve(files(tmp_path))
    done: list[tuple[int, int]] = []
    async with UrlSource(url + "/") as source:
        report = await audit(
            source, TRUST, progress=lambda now, size: done.append((now, size))
        )
    assert report.held
    assert done == [(256, 603), (512, 603), (603, 603)]


async def test_a_busy_server_is_asked_again(serve: Serve) -> None:
    asked = 0

    async def answer(_request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        if asked < 3:
            raise web.HTTPServiceUnavailable
        return web.Response(body=b"here")

    async with UrlSource(await serve(answer), pause_s=0) as source:
        assert await source.read("checkpoint", 100) == b"here"
    assert asked == 3


@pytest.mark.parametrize("status", [500, 503, 403, 429])
async def test_a_broken_server_is_unreachable(serve: Serve, status: int) -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    async with UrlSource(await serve(answer), pause_s=0) as source:
        with pytest.raises(UnavailableError, match=f"it answered {status}"):
            await source.read("checkpoint", 100)


async def test_nobody_there(serve: Serve) -> None:
    async with UrlSource("http://127.0.0.1:1/commons", pause_s=0) as source:
        with pytest.raises(UnavailableError, match="cannot be read"):
            await source.read("checkpoint", 100)
    async with UrlSource("http://[nonsense", pause_s=0) as source:
        with pytest.raises(UnavailableError):
            await source.read("checkpoint", 100)

    async def gone(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPGone

    async with UrlSource(await serve(gone), pause_s=0) as source:
        assert await source.read("checkpoint", 100) is None


async def test_an_endless_answer_is_cut(serve: Serve) -> None:
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(bytes(100_000))
                sent += 100_000
        except ConnectionError:
            return response

    async with UrlSource(await serve(answer), pause_s=0) as source:
        with pytest.raises(MalformedError, match="longer than 1,000 bytes"):
            await source.read("checkpoint", 1_000)
    assert sent < 100_000_000


async def test_a_packed_answer_is_bounded_unpacked(serve: Serve) -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        response = web.Response(body=bytes(5_000_000))
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with UrlSource(await serve(answer), pause_s=0) as source:
        with pytest.raises(MalformedError, match="longer"):
            await source.read("checkpoint", 1_000_000)
        assert await source.read("checkpoint", 5_000_000) == bytes(5_000_000)


async def test_a_folder(tmp_path: Path) -> None:
    source = FolderSource(tmp_path)
    assert await source.read("checkpoint", 10) is None
    write(tmp_path, "checkpoint", bytes(10))
    assert await source.read("checkpoint", 10) == bytes(10)
    assert await source.read("checkpoint/deeper", 10) is None
    assert await source.read(".", 10) is None
    with pytest.raises(MalformedError):
        await source.read("checkpoint", 9)
    with pytest.raises(UnavailableError):
        await source.read("a" * 5_000, 9)


async def test_tiles_and_bundles_of_a_folder(tmp_path: Path) -> None:
    source = FolderSource(tmp_path)
    write(tmp_path, "tile/0/000", bytes(8_192))
    write(tmp_path, "tile/0/001", bytes(9_000))
    write(tmp_path, "tile/entries/000", b"\0\1a" * 256)
    write(tmp_path, "tile/entries/001.p/3", b"\0\1a" * 4)
    assert await read_tile(source, Tile(0, 0, 3)) == bytes(96)
    assert await read_tile(source, Tile(0, 0)) == bytes(8_192)
    assert await read_tile(source, Tile(0, 1)) is None
    assert await read_tile(source, Tile(0, 2)) is None
    assert await read_bundle(source, 0, 3) == [b"a"] * 3
    for index, why in ((1, "holds 4 entries where 3 are signed"), (2, "not there")):
        with pytest.raises(MalformedError, match=why):
            await read_bundle(source, index, 3)


async def test_what_is_ahead_comes_in_order_and_is_bounded() -> None:
    running = most = 0

    async def make(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return item * item

    made = [item async for item in ahead(range(20), make, count=3)]
    assert made == [item * item for item in range(20)]
    assert 1 < most <= 4


async def test_an_error_ahead_is_told_once_and_ends_the_rest() -> None:
    ended = []

    async def make(item: int) -> int:
        if item == 1:
            raise UnavailableError("away")
        try:
            await asyncio.sleep(3600 if item else 0)
        finally:
            ended.append(item)
        return item

    with pytest.raises(UnavailableError, match="away"):
        async for _ in ahead(range(10), make, count=3):
            pass
    assert 0 in ended
    assert set(ended) >= {2, 3}
