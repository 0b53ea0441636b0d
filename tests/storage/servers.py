"""What the tests of the embedded PostgreSQL ask of it, and a process to own it."""
# ruff: noqa: ASYNC110 -- a test may block its own loop

import asyncio
import os
import site
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from ledger.storage.embedded import EmbeddedPostgres
from ledger.storage.migrate import check_server

ROOT = Path(__file__).resolve().parents[2]
OWNER_SCRIPT = Path(__file__).with_name("owner.py")
CONTAINER_SCRIPT = Path(__file__).with_name("container.py")
# No HOME, and no environment but the way to the code: also for another interpreter.
ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join([str(ROOT), *site.getsitepackages()]),
    "PATH": "/usr/bin:/bin",
}


async def execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def value(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def runs(folder: Path) -> bool:
    return await EmbeddedPostgres.attach(folder) is not None


async def kept(dsn: str) -> object:
    return await value(dsn, "SELECT min(n) FROM kept")


async def until(probe: Callable[[], Awaitable[object]]) -> None:
    """Looks until something is so; nothing tells us when it will be."""
    async with asyncio.timeout(30):
        while not await probe():
            await asyncio.sleep(0.05)


@contextmanager
def owner(
    folder: Path, python: Sequence[str] = (sys.executable,), **more: object
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that owns `folder`, and its server's pid."""
    process = subprocess.Popen(  # type: ignore[call-overload]
        [*python, str(OWNER_SCRIPT), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **{"env": ENVIRONMENT, **more},
    )
    with process:
        try:
            line = process.stdout.readline().split()
            if len(line) != 2:
                if process.wait(30) == 77:
                    pytest.skip("this machine lets nobody map a range of users")
                pytest.fail("the owner did not start")
            yield process, int(line[0])
        finally:
            process.kill()


def end(process: subprocess.Popen[str]) -> None:
    """Ends an owner in order."""
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(30) == 0


async def check_at(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await check_server(connection)
    finally:
        await connection.close()
