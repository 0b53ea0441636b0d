"""The kept state: used only when everything about it holds, thrown away otherwise."""

import asyncio
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from ledger.canonical import format_base64url
from ledger.errors import MalformedError, UnavailableError
from ledger.governance.state import State
from ledger.ids import Hash, LogId
from ledger.log import projection as projections, snapshots
from ledger.log.book import Book
from ledger.log.identity import Ledger
from ledger.log.projection import Projection
from ledger.log.snapshots import Snapshots, made_by
from ledger.storage.state_snapshots import SnapshotRow
from tests.governance.world import COMMONS, FOUNDED, GENESIS, REGISTERED
from tests.world.desk import Desk

LEDGER = Ledger(log_id=LogId(1), name=COMMONS, origin=FOUNDED.origin, genesis=GENESIS)
LEAF = Hash(b"\7" * 32)


@dataclass
class MemorySnapshots:
    """A table in memory; the log beside it has one entry, at index 3."""

    row: SnapshotRow | None = None
    dropped: list[bytes] = field(default_factory=list)

    async def leaf_hash(self, _log_id: LogId, position: int) -> Hash | None:
        return LEAF if position == 3 else None

    async def newest(self, _log_id: LogId) -> SnapshotRow | None:
        return self.row

    async def keep(self, _log_id: LogId, row: SnapshotRow) -> None:
        if self.row is None or self.row.position < row.position:
            self.row = row

    async def drop(self, _log_id: LogId, digest: bytes) -> None:
        self.dropped.append(digest)
        if self.row is not None and self.row.digest == digest:
            self.row = None


async def kept(state: State = REGISTERED) -> tuple[Snapshots, MemorySnapshots]:
    table = MemorySnapshots()
    found = Snapshots(LEDGER, table)
    assert await found.keep(state, 3)
    return found, table


async def test_what_was_kept_is_read_back() -> None:
    found, _ = await kept()
    assert await found.newest() == (REGISTERED, 3)


async def test_nothing_is_kept_of_an_entry_that_is_not_there() -> None:
    table = MemorySnapshots()
    assert await Snapshots(LEDGER, table).newest() is None
    assert not await Snapshots(LEDGER, table).keep(REGISTERED, 4)
    assert table.row is None


async def thrown_away(table: MemorySnapshots, row: SnapshotRow, ledger: Ledger) -> str:
    table.row, table.dropped = row, []
    with pytest.raises(MalformedError) as caught:
        await Snapshots(ledger, table).newest()
    assert table.dropped == [row.digest]
    assert await table.newest(ledger.log_id) is None
    return str(caught.value)


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


async def test_every_changed_byte_throws_it_away() -> None:
    _, table = await kept()
    good = table.row
    assert good is not None
    for at in range(len(good.state)):
        await thrown_away(table, good._replace(state=flip(good.state, at)), LEDGER)
    for at in range(32):
        for row in (
            good._replace(digest=flip(good.digest, at)),
            good._replace(leaf_hash=flip(good.leaf_hash, at)),
        ):
            await thrown_away(table, row, LEDGER)
    for cut in range(len(good.state)):
        await thrown_away(table, good._replace(state=good.state[:cut]), LEDGER)
    await thrown_away(table, good._replace(state=good.state + b"\0"), LEDGER)
    await thrown_away(table, good._replace(position=4), LEDGER)
    table.row = good
    assert await Snapshots(LEDGER, table).newest() == (REGISTERED, 3)


async def test_a_foreign_one_is_thrown_away() -> None:
    found, table = await kept()
    good = table.row
    assert good is not None
    other = Ledger(
        log_id=LogId(2),
        name=COMMONS,
        origin=FOUNDED.origin,
        genesis=format_base64url(b"\1" * 32),
    )
    assert "digest" in await thrown_away(table, good, other)
    older = good._replace(made_by="0" * 64)
    older = older._replace(digest=found._digest(older))
    assert "other code" in await thrown_away(table, older, LEDGER)
    beside = good._replace(leaf_hash=b"\x08" * 32)
    beside = beside._replace(digest=found._digest(beside))
    assert "another entry" in await thrown_away(table, beside, LEDGER)


