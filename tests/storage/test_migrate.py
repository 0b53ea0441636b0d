"""Migrations on a real server: once each, in order, never edited, never backwards."""

import asyncio
from collections.abc import AsyncIterator
from itertools import chain
from pathlib import Path

import asyncpg
import pytest

from ledger import limits
from ledger.errors import FatalError, UnavailableError
from ledger.storage import migrate as migrations
from ledger.storage.embedded import OWNER
from ledger.storage.migrate import check_server, migrate, packaged, read_migrations
from tests.conftest import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text(
        "CREATE TABLE first (n integer); CREATE TABLE more (n integer);"
    )
    (tmp_path / "0002_second.sql").write_text("CREATE TABLE second (n integer)")
    (tmp_path / "README.md").write_text("not a migration")
    return tmp_path


@pytest.fixture
async def connection(empty_database: str) -> AsyncIterator[asyncpg.Connection]:
    made = await asyncpg.connect(empty_database)
    yield made
    await made.close()


async def tables(connection: asyncpg.Connection) -> set[str]:
    rows = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    return {row[0] for row in rows}


async def test_each_is_applied_once_and_recorded(
    connection: asyncpg.Connection, folder: Path
) -> None:
    assert await migrate(connection, folder) == ["0001_first.sql", "0002_second.sql"]
    assert await migrate(connection, folder) == []
    assert await tables(connection) == {"first", "more", "second", "schema_migrations"}
    rows = await connection.fetch(
        "SELECT number, name FROM schema_migrations ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [(1, "first"), (2, "second")]


async def test_a_later_file_is_applied_alone(
    connection: asyncpg.Connection, folder: Path
) -> None:
    await migrate(connection, folder)
    (folder / "0003_third.sql").write_text("CREATE TABLE third (n integer)")
    assert await migrate(connection, folder) == ["0003_third.sql"]


async def test_an_edited_file_is_refused(
    connection: asyncpg.Connection, folder: Path
) -> None:
    await migrate(connection, folder)
    (folder / "0001_first.sql").write_text("CREATE TABLE first (n bigint)")
    with pytest.raises(FatalError, match=r"0001_first\.sql was edited"):
        await migrate(connection, folder)


async def test_a_newer_database_is_refused(
    connection: asyncpg.Connection, folder: Path
) -> None:
    await migrate(connection, folder)
    (folder / "0002_second.sql").unlink()
    with pytest.raises(FatalError, match=r"newer Counterfoil \(0002_second\.sql"):
        await migrate(connection, folder)


async def test_another_programs_history_is_refused(
    connection: asyncpg.Connection, folder: Path
) -> None:
    await migrate(connection, folder)
    (folder / "0002_second.sql").rename(folder / "0002_other.sql")
    with pytest.raises(FatalError, match="different programs"):
        await migrate(connection, folder)


async def test_a_refused_migration_leaves_nothing_and_keeps_the_earlier_ones(
    connection: asyncpg.Connection, folder: Path
) -> None:
    (folder / "0002_second.sql").write_text(
        "CREATE TABLE half (n integer); SELECT no_such_thing()"
    )
    with pytest.raises(FatalError, match=r"0002_second\.sql was refused"):
        await migrate(connection, folder)
    assert await tables(connection) == {"first", "more", "schema_migrations"}
    assert await connection.fetchval("SELECT max(number) FROM schema_migrations") == 1


async def test_concurrent_migrators_wait_for_each_other(
    empty_database: str, folder: Path
) -> None:
    (folder / "0001_first.sql").write_text(
        "SELECT pg_sleep(0.3); CREATE TABLE first (n integer);"
    )

    async def one() -> list[str]:
        connection = await asyncpg.connect(empty_database)
        try:
            return await migrate(connection, folder)
        finally:
            await connection.close()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one()) for _ in range(4)]
    done = [task.result() for task in tasks]
    assert sorted(chain(*done)) == ["0001_first.sql", "0002_second.sql"]


