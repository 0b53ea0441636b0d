"""Sign-ins that are spent, by the hash of their state, until they expire."""

import asyncpg

from ledger.ids import LogId
from ledger.storage.session import translated


class SignInStore:
    """The table of spent sign-ins, for any number of logs."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Shares the store's pool."""
        self._pool = pool

    async def spend(
        self, log_id: LogId, state: bytes, *, expires_ms: int, now_ms: int
    ) -> bool:
        """Spend a state, for good; False where it was spent before.

        Those that have expired are forgotten in passing: nobody opens them again.
        """
        with translated():
            await self._pool.execute(
                "DELETE FROM spent_sign_ins WHERE log_id = $1 AND expires_ms < $2",
                log_id,
                now_ms,
            )
            added = await self._pool.fetchval(
                "INSERT INTO spent_sign_ins (log_id, state, expires_ms)"
                " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1",
                log_id,
                state,
                expires_ms,
            )
        return added is not None
