"""An older database under a newer released head: recovered from what was published."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.audit.source import FolderSource, read_bundle
from ledger.audit.tree import root_at
from ledger.clock import SystemClock
from ledger.errors import (
    BehindReleasedError,
    ConflictError,
    ErasedError,
    FatalError,
    NotFoundError,
    VerificationError,
)
from ledger.ids import Hash, TreeSize
from ledger.log.backup import back_up, restore
from ledger.log.book import Book
from ledger.log.fsck import fsck
from ledger.log.publisher import Publisher
from ledger.log.recovery import append, prepare
from ledger.merkle.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.merkle.note import parse_signer_key, signer_key
from ledger.storage.snapshot import snapshot
from tests.conftest import PostgresServer
from tests.world.desk import Desk
from tests.world.service import decision

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

BEFORE, AFTER = 300, 600  # decisions; the backup lies within a tile


@dataclass(frozen=True)
class Folder:
    """Published files, read as `api.cli.recover` reads them."""

    path: Path

    async def checkpoint(self) -> bytes:
        return (self.path / "checkpoint").read_bytes()

    async def bundle(self, index: int, width: int) -> list[bytes]:
        return await read_bundle(FolderSource(self.path), index, width)

    async def root_at(self, size: TreeSize, of: TreeSize) -> Hash | None:
        return await root_at(FolderSource(self.path), size, of)


async def publish(book: Book, folder: Path) -> Folder:
    vkey = parse_signer_key(book.keyring.signer()).vkey
    await Publisher(
        folder=folder,
        reader=book.reader,
        open_checkpoint=lambda note: open_checkpoint(note, [vkey])[0],
        keys=book.keys,
        log=None,
    ).publish()
    return Folder(folder)


@pytest.fixture
def restored_dsns(postgres_server: PostgresServer) -> Iterator[tuple[str, str]]:
    """A second, empty database: as the owner of its tables, and as the service."""
    name = postgres_server.create()
    yield postgres_server.dsn(name, "counterfoil_owner"), postgres_server.dsn(name)
    postgres_server.drop(name)


@dataclass
class Behind:
    """A ledger whose restored database lacks what its tiles have."""

    desk: Desk
    tiles: Folder
    size: int
    ids: list[str]
    dsn: str

    @asynccontextmanager
    async def wired(self) -> AsyncIterator[Book]:
        """A book on the restored database, not started."""
        book = await self.desk.wire(database=self.dsn)
        try:
            yield book
        finally:
            await self.desk.close_book(book)


@pytest.fixture
async def behind(
    database: str, restored_dsns: tuple[str, str], tmp_path: Path
) -> AsyncIterator[Behind]:
    owner, service = restored_dsns
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        await desk.record(book, *(decision() for _ in range(BEFORE)))
        manifest = await back_up(database, tmp_path / "backup", SystemClock())
        ids = [str(uuid4()) for _ in range(AFTER)]
        await desk.record(book, *(decision(id=one) for one in ids))
        await desk.act(book, "system.version", {"system": "example", "version": "next"})
        tiles = await publish(book, tmp_path / "tiles")
        size = int(book.reader.size())
        await desk.close_book(book)
        await restore(owner, tmp_path / "backup", manifest)
        yield Behind(desk, tiles, size, ids, service)


async def size_of(book: Book) -> int:
    return int((await book.store.head(book.ledger.log_id)).size)


async def test_refused_then_recovered_then_writing_goes_on(behind: Behind) -> None:
    desk = behind.desk
    book = await desk.wire(database=behind.dsn)
    with pytest.raises(BehindReleasedError, match="counterfoil recover --from"):
        await book.start()
    assert behind.size == 2 + BEFORE + AFTER + 1

    recovery = await prepare(book, behind.tiles)
    assert await size_of(book) == 2 + BEFORE, "nothing is written while preparing"
    assert recovery.missing == AFTER + 1
    assert [lost.id for lost in recovery.lost] == behind.ids
    assert {lost.system for lost in recovery.lost} == {"example"}
    await append(book, recovery)
    assert await size_of(book) == behind.size
    await desk.close_book(book)

    async with snapshot(behind.dsn) as moment:
        found = await fsck(moment, desk.row, released=recovery.checkpoint)
    assert found.findings == []
    assert found.unsealed == AFTER

    desk.database = behind.dsn
    book = await desk.open()
    (system,) = book.projection.current.state.systems.values()
    assert system.versions[-1] == "next"
    told = await desk.record(book, decision(id=behind.ids[0]), decision())
    assert isinstance(told[0], ErasedError), (
        "its leaf stays; only the vault had the rest"
    )
    assert not isinstance(told[1], Exception)
    await desk.close_book(book)
    await desk.check()


async def test_again_finds_nothing_missing(behind: Behind) -> None:
    async with behind.wired() as book:
        await append(book, await prepare(book, behind.tiles))
        again = await prepare(book, behind.tiles)
        assert (again.missing, again.lost) == (0, [])
        await append(book, again)
        assert await size_of(book) == behind.size


async def test_a_crash_between_chunks_leaves_a_prefix_that_goes_on(
    behind: Behind,
) -> None:
    class Stop(Exception):  # noqa: N818 -- a crash, no error
        pass

    def crash(done: int, _total: int) -> None:
        if done >= 256:
            raise Stop

    async with behind.wired() as book:
        recovery = await prepare(book, behind.tiles)
        with pytest.raises(Stop):
            await append(book, recovery, progress=crash)
        assert await size_of(book) == 2 + BEFORE + 256
        with pytest.raises(BehindReleasedError):
            await book.start()
        recovery = await prepare(book, behind.tiles)
        assert recovery.missing == AFTER + 1 - 256
        await append(book, recovery)
        assert await size_of(book) == behind.size


async def test_tiles_that_cover_only_part_are_refused(
    behind: Behind,
) -> None:
    async with behind.wired() as book:
        signer = parse_signer_key(book.keyring.signer())
        part = behind.size - 10
        root = await behind.tiles.root_at(TreeSize(part), TreeSize(behind.size))
        assert root is not None
        note = sign_checkpoint(
            signer,
            Checkpoint(origin=book.ledger.origin, size=TreeSize(part), root=root),
        )
        (behind.tiles.path / "checkpoint").write_bytes(note)
        expected = f"entries {part:,} to {behind.size - 1:,} are not there"
        with pytest.raises(NotFoundError, match=expected):
            await prepare(book, behind.tiles)
        assert await size_of(book) == 2 + BEFORE


async def test_a_missing_bundle_is_named(behind: Behind) -> None:
    shutil.rmtree(behind.tiles.path / "tile" / "entries" / "003.p")
    async with behind.wired() as book:
        with pytest.raises(NotFoundError, match="entries 768 to 902"):
            await prepare(book, behind.tiles)
        assert await size_of(book) == 2 + BEFORE


@pytest.mark.parametrize("number", ["001", "002"])
async def test_one_changed_byte_appends_nothing(behind: Behind, number: str) -> None:
    path = behind.tiles.path / "tile" / "entries" / number
    data = path.read_bytes()
    # A digit of a count, so that the leaf still decodes: only the root can tell.
    at = data.rindex(b'"seq":') + 6
    path.write_bytes(
        data[:at] + (b"9" if data[at:][:1] != b"9" else b"8") + data[at + 1 :]
    )
    async with behind.wired() as book:
        with pytest.raises(VerificationError, match="do not lead to the root"):
            await prepare(book, behind.tiles)
        assert await size_of(book) == 2 + BEFORE


async def test_a_checkpoint_of_another_key_is_refused(behind: Behind) -> None:
    async with behind.wired() as book:
        origin = book.ledger.origin
        forged = sign_checkpoint(
            signer_key(origin, b"\1" * 32),
            Checkpoint(origin=origin, size=TreeSize(behind.size), root=Hash(bytes(32))),
        )
        (behind.tiles.path / "checkpoint").write_bytes(forged)
        with pytest.raises(VerificationError, match="is it another ledger's"):
            await prepare(book, behind.tiles)


async def test_two_signed_roots_of_one_size_are_nobodys_to_mend(behind: Behind) -> None:
    async with behind.wired() as book:
        signer = parse_signer_key(book.keyring.signer())
        other = Checkpoint(
            origin=book.ledger.origin, size=TreeSize(behind.size), root=Hash(bytes(32))
        )
        (behind.tiles.path / "checkpoint").write_bytes(sign_checkpoint(signer, other))
        with pytest.raises(ConflictError, match="different roots"):
            await prepare(book, behind.tiles)


async def test_a_database_with_another_history_is_not_extended(behind: Behind) -> None:
    """Somebody signed on past the restore, with an old copy of the released head."""
    desk = behind.desk
    kept = desk.keys / "commons" / "released"
    newest = kept.read_bytes()
    kept.write_bytes(b"")
    desk.database = behind.dsn
    book = await desk.open()
    await desk.act(book, "system.version", {"system": "example", "version": "fork"})
    await desk.close_book(book)
    kept.write_bytes(newest)
    async with behind.wired() as book:
        with pytest.raises(ConflictError, match="another history"):
            await prepare(book, behind.tiles)
        with pytest.raises(FatalError):
            await book.start()
