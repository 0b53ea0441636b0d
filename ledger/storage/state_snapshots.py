"""The table of state snapshots: one row a log, replaced by newer ones, free to be lost."""

from typing import NamedTuple

import asyncpg

from ledger.ids import Hash, LogId
from ledger.storage.session import translated


class SnapshotRow(NamedTuple):
    """A kept state; the attributes are the table's columns."""

    position: int
    leaf_hash: bytes
    made_by: str
    digest: bytes
    state: bytes


class SnapshotStore:
    """The table, for any number of logs."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Shares the store's pool."""
        self._pool = pool

    async def leaf_hash(self, log_id: LogId, position: int) -> Hash | None:
        """The hash of an entry, or None where there is none."""
        with translated():
            found = await self._pool.fetchval(
                "SELECT hash FROM entries WHERE log_id = $1 AND position = $2",
                log_id,
                position,
            )
        return Hash(found) if isinstance(found, bytes) else None

    async def newest(self, log_id: LogId) -> SnapshotRow | None:
        """The log's row, or None."""
        with translated():
            row = await self._pool.fetchrow(
                "SELECT position, leaf_hash, made_by, digest, state"
                " FROM state_snapshots WHERE log_id = $1",
                log_id,
            )
        return None if row is None else SnapshotRow(*row)

    async def keep(self, log_id: LogId, row: SnapshotRow) -> None:
        """Put a row in the place of an older one; a newer one stays."""
        with translated():
            await self._pool.execute(
                "INSERT INTO state_snapshots AS s"
                " (log_id, position, leaf_hash, made_by, digest, state)"
                " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (log_id) DO UPDATE"
                " SET position = excluded.position, leaf_hash = excluded.leaf_hash,"
                " made_by = excluded.made_by, digest = excluded.digest,"
                " state = excluded.state"
                " WHERE s.position < excluded.position OR s.made_by <> excluded.made_by",
                log_id,
                *row,
            )

    async def drop(self, log_id: LogId, digest: bytes) -> None:
        """Remove the log's row, if it still is the one of this digest."""
        with translated():
            await self._pool.execute(
                "DELETE FROM state_snapshots WHERE log_id = $1 AND digest = $2",
                log_id,
                digest,
            )
