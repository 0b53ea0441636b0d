"""The real wire to a real PostgreSQL, cut before, during and after COMMIT."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.log import outcome
from ledger.log.book import Book
from ledger.log.pending import Recorded
from tests.faults.proxy import AFTER, BEFORE, DURING, CutWire
from tests.world.desk import Desk, told
from tests.world.service import decision

pytestmark = pytest.mark.postgres


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk(database, tmp_path) as desk:
        yield desk


@pytest.fixture
async def wire(desk: Desk) -> AsyncIterator[CutWire]:
    async with CutWire(desk.database) as wire:
        yield wire


@pytest.fixture
async def book(desk: Desk, wire: CutWire) -> Book:
    return await desk.open(database=wire.dsn)


@pytest.mark.parametrize("cut", [BEFORE, DURING, AFTER])
@pytest.mark.parametrize("count", [1, 100])
async def test_the_writer_finds_out_what_became_of_its_commit(
    desk: Desk, wire: CutWire, book: Book, cut: str, count: int
) -> None:
    bodies = [decision(id=str(uuid4())) for _ in range(count)]
    before = await desk.size()
    wire.cut = cut

    first = await desk.record(book, *bodies)
    after = await desk.size()
    again = await desk.record(book, *bodies)

    assert wire.cuts == 1
    assert {told(one) for one in first} <= {True, False}
    if cut != DURING:
        assert told(first[0]) is (cut == AFTER)
    assert after - before == sum(told(one) is True for one in first)
    assert {told(one) for one in again} == {True}
    assert await desk.size() == before + count
    await desk.check()


async def test_a_database_that_stays_away_leaves_the_outcome_unknown(
    desk: Desk, wire: CutWire, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "RESOLVE_TRIES", 2)
    body = decision(id=str(uuid4()))
    wire.cut, wire.refuses = AFTER, True

    first = await desk.record(book, body)
    meanwhile = await desk.record(book, decision())
    wire.refuses = False
    again = (await desk.record(book, body))[0]

    assert [told(one) for one in first] == [None]
    assert [told(one) for one in meanwhile] == [False]
    assert isinstance(again, Recorded)
    assert not again.created
    await desk.check()


async def test_another_writer_answers_the_retry_of_a_lost_answer(
    desk: Desk, wire: CutWire, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client turns to another host while the first one does not know yet."""
    monkeypatch.setattr(outcome, "RESOLVE_TRIES", 1)
    other = await desk.open()
    body = decision(id=str(uuid4()))
    wire.cut, wire.refuses = AFTER, True

    first = await desk.record(book, body)
    again = (await desk.record(other, body))[0]

    assert [told(one) for one in first] == [None]
    assert isinstance(again, Recorded)
    assert not again.created
    await desk.check()
