"""Parts of cases, as the vault keeps them: ciphertext and wrapped keys by hash."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from ledger.ids import LogId
from ledger.storage.session import translated


class PartRow(NamedTuple):
    """One part; the last three are None once it was erased."""

    part: bytes
    position: int
    contest: str
    epoch: int | None
    wrapped: bytes | None
    sealed: bytes | None


class PartStore:
    """The table of cases' parts, for any number of logs."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Shares the store's pool."""
        self._pool = pool

    async def add(self, log_id: LogId, row: PartRow) -> bool:
        """Keep a part; False, and nothing changes, where its hash has a row."""
        with translated():
            added = await self._pool.fetchval(
                "INSERT INTO case_parts"
                " (log_id, part, position, contest, epoch, wrapped, sealed)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING 1",
                log_id,
                *row,
            )
        return added is not None

    async def find(self, log_id: LogId, part: bytes) -> PartRow | None:
        """The row of a part, erased or not."""
        with translated():
            row = await self._pool.fetchrow(
                "SELECT part, position, contest, epoch, wrapped, sealed FROM case_parts"
                " WHERE log_id = $1 AND part = $2",
                log_id,
                part,
            )
        return None if row is None else PartRow(*row)

    async def held(self, log_id: LogId, contest: str) -> list[bytes]:
        """The parts of a contest that are kept and not erased, in no order."""
        with translated():
            rows = await self._pool.fetch(
                "SELECT part FROM case_parts WHERE log_id = $1 AND contest = $2"
                " AND sealed IS NOT NULL",
                log_id,
                contest,
            )
        return [row[0] for row in rows]

    async def erase(self, log_id: LogId, contests: Sequence[str]) -> int:
        """Empty the rows of these contests, for good; how many held something."""
        with translated():
            rows = await self._pool.fetch(
                "UPDATE case_parts SET epoch = NULL, wrapped = NULL, sealed = NULL"
                " WHERE log_id = $1 AND contest = ANY($2::text[])"
                " AND sealed IS NOT NULL RETURNING 1",
                log_id,
                contests,
            )
        return len(rows)