async def test_a_migrator_that_waits_too_long_says_so(
    empty_database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limits.MIGRATION_WAIT_S >= 60
    monkeypatch.setattr(migrations, "MIGRATION_WAIT_S", 1)
    holder = await asyncpg.connect(empty_database)
    waiter = await asyncpg.connect(empty_database)
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", migrations._LOCK)
        with pytest.raises(UnavailableError, match="waited 1 s"):
            await migrate(waiter, folder)
    finally:
        await holder.close()
        await waiter.close()


async def test_a_lost_connection_is_nobodys_fault(
    connection: asyncpg.Connection, folder: Path
) -> None:
    connection.terminate()
    with pytest.raises(UnavailableError, match="went away"):
        await migrate(connection, folder)
    with pytest.raises(UnavailableError, match="went away"):
        await check_server(connection)


async def test_who_owns_nothing_is_told_whom_to_connect_as(
    postgres_server: PostgresServer, empty_database: str, folder: Path
) -> None:
    if postgres_server.embedded is None:
        pytest.skip("a server named by URL has one role")
    connection = await asyncpg.connect(
        empty_database.replace(f"//{OWNER}@", "//counterfoil@")
    )
    try:
        with pytest.raises(FatalError, match="as the owner"):
            await migrate(connection, folder)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("0004_gap.sql", "expected number 0003"),
        ("0002_double.sql", "expected number 0003"),
        ("3_short.sql", "NNNN_name"),
        ("0003_Name.sql", "NNNN_name"),
        ("0003_x.y.sql", "NNNN_name"),
    ],
)
def test_misnumbered_files_are_refused(folder: Path, name: str, says: str) -> None:
    (folder / name).write_text("SELECT 1")
    with pytest.raises(FatalError, match=says):
        read_migrations(folder)


# ---- the project's own ----------------------------------------------------------


def test_the_packaged_migrations_are_well_named() -> None:
    assert read_migrations(packaged())[0].file.startswith("0001_")


async def test_the_service_is_up_to_date_without_a_right_to_migrate(
    database: str,
) -> None:
    connection = await asyncpg.connect(database)
    try:
        assert await migrate(connection) == []
    finally:
        await connection.close()


async def test_a_single_role_named_counterfoil_migrates_twice(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    """It owns its tables, and the first migration takes rights from that very name."""
    if postgres_server.embedded is None:
        pytest.skip("needs the role counterfoil")
    name = postgres_server.create()
    postgres_server.execute(f'ALTER DATABASE "{name}" OWNER TO counterfoil')
    for entry in packaged().iterdir():
        (tmp_path / entry.name).write_bytes(entry.read_bytes())
    number = len(read_migrations(tmp_path)) + 1
    connection = await asyncpg.connect(postgres_server.dsn(name))
    try:
        await migrate(connection, tmp_path)
        (tmp_path / f"{number:04d}_next.sql").write_text("CREATE TABLE next ()")
        assert await migrate(connection, tmp_path) == [f"{number:04d}_next.sql"]
    finally:
        await connection.close()
        postgres_server.drop(name)


APPEND_ONLY = ["logs", "entries", "tiles", "records", "decisions"]


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET log_id = DEFAULT", "DELETE FROM {}", "TRUNCATE {}"]
)
async def test_what_is_appended_stays(
    postgres_server: PostgresServer,
    database: str,
    owner_database: str,
    table: str,
    statement: str,
) -> None:
    """The service has no right to it; their owner has, and a trigger refuses."""
    triggered = asyncpg.ObjectNotInPrerequisiteStateError
    # A server named by URL has one role, which owns the tables.
    one_role = postgres_server.embedded is None
    refused = triggered if one_role else asyncpg.InsufficientPrivilegeError
    for dsn, refusal in ((database, refused), (owner_database, triggered)):
        connection = await asyncpg.connect(dsn)
        try:
            with pytest.raises(refusal):
                await connection.execute(statement.format(table))
        finally:
            await connection.close()


# ---- unsafe servers -------------------------------------------------------------


async def test_a_safe_server_is_accepted(connection: asyncpg.Connection) -> None:
    await check_server(connection)


@pytest.mark.parametrize("value", ["on", "local", "remote_write", "remote_apply"])
async def test_every_durable_commit_is_accepted(
    connection: asyncpg.Connection, value: str
) -> None:
    await connection.execute(f"SET synchronous_commit = {value}")
    await check_server(connection)


async def test_synchronous_commit_off_is_refused(
    connection: asyncpg.Connection,
) -> None:
    await connection.execute("SET synchronous_commit = off")
    with pytest.raises(FatalError, match="synchronous_commit = off"):
        await check_server(connection)


async def test_an_old_server_is_refused(
    connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "SERVER_VERSION_MIN", 990_000)
    with pytest.raises(FatalError, match=r"is PostgreSQL 1\d"):
        await check_server(connection)
