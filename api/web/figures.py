"""How many decisions, of which systems, when: kept in this process, brought up by position.

A page at a million decisions must not read a million rows: each process counts what lies
below the newest checkpoint once, in spans, and from then on only what is new. The counts
follow from the log alone, so that every process has the same.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger.limits import FIGURE_SPAN_ENTRIES
from ledger.log.book import Book

HOURS: Final = 24  # hours a day


@dataclass(slots=True)
class Figures:
    """Counts of one ledger; owned by `Counting`, read by pages between two awaits.

    Attributes:
        size: they cover the entries below it.
        systems: decisions of each system.
        hours: decisions by hour since 1970, of all systems. Grows by 24 keys a day.
        all_days: decisions by day since 1970, of all systems.
        days: the same of each system. One key a system and day.
    """

    size: int = 0
    systems: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    hours: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    all_days: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    days: dict[str, dict[int, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )

    @property
    def decisions(self) -> int:
        """Of all systems."""
        return sum(self.systems.values())

    def days_of(self, system: str) -> Mapping[int, int]:
        """Decisions of one system by day since 1970."""
        return self.days.get(system, {})


class Counting:
    """The figures of every ledger of this process."""

    def __init__(self) -> None:
        """Nothing was counted yet."""
        self._figures: dict[str, Figures] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def current(self, book: Book) -> Figures:
        """The figures of everything the newest checkpoint covers.

        Raises:
            UnavailableError: no checkpoint yet, or the database does not answer.
        """
        name = book.ledger.name
        figures = self._figures.setdefault(name, Figures())
        while figures.size < book.reader.size():
            task = self._under_way.get(name)
            if task is None or task.done():
                task = asyncio.create_task(self._bring_up(book, figures))
                self._under_way[name] = task
            # A reader who hangs up does not take the counting from the others.
            await asyncio.shield(task)
        return figures

    async def _bring_up(self, book: Book, figures: Figures) -> None:
        size = int(book.reader.size())
        log_id = book.ledger.log_id
        # Every system of a covered decision has its counter: both came in one commit.
        systems = list(await book.store.counters(log_id))
        while figures.size < size:
            stop = min(size, figures.size + FIGURE_SPAN_ENTRIES)
            rows = await book.store.figures.count(log_id, systems, figures.size, stop)
            for row in rows:
                figures.systems[row.system] += row.decisions
                figures.hours[row.hour] += row.decisions
                day = row.hour // HOURS
                figures.all_days[day] += row.decisions
                figures.days[row.system][day] += row.decisions
            figures.size = stop
