"""What may be signed: never a head behind, or beside, one that was ever released."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from ledger.errors import BehindReleasedError, FatalError
from ledger.log.book import Book
from ledger.log.pending import Recorded
from ledger.log.release import Release
from ledger.log.released import ReleasedFile
from ledger.merkle.checkpoint import Checkpoint
from tests.conftest import PostgresServer
from tests.world.desk import Desk, told
from tests.world.service import decision

pytestmark = pytest.mark.postgres

DAY_MS = 24 * 3600 * 1000


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.ms = 1_795_341_600_000  # 2026-11-22T10:00:00Z

    def now_ms(self) -> int:
        return self.ms

    def monotonic_s(self) -> float:
        return self.ms / 1000


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk(database, tmp_path) as desk:
        yield desk


# ---- the released head cannot be kept ---------------------------------------------------


class Unwritable:
    """Makes a book's released file refuse to be written, as a full disk would."""

    def __init__(self, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        advance = book.released.advance

        def refuse(checkpoint: Checkpoint, note: bytes) -> None:
            if self.full:
                raise FatalError("the released head cannot be written")
            advance(checkpoint, note)

        monkeypatch.setattr(book.released, "advance", refuse)


async def test_what_cannot_be_released_is_not_acknowledged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await desk.open()
    disk = Unwritable(book, monkeypatch)
    body = decision(id=str(uuid4()))
    before = book.reader.size()

    disk.full = True
    first = await desk.record(book, body)
    second = await desk.record(book, body)

    assert [told(one) for one in (*first, *second)] == [None, None]
    assert book.reader.size() == before

    disk.full = False
    third = (await desk.record(book, body))[0]

    assert isinstance(third, Recorded)
    assert not third.created
    await desk.check()


async def test_an_act_that_cannot_be_released_is_not_acknowledged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await desk.open()
    disk = Unwritable(book, monkeypatch)
    act = await desk.sign(
        book, "system.version", {"system": "example", "version": "v2"}
    )

    disk.full = True
    first = await desk.send(book, act)
    second = await desk.send(book, act)
    disk.full = False
    third = await desk.send(book, act)

    assert [told(first), told(second), told(third)] == [None, None, True]
    await desk.check()


async def test_the_same_act_twice_at_once_is_one_act(desk: Desk) -> None:
    book = await desk.open()
    act = await desk.sign(
        book, "system.version", {"system": "example", "version": "v2"}
    )

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(desk.send(book, act)) for _ in range(3)]

    outcomes = [task.result() for task in tasks]
    assert [told(one) for one in outcomes] == [True] * 3
    await desk.check()


# ---- a crash at an instant ------------------------------------------------------------


@pytest.mark.parametrize("instant", ["signed", "kept"])
async def test_a_writer_that_dies_after_its_commit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, instant: str
) -> None:
    """The next writer signs what the dead one committed, and the same bytes."""
    book = await desk.open()
    dead = asyncio.Event()
    keep = book.guard.keep

    async def die(release: Release) -> None:
        if instant == "kept":
            await keep(release)
        dead.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(book.guard, "keep", die)
    body = decision(id=str(uuid4()))
    client = asyncio.create_task(desk.record(book, body))
    await dead.wait()
    await desk.kill(book)
    client.cancel()
    await asyncio.wait([client])

    other = await desk.open()
    again = (await desk.record(other, body))[0]

    assert isinstance(again, Recorded)
    assert not again.created
    await desk.check()


# ---- time -----------------------------------------------------------------------------


