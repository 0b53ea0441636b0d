"""A real PostgreSQL for the whole run, and a fresh migrated database for each test.

    async def test_something(database: str) -> None:
        connection = await asyncpg.connect(database)       # as the service

Everything here is synchronous on the outside, so that tests of either kind may use it;
what is asynchronous runs on a thread of its own and never on a test's loop.
"""

import asyncio
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from ledger.storage.embedded import OWNER, SERVICE, EmbeddedPostgres
from ledger.storage.migrate import migrate
from ledger.storage.postmaster import SUPERUSER

# An example takes as long as the machine lets it: a bound in milliseconds of the clock
# says how loaded that is. Tests that bound work count it, or the time of the processor.
settings.register_profile(
    "counterfoil", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("counterfoil")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """The run's server: by COUNTERFOIL_TEST_DATABASE_URL, or embedded.

    Attributes:
        url: of the role that may make databases.
        embedded: None when the server is somebody else's.
    """

    url: str
    embedded: EmbeddedPostgres | None

    def dsn(self, database: str, role: str = SERVICE) -> str:
        """A connection string; a server named by URL has one role, the URL's."""
        if self.embedded is not None:
            return self.embedded.dsn_for(role, database)
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def execute(self, *statements: str) -> None:
        """Runs statements as the role that may make databases."""
        _in_thread(_execute(self.url, statements))

    def create(self, *, template: str = "template1") -> str:
        """Makes a database and returns its name; `drop` it afterwards."""
        name = f"counterfoil_{uuid.uuid4().hex[:12]}"
        owner = f"OWNER {OWNER}" if self.embedded is not None else ""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {owner}')
        return name

    def drop(self, name: str) -> None:
        """Removes a database, whoever is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the whole run."""
    url = os.environ.get("COUNTERFOIL_TEST_DATABASE_URL")
    if url:
        yield PostgresServer(url, None)
        return
    folder = Path(tempfile.mkdtemp(prefix="cf-"))  # short: the socket lies below
    embedded = EmbeddedPostgres(folder)
    # The server is watched by a task, so its loop lives as long as it does.
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(embedded.start(), loop).result()
        yield PostgresServer(embedded.dsn_for(SUPERUSER, "postgres"), embedded)
    finally:
        asyncio.run_coroutine_threadsafe(embedded.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The name of a migrated database that is copied for each test."""
    name = postgres_server.create()
    _in_thread(_migrate(postgres_server.dsn(name, OWNER)))
    yield name
    postgres_server.drop(name)


@pytest.fixture
def database_name(
    postgres_server: PostgresServer, template_database: str
) -> Iterator[str]:
    """The name of a fresh, migrated database."""
    name = postgres_server.create(template=template_database)
    yield name
    postgres_server.drop(name)


@pytest.fixture
def database(postgres_server: PostgresServer, database_name: str) -> str:
    """The connection string of a fresh, migrated database, as the service's role."""
    return postgres_server.dsn(database_name)


@pytest.fixture
def owner_database(postgres_server: PostgresServer, database_name: str) -> str:
    """The same database as `database`, as the owner of its tables."""
    return postgres_server.dsn(database_name, OWNER)


@pytest.fixture
def empty_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The connection string of a fresh database without tables, as its owner."""
    name = postgres_server.create()
    yield postgres_server.dsn(name, OWNER)
    postgres_server.drop(name)


def _in_thread(coroutine: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine to its end, also below a running event loop."""
    with ThreadPoolExecutor(max_workers=1) as executor:
        executor.submit(asyncio.run, coroutine).result()


async def _execute(url: str, statements: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _migrate(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await migrate(connection)
    finally:
        await connection.close()
