"""Counts of decisions, for pages: read in spans of positions, so that only news is read."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from ledger.ids import LogId
from ledger.storage.session import translated


class CountRow(NamedTuple):
    """How many decisions of a system have their leaf's time in one hour.

    `hour`: whole hours since 1970, in UTC. A tuple's own `count` is a method.
    """

    system: str
    hour: int
    decisions: int


class FigureStore:
    """The counts, for any number of logs."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Shares the store's pool."""
        self._pool = pool

    async def count(
        self, log_id: LogId, systems: Sequence[str], start: int, stop: int
    ) -> list[CountRow]:
        """Decisions of these systems with start ≤ index < stop, by system and hour."""
        # The index is by system, then position: a span of news is read, never the table.
        with translated():
            rows = await self._pool.fetch(
                "SELECT system, time_s / 3600, count(*) FROM decisions"
                " WHERE log_id = $1 AND system = ANY($2::text[])"
                " AND position >= $3 AND position < $4 GROUP BY 1, 2",
                log_id,
                systems,
                start,
                stop,
            )
        return [CountRow(*row) for row in rows]
