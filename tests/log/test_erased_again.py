"""A restore brings nothing back: what was erased since is erased again, before anything."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ledger.clock import SystemClock
from ledger.entries.secret import derive
from ledger.errors import BehindReleasedError, CounterfoilError, ErasedError, FatalError
from ledger.log.backup import back_up, restore
from ledger.log.fsck import fsck
from ledger.log.head import HeadGuard
from ledger.log.recovery import append, prepare
from ledger.storage.snapshot import snapshot
from tests.conftest import PostgresServer
from tests.log.sweeping import Sweeps, sweeps
from tests.log.test_recovery import publish
from tests.world.desk import Desk

pytestmark = pytest.mark.postgres


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[Sweeps]:
    async with sweeps(database, tmp_path) as world:
        yield world


@pytest.fixture
def second(postgres_server: PostgresServer) -> Iterator[tuple[str, str]]:
    """An empty database: as its owner, and as the service."""
    name = postgres_server.create()
    yield postgres_server.dsn(name, "counterfoil_owner"), postgres_server.dsn(name)
    postgres_server.drop(name)


async def findings(desk: Desk, dsn: str) -> list[tuple[str, str]]:
    async with snapshot(dsn) as moment:
        return (await fsck(moment, desk.row, released=None)).findings


async def test_behind_what_was_released_and_then_recovered(
    world: Sweeps, second: tuple[str, str], tmp_path: Path
) -> None:
    desk, (owner, service) = world.desk, second
    book = await desk.open()
    gone, also, stays = await world.people(book, 3)
    await world.ask(book, [gone])  # one was asked for before the backup, one after it
    manifest = await back_up(desk.database, tmp_path / "backup", SystemClock())
    await world.ask(book, [also])
    await world.sweep(book)
    tiles = await publish(book, tmp_path / "tiles")
    await desk.close_book(book)
    await restore(owner, tmp_path / "backup", manifest)
    assert len(await world.held(service)) == 3

    book = await desk.wire(database=service)
    with pytest.raises(BehindReleasedError):
        await book.start()
    assert await world.held(service) == [stays.id]
    with pytest.raises(ErasedError):
        await book.reader.sealed(gone.id, derive(gone.secret).tag)

    await append(book, await prepare(book, tiles))
    await desk.close_book(book)
    desk.database = service
    book = await desk.open()
    assert await world.held() == [stays.id]
    assert world.file.ids() == {gone.id, also.id}
    assert await findings(desk, service) == []
    await desk.check()


async def test_recovered_at_once_and_without_the_file(
    world: Sweeps, second: tuple[str, str], tmp_path: Path
) -> None:
    """The log itself says what is erased; the file beside the keys was lost."""
    desk, (owner, service) = world.desk, second
    book = await desk.open()
    people = await world.people(book, 2)
    manifest = await back_up(desk.database, tmp_path / "backup", SystemClock())
    await world.ask(book, people)
    await world.sweep(book)
    tiles = await publish(book, tmp_path / "tiles")
    await desk.close_book(book)
    await restore(owner, tmp_path / "backup", manifest)
    (desk.keys / "commons" / "erased").unlink()

    book = await desk.wire(database=service)
    await append(book, await prepare(book, tiles))
    await desk.close_book(book)

    assert await world.held(service) == []
    desk.database = service
    await desk.open()
    assert world.file.ids() == {one.id for one in people}
    await desk.check()


async def test_an_entry_that_the_log_lost_is_appended_again(
    world: Sweeps,
    second: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Committed, never released, and then the disk was lost: nobody has seen the entry."""
    desk, (owner, service) = world.desk, second
    book = await desk.open()
    people = await world.people(book, 2)
    await world.ask(book, people)
    manifest = await back_up(desk.database, tmp_path / "backup", SystemClock())

    async def lose(_guard: HeadGuard, _release: object) -> None:
        raise FatalError("the disk of the keys is full")

    with monkeypatch.context() as patch:
        patch.setattr(HeadGuard, "keep", lose)
        with pytest.raises(CounterfoilError):
            await world.sweep(book)
        await desk.kill(book)
    assert await world.held() == []
    await restore(owner, tmp_path / "backup", manifest)
    assert len(await world.held(service)) == 2

    desk.database = service
    desk.notes = [
        note for note in desk.notes if _size(note) <= manifest.ledgers[0].size
    ]
    book = await desk.open()

    assert await world.held() == []
    assert await world.erased(book) == [tuple(sorted(one.id for one in people))]
    assert world.file.ids() == {one.id for one in people}
    await desk.check()


def _size(note: bytes) -> int:
    return int(note.split(b"\n")[1])


async def test_a_row_that_somebody_put_back_is_found_and_goes(world: Sweeps) -> None:
    desk = world.desk
    book = await desk.open()
    (gone,) = await world.people(book, 1)
    kept = await world.rows("SELECT * FROM vault WHERE position = $1", gone.index)
    await world.ask(book, [gone])
    await world.sweep(book)
    assert await findings(desk, desk.database) == []

    marks = ", ".join(f"${n}" for n in range(1, len(kept[0]) + 1))
    await world.rows(f"INSERT INTO vault VALUES ({marks})", *kept[0])
    ((kind, sentence),) = await findings(desk, desk.database)
    assert kind == "erased"
    assert f"the private part of entry {gone.index} is here" in sentence

    swept = await world.sweep(book)
    assert swept is not None
    assert (swept.erased, swept.again) == (0, 1)
    assert await findings(desk, desk.database) == []
    assert await world.held() == []
