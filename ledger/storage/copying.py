"""Whole tables out of one database and into another: PostgreSQL's binary COPY.

Out: one REPEATABLE READ transaction, so that all files show one moment, however much is
written meanwhile. In: one transaction into empty tables; all of it or nothing. Columns
are named on both sides, so that their order in a table never matters.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg

from ledger.errors import ConflictError, FatalError
from ledger.storage.migrate import check_server, migrate
from ledger.storage.session import Connection, translated
from ledger.storage.snapshot import Snapshot

# Every table of the ledger, in an order that a reader of a backup can follow; a test
# holds it equal to the database's.
TABLES: Final = (
    "logs",
    "heads",
    "entries",
    "tiles",
    "records",
    "decisions",
    "counters",
    "vault",
    "texts",
    "case_parts",
    "reissues",
    "tokens",
)
# Made anew: the state from the entries at any start, the time of a sweep by the next one;
# and sign-ins are of no use a quarter of an hour later.
NOT_COPIED: Final = ("state_snapshots", "sweeps", "spent_sign_ins")

Sink = Callable[[bytes], Coroutine[Any, Any, None]]


class CopyOut:
    """Tables of one moment; use `copying_out`."""

    def __init__(self, connection: Connection) -> None:
        """Inside its transaction."""
        self._connection = connection
        self.moment = Snapshot(connection)

    async def migrations(self) -> list[dict[str, Any]]:
        """The migrations applied: number, name, sha256 in hex."""
        rows = await self._connection.fetch(
            "SELECT number, name, encode(sha256, 'hex') AS sha256"
            " FROM schema_migrations ORDER BY number"
        )
        return [dict(row) for row in rows]

    async def server(self) -> str:
        """PostgreSQL's own version."""
        return str(await self._connection.fetchval("SHOW server_version"))

    async def entries(self) -> int:
        """About how many entries there are, of all ledgers."""
        return int(
            await self._connection.fetchval("SELECT coalesce(sum(size), 0) FROM heads")
        )

    async def columns(self, name: str) -> list[str]:
        """One table's columns, in the order they are copied."""
        rows = await self._connection.fetch(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            name,
        )
        return [row[0] for row in rows]

    async def table(self, name: str, columns: Sequence[str], sink: Sink) -> int:
        """One table's bytes into `sink`; how many rows."""
        with translated():
            status = await self._connection.copy_from_table(
                name, columns=columns, output=sink, format="binary"
            )
        return _rows(status)


@asynccontextmanager
async def copying_out(dsn: str) -> AsyncIterator[CopyOut]:
    """Copies out of the database, on a connection of its own.

    Raises:
        UnavailableError: nobody answers.
    """
    with translated():
        connection = await asyncpg.connect(dsn, timeout=10)
    try:
        with translated():
            await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield CopyOut(connection)
    finally:
        connection.terminate()


class CopyIn:
    """Empty tables to be filled; use `copying_in`."""

    def __init__(self, connection: Connection) -> None:
        """Inside its transaction."""
        self._connection = connection
        self.moment = Snapshot(connection)

    async def migrations(self) -> list[dict[str, Any]]:
        """The migrations applied: number, name, sha256 in hex."""
        return await CopyOut(self._connection).migrations()

    async def table(self, name: str, columns: Sequence[str], file: Path) -> int:
        """Fill one table from its file; how many rows."""
        with translated():
            status = await self._connection.copy_to_table(
                name, columns=columns, source=file, format="binary"
            )
        return _rows(status)


@asynccontextmanager
async def copying_in(owner_dsn: str) -> AsyncIterator[CopyIn]:
    """Copies into the database, made ready first; kept only if the block ends well.

    Raises:
        ConflictError: the database holds a ledger already.
        FatalError: the server or the schema is not what this code needs.
        UnavailableError: nobody answers, or the disk is full; nothing was kept.
    """
    with translated():
        connection = await asyncpg.connect(owner_dsn, timeout=10)
    try:
        await check_server(connection)
        await migrate(connection)
        await _check_empty(connection)
        await _begin(connection)
        await _check_empty(connection)
        yield CopyIn(connection)
        with translated():
            await connection.execute(
                "SELECT setval(pg_get_serial_sequence('logs', 'log_id'),"
                " greatest((SELECT max(log_id) FROM logs), 1))"
            )
            # Point of no return: the database holds the backup.
            await connection.execute("COMMIT")
            await connection.execute("ANALYZE")
    finally:
        connection.terminate()


async def _begin(connection: Connection) -> None:
    with translated():
        await connection.execute("BEGIN")
        try:
            # No other process may found a ledger while its tables are being filled.
            await connection.execute("LOCK TABLE logs IN EXCLUSIVE MODE")
        except asyncpg.InsufficientPrivilegeError:
            raise FatalError(
                "only the owner of the tables may restore: give COUNTERFOIL_DATABASE_URL "
                "with the owner's role for this one command"
            ) from None


async def _check_empty(connection: Connection) -> None:
    for name in TABLES:
        with translated():
            found = await connection.fetchval(f"SELECT 1 FROM {name} LIMIT 1")  # noqa: S608 -- ours
        if found is not None:
            raise ConflictError(
                "database-not-empty",
                f"the database is not empty (its table {name} has rows), and a restore "
                "never overwrites: make a new one, or move DATA_DIR/postgres aside",
            )


def _rows(status: str) -> int:
    word, _, count = status.partition(" ")
    if word != "COPY" or not count.isdecimal():
        raise FatalError("PostgreSQL did not say how many rows it copied")
    return int(count)
