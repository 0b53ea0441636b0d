"""The embedded PostgreSQL: killed, orphaned, adopted, and shared."""

import os
import signal
from pathlib import Path

import pytest

from ledger import limits
from ledger.errors import FatalError, UnavailableError
from ledger.storage import embedded
from ledger.storage.datafolder import DataFolder
from ledger.storage.embedded import OWNER, EmbeddedPostgres
from tests.storage.servers import execute, kept, owner, runs, until, value

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


# ---- killed -----------------------------------------------------------------------


async def test_a_killed_server_comes_back_under_the_same_name(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        before = await value(server.dsn, "SELECT count(*) FROM kept")
        await execute(server.dsn, "INSERT INTO kept VALUES (8)")
        dsn, first = server.dsn, server.server_pid
        os.kill(first, signal.SIGKILL)

        async def again() -> bool:
            return server.server_pid != first and await runs(folder)

        await until(again)
        assert server.dsn == dsn
        assert await value(dsn, "SELECT count(*) - 1 FROM kept") == before


async def test_server_and_owner_killed_together(folder: Path) -> None:
    with owner(folder) as (process, pid):
        os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()
        # No pause: the server's other processes are still ending.
        async with EmbeddedPostgres(folder) as server:
            assert server.server_pid != pid
            assert not server.adopted
            assert await kept(server.dsn) == 7


async def test_an_orphan_is_adopted(folder: Path) -> None:
    with owner(folder) as (process, pid):
        process.kill()
        process.wait()
        async with EmbeddedPostgres(folder) as server:
            assert server.adopted
            assert server.server_pid == pid
            assert await kept(server.dsn) == 7
        assert DataFolder(folder).is_free()


async def test_an_adopted_server_is_watched_too(folder: Path) -> None:
    with owner(folder) as (process, pid):
        process.kill()
        process.wait()
        async with EmbeddedPostgres(folder) as server:
            os.kill(pid, signal.SIGKILL)

            async def again() -> bool:
                return not server.adopted and await runs(folder)

            await until(again)
            assert await kept(server.dsn) == 7


async def test_an_orphan_that_does_not_answer_is_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_ANSWER_S", 0.5)
    monkeypatch.setattr(limits, "POSTGRES_ADOPT_S", 0.5)
    monkeypatch.setattr(limits, "POSTGRES_STOP_S", 0.5)
    monkeypatch.setattr(limits, "POSTGRES_QUIT_S", 0.5)
    with owner(folder) as (process, pid):
        os.kill(pid, signal.SIGSTOP)
        process.kill()
        process.wait()
        async with EmbeddedPostgres(folder) as server:
            assert not server.adopted
            assert server.server_pid != pid
            assert await kept(server.dsn) == 7


async def test_processes_that_outlive_their_postmaster_are_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "POSTGRES_QUIT_S", 0.5)
    place = DataFolder(folder)
    with owner(folder) as (process, pid):
        left = next(other for other in place.processes() if other != pid)
        os.kill(left, signal.SIGSTOP)
        os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()
        async with EmbeddedPostgres(folder) as server:
            assert left not in place.processes()
            assert await kept(server.dsn) == 7


async def test_a_stale_pid_file_with_a_reused_number(folder: Path) -> None:
    """The number in the file is alive, and not a PostgreSQL: it is this test."""
    stale = folder / "pgdata" / "postmaster.pid"
    text = f"{os.getpid()}\n{folder}/pgdata\n0\n5432\n{folder}/s\n\n0 0\n"
    stale.write_text(text)
    (folder / "s" / ".s.PGSQL.5432.lock").write_text(text)
    assert await EmbeddedPostgres.attach(folder) is None
    async with EmbeddedPostgres(folder) as server:
        assert await kept(server.dsn) == 7


async def test_a_half_made_folder_is_made_again(tmp_path: Path) -> None:
    half = tmp_path / "pgdata.x1"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    async with EmbeddedPostgres(tmp_path) as server:
        assert await value(server.dsn, "SELECT 1") == 1
    assert not half.exists()


# ---- shared -----------------------------------------------------------------------


async def test_a_second_owner_is_told_who_the_first_is(folder: Path) -> None:
    with owner(folder) as (process, pid):
        with pytest.raises(UnavailableError, match=f"process {process.pid}:"):
            await EmbeddedPostgres(folder).start()
        assert DataFolder(folder).is_ours(pid)


async def test_others_attach_to_what_runs(folder: Path) -> None:
    assert await EmbeddedPostgres.attach(folder) is None
    assert await EmbeddedPostgres.attach(folder / "nowhere") is None
    with owner(folder):
        dsn = await EmbeddedPostgres.attach(folder)
        assert dsn is not None
        assert await kept(dsn) == 7
        owners = await EmbeddedPostgres.attach(folder, OWNER)
        assert owners is not None
        assert await value(owners, "SELECT current_user") == OWNER


async def test_a_server_out_of_sight_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another container may hold the lock: its processes are not in our /proc."""
    monkeypatch.setattr(limits, "POSTGRES_QUIT_S", 0.1)
    lock = DataFolder(folder).lock_server()
    assert lock is not None
    try:
        with pytest.raises(FatalError, match="cannot be seen from here"):
            await EmbeddedPostgres(folder).start()
    finally:
        os.close(lock)
    async with EmbeddedPostgres(folder) as server:
        assert await kept(server.dsn) == 7
