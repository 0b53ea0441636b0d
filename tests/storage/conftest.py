"""Data folders of an embedded PostgreSQL, one for each test."""

import asyncio
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.storage import postmaster
from ledger.storage.datafolder import DataFolder
from ledger.storage.embedded import OWNER, EmbeddedPostgres
from tests.storage.servers import execute


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A data folder with one row in it, stopped; copied for each test."""
    folder = Path(tempfile.mkdtemp(prefix="cf-"))

    async def make() -> None:
        async with EmbeddedPostgres(folder) as server:
            await execute(
                server.dsn_for(OWNER),
                "CREATE TABLE kept (n integer); INSERT INTO kept VALUES (7);"
                "GRANT SELECT, INSERT ON kept TO counterfoil",
            )

    asyncio.run(make())
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder(made: Path) -> Iterator[Path]:
    """The run's data folder; a test may kill what it likes, and must not spoil it."""
    yield made
    _clear(made)


@pytest.fixture
def copied(made: Path) -> Iterator[Path]:
    """A copy of it, for a test to move or to spoil."""
    home = Path(tempfile.mkdtemp(prefix="cf-"))
    # A killed server leaves its socket, which is nothing to copy.
    ignored = shutil.ignore_patterns(".s.PGSQL.*")
    shutil.copytree(made, home / "data", ignore=ignored)
    yield home / "data"
    _clear(home / "data")
    shutil.rmtree(home)


def _clear(folder: Path) -> None:
    """Ends what a test left running, and waits until it has ended."""
    place = DataFolder(folder)
    until = time.monotonic() + 60
    while folder.is_dir() and time.monotonic() < until:
        postmaster.signal_processes(place, signal.SIGKILL)
        if place.is_free():
            return
        time.sleep(0.02)
