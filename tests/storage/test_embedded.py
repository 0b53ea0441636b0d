"""The embedded PostgreSQL: started, stopped, refused, and silent in its log."""
# ruff: noqa: ASYNC240 -- a test may block its own loop

import asyncio
import os
import signal
import stat
import tempfile
from pathlib import Path

import asyncpg
import pytest

from ledger import limits
from ledger.errors import FatalError
from ledger.storage import postmaster
from ledger.storage.datafolder import DataFolder
from ledger.storage.embedded import OWNER, EmbeddedPostgres
from ledger.storage.postmaster import SUPERUSER
from tests.storage.servers import (
    check_at,
    execute,
    kept,
    runs,
    until,
    value,
)

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
CANARY = "canary-7f3a91"


# ---- starting and stopping --------------------------------------------------------


async def test_fresh_start_opens_no_folder(tmp_path: Path) -> None:
    above = tmp_path / "closed" / "searchable"
    above.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    above.chmod(0o711)
    ancestors = list((above / "data").parents)
    before = [folder.stat().st_mode for folder in ancestors]

    async with EmbeddedPostgres(above / "data") as server:
        assert await value(server.dsn, "SELECT current_user") == "counterfoil"
        assert await value(server.dsn_for(OWNER), "SELECT current_user") == OWNER
        assert not server.adopted
        await check_at(server.dsn)

    assert [folder.stat().st_mode for folder in ancestors] == before
    for folder in (server.folder, server.folder / "pgdata"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in server.folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


async def test_restart_keeps_the_data_and_stop_leaves_no_process(folder: Path) -> None:
    for _ in range(2):
        async with EmbeddedPostgres(folder) as server:
            assert await kept(server.dsn) == 7
        assert DataFolder(folder).is_free()
        assert DataFolder(folder).processes() == []


async def test_stop_does_not_wait_for_clients(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        connection = await asyncpg.connect(server.dsn)
    connection.terminate()
    assert DataFolder(folder).is_free()


async def test_a_folder_open_to_others_is_closed(folder: Path) -> None:
    folder.chmod(0o755)
    async with EmbeddedPostgres(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_nothing_listens_on_the_network(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        assert await value(server.dsn, "SHOW listen_addresses") == ""
        sockets = await value(server.dsn_for(SUPERUSER), "SHOW unix_socket_directories")
        assert stat.S_IMODE(Path(str(sockets)).stat().st_mode) == 0o700


async def test_the_service_can_define_nothing(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await execute(server.dsn, "CREATE TABLE mine (n integer)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await execute(server.dsn, "CREATE ROLE other")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await execute(server.dsn, "UPDATE kept SET n = 8")


async def test_a_long_path_has_its_socket_elsewhere(copied: Path) -> None:
    deep = copied.parent / ("d" * 60) / ("e" * 60)
    deep.parent.mkdir()
    copied.rename(deep)
    async with EmbeddedPostgres(deep) as server:
        assert await kept(server.dsn) == 7
        attached = await EmbeddedPostgres.attach(deep)
        assert attached == server.dsn
        sockets = DataFolder(deep).socket_folder()
        assert sockets is not None
        assert sockets.parent == Path(tempfile.gettempdir())
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert not sockets.exists()
    async with EmbeddedPostgres(deep) as server:
        assert await kept(server.dsn) == 7


async def test_a_path_with_odd_letters(copied: Path) -> None:
    odd = copied.parent / "a b,c%'ü"
    copied.rename(odd)
    async with EmbeddedPostgres(odd) as server:
        assert await kept(server.dsn) == 7


# ---- refused ----------------------------------------------------------------------


async def test_fsync_off_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postmaster._FIXED, "fsync", "off")
    async with EmbeddedPostgres(folder) as server:
        with pytest.raises(FatalError, match="fsync = off"):
            await check_at(server.dsn)


async def test_a_setting_in_a_file_cannot_turn_durability_off(copied: Path) -> None:
    with (copied / "pgdata" / "postgresql.auto.conf").open("a") as file:
        file.write("fsync = off\nlog_statement = 'all'\nlisten_addresses = '*'\n")
    async with EmbeddedPostgres(copied) as server:
        await check_at(server.dsn)
        assert await value(server.dsn, "SHOW log_statement") == "none"
        assert await value(server.dsn, "SHOW listen_addresses") == ""


async def test_another_major_version_is_refused(copied: Path) -> None:
    (copied / "pgdata" / "PG_VERSION").write_text("15\n")
    with pytest.raises(FatalError, match=r"made by PostgreSQL 15 .*pg_dump"):
        await EmbeddedPostgres(copied).start()


async def test_a_server_that_cannot_start_shows_its_log(copied: Path) -> None:
    (copied / "pgdata" / "global" / "pg_control").unlink()
    with pytest.raises(FatalError, match=r"(?s)ended; .*could not find"):
        await EmbeddedPostgres(copied).start()
    # And the copied was given up again.
    os.close(DataFolder(copied).lock_owner())


async def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FatalError, match="cannot use"):
        await EmbeddedPostgres(tmp_path / "file" / "data").start()


# ---- the log ----------------------------------------------------------------------


async def test_no_private_value_reaches_the_log(copied: Path) -> None:
    async with EmbeddedPostgres(copied) as server:
        connection = await asyncpg.connect(server.dsn_for(SUPERUSER))
        await connection.execute("CREATE TABLE private (v text PRIMARY KEY, n integer)")
        await connection.execute("INSERT INTO private VALUES ($1)", CANARY)
        for sql, values in (
            ("INSERT INTO private VALUES ($1)", [CANARY]),
            (f"INSERT INTO private VALUES ('{CANARY}')", []),
            (f"SELECT '{CANARY}'::integer", []),
            ("SELECT cast($1::text AS integer)", [CANARY]),
            (f"SELEC '{CANARY}'", []),
            (f"DO $$BEGIN RAISE WARNING '{CANARY}'; PERFORM 1/0; END$$", []),
        ):
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute(sql, *values)
        with pytest.raises(asyncpg.PostgresError):
            await connection.copy_records_to_table(
                "private", records=[(CANARY, 1)], columns=["v", "n"]
            )
        # A backend that is killed: the server says what it ran, in DETAIL.
        pid = await connection.fetchval("SELECT pg_backend_pid()")
        running = asyncio.create_task(
            connection.execute(f"SELECT '{CANARY}', pg_sleep(60)")
        )
        other = await asyncpg.connect(server.dsn_for(SUPERUSER))
        asked = (
            "SELECT query, pg_sleep(0.02) FROM pg_stat_activity"
            " WHERE pid = $1 AND state = 'active'"
        )
        while CANARY not in (await other.fetchval(asked, pid) or ""):
            pass
        other.terminate()
        os.kill(pid, signal.SIGKILL)
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await running
        connection.terminate()
        await until(lambda: runs(copied))
    log = (copied / "postgres.log").read_text()
    assert "was terminated by signal 9" in log
    assert CANARY not in log


async def test_the_log_is_bounded(copied: Path) -> None:
    big = "x" * (limits.POSTGRES_LOG_BYTES_MAX + 1)
    (copied / "postgres.log").write_text(big)
    async with EmbeddedPostgres(copied):
        assert (copied / "postgres.log").stat().st_size < 10_000
        assert (copied / "postgres.log.1").stat().st_size >= len(big)
