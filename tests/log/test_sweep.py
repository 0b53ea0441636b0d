"""The sweep: what is due is erased, in order of id, by one of many; keys turn."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledger.entries.case import derive_case
from ledger.entries.part import part_name
from ledger.errors import ErasedError, FatalError
from ledger.ids import DecisionId
from ledger.log import erasing, rotation, vault
from ledger.log.keyring import Keyring
from ledger.log.pending import Recorded
from ledger.log.sweep import DAY_S, EPOCH_S
from tests.log.sweeping import Sweeps, sweeps
from tests.world.service import decision

pytestmark = pytest.mark.postgres


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[Sweeps]:
    async with sweeps(database, tmp_path) as world:
        yield world


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "LOOK_S", 0.05)
    monkeypatch.setattr(rotation, "SEEN_S", 0.1)


# ---- erasing ------------------------------------------------------------------------------


async def test_what_is_asked_for_is_gone_and_the_rest_stays(world: Sweeps) -> None:
    desk = world.desk
    book = await desk.open()
    people = await world.people(book, 3)
    gone, *stay = people
    await world.ask(book, [gone])

    swept = await world.sweep(book)

    assert swept is not None
    assert (swept.erased, swept.again, swept.turned) == (1, 0, False)
    assert await world.held() == sorted(one.id for one in stay)
    assert await world.erased(book) == [(gone.id,)]
    assert world.file.ids() == {gone.id}
    state = (await book.projection.refreshed()).state
    assert state.cases.erasures[DecisionId(gone.id)].executed_ms == state.log_time_ms
    # Asked again, and sent again: it was here, and was erased on purpose.
    sent = decision(id=gone.id)
    assert [type(one) for one in await desk.record(book, sent)] == [ErasedError]
    again = await world.sweep(book)
    assert again is not None
    assert (again.erased, again.again) == (0, 0)
    assert len(await world.erased(book)) == 1
    await desk.check()


async def test_in_order_of_id_and_so_many_an_entry(
    world: Sweeps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "NAMED_DECISIONS_MAX", 3)
    book = await world.desk.open()
    people = await world.people(book, 8)
    await world.ask(book, sorted(people, key=lambda one: one.id, reverse=True))

    swept = await world.sweep(book)

    ids = sorted(one.id for one in people)
    assert swept is not None
    assert swept.erased == 8
    assert await world.erased(book) == [
        tuple(ids[:3]), tuple(ids[3:6]), tuple(ids[6:])
    ]  # fmt: skip
    assert await world.held() == []
    assert world.file.ids() == set(ids)
    await world.desk.check()


async def test_what_was_withdrawn_stays(world: Sweeps) -> None:
    book = await world.desk.open()
    one, other = await world.people(book, 2)
    await world.ask(book, [one, other])
    await one.act(world.desk, book, "erasure.withdraw", decision=one.id)

    await world.sweep(book)

    assert await world.held() == [one.id]
    assert world.file.ids() == {other.id}


async def test_two_processes_at_once(world: Sweeps) -> None:
    books = [await world.desk.open(), await world.desk.open()]
    people = await world.people(books[0], 6)
    await world.ask(books[0], people)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(world.sweep(book)) for book in books * 2]

    swept = [task.result() for task in tasks]
    assert sum(one.erased for one in swept if one is not None) == 6
    erased = await world.erased(books[1])
    assert sorted(one for entry in erased for one in entry) == sorted(
        one.id for one in people
    )
    assert await world.held() == []
    await world.desk.check()


async def test_a_process_that_has_the_turn_keeps_the_others_out(world: Sweeps) -> None:
    first, second = await world.desk.open(), await world.desk.open()
    await world.ask(first, await world.people(first, 1))
    async with first.store.sweeps.turn(world.desk.row.log_id) as ours:
        assert ours
        assert await world.sweep(second) is None
    assert await world.erased(first) == []

    swept = await world.sweep(second)
    assert swept is not None
    assert swept.erased == 1


async def test_a_sweep_is_due_once_a_period(world: Sweeps) -> None:
    book = await world.desk.open()
    assert await world.sweep(book, every_s=3600) is not None
    assert await world.sweep(book, every_s=3600) is None
    assert await world.sweep(book, every_s=0) is not None


async def test_nothing_is_erased_where_the_ids_cannot_be_kept(world: Sweeps) -> None:
    book = await world.desk.open()
    (one,) = await world.people(book, 1)
    await world.ask(book, [one])
    path = world.desk.keys / "commons" / "erased"
    path.mkdir()

    with pytest.raises(Exception, match="nothing is erased before"):
        await world.sweep(book)
    assert await world.held() == [one.id]
    assert await world.erased(book) == []
    # The ledger goes on meanwhile.
    assert book.sequencer.refusal is None
    await world.people(book, 1)
    path.rmdir()
    swept = await world.sweep(book)
    assert swept is not None
    assert swept.erased == 1


async def test_what_was_said_in_its_contests_goes_too(world: Sweeps) -> None:
    """And while one is open, nothing does."""
    desk = world.desk
    book = await desk.open()
    one, other = await world.people(book, 2)
    contests = {}
    for who in (one, other):
        proof = (await book.reader.inclusion(who.index, None)).hashes
        opened = await who.act(desk, book, "contest.open", **who.opening(proof, "x"))
        assert isinstance(opened, Recorded), opened
        contests[who.id] = opened.id
        await book.parts.keep(who.blobs[0])
    await world.ask(book, [one])
    swept = await world.sweep(book)
    assert swept is not None
    assert swept.erased == 0
    await one.act(desk, book, "contest.withdraw", contest=contests[one.id])

    swept = await world.sweep(book)

    assert swept is not None
    assert swept.erased == 1
    rows = await world.rows(
        "SELECT contest, sealed IS NULL, wrapped IS NULL FROM case_parts"
    )
    assert {row[0]: (row[1], row[2]) for row in rows} == {
        contests[one.id]: (True, True),
        contests[other.id]: (False, False),
    }
    name = part_name(one.blobs[0])
    with pytest.raises(ErasedError):
        await book.parts.read(name, derive_case(one.case_key).tag)
    with pytest.raises(ErasedError):
        await book.parts.keep(one.blobs[0])
    # What is left of the other's is wrapped again when the key turns.
    swept = await world.sweep(book, backup_retention_days=0, turn_now=True)
    assert swept is not None
    assert (swept.rewrapped, swept.destroyed) == (2, [1])
    name = part_name(other.blobs[0])
    tag = derive_case(other.case_key).tag
    assert await book.parts.read(name, tag) == other.blobs[0]


# ---- epochs -------------------------------------------------------------------------------


def aged(keyring: Keyring, epoch: int, by_s: float) -> None:
    """Make a key's file older than it is."""
    path = keyring.folder / "kek" / f"{epoch}.key"
    made_s = path.stat().st_mtime - by_s
    os.utime(path, (made_s, made_s))


