"""Publishes the log as files: C2SP tiles that any static host or CDN can serve.

    FOLDER/tile/<L>/<N>[.p/<W>]  FOLDER/tile/entries/<N>[.p/<W>]  FOLDER/v1/keys
    FOLDER/checkpoint            last, so that all it signs is there before it

A file appears whole or not at all. One process publishes at a time (a lock in the
folder); whoever is next goes on from the checkpoint it finds. `counterfoil audit FOLDER`
checks it and `counterfoil recover --from FOLDER` starts from it.
"""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from ledger.errors import CounterfoilError, MalformedError, VerificationError
from ledger.limits import TILE_HEIGHT, TILE_WIDTH
from ledger.log.reader import Reader
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.tile import format_number

PERIOD_S: Final = 1.0  # seconds between looks; the folder lags at most about so much


class Publisher:
    """Keeps one folder up with the newest released checkpoint."""

    def __init__(
        self,
        *,
        folder: Path,
        reader: Reader,
        open_checkpoint: Callable[[bytes], Checkpoint],
        keys: bytes,
        log: Any,
    ) -> None:
        """`keys`: the JSON of `/v1/keys`."""
        self._folder = folder
        self._reader = reader
        self._open = open_checkpoint
        self._keys = keys
        self._log = log
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to publish in the background."""
        self._task = asyncio.create_task(self._run(), name="publisher")

    async def close(self) -> None:
        """Publish what is released, then stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            await self._quietly()

    async def _run(self) -> None:
        while True:
            await self._quietly()
            await asyncio.sleep(PERIOD_S)

    async def _quietly(self) -> None:
        try:
            await self.publish()
        except (CounterfoilError, OSError) as error:
            self._log.warning("publish_failed", error=type(error).__name__)

    async def publish(self) -> None:
        """Bring the folder up to the newest checkpoint.

        Raises:
            OSError: the folder cannot be written; what it holds stays consistent.
        """
        checkpoint, note = self._reader.newest()
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            old = self._published_size()
            if old >= checkpoint.size:
                return
            await self._write_tiles(old, checkpoint.size)
            await _write(self._folder / "v1" / "keys", self._keys)
            await _write(self._folder / "checkpoint", note)
        except BlockingIOError:
            return  # another process publishes
        finally:
            os.close(lock)

    def _published_size(self) -> int:
        try:
            return int(self._open((self._folder / "checkpoint").read_bytes()).size)
        except (OSError, MalformedError, VerificationError):
            return 0

    async def _write_tiles(self, old: int, new: int) -> None:
        await self._write_level("entries", old, new, self._reader.bundle)
        level = 0
        while new >> TILE_HEIGHT * level:
            shift = TILE_HEIGHT * level
            read = partial(self._reader.tile, level)
            await self._write_level(str(level), old >> shift, new >> shift, read)
            level += 1

    async def _write_level(
        self,
        name: str,
        old: int,
        new: int,
        read: Callable[[int, int], Awaitable[bytes]],
    ) -> None:
        folder = self._folder / "tile" / name
        for number in range(old // TILE_WIDTH, -(-new // TILE_WIDTH)):
            width = min(new - number * TILE_WIDTH, TILE_WIDTH)
            path = folder / format_number(number, width)
            await _write(path, await read(number, width))
            if width == TILE_WIDTH:
                shutil.rmtree(path.with_name(path.name + ".p"), ignore_errors=True)


async def _write(path: Path, data: bytes) -> None:
    await asyncio.to_thread(_write_whole, path, data)


def _write_whole(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
