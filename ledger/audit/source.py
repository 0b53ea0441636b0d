"""Where an audited log is read from: a folder or a URL, one file at a time, bounded.

A path is that of the log's public files: `checkpoint`, `tile/0/x001/067`, `v1/keys`. The
source says what is there and decides nothing about it.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

import aiohttp

from ledger.errors import MalformedError, UnavailableError
from ledger.limits import (
    AUDIT_AHEAD,
    AUDIT_ATTEMPTS,
    AUDIT_REQUEST_S,
    LEAF_BYTES_MAX,
    TILE_WIDTH,
)
from ledger.merkle.bundle import format_bundle_path, parse_bundle
from ledger.merkle.hashing import HASH_BYTES
from ledger.merkle.tile import Tile, format_tile_path

Item = TypeVar("Item")
Made = TypeVar("Made")

_PAUSE_S = 0.2  # seconds before the second try; doubled for each one more


class Source(Protocol):
    """Reads one log's public files.

    Attributes:
        is_folder: whether it is a folder, which may be any log's tiles.
    """

    is_folder: bool

    async def read(self, path: str, bytes_max: int) -> bytes | None:
        """The file's bytes, or None where there is none.

        Raises:
            MalformedError: more than `bytes_max` bytes: nobody may fill our memory.
            UnavailableError: the place cannot be reached, or does not answer.
        """
        ...


class FolderSource:
    """A log published into a folder, as a CDN or a mirror would serve it."""

    is_folder = True

    def __init__(self, folder: Path) -> None:
        """`folder`: the one that holds `checkpoint` and `tile`."""
        self._folder = folder

    async def read(self, path: str, bytes_max: int) -> bytes | None:
        """As `Source.read`; a file is read at once, which a local disk allows."""
        try:
            with (self._folder / path).open("rb") as file:
                data = file.read(bytes_max + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise UnavailableError(
                f"{path} cannot be read: {error.strerror}"
            ) from error
        if len(data) > bytes_max:
            raise MalformedError(f"{path} is longer than {bytes_max:,} bytes")
        return data


class UrlSource:
    """A log served over HTTP; an async context that owns its connections."""

    is_folder = False

    def __init__(self, url: str, *, pause_s: float = _PAUSE_S) -> None:
        """`url`: of the ledger, as `https://host/commons`."""
        self._url = url.rstrip("/")
        self._pause_s = pause_s
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Opens the connections."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=AUDIT_REQUEST_S),
            connector=aiohttp.TCPConnector(limit=2 * AUDIT_AHEAD),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes them."""
        if self._session is not None:
            await self._session.close()

    async def read(self, path: str, bytes_max: int) -> bytes | None:
        """As `Source.read`; a busy or broken server is asked again, twice."""
        problem = ""
        for attempt in range(AUDIT_ATTEMPTS):
            if attempt:
                await asyncio.sleep(self._pause_s * 2 ** (attempt - 1))
            try:
                status, data = await self._get(path, bytes_max)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                problem = type(error).__name__
                continue
            if status == 200:
                return data
            if status in {404, 410}:
                return None
            problem = f"it answered {status}"
        raise UnavailableError(f"{self._url}/{path} cannot be read: {problem}")

    async def _get(self, path: str, bytes_max: int) -> tuple[int, bytes]:
        assert self._session is not None, "used outside its context"  # noqa: S101 -- ours
        async with self._session.get(f"{self._url}/{path}") as answer:
            if answer.status != 200:
                return answer.status, b""
            parts, size = [], 0
            async for part in answer.content.iter_any():
                size += len(part)
                if size > bytes_max:
                    raise MalformedError(f"{path} is longer than {bytes_max:,} bytes")
                parts.append(part)
            return answer.status, b"".join(parts)


async def read_tile(source: Source, tile: Tile) -> bytes | None:
    """A tile's bytes, cut to its width; None where there is none of that length.

    Where a partial tile is gone, the full one that replaced it does (C2SP tlog-tiles).
    """
    bytes_max = TILE_WIDTH * HASH_BYTES
    data = await _read_bounded(source, format_tile_path(tile), bytes_max)
    if data is None and tile.width < TILE_WIDTH:
        full = Tile(tile.level, tile.index)
        data = await _read_bounded(source, format_tile_path(full), bytes_max)
        if data is not None and len(data) == bytes_max:
            data = data[: tile.width * HASH_BYTES]
    return None if data is None or len(data) != tile.width * HASH_BYTES else data


async def read_bundle(source: Source, index: int, width: int) -> list[bytes]:
    """A bundle's leaves, `width` of them.

    Raises:
        MalformedError: there is no such bundle, or it is cut short or too long, or has
            another number of leaves; the message says which.
        UnavailableError: the place cannot be reached.
    """
    bytes_max = TILE_WIDTH * (LEAF_BYTES_MAX + 2)
    data = await source.read(format_bundle_path(index, width), bytes_max)
    whole = width
    if data is None and width < TILE_WIDTH:
        data, whole = (
            await source.read(format_bundle_path(index), bytes_max),
            TILE_WIDTH,
        )
    if data is None:
        raise MalformedError("it is not there")
    leaves = parse_bundle(data)
    if len(leaves) != whole:
        raise MalformedError(f"it holds {len(leaves)} entries where {whole} are signed")
    return leaves[:width]


async def _read_bounded(source: Source, path: str, bytes_max: int) -> bytes | None:
    try:
        return await source.read(path, bytes_max)
    except MalformedError:
        return None  # longer than a tile can be: not the tile


async def ahead(
    items: Sequence[Item],
    make: Callable[[Item], Coroutine[None, None, Made]],
    *,
    count: int = AUDIT_AHEAD,
) -> AsyncGenerator[Made, None]:
    """`make` of each item, in order, with the next few already under way."""
    waiting: list[asyncio.Task[Made]] = []
    try:
        for item in items:
            waiting.append(asyncio.create_task(make(item)))
            if len(waiting) > count:
                yield await waiting.pop(0)
        while waiting:
            yield await waiting.pop(0)
    finally:
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting)
        for task in waiting:
            if not task.cancelled():
                task.exception()  # looked at; the first error is the one told
