"""Receipts asked for by whoever proved an identifier: as slow, and as public, as others."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from typing_extensions import override

from ledger.clock import SystemClock
from ledger.entries.entry import ReceiptReissued
from ledger.errors import RejectedError
from ledger.log import proven
from ledger.log.book import Book
from ledger.log.proven import Proven
from tests.log.sweeping import Holder, Sweeps, sweeps

pytestmark = pytest.mark.postgres

NOTHING = Proven(status="nothing", more=False, available_ms=None, receipts=[])
WAITING = Proven(status="waiting", more=False, available_ms=None, receipts=[])


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


async def about(world: Sweeps, book: Book, ref: str, count: int = 1) -> list[Holder]:
    return await world.people(book, count, subject={"ref": ref})


async def noted(world: Sweeps, book: Book) -> int:
    swept = await world.sweep(book)
    assert swept is not None
    return swept.noted


async def rows(world: Sweeps) -> int:
    (row,) = await world.rows("SELECT count(*) FROM reissues")
    return int(row[0])


async def test_asked_noted_without_a_name_and_given_after_the_delay(
    world: Sweeps, clock: Hands
) -> None:
    book = await world.desk.open()
    people = await about(world, book, "carmen", 3)
    (other,) = await about(world, book, "somebody else")

    assert await book.proven.ask("carmen") == WAITING
    assert await noted(world, book) == 1
    ids = tuple(sorted(person.id for person in people))
    assert await world.entries(book, ReceiptReissued) == [ids]
    assert other.id not in ids
    found = await book.proven.ask("carmen")
    state = (await book.projection.refreshed()).state
    assert found.status == "waiting"
    assert found.available_ms == state.log_time_ms + 1_000
    assert found.receipts == []

    clock.ahead_ms += 2_000
    found = await book.proven.ask("carmen")
    assert (found.status, found.more, found.available_ms) == ("ready", False, None)
    assert dict(found.receipts) == {one.id: one.secret for one in people}
    assert (await book.proven.ask("carmen")).status == "ready"
    assert await rows(world) == 1
    await world.desk.check()


async def test_whom_nobody_knows_asks_for_nothing(world: Sweeps) -> None:
    book = await world.desk.open()
    await about(world, book, "carmen")

    for identifier in ("carme", "Carmen", "carmen ", "x" * 256):
        assert await book.proven.ask(identifier) == NOTHING
    assert await rows(world) == 0


async def test_asking_often_is_one_request(world: Sweeps) -> None:
    book = await world.desk.open()
    await about(world, book, "carmen")

    for _ in range(5):
        assert await book.proven.ask("carmen") == WAITING
    assert await rows(world) == 1
    assert await noted(world, book) == 1
    for _ in range(5):
        assert (await book.proven.ask("carmen")).status == "waiting"
    assert await rows(world) == 1
    assert await noted(world, book) == 0


async def test_whoever_holds_the_receipt_stops_it_and_asking_again_changes_nothing(
    world: Sweeps, clock: Hands
) -> None:
    book = await world.desk.open()
    (holder,) = await about(world, book, "carmen")
    await book.proven.ask("carmen")
    await noted(world, book)
    await holder.show(world.desk, book, "reissue.stop")

    clock.ahead_ms += 2_000
    for _ in range(2):
        found = await book.proven.ask("carmen")
        assert (found.status, found.receipts) == ("stopped", [])
    assert await noted(world, book) == 0
    assert await rows(world) == 1


async def test_what_is_decided_later_waits_beside_what_is_ready(
    world: Sweeps, clock: Hands
) -> None:
    book = await world.desk.open()
    (first,) = await about(world, book, "carmen")
    await book.proven.ask("carmen")
    await noted(world, book)
    clock.ahead_ms += 2_000
    (second,) = await about(world, book, "carmen")

    found = await book.proven.ask("carmen")
    assert (found.status, found.more, found.available_ms) == ("ready", True, None)
    assert dict(found.receipts) == {first.id: first.secret}
    assert await noted(world, book) == 1
    found = await book.proven.ask("carmen")
    assert (found.status, found.more) == ("ready", True)
    assert dict(found.receipts) == {first.id: first.secret}
    assert found.available_ms is not None
    clock.ahead_ms += 2_000
    found = await book.proven.ask("carmen")
    assert dict(found.receipts) == {one.id: one.secret for one in (first, second)}


async def test_a_request_of_the_deployers_own_is_joined(
    world: Sweeps, clock: Hands
) -> None:
    book = await world.desk.open()
    (person,) = await about(world, book, "carmen")
    await book.reissues.ask("example", "carmen")

    assert await book.proven.ask("carmen") == WAITING
    assert await rows(world) == 1
    await noted(world, book)
    clock.ahead_ms += 2_000
    assert dict((await book.proven.ask("carmen")).receipts) == {
        person.id: person.secret
    }


async def test_a_system_whose_deployer_knows_people_otherwise_is_left_alone(
    world: Sweeps,
) -> None:
    """One deployer's customer 7 is not another's."""
    book = await world.desk.open()
    await about(world, book, "7")

    assert await book.proven.ask("7", frozenset()) == NOTHING
    assert await book.proven.ask("7", {"another"}) == NOTHING
    assert await rows(world) == 0
    assert await book.proven.ask("7", {"example"}) == WAITING


async def test_a_system_with_too_many_requests_is_told(
    world: Sweeps, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await world.desk.open()
    await about(world, book, "carmen")
    monkeypatch.setattr(proven, "REISSUES_SYSTEM_MAX", 1)
    await book.reissues.ask("example", str(uuid4()))

    with pytest.raises(RejectedError) as raised:
        await book.proven.ask("carmen")
    assert raised.value.kind == "too-many-reissues"
    assert await rows(world) == 1


async def test_the_identifier_is_nowhere_in_the_database(world: Sweeps) -> None:
    book = await world.desk.open()
    await about(world, book, "canary-of-carmen")
    await book.proven.ask("canary-of-carmen")
    await noted(world, book)

    held = await world.rows("SELECT r::text FROM reissues r")
    assert held != []
    assert "canary" not in str(held)
    assert b"canary".hex() not in str(held)
