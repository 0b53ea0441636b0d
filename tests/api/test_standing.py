"""What is shown of the community is covered by a signed checkpoint, or is not shown."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.governance import standing
from ledger.errors import UnavailableError
from ledger.ids import SystemId
from ledger.log import book as books
from ledger.log.book import Book
from ledger.log.release import Release
from tests.world.desk import Desk

pytestmark = pytest.mark.postgres


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk(database, tmp_path) as desk:
        yield desk


class Slow:
    """Holds up what a book wants to keep as released, as a slow disk would."""

    def __init__(self, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
        self.goes_on, self.began = asyncio.Event(), asyncio.Event()
        keep = book.guard.keep

        async def wait(release: Release) -> None:
            self.began.set()
            await self.goes_on.wait()
            await keep(release)

        monkeypatch.setattr(book.guard, "keep", wait)


async def test_a_state_waits_for_the_checkpoint_that_covers_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, other = await desk.open(), await desk.open()
    body = {"system": "example", "version": "v2"}
    disk = Slow(book, monkeypatch)
    sent = asyncio.create_task(desk.act(book, "system.version", body))
    await disk.began.wait()
    shown = [asyncio.create_task(standing(one)) for one in (book, other)]
    done, _ = await asyncio.wait(shown, timeout=0.2)
    assert not done, "committed, and nothing signed says so"

    disk.goes_on.set()

    for task in shown:
        size, state = await task
        assert size <= book.reader.size()
        assert "v2" in state.systems[SystemId("example")].versions
    await sent
    await desk.check()


async def test_a_state_that_nobody_signs_is_not_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "COVERED_WAIT_S", 0.1)
    book = await desk.open()
    disk = Slow(book, monkeypatch)
    body = {"system": "example", "version": "v2"}
    sent = asyncio.create_task(desk.act(book, "system.version", body))
    await disk.began.wait()

    with pytest.raises(UnavailableError, match="not signed yet"):
        await standing(book)

    disk.goes_on.set()
    await sent
    await desk.check()