async def test_log_time_never_goes_back(database: str, tmp_path: Path) -> None:
    clock = Hands()
    async with Desk(database, tmp_path, clock) as desk:
        book = await desk.open()
        times = []
        for number, ms in enumerate((0, 5_000, -DAY_MS // 2, -1, 5_000)):
            clock.ms = 1_795_341_600_000 + ms
            body = {"system": "example", "version": f"v{number}"}
            act = await desk.sign(book, "system.version", body)
            outcome = await desk.send(book, act)
            if isinstance(outcome, Recorded):
                times.append((await book.store.head(desk.row.log_id)).log_time_ms)
            at = "2026-11-22T10:00:00Z" if ms >= -1 else "2026-11-21T22:00:00Z"
            assert told((await desk.record(book, decision(decided_at=at)))[0]) is True

        assert times == sorted(set(times))
        assert len(times) >= 3
        await desk.check()


async def test_a_retry_after_the_clock_was_set_back_gets_its_receipt(
    database: str, tmp_path: Path
) -> None:
    clock = Hands()
    async with Desk(database, tmp_path, clock) as desk:
        book = await desk.open()
        body = decision(id=str(uuid4()), decided_at="2026-11-22T09:00:00Z")
        first = (await desk.record(book, body))[0]
        clock.ms -= DAY_MS // 24

        again = (await desk.record(book, body))[0]

        assert isinstance(first, Recorded)
        assert isinstance(again, Recorded)
        assert (again.index, again.secret) == (first.index, first.secret)
        clock.ms += 26 * DAY_MS // 24
        late = (await desk.record(book, body))[0]
        assert isinstance(late, Recorded)
        assert (late.index, late.secret) == (first.index, None)


# ---- an older, or another, database -----------------------------------------------------


async def test_an_older_database_under_newer_keys_is_not_signed(
    desk: Desk, postgres_server: PostgresServer, database_name: str
) -> None:
    older = postgres_server.create(template=database_name)
    try:
        book = await desk.open()
        await desk.record(book, decision(), decision())
        await desk.close_book(book)
        signed = len(desk.notes)

        restored = await desk.wire(database=postgres_server.dsn(older))
        with pytest.raises(BehindReleasedError, match="counterfoil recover") as raised:
            await restored.start()
        restored.sequencer.refusal = raised.value  # as `Books` does
        outcomes = await desk.record(restored, decision())

        assert [told(one) for one in outcomes] == [False]
        assert len(desk.notes) == signed
        await desk.close_book(restored)
        await desk.check()
    finally:
        postgres_server.drop(older)


async def test_a_restored_database_that_has_grown_again_is_not_signed(
    desk: Desk, postgres_server: PostgresServer, database_name: str, tmp_path: Path
) -> None:
    """Past the released size, with another history below it: beside, not behind."""
    older = postgres_server.create(template=database_name)
    keys = tmp_path / "other" / "keys"
    shutil.copytree(desk.keys, keys)
    try:
        book = await desk.open()
        await desk.record(book, decision(), decision())
        await desk.close_book(book)
        signed = len(desk.notes)

        # Somebody wrote on with an older copy of the keys as well, out of our sight.
        mine, desk.keys = desk.keys, keys
        (keys / "commons" / "released").unlink()
        forked = await desk.open(database=postgres_server.dsn(older))
        await desk.record(forked, *[decision() for _ in range(5)])
        await desk.close_book(forked)
        del desk.notes[signed:]
        desk.acknowledged.clear()
        desk.keys = mine

        beside = await desk.wire(database=postgres_server.dsn(older))
        with pytest.raises(BehindReleasedError, match="another history"):
            await beside.start()
        assert len(desk.notes) == signed
        await desk.close_book(beside)
    finally:
        postgres_server.drop(older)


async def test_a_restore_below_a_running_writer_is_noticed(
    desk: Desk, postgres_server: PostgresServer, database_name: str
) -> None:
    """The connection is lost, the database comes back older: nothing more is signed."""
    older = postgres_server.create(template=database_name)
    swapped = f"{database_name}_new"
    try:
        book = await desk.open()
        await desk.record(book, decision(), decision())
        signed = len(desk.notes)
        postgres_server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{database_name}'",
            f'ALTER DATABASE "{database_name}" RENAME TO "{swapped}"',
            f'ALTER DATABASE "{older}" RENAME TO "{database_name}"',
        )
        first = await desk.record(book, decision())
        second = await desk.record(book, decision())

        # The first may have been sent on the old connection; the second was not.
        assert told(first[0]) is not True
        assert told(second[0]) is False
        assert isinstance(book.sequencer.refusal, BehindReleasedError)
        assert len(desk.notes) == signed
    finally:
        postgres_server.execute(f'DROP DATABASE IF EXISTS "{swapped}" WITH (FORCE)')
        postgres_server.drop(older)


BACK = """
ALTER TABLE entries DISABLE TRIGGER append_only;
ALTER TABLE decisions DISABLE TRIGGER append_only;
DELETE FROM entries WHERE position >= {size};
DELETE FROM decisions WHERE position >= {size};
DELETE FROM vault WHERE position >= {size};
UPDATE heads SET size = {size}, nodes = '\\x{nodes}', version = version + 1
"""


async def test_a_database_cut_back_under_a_live_connection_is_noticed(
    desk: Desk, owner_database: str
) -> None:
    """Whoever owns the tables cuts them back, and no connection ends: each batch looks."""
    book = await desk.open()
    await desk.record(book, decision())
    before = await book.store.head(desk.row.log_id)
    await desk.record(book, decision(), decision())
    signed = len(desk.notes)
    owner = await asyncpg.connect(owner_database)
    await owner.execute(BACK.format(size=before.size, nodes=before.nodes.hex()))
    await owner.close()

    first = await desk.record(book, decision())

    assert told(first[0]) is False
    assert isinstance(first[0], BehindReleasedError)
    assert isinstance(book.sequencer.refusal, BehindReleasedError)
    assert len(desk.notes) == signed
    assert await desk.size() == before.size


# ---- a database that does not keep what it acknowledges -----------------------------------


async def test_a_database_without_synchronous_commit_is_not_written(
    desk: Desk, owner_database: str
) -> None:
    book = await desk.open()
    connection = await asyncpg.connect(owner_database)
    await connection.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off',"
        " current_database()); END $$"
    )
    await connection.close()

    with pytest.raises(FatalError, match="synchronous_commit"):
        await desk.open()
    # A writer that is connected keeps what it had at connection; the next one asks.
    await book.sequencer._drop_session()
    outcomes = await desk.record(book, decision())

    assert [told(one) for one in outcomes] == [False]
    assert "synchronous_commit" in str(book.sequencer.refusal)


# ---- the file of released heads ------------------------------------------------------------


async def test_a_torn_write_costs_only_the_head_nobody_has_seen(desk: Desk) -> None:
    book = await desk.open()
    await desk.record(book, decision())
    await desk.record(book, decision())
    newest = book.guard.newest()
    assert newest is not None
    path = book.keyring.released_path

    with path.open("r+b") as file:  # the next write goes over the older block: torn
        blocks = file.read()
        older = 0 if newest[1] not in blocks[:4096] else 4096
        file.seek(older)
        file.write(b"\xff" * 700)
        os.fsync(file.fileno())

    again = ReleasedFile(path, book.guard._open)
    assert again.newest() == newest
    again.close()
    assert told((await desk.record(book, decision()))[0]) is True
    await desk.check()
