"""Log time in the log: what is due is recorded first, by whoever writes or finds it."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typing_extensions import override

from ledger.clock import SystemClock
from ledger.entries.codec import decode_entry
from ledger.entries.entry import TimePassed
from ledger.governance.assembly.status import phase_of
from ledger.limits import TIME_PASSED_LATE_MS
from ledger.log.book import Book
from ledger.log.pending import Recorded
from tests.world.desk import Desk

pytestmark = pytest.mark.postgres
DAY_MS = 86_400_000
OPENED: dict[str, Any] = {
    "nonce": "1",
    "title": "A title",
    "text": "",
    "actions": [],
    "ballot": {"method": "yesno"},
    "expedited": False,
}


class MovedClock(SystemClock):
    """The machine's clock, moved."""

    ahead_ms = 0

    @override
    def now_ms(self) -> int:
        return super().now_ms() + self.ahead_ms


async def passings(desk: Desk, book: Book) -> list[int]:
    """The indexes of every time.passed."""
    rows = await book.store.record_leaves(desk.row.log_id, -1, 1_000)
    return [at for at, leaf in rows if isinstance(decode_entry(leaf), TimePassed)]


async def test_an_idle_writer_records_it_once_among_many(
    database: str, tmp_path: Path
) -> None:
    clock = MovedClock()
    async with Desk(database, tmp_path, clock) as desk:
        book, other = await desk.open(), await desk.open()
        assert isinstance(await desk.act(book, "proposal.open", OPENED), Recorded)
        await book.sequencer._tend_quietly()
        assert await passings(desk, book) == []

        clock.ahead_ms = 30 * DAY_MS + TIME_PASSED_LATE_MS + 1_000
        for writer in (other, book, other):
            await writer.sequencer._tend_quietly()
        assert len(await passings(desk, book)) == 1
        state = (await book.projection.refreshed()).state
        (proposal,) = state.assembly.proposals.values()
        assert proposal.ending is not None
        assert phase_of(proposal, state.log_time_ms) == "Expired"
        await desk.check()


async def test_it_tells_refusals_that_no_leaf_told(
    database: str, tmp_path: Path
) -> None:
    clock = MovedClock()
    async with Desk(database, tmp_path, clock) as desk:
        book = await desk.open()
        connection = await asyncpg.connect(database)
        await connection.execute(
            "INSERT INTO counters (log_id, system, seq, refused)"
            " VALUES ($1, 'example', 0, 7)",
            desk.row.log_id,
        )
        await connection.close()
        for number, told in enumerate(({"example": 7}, {})):
            body = {**OPENED, "nonce": f"n{number}"}
            await desk.act(book, "proposal.open", body)
            clock.ahead_ms += 30 * DAY_MS + TIME_PASSED_LATE_MS + 1_000
            await book.sequencer._tend_quietly()
            rows = await book.store.record_leaves(desk.row.log_id, -1, 1_000)
            passed = [decode_entry(leaf) for _, leaf in rows][-1]
            assert isinstance(passed, TimePassed)
            assert passed.refused == told
        await desk.check()


async def test_a_writer_records_it_before_the_act_that_comes_later(
    database: str, tmp_path: Path
) -> None:
    clock = MovedClock()
    async with Desk(database, tmp_path, clock) as desk:
        book = await desk.open()
        await desk.act(book, "proposal.open", OPENED)
        clock.ahead_ms = 30 * DAY_MS + 1
        told = await desk.act(book, "proposal.open", {**OPENED, "nonce": "2"})
        assert isinstance(told, Recorded)
        assert await passings(desk, book) == [told.index - 1]
        await desk.check()
