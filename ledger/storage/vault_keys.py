"""The wrapped keys of the vault's decisions, for turning what wraps them."""

from collections.abc import Sequence

import asyncpg

from ledger.ids import LogId
from ledger.storage.session import translated


class VaultKeys:
    """The wrapped K of every decision, for any number of logs."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Shares the store's pool."""
        self._pool = pool

    async def wrapped_keys(
        self, log_id: LogId, *, epochs: Sequence[int], after: int, limit: int
    ) -> Sequence[tuple[int, int, bytes]]:
        """(index, epoch, wrapped) of rows under one of `epochs`, past `after`, in order."""
        with translated():
            rows = await self._pool.fetch(
                "SELECT position, epoch, wrapped FROM vault WHERE log_id = $1"
                " AND epoch = ANY($2) AND position > $3 ORDER BY position LIMIT $4",
                log_id,
                epochs,
                after,
                limit,
            )
        return [(row[0], row[1], row[2]) for row in rows]

    async def rewrap(
        self, log_id: LogId, epoch: int, keys: Sequence[tuple[int, bytes]]
    ) -> None:
        """Replace wrapped keys by the same keys under `epoch`, where it is newer."""
        with translated():
            await self._pool.execute(
                "UPDATE vault v SET epoch = $2, wrapped = u.w"
                " FROM unnest($3::bigint[], $4::bytea[]) u(i, w)"
                " WHERE v.log_id = $1 AND v.position = u.i AND v.epoch < $2",
                log_id,
                epoch,
                [index for index, _ in keys],
                [wrapped for _, wrapped in keys],
            )
