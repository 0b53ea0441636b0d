"""Which PostgreSQL: the one that was named, the one running here, or one of our own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from api.config import Config
from ledger.storage.embedded import OWNER, EmbeddedPostgres
from ledger.storage.postgres import PostgresStore


@dataclass(frozen=True, slots=True)
class Database:
    """Where to connect, as the service and as the owner of the tables."""

    dsn: str
    owner_dsn: str
    label: str


@asynccontextmanager
async def open_database(config: Config, *, attach: bool) -> AsyncIterator[Database]:
    """The database of this configuration, running for as long as the block.

    Args:
        config: names a URL, or a data folder for an embedded server.
        attach: use a server that another process runs in the folder, as commands beside
            a running `serve` do; `serve` itself must own its server.

    Raises:
        UnavailableError: another process owns the folder.
        FatalError: no server can run there.
    """
    if config.database_url is not None:
        yield Database(config.database_url, config.database_url, "PostgreSQL by URL")
        return
    folder = config.data_dir / "postgres"
    if attach and (dsn := await EmbeddedPostgres.attach(folder)) is not None:
        owner = await EmbeddedPostgres.attach(folder, OWNER)
        yield Database(dsn, owner or dsn, "embedded PostgreSQL, already running")
        return
    config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with EmbeddedPostgres(folder) as server:
        yield Database(server.dsn, server.dsn_for(OWNER), "embedded PostgreSQL")


@asynccontextmanager
async def open_store(
    config: Config, *, attach: bool = True
) -> AsyncIterator[PostgresStore]:
    """A migrated store on the database of this configuration."""
    async with open_database(config, attach=attach) as database:
        store = await PostgresStore.connect(
            database.dsn, migrate_dsn=database.owner_dsn
        )
        try:
            yield store
        finally:
            await store.close()
