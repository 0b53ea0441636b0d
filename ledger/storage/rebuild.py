"""Dropping and writing again one ledger's projections, by the tables' owner.

One transaction under the head's lock: triggers off on the projections only, their rows
of this ledger removed, entries streamed, rows written, triggers on. Entries, the vault,
tokens and the head are never touched; whatever fails leaves all as it was.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from ledger.errors import FatalError
from ledger.ids import LogId
from ledger.storage.port import DecisionRow, Head, RecordRow, TileRow
from ledger.storage.session import Connection, head_of, translated

LOCK_S: Final = 30  # seconds to wait for the head's lock, and for readers to let go
_PROJECTIONS: Final = ("decisions", "records", "tiles")


class Rebuild:
    """Projections of one ledger under construction; use `rebuilding`."""

    def __init__(self, connection: Connection, log_id: LogId, head: Head) -> None:
        """Inside its transaction, old rows removed."""
        self.head = head
        self._connection = connection
        self._log_id = log_id

    async def entries(self, chunk_rows: int) -> AsyncIterator[list[Any]]:
        """(position, hash, leaf), in order, `chunk_rows` at a time."""
        with translated():
            cursor = await self._connection.cursor(
                "SELECT position, hash, leaf FROM entries WHERE log_id = $1"
                " ORDER BY position",
                self._log_id,
            )
            while chunk := await cursor.fetch(chunk_rows):
                yield chunk

    async def write(
        self,
        decisions: Sequence[DecisionRow],
        records: Sequence[RecordRow],
        tiles: Sequence[TileRow],
    ) -> None:
        """Write some of the new rows."""
        for table, columns, rows in (
            ("decisions", DecisionRow._fields, decisions),
            ("records", RecordRow._fields, records),
            ("tiles", TileRow._fields, tiles),
        ):
            if rows:
                with translated():
                    await self._connection.copy_records_to_table(
                        table,
                        columns=("log_id", *columns),
                        records=[(self._log_id, *row) for row in rows],
                    )

    async def write_counters(self, counters: Mapping[str, tuple[int, int]]) -> None:
        """Set every counter; refusals since a system's last leaf stand on no leaf.

        So a larger count of refusals is kept.
        """
        with translated():
            await self._connection.execute(
                "DELETE FROM counters WHERE log_id = $1 AND system <> ALL($2::text[])"
                " AND refused = 0",
                self._log_id,
                list(counters),
            )
            await self._connection.execute(
                "UPDATE counters SET seq = 0 WHERE log_id = $1"
                " AND system <> ALL($2::text[])",
                self._log_id,
                list(counters),
            )
            await self._connection.execute(
                "INSERT INTO counters (log_id, system, seq, refused)"
                " SELECT $1, s, q, r FROM unnest($2::text[], $3::bigint[], $4::bigint[])"
                " u(s, q, r) ON CONFLICT (log_id, system) DO UPDATE SET"
                " seq = excluded.seq,"
                " refused = greatest(counters.refused, excluded.refused)",
                self._log_id,
                list(counters),
                [seq for seq, _ in counters.values()],
                [refused for _, refused in counters.values()],
            )


@asynccontextmanager
async def rebuilding(owner_dsn: str, log_id: LogId) -> AsyncIterator[Rebuild]:
    """Remove a ledger's projections; what the block writes replaces them, or nothing.

    Raises:
        FatalError: this role does not own the tables.
        UnavailableError: nobody answers, or somebody holds the tables; nothing changed.
    """
    with translated():
        connection = await asyncpg.connect(owner_dsn, timeout=10)
    try:
        with translated():
            await connection.execute("BEGIN")
            await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_S}s'")
            row = await connection.fetchrow(
                "SELECT * FROM heads WHERE log_id = $1 FOR UPDATE", log_id
            )
        if row is None:
            raise FatalError("the database has no head for this ledger")
        await _set_triggers(connection, "DISABLE")
        for table in _PROJECTIONS:
            with translated():
                await connection.execute(
                    f"DELETE FROM {table} WHERE log_id = $1",  # noqa: S608 -- ours
                    log_id,
                )
        with translated():
            await connection.execute(
                "DELETE FROM state_snapshots WHERE log_id = $1", log_id
            )
        yield Rebuild(connection, log_id, head_of(row))
        await _set_triggers(connection, "ENABLE")
        with translated():
            # Point of no return: the projections are those of the entries.
            await connection.execute("COMMIT")
    finally:
        connection.terminate()


async def _set_triggers(connection: Connection, verb: str) -> None:
    for table in _PROJECTIONS:
        with translated():
            try:
                await connection.execute(
                    f"ALTER TABLE {table} {verb} TRIGGER append_only"
                )
            except asyncpg.InsufficientPrivilegeError:
                raise FatalError(
                    f"only the owner of the table {table} may rebuild it: give "
                    "COUNTERFOIL_DATABASE_URL with the owner's role for this one command"
                ) from None
