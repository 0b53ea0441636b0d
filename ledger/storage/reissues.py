"""Re-issue requests, as the vault keeps them: a handle, and never what it was made of."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import asyncpg

from ledger.ids import DecisionId, LogId
from ledger.storage.session import translated

# The vault's rows of a request `r`: of its own system only, which a token speaks for.
_ITS_ROWS: Final = (
    "vault v JOIN decisions d ON d.log_id = v.log_id AND d.position = v.position"
)
_IS_ITS: Final = "v.log_id = r.log_id AND v.handle = r.handle AND d.system = r.system"
_DROP_FOUND_NOTHING: Final = (
    "UPDATE reissues r SET handle = NULL"  # noqa: S608 -- all of it is ours
    " WHERE r.log_id = $1 AND r.handle IS NOT NULL"
    f" AND NOT EXISTS (SELECT FROM {_ITS_ROWS} WHERE {_IS_ITS})"
)
_SECRETS: Final = (
    f"SELECT d.id::text, v.epoch, v.wrapped FROM {_ITS_ROWS}"  # noqa: S608 -- ours
    " WHERE v.log_id = $1 AND v.handle = $2 AND d.system = $3"
    " ORDER BY v.position DESC LIMIT $4"
)


class ReissueRow(NamedTuple):
    """One request; `handle` is None once nothing in the vault has it."""

    id: str
    system: str
    handle: bytes | None
    asked_ms: int
    noted_ms: int | None


class HeldSecret(NamedTuple):
    """A decision's wrapped K."""

    id: DecisionId
    epoch: int
    wrapped: bytes


class ReissueStore:
    """The table of requests, for any number of logs."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Shares the store's pool."""
        self._pool = pool

    async def add(self, log_id: LogId, row: ReissueRow, *, kept_max: int) -> bool:
        """Keep a request; False where its system has `kept_max` already."""
        with translated():
            added = await self._pool.fetchval(
                "INSERT INTO reissues (log_id, id, system, handle, asked_ms, noted_ms)"
                " SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT count(*) FROM reissues"
                " WHERE log_id = $1 AND system = $3) < $7 RETURNING 1",
                log_id,
                *row,
                kept_max,
            )
        return added is not None

    async def find(
        self, log_id: LogId, system: str, request_id: str
    ) -> ReissueRow | None:
        """The request of this id, if it is that system's."""
        with translated():
            row = await self._pool.fetchrow(
                "SELECT id::text, system, handle, asked_ms, noted_ms FROM reissues"
                " WHERE log_id = $1 AND id = $2 AND system = $3",
                log_id,
                request_id,
                system,
            )
        return None if row is None else ReissueRow(*row)

    async def secrets(
        self, log_id: LogId, system: str, handle: bytes, *, limit: int
    ) -> list[HeldSecret]:
        """The wrapped K of each decision of a system under a handle, newest first."""
        with translated():
            rows = await self._pool.fetch(_SECRETS, log_id, handle, system, limit)
        return [HeldSecret(*row) for row in rows]

    async def joined(
        self, log_id: LogId, pairs: Sequence[tuple[str, bytes]]
    ) -> list[tuple[str, bytes]]:
        """Those of these (system, handle) under which the system decided, in order."""
        with translated():
            rows = await self._pool.fetch(
                "SELECT u.system, u.handle FROM unnest($2::text[], $3::bytea[])"
                " WITH ORDINALITY u(system, handle, n) WHERE EXISTS (SELECT FROM vault v"
                " JOIN decisions d ON d.log_id = v.log_id AND d.position = v.position"
                " WHERE v.log_id = $1 AND v.handle = u.handle AND d.system = u.system)"
                " ORDER BY u.n",
                log_id,
                [system for system, _ in pairs],
                [handle for _, handle in pairs],
            )
        return [(row[0], row[1]) for row in rows]

    async def of_handle(
        self, log_id: LogId, system: str, handle: bytes
    ) -> list[ReissueRow]:
        """The requests for a system's decisions under a handle, in no order."""
        with translated():
            rows = await self._pool.fetch(
                "SELECT id::text, system, handle, asked_ms, noted_ms FROM reissues"
                " WHERE log_id = $1 AND system = $2 AND handle = $3",
                log_id,
                system,
                handle,
            )
        return [ReissueRow(*row) for row in rows]

    async def waiting(self, log_id: LogId, *, limit: int) -> list[ReissueRow]:
        """Requests that no entry tells yet, the oldest first."""
        with translated():
            rows = await self._pool.fetch(
                "SELECT id::text, system, handle, asked_ms, noted_ms FROM reissues"
                " WHERE log_id = $1 AND noted_ms IS NULL AND handle IS NOT NULL"
                " ORDER BY asked_ms, id LIMIT $2",
                log_id,
                limit,
            )
        return [ReissueRow(*row) for row in rows]

    async def drop_handles(self, log_id: LogId, requests: Sequence[str]) -> None:
        """Forget the handles of requests that find nothing to give."""
        with translated():
            await self._pool.execute(
                "UPDATE reissues SET handle = NULL"
                " WHERE log_id = $1 AND id = ANY ($2::uuid[])",
                log_id,
                requests,
            )

    async def tidy(
        self, log_id: LogId, *, noted_before_ms: int, asked_before_ms: int
    ) -> None:
        """Drop requests that were answered long ago, and handles that find nothing.

        What was noted before the one time goes, and of what found nothing what was asked
        before the other.
        """
        with translated():
            await self._pool.execute(
                "DELETE FROM reissues WHERE log_id = $1 AND (noted_ms < $2"
                " OR (noted_ms IS NULL AND handle IS NULL AND asked_ms < $3))",
                log_id,
                noted_before_ms,
                asked_before_ms,
            )
            await self._pool.execute(_DROP_FOUND_NOTHING, log_id)
