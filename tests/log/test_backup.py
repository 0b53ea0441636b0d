"""Backups: one moment, whole, without a key; restored into nothing, or not at all."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from ledger.clock import SystemClock
from ledger.errors import (
    ConflictError,
    FatalError,
    MalformedError,
    UnavailableError,
    VerificationError,
)
from ledger.log.backup import (
    MANIFEST,
    Manifest,
    back_up,
    format_manifest,
    parse_manifest,
    read_manifest,
    restore,
    verify_files,
)
from ledger.storage.copying import NOT_COPIED, TABLES
from tests.conftest import PostgresServer
from tests.world.desk import Desk
from tests.world.service import decision

pytestmark = pytest.mark.postgres

CLOCK = SystemClock()


@pytest.fixture
def second(postgres_server: PostgresServer) -> Iterator[tuple[str, str]]:
    """An empty database: as its owner, and as the service."""
    name = postgres_server.create()
    yield postgres_server.dsn(name, "counterfoil_owner"), postgres_server.dsn(name)
    postgres_server.drop(name)


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk(database, tmp_path) as opened:
        book = await opened.open()
        await opened.record(book, *(decision() for _ in range(20)))
        await book.store.add_token(opened.row.log_id, b"\1" * 32, "example")
        yield opened


async def rows(dsn: str) -> dict[str, list[tuple[object, ...]]]:
    connection = await asyncpg.connect(dsn)
    found = {
        table: sorted(
            (tuple(row) for row in await connection.fetch(f"SELECT * FROM {table}")),
            key=repr,
        )
        for table in TABLES
    }
    await connection.close()
    return found


async def test_every_table_of_the_ledger_is_in_it(owner_database: str) -> None:
    connection = await asyncpg.connect(owner_database)
    held = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    await connection.close()
    assert {row[0] for row in held} == {*TABLES, *NOT_COPIED, "schema_migrations"}


async def test_there_and_back(
    desk: Desk, second: tuple[str, str], tmp_path: Path
) -> None:
    owner, service = second
    folder = tmp_path / "backup"
    manifest = await back_up(desk.database, folder, CLOCK)
    before = await rows(desk.database)
    assert read_manifest(folder) == parse_manifest(format_manifest(manifest))
    verify_files(folder, manifest)
    await restore(owner, folder, manifest)
    assert await rows(service) == before

    # Writing goes on in the restored one, and a second ledger gets a number of its own.
    desk.database = service
    book = await desk.open()
    await desk.record(book, decision())
    head = await book.store.head(desk.row.log_id)
    row = await book.store.found(
        name="second", origin="x.example/second", genesis="g", leaf=b"{}", head=head
    )
    assert row.log_id > desk.row.log_id


async def test_one_moment_while_decisions_go_on(desk: Desk, tmp_path: Path) -> None:
    book = await desk.open()
    stop = asyncio.Event()

    async def write() -> None:
        while not stop.is_set():
            await desk.record(book, *(decision() for _ in range(20)))

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        manifests = [
            await back_up(desk.database, tmp_path / str(n), CLOCK) for n in range(3)
        ]
        stop.set()
    for manifest in manifests:
        size = manifest.ledgers[0].size
        assert manifest.tables["entries"].rows == size
        assert manifest.tables["decisions"].rows == manifest.tables["vault"].rows
        assert manifest.tables["decisions"].rows == size - 2
    await desk.check()


async def test_no_key_is_in_it_and_nobody_else_may_read_it(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    await back_up(desk.database, folder, CLOCK)
    held = b"".join(path.read_bytes() for path in folder.iterdir())
    keys = list(desk.keys.rglob("*.key"))
    assert len(keys) == 3
    for path in keys:
        assert path.read_bytes().strip() not in held
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


async def test_a_folder_in_use_and_a_database_in_use(
    desk: Desk, owner_database: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    manifest = await back_up(desk.database, folder, CLOCK)
    with pytest.raises(ConflictError, match="not empty"):
        await back_up(desk.database, folder, CLOCK)
    before = await rows(desk.database)
    with pytest.raises(ConflictError, match="a restore never overwrites"):
        await restore(owner_database, folder, manifest)
    assert await rows(desk.database) == before
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnavailableError, match="is no backup"):
        await back_up(desk.database, tmp_path / "file" / "backup", CLOCK)


async def test_a_changed_or_missing_file_restores_nothing(
    desk: Desk, second: tuple[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    manifest = await back_up(desk.database, folder, CLOCK)
    path = folder / "vault.copy"
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(data)
    with pytest.raises(VerificationError, match="not what was backed up"):
        verify_files(folder, manifest)
    path.unlink()
    with pytest.raises(VerificationError, match="not whole"):
        verify_files(folder, manifest)
    # Even if nobody verified: all of it or nothing.
    with pytest.raises((UnavailableError, FatalError, OSError)):
        await restore(second[0], folder, manifest)
    assert not any((await rows(second[1])).values())


async def test_another_schema_is_not_restored(
    desk: Desk, second: tuple[str, str], tmp_path: Path
) -> None:
    manifest = await back_up(desk.database, tmp_path / "backup", CLOCK)
    text = json.loads(format_manifest(manifest))
    text["migrations"].append({"number": 99, "name": "later", "sha256": "00"})
    newer = parse_manifest(json.dumps(text, indent=1).encode() + b"\n")
    with pytest.raises(FatalError, match="the version that made it"):
        await restore(second[0], tmp_path / "backup", newer)
    assert not any((await rows(second[1])).values())


async def test_heads_that_are_not_the_manifests_are_undone(
    desk: Desk, second: tuple[str, str], tmp_path: Path
) -> None:
    manifest = await back_up(desk.database, tmp_path / "backup", CLOCK)
    text = json.loads(format_manifest(manifest))
    text["ledgers"][0]["root"] = "00" * 32
    other: Manifest = parse_manifest(json.dumps(text, indent=1).encode() + b"\n")
    with pytest.raises(VerificationError, match="not those of the manifest"):
        await restore(second[0], tmp_path / "backup", other)
    assert not any((await rows(second[1])).values())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        (
            b'{"counterfoil_backup": 2, "created_at": "", "server": "", "migrations": [],'
            b' "tables": {}, "ledgers": []}'
        ),
        (
            b'{"counterfoil_backup": 1, "created_at": "", "server": "", "migrations": [],'
            b' "tables": {}, "ledgers": []}'
        ),
        (
            b'{"counterfoil_backup": 1, "created_at": "", "server": "", "migrations": [],'
            b' "tables": {"logs": {"x": 1}}, "ledgers": []}'
        ),
        (
            b'{"counterfoil_backup": 1, "created_at": "", "server": "", "migrations": [1],'
            b' "tables": [], "ledgers": {}}'
        ),
    ],
)
def test_what_is_no_manifest(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_manifest(data)
    (tmp_path / MANIFEST).write_bytes(data)
    with pytest.raises(MalformedError):
        read_manifest(tmp_path)


def test_a_backup_cut_short_has_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(MalformedError, match="no whole backup"):
        read_manifest(tmp_path)
