"""What members said, as the vault keeps it: ciphertext and wrapped keys by digest."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from ledger.ids import LogId
from ledger.storage.session import translated


class TextRow(NamedTuple):
    """One text; the last three are None once it was erased."""

    digest: bytes
    position: int
    epoch: int | None
    wrapped: bytes | None
    sealed: bytes | None


class TextStore:
    """The table of texts, for any number of logs."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Shares the store's pool."""
        self._pool = pool

    async def add(self, log_id: LogId, row: TextRow) -> bool:
        """Keep a text; False, and nothing changes, where its digest has a row."""
        with translated():
            added = await self._pool.fetchval(
                "INSERT INTO texts (log_id, digest, position, epoch, wrapped, sealed)"
                " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING 1",
                log_id,
                *row,
            )
        return added is not None

    async def find(self, log_id: LogId, digests: Sequence[bytes]) -> list[TextRow]:
        """The rows of these digests, in no order; erased ones are among them."""
        with translated():
            rows = await self._pool.fetch(
                "SELECT digest, position, epoch, wrapped, sealed FROM texts"
                " WHERE log_id = $1 AND digest = ANY($2::bytea[])",
                log_id,
                digests,
            )
        return [TextRow(*row) for row in rows]

    async def erase(self, log_id: LogId, digests: Sequence[bytes]) -> int:
        """Empty the rows of these digests, for good; how many held something."""
        with translated():
            rows = await self._pool.fetch(
                "UPDATE texts SET epoch = NULL, wrapped = NULL, sealed = NULL"
                " WHERE log_id = $1 AND digest = ANY($2::bytea[])"
                " AND sealed IS NOT NULL RETURNING 1",
                log_id,
                digests,
            )
        return len(rows)
