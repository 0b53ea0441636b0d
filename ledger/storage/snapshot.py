"""One moment of the database, read whole and in order, however much is written meanwhile.

A `Snapshot` is one transaction (REPEATABLE READ, read only): all its reads see the same
moment. Rows come through cursors, a chunk at a time, so that memory does not grow.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from ledger.errors import FatalError
from ledger.ids import LogId
from ledger.storage.port import Head, LogRow
from ledger.storage.session import Connection, head_of, translated

CHUNK_ROWS: Final = 1_024  # rows a round trip; a multiple of a tile's width
VAULT_ROWS: Final = 256  # rows a round trip of sealed parts, up to 512 KiB each
_BEGIN: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_SETTINGS: Final = {"application_name": "counterfoil snapshot", "jit": "off"}


class Snapshot:
    """Reads of one moment; use `snapshot`."""

    def __init__(self, connection: Connection) -> None:
        """Inside its transaction."""
        self._connection = connection

    async def logs(self) -> list[LogRow]:
        """Every ledger, by name."""
        rows = await self._connection.fetch(
            "SELECT log_id, name, origin, genesis FROM logs ORDER BY name"
        )
        return [LogRow(**row) for row in rows]

    async def head(self, log_id: LogId) -> Head:
        """The head row.

        Raises:
            FatalError: there is none.
        """
        row = await self._connection.fetchrow(
            "SELECT * FROM heads WHERE log_id = $1", log_id
        )
        if row is None:
            raise FatalError("the database has no head for this ledger")
        return head_of(row)

    async def counters(self, log_id: LogId) -> dict[str, tuple[int, int]]:
        """(last seq, refusals) of every system."""
        rows = await self._connection.fetch(
            "SELECT system, seq, refused FROM counters WHERE log_id = $1", log_id
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    async def epochs(self, log_id: LogId) -> dict[int, int]:
        """How many wrapped keys each epoch's key holds."""
        rows = await self._connection.fetch(
            "SELECT epoch, count(*) FROM (SELECT epoch FROM vault WHERE log_id = $1"
            " UNION ALL SELECT epoch FROM texts WHERE log_id = $1 AND epoch IS NOT NULL"
            " UNION ALL SELECT epoch FROM case_parts"
            " WHERE log_id = $1 AND epoch IS NOT NULL) AS wrapped GROUP BY epoch",
            log_id,
        )
        return {row[0]: row[1] for row in rows}

    async def database_bytes(self) -> int:
        """What the whole database takes on disk."""
        found = await self._connection.fetchval(
            "SELECT pg_database_size(current_database())"
        )
        return int(found or 0)

    def entries(self, log_id: LogId) -> AsyncIterator[list[Any]]:
        """(position, hash, leaf), in order."""
        return self._chunks(
            "SELECT position, hash, leaf FROM entries WHERE log_id = $1"
            " ORDER BY position",
            log_id,
        )

    def decisions(self, log_id: LogId) -> AsyncIterator[list[Any]]:
        """(position, id, time_s, system), in order."""
        return self._chunks(
            "SELECT position, id::text, time_s, system FROM decisions"
            " WHERE log_id = $1 ORDER BY position",
            log_id,
        )

    def records(self, log_id: LogId) -> AsyncIterator[list[Any]]:
        """(position, id), in order."""
        return self._chunks(
            "SELECT position, id FROM records WHERE log_id = $1 ORDER BY position",
            log_id,
        )

    def tiles(self, log_id: LogId, level: int) -> AsyncIterator[list[Any]]:
        """(number, root, hashes) of one level, in order."""
        return self._chunks(
            "SELECT number, root, hashes, nodes FROM tiles WHERE log_id = $1 AND level = $2"
            " ORDER BY number",
            log_id,
            level,
            rows=64,
        )

    def vault(self, log_id: LogId, *, sealed: bool) -> AsyncIterator[list[Any]]:
        """(position, epoch, wrapped, sealed or empty), in order."""
        part = "sealed" if sealed else "''::bytea"
        return self._chunks(
            f"SELECT position, epoch, wrapped, {part} FROM vault"  # noqa: S608 -- two names
            " WHERE log_id = $1 ORDER BY position",
            log_id,
            rows=VAULT_ROWS if sealed else CHUNK_ROWS,
        )

    async def still_held(self, log_id: LogId, decisions: list[str]) -> list[int]:
        """The entries of those of these decisions that have a row in the vault."""
        with translated():
            rows = await self._connection.fetch(
                "SELECT v.position FROM vault v JOIN decisions d"
                " ON d.log_id = v.log_id AND d.position = v.position"
                " WHERE d.log_id = $1 AND d.id = ANY ($2::uuid[]) ORDER BY v.position",
                log_id,
                decisions,
            )
        return [row[0] for row in rows]

    def texts(self, log_id: LogId) -> AsyncIterator[list[Any]]:
        """(position, digest, epoch, wrapped, sealed) of what members said, in order."""
        return self._chunks(
            "SELECT position, digest, epoch, wrapped, sealed FROM texts"
            " WHERE log_id = $1 ORDER BY position, digest",
            log_id,
            rows=VAULT_ROWS,
        )

    def parts(self, log_id: LogId) -> AsyncIterator[list[Any]]:
        """(position, part, contest, epoch, wrapped, sealed) of cases, in order."""
        return self._chunks(
            "SELECT position, part, contest, epoch, wrapped, sealed FROM case_parts"
            " WHERE log_id = $1 ORDER BY position, part",
            log_id,
            rows=VAULT_ROWS,
        )

    async def _chunks(
        self, query: str, *arguments: Any, rows: int = CHUNK_ROWS
    ) -> AsyncIterator[list[Any]]:
        with translated():
            cursor = await self._connection.cursor(query, *arguments)
            while chunk := await cursor.fetch(rows):
                yield chunk


@asynccontextmanager
async def snapshot(dsn: str) -> AsyncIterator[Snapshot]:
    """A snapshot of the database, on a connection of its own.

    Raises:
        UnavailableError: nobody answers.
    """
    with translated():
        connection = await asyncpg.connect(dsn, timeout=10, server_settings=_SETTINGS)
    try:
        with translated():
            await connection.execute(_BEGIN)
        yield Snapshot(connection)
    finally:
        connection.terminate()
