"""The bench's own way into the database of a running service, past its HTTP."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg

from ledger.storage.embedded import EmbeddedPostgres
from tests.world.service import Service, ServiceError


async def dsn(service: Service) -> str:
    """The superuser's connection string of the database that `service` uses.

    Raises:
        ServiceError: it uses none that can be found.
    """
    if service.database_url is not None:
        return service.database_url
    for found in service.data.rglob("postmaster.pid"):
        attached = await EmbeddedPostgres.attach(found.parent.parent, "postgres")
        if attached is not None:
            return attached
    raise ServiceError(f"no database under {service.data}")


@contextlib.asynccontextmanager
async def connect(service: Service) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the service's own tables."""
    connection = await asyncpg.connect(await dsn(service))
    try:
        yield connection
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def equal_tables(service: Service) -> AsyncIterator[asyncpg.Connection]:
    """Empty tables like the ledger's, in a schema of their own beside them.

    The same columns, storage, fill factors and indexes; no triggers, so that the floor
    may empty them between two measurements.
    """
    async with connect(service) as connection:
        await connection.execute("CREATE SCHEMA floor")
        for table in ("entries", "decisions", "vault"):
            options = await connection.fetchval(
                "SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = $1",
                await connection.fetchval("SELECT to_regclass($1)::oid", table),
            )
            await connection.execute(
                f"CREATE TABLE floor.{table} (LIKE public.{table} INCLUDING ALL)"
                + (f" WITH ({options})" if options else "")
            )
        try:
            yield connection
        finally:
            await connection.execute("DROP SCHEMA floor CASCADE")
