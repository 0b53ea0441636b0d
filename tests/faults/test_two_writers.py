"""Two writers on one database at the same time: one log, whoever is faster."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.log.pending import Outcome, Recorded
from tests.faults.failing import KEPT, LOST, Faults
from tests.world.desk import Desk, told
from tests.world.service import decision

pytestmark = pytest.mark.postgres


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk(database, tmp_path) as desk:
        yield desk


async def test_both_write_and_nothing_is_lost_or_doubled(desk: Desk) -> None:
    books = [await desk.open(), await desk.open()]
    before = await desk.size()
    outcomes: list[Outcome] = []

    async def client(number: int) -> None:
        for _ in range(6):
            bodies = [decision() for _ in range(5)]
            outcomes.extend(await desk.record(books[number % 2], *bodies))

    async with asyncio.TaskGroup() as group:
        for number in range(6):
            group.create_task(client(number))

    assert {told(one) for one in outcomes} == {True}
    indexes = sorted(one.index for one in outcomes if isinstance(one, Recorded))
    assert indexes == list(range(before, before + 180))
    await desk.check()


async def test_one_id_sent_to_both_at_once_is_one_decision(desk: Desk) -> None:
    books = [await desk.open(), await desk.open()]
    before = await desk.size()
    bodies = [decision(id=str(uuid4())) for _ in range(20)]

    async def client(number: int) -> list[Outcome]:
        return await desk.record(books[number % 2], *bodies)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(client(number)) for number in range(6)]

    for same in zip(*[task.result() for task in tasks], strict=True):
        receipts = [one for one in same if isinstance(one, Recorded)]
        assert len(receipts) == 6
        assert len({(one.index, one.leaf, one.secret) for one in receipts}) == 1
        assert sum(one.created for one in receipts) == 1
    assert await desk.size() == before + 20
    await desk.check()


async def test_one_learns_what_was_registered_at_the_other(desk: Desk) -> None:
    first, second = await desk.open(), await desk.open()
    body = {"system": "example", "version": "v9"}

    assert told(await desk.act(first, "system.version", body)) is True
    outcome = await desk.record(second, decision(system_version="v9"))

    assert [told(one) for one in outcome] == [True]
    await desk.check()


async def test_one_fails_while_the_other_writes(desk: Desk) -> None:
    faults = Faults()
    failing, sound = await desk.open(wrap=faults.wrap), await desk.open()
    for verb, fate in (("append", KEPT), ("commit", LOST), ("commit", KEPT)) * 2:
        faults.plan(verb, fate)
    outcomes: list[Outcome] = []

    async def client(number: int) -> None:
        for _ in range(100):
            if faults.planned:
                book = (failing, sound)[number % 2]
                outcomes.extend(await desk.record(book, decision()))

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(client(number))

    assert faults.planned == []
    assert {told(one) for one in outcomes} == {True, False}
    await desk.check()
