"""Counts for pages: what the log holds, brought up by position, once for all who ask."""

import asyncio
from pathlib import Path

import pytest

from api.first import EXAMPLE_SYSTEM
from api.web.figures import Counting, Figures
from ledger.log.book import Book
from tests.world.desk import Desk
from tests.world.service import decision

pytestmark = pytest.mark.postgres


async def recount(book: Book) -> tuple[int, dict[str, int], dict[int, int]]:
    """The same figures from every decision there is."""
    rows = await book.reader.decisions(
        system=None, since_s=0, until_s=2**62, after=-1, limit=1_000
    )
    systems: dict[str, int] = {}
    hours: dict[int, int] = {}
    for row in rows:
        systems[row.system] = systems.get(row.system, 0) + 1
        hours[row.time_s // 3600] = hours.get(row.time_s // 3600, 0) + 1
    return len(rows), systems, hours


async def test_they_follow_the_log_and_read_only_what_is_new(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.web.figures.FIGURE_SPAN_ENTRIES", 4)
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        other = {**EXAMPLE_SYSTEM, "system": "other"}
        await desk.act(book, "system.register", other)
        counting, asked = Counting(), []
        real = book.store.figures.count

        async def count(
            log_id: int, systems: list[str], start: int, stop: int
        ) -> object:
            asked.append((start, stop))
            return await real(log_id, systems, start, stop)  # type: ignore[arg-type]

        monkeypatch.setattr(book.store.figures, "count", count)
        assert (await counting.current(book)).decisions == 0
        for round_ in range(3):
            for system in ("example", "other", "example"):
                await desk.record(book, decision(system=system))
            size, begun = int(book.reader.size()), len(asked)
            together = await asyncio.wait_for(
                _together(counting, book, readers=5), timeout=60
            )
            assert all(one is together[0] for one in together)
            figures = together[0]
            found = (figures.decisions, dict(figures.systems), dict(figures.hours))
            assert found == await recount(book)
            assert figures.decisions == 3 * (round_ + 1)
            assert sum(figures.all_days.values()) == figures.decisions
            assert sum(figures.days_of("other").values()) == round_ + 1
            spans = asked[begun:]
            assert all(stop - start <= 4 for start, stop in spans)
            assert sum(stop - start for start, stop in spans) == 3
            assert spans[-1][1] == size
        begun = len(asked)
        await counting.current(book)
        assert len(asked) == begun


async def _together(counting: Counting, book: Book, *, readers: int) -> list[Figures]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(counting.current(book)) for _ in range(readers)]
    return [task.result() for task in tasks]