async def test_a_key_of_a_day_ago_gets_a_successor_and_is_destroyed_in_time(
    world: Sweeps,
) -> None:
    book = await world.desk.open()
    keyring = Keyring(world.desk.keys / "commons")
    people = await world.people(book, 4)
    swept = await world.sweep(book)
    assert swept is not None
    assert (swept.epoch, swept.turned) == (1, False)

    aged(keyring, 1, EPOCH_S + 1)
    swept = await world.sweep(book)
    assert swept is not None
    assert (swept.epoch, swept.turned, swept.rewrapped) == (2, True, 4)
    assert await world.epochs(book) == {2: 4}
    assert keyring.epochs() == [1, 2]

    # A backup of yesterday needs it until the retention is over.
    aged(keyring, 2, 7 * DAY_S - 600)
    swept = await world.sweep(book)
    assert swept is not None
    assert (swept.epoch, swept.destroyed) == (3, [])
    aged(keyring, 2, 601)
    swept = await world.sweep(book)
    assert swept is not None
    assert (swept.epoch, swept.turned, swept.destroyed) == (3, False, [1])
    assert keyring.epochs() == [2, 3]

    # No backup is kept: what is idle goes at once.
    swept = await world.sweep(book, backup_retention_days=0, turn_now=True)
    assert swept is not None
    assert (swept.epoch, swept.destroyed) == (4, [2, 3])
    # K is what it was; a retry is given it again (the desk compares).
    again = await world.desk.record(book, *(decision(id=one.id) for one in people))
    assert len(again) == 4
    await world.desk.check()


async def test_what_a_missing_key_wraps_stays_shut_and_stops_nothing(
    world: Sweeps,
) -> None:
    """A backup older than the retention was restored: its wrapped keys open no more."""
    book = await world.desk.open()
    keyring = Keyring(world.desk.keys / "commons")
    await world.people(book, 2)
    swept = await world.sweep(book, turn_now=True)
    assert swept is not None
    assert swept.rewrapped == 2
    await world.rows("UPDATE vault SET epoch = 1 WHERE position = 2")
    keyring.destroy_wrapping_key(1)
    (one,) = await world.people(book, 1)
    await world.ask(book, [one])

    swept = await world.sweep(book, turn_now=True)

    assert swept is not None
    assert (swept.missing, swept.rewrapped, swept.erased) == ([1], 1, 1)
    with pytest.raises(FatalError, match="key encryption key 1 is missing"):
        await rotation.rotate(
            keyring,
            book.store,
            world.desk.row.log_id,
            count_epochs=lambda: world.epochs(book),
            destroy_old=True,
        )