@pytest.mark.parametrize(
    "state", [b"", b"\x78", zlib.compress(b"{}"), zlib.compress(b"x") + b"y", b"zz"]
)
async def test_what_is_no_state_is_thrown_away(state: bytes) -> None:
    found, table = await kept()
    assert table.row is not None
    row = table.row._replace(state=state)
    await thrown_away(table, row._replace(digest=found._digest(row)), LEDGER)


async def test_too_large_a_state_is_neither_kept_nor_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, table = await kept()
    row = table.row
    assert row is not None
    monkeypatch.setattr(snapshots, "SNAPSHOT_BYTES_MAX", 100)
    assert "too large" in await thrown_away(table, row, LEDGER)
    assert not await found.keep(REGISTERED, 3)


def test_the_code_that_made_it_is_named() -> None:
    assert len(made_by()) == 64
    assert made_by() == made_by.__wrapped__()


# ---- on a real database ---------------------------------------------------------------

VERSION = {"system": "example", "version": "v2"}


async def states(desk: Desk) -> tuple[Projection, int]:
    """A projection at the head, and how many records it replayed for it."""
    book = await desk.wire()
    found = Projection(book.ledger, book.store, desk.log)
    await found.refresh()
    replayed = found._records
    desk.books.remove(book)
    await book.store.close()
    return found, replayed


@pytest.mark.postgres
async def test_a_start_replays_only_what_came_after(
    database: str, tmp_path: Path
) -> None:
    async with Desk(database, tmp_path) as desk:
        first, replayed = await states(desk)
        assert replayed == 0  # the desk was closed once, and so kept its state
        book = await desk.open()
        await desk.act(book, "system.version", VERSION)
        second, replayed = await states(desk)
        assert replayed == 1
        await desk.close_book(book)
        third, replayed = await states(desk)
        assert replayed == 0
        connection = await asyncpg.connect(
            database
        )  # as the service: it may be emptied
        await connection.execute("DELETE FROM state_snapshots")
        await connection.close()
        fourth, replayed = await states(desk)
        assert replayed == 3
        assert second.current == third.current == fourth.current != first.current
        await desk.check()


@pytest.mark.postgres
async def test_a_spoiled_one_costs_a_replay_and_nothing_else(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projections, "REPLAY_ROWS", 2)  # several fetches
    async with Desk(database, tmp_path) as desk:
        right, _ = await states(desk)
        connection = await asyncpg.connect(database)
        await connection.execute(
            "UPDATE state_snapshots SET state = set_byte(state, 40, 7)"
        )
        found, replayed = await states(desk)
        assert replayed == 2
        assert found.current == right.current
        events = [name for name, _ in desk.log.seen]
        assert events.count("snapshot_thrown_away") == 1
        assert not await connection.fetchval("SELECT count(*) FROM state_snapshots")
        await connection.close()
        await desk.check()  # opens and closes a book, which keeps the state again
        _, replayed = await states(desk)
        assert replayed == 0


async def is_kept(book: Book) -> bool:
    row = await book.store.snapshots.newest(book.ledger.log_id)
    return row is not None and row.position == book.projection.current.last_record


@pytest.mark.postgres
async def test_it_is_kept_while_running_too(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projections, "SNAPSHOT_RECORDS", 1)
    monkeypatch.setattr(projections, "KEEP_LOOK_S", 0.01)
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        await desk.act(book, "system.version", VERSION)
        async with asyncio.timeout(30):
            while not await is_kept(book):
                pass
        await desk.kill(book)
        _, replayed = await states(desk)
        assert replayed == 0


@pytest.mark.postgres
async def test_a_database_that_is_away_costs_the_keeping_only(
    database: str, tmp_path: Path
) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        assert not await book.projection.keep()  # nothing is new
        await desk.act(book, "system.version", VERSION)
        await book.store.close()
        for _ in range(2):  # what was not kept is still to be kept
            with pytest.raises(UnavailableError):
                await book.projection.keep()
        await book.projection.close()
        await desk.kill(book)
        _, replayed = await states(desk)
        assert replayed == 1
