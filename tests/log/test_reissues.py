"""Receipts asked for again: noted once a sweep, given after the delay, unless stopped."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from typing_extensions import override

from ledger.clock import SystemClock
from ledger.entries.entry import ReceiptReissued
from ledger.errors import NotFoundError, RejectedError
from ledger.log import reissues
from ledger.log.book import Book
from ledger.log.reissues import Reissue
from tests.log.sweeping import Holder, Sweeps, sweeps

pytestmark = pytest.mark.postgres

DAY_MS = 24 * 3600 * 1000
NOTHING = Reissue(status="nothing", available_ms=None, receipts=())
WAITING = Reissue(status="waiting", available_ms=None, receipts=())


class Hands(SystemClock):
    """The real clock, set forward by hand."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    @override
    def now_ms(self) -> int:
        return super().now_ms() + self.ahead_ms


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
async def world(database: str, tmp_path: Path, clock: Hands) -> AsyncIterator[Sweeps]:
    async with sweeps(database, tmp_path, clock) as world:
        yield world


async def of(world: Sweeps, book: Book, ref: str, count: int = 1) -> list[Holder]:
    return await world.people(book, count, subject={"ref": ref})


def given(found: Reissue) -> dict[str, bytes]:
    assert found.status == "ready"
    return dict(found.receipts)


async def test_asked_noted_and_given(world: Sweeps, clock: Hands) -> None:
    book = await world.desk.open()
    people = await of(world, book, "customer 1", 3)
    await of(world, book, "customer 2")
    one = await book.reissues.ask("example", "customer 1")
    none = await book.reissues.ask("example", "customer 3")
    assert await book.reissues.find("example", one) == WAITING

    swept = await world.sweep(book)

    assert swept is not None
    assert swept.noted == 1
    ids = tuple(sorted(person.id for person in people))
    assert await world.entries(book, ReceiptReissued) == [ids]
    found = await book.reissues.find("example", one)
    assert (found.status, found.receipts) == ("waiting", ())
    state = (await book.projection.refreshed()).state
    assert found.available_ms == state.log_time_ms + 1_000
    assert await book.reissues.find("example", none) == NOTHING

    clock.ahead_ms += 2_000
    told = given(await book.reissues.find("example", one))
    assert told == {person.id: person.secret for person in people}
    # What is recorded later was not noted, and is not given.
    await of(world, book, "customer 1")
    assert given(await book.reissues.find("example", one)) == told
    swept = await world.sweep(book)
    assert swept is not None
    assert swept.noted == 0
    await world.desk.check()


async def test_whoever_holds_a_receipt_stops_its_own(
    world: Sweeps, clock: Hands
) -> None:
    book = await world.desk.open()
    first, second = await of(world, book, "customer 1", 2)
    request = await book.reissues.ask("example", "customer 1")
    await world.sweep(book)
    await first.show(world.desk, book, "reissue.stop")
    clock.ahead_ms += 2_000
    assert given(await book.reissues.find("example", request)) == {
        second.id: second.secret
    }

    request = await book.reissues.ask("example", "customer 1")
    await world.sweep(book)
    for one in (first, second):
        await one.show(world.desk, book, "reissue.stop")
    assert (await book.reissues.find("example", request)).status == "stopped"
    clock.ahead_ms += 2_000
    assert (await book.reissues.find("example", request)).status == "stopped"


async def test_one_list_a_sweep_of_all_who_asked(world: Sweeps) -> None:
    book = await world.desk.open()
    people = [one for ref in ("a", "b", "c") for one in await of(world, book, ref, 2)]
    for ref in ("b", "a", "c", "b"):
        await book.reissues.ask("example", ref)

    swept = await world.sweep(book)

    assert swept is not None
    assert swept.noted == 4
    ids = tuple(sorted(one.id for one in people))
    assert await world.entries(book, ReceiptReissued) == [ids]


async def test_more_than_one_entry_can_tell(
    world: Sweeps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reissues, "NAMED_DECISIONS_MAX", 3)
    monkeypatch.setattr(reissues, "NOTED_AT_ONCE", 2)
    book = await world.desk.open()
    for ref in ("a", "b", "c", "d"):
        await of(world, book, ref, 2)
        await book.reissues.ask("example", ref)

    swept = await world.sweep(book)

    assert swept is not None
    assert swept.noted == 4
    entries = await world.entries(book, ReceiptReissued)
    assert [len(one) for one in entries] == [2, 2, 2, 2]
    assert all(one == tuple(sorted(one)) for one in entries)


async def test_what_was_erased_is_not_given(world: Sweeps, clock: Hands) -> None:
    book = await world.desk.open()
    gone, stays = await of(world, book, "customer 1", 2)
    (alone,) = await of(world, book, "customer 2")
    both = await book.reissues.ask("example", "customer 1")
    single = await book.reissues.ask("example", "customer 2")
    await world.sweep(book)
    await world.ask(book, [gone, alone])
    await world.sweep(book)
    clock.ahead_ms += 2_000

    assert given(await book.reissues.find("example", both)) == {stays.id: stays.secret}
    assert await book.reissues.find("example", single) == NOTHING
    # Nothing of the person is left: the handle went too.
    (row,) = await world.rows("SELECT handle FROM reissues WHERE id = $1::uuid", single)
    assert row[0] is None


async def test_another_system_is_not_answered(world: Sweeps) -> None:
    book = await world.desk.open()
    await of(world, book, "customer 1")
    request = await book.reissues.ask("example", "customer 1")
    for system, name in (("other", request), ("example", str(uuid4()))):
        with pytest.raises(NotFoundError):
            await book.reissues.find(system, name)


async def test_the_reference_is_never_stored_and_requests_are_bounded(
    world: Sweeps, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await world.desk.open()
    monkeypatch.setattr(reissues, "REISSUES_SYSTEM_MAX", 2)
    for _ in range(2):
        await book.reissues.ask("example", "customer 1")
    with pytest.raises(RejectedError) as refused:
        await book.reissues.ask("example", "customer 1")
    assert refused.value.kind == "too-many-reissues"

    rows = await world.rows("SELECT * FROM reissues")
    assert len(rows) == 2
    assert b"customer" not in b"".join(
        value if isinstance(value, bytes) else str(value).encode()
        for row in rows
        for value in row.values()
    )


async def test_requests_are_dropped_30_days_after_they_could_be_answered(
    world: Sweeps, clock: Hands
) -> None:
    book = await world.desk.open()
    await of(world, book, "customer 1")
    for ref in ("customer 1", "customer 2"):
        await book.reissues.ask("example", ref)
    await world.sweep(book)
    for days, left in ((29, 2), (2, 0)):
        clock.ahead_ms += days * DAY_MS
        await world.sweep(book)
        assert len(await world.rows("SELECT FROM reissues")) == left
