"""What the sweep asks of the store: its turn, and to erase again what a restore brought."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from ledger.ids import LogId
from ledger.storage.erasure import erase
from ledger.storage.session import translated

SWEEP_LOCK: Final = (
    0x73776570  # "swep": our key among the advisory locks of two numbers
)
ERASED_IDS: Final = 1_000  # ids a transaction; tens of ms of row locks


class SweepStore:
    """The store's part of sweeping, for any number of logs."""

    def __init__(self, dsn: str, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """A turn takes a connection of its own; the rest shares the store's pool."""
        self._dsn = dsn
        self._pool = pool

    @asynccontextmanager
    async def turn(self, log_id: LogId) -> AsyncIterator[bool]:
        """Whether it is ours to sweep: one of all processes and hosts at a time.

        The turn ends with the block, or with the connection: nobody who died keeps it.

        Raises:
            UnavailableError: nobody answers.
        """
        with translated():
            connection = await asyncpg.connect(self._dsn, timeout=10)
        try:
            with translated():
                ours = await connection.fetchval(
                    "SELECT pg_try_advisory_lock($1, $2)", SWEEP_LOCK, log_id
                )
            yield ours is True
        finally:
            connection.terminate()

    async def newest_ms(self, log_id: LogId) -> int | None:
        """When the log was last swept to the end, by the clock of who did; or None."""
        with translated():
            found = await self._pool.fetchval(
                "SELECT swept_ms FROM sweeps WHERE log_id = $1", log_id
            )
        return None if found is None else int(found)

    async def note(self, log_id: LogId, swept_ms: int) -> None:
        """Note a sweep that came to its end."""
        with translated():
            await self._pool.execute(
                "INSERT INTO sweeps (log_id, swept_ms) VALUES ($1, $2)"
                " ON CONFLICT (log_id) DO UPDATE SET swept_ms = excluded.swept_ms",
                log_id,
                swept_ms,
            )

    async def erase_again(
        self, log_id: LogId, decisions: Sequence[str], acts: Sequence[str]
    ) -> int:
        """Erase what should not be here any more; how many rows there were."""
        done = 0
        for at in range(0, max(len(decisions), len(acts)), ERASED_IDS):
            end = at + ERASED_IDS
            with translated():
                async with self._pool.acquire() as connection, connection.transaction():
                    done += await erase(
                        connection, log_id, decisions[at:end], acts[at:end]
                    )
        return done
