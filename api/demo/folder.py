"""The demo's folder: made by us, known by its marker, and begun afresh each time.

    FOLDER/.counterfoil-demo   the marker; held (flock) by the demo that runs
           example.token       of the system `example`, for a first decision of one's own
           decision.json       that decision
           receipt.counterfoil.json   one person's receipt
           proposal.json       what was voted on
           people/             the keys of those who voted
           altered-copy/       the public log, with one byte changed
           serve.log           the service's log
           …                   the service's data folder

A folder without the marker is somebody's, and is left alone.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from ledger.errors import FatalError, RejectedError, UnavailableError
from ledger.storage.datafolder import DataFolder
from ledger.storage.embedded import EmbeddedPostgres

MARKER: Final = ".counterfoil-demo"
_WORDS: Final = (
    "Made by `counterfoil demo`, which removes everything in this folder when it "
    "starts again.\n"
)


@asynccontextmanager
async def fresh_folder(folder: Path) -> AsyncIterator[bool]:
    """The folder, empty and ours for as long as the block; yields whether it was used.

    Raises:
        RejectedError: something that no demo made is there.
        UnavailableError: a demo or a service runs in it.
        FatalError: it cannot be made or emptied.
    """
    try:
        lock = _claim(folder)
    except OSError as error:
        raise FatalError(f"cannot use {folder}: {error.strerror}") from error
    try:
        await end_postgres(folder)
        try:
            used = _empty(folder)
        except OSError as error:
            raise FatalError(f"cannot empty {folder}: {error.strerror}") from error
        yield used
    finally:
        os.close(lock)


async def end_postgres(folder: Path) -> None:
    """Ends a PostgreSQL that outlived a demo that was killed.

    Raises:
        UnavailableError: a service runs in the folder.
    """
    place = folder / "postgres"
    if not place.is_dir():
        return
    os.close(DataFolder.at(place).lock_owner())
    if await EmbeddedPostgres.attach(place) is not None:
        async with EmbeddedPostgres(place):
            pass  # adopted, and stopped on the way out


def _claim(folder: Path) -> int:
    marker = folder / MARKER
    ours = not folder.exists() or marker.exists()
    if not ours and (not folder.is_dir() or any(folder.iterdir())):
        raise RejectedError(
            "folder-in-the-way",
            f"{folder} is there already and no demo made it, so it is left as it is: "
            "name another folder with --data DIR",
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(marker, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise UnavailableError(
            f"a demo already runs in {folder}: stop it with Ctrl-C, or name another "
            "folder with --data DIR"
        ) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, _WORDS.encode(), 0)
    return lock


def _empty(folder: Path) -> bool:
    used = False
    for path in folder.iterdir():
        if path.name == MARKER:
            continue
        used = True
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
    return used
