"""The embedded PostgreSQL as root, in a container, and as an ordinary user."""
# ruff: noqa: ASYNC240 -- a test may block its own loop

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from ledger.errors import FatalError
from ledger.storage import postmaster
from ledger.storage.datafolder import DataFolder
from ledger.storage.embedded import EmbeddedPostgres
from tests.storage.servers import (
    CONTAINER_SCRIPT,
    ENVIRONMENT,
    end,
    kept,
    owner,
)

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


# ---- as whom ----------------------------------------------------------------------

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")


def python_for(uid: int) -> str:
    """An interpreter like ours that `uid` may run: ours may lie in root's own home."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for found in (sys.executable, f"/usr/bin/{version}"):
        command = [found, "-c", "import asyncpg, structlog, ledger"]
        with suppress(OSError):
            if (
                subprocess.run(
                    command,
                    user=uid,
                    group=uid,
                    extra_groups=[],
                    cwd="/",
                    env=ENVIRONMENT,
                    capture_output=True,
                    check=False,
                ).returncode
                == 0
            ):
                return found
    pytest.skip(f"user {uid} may run no Python that has our packages")


@as_root
@pytest.mark.parametrize("uid", [12345, 65534], ids=["without a name", "nobody"])
def test_as_an_ordinary_user(uid: int) -> None:
    home = Path(tempfile.mkdtemp(prefix="cf-"))
    os.chown(home, uid, uid)
    try:
        more = {"user": uid, "group": uid, "extra_groups": [], "cwd": home}
        with owner(home / "data", [python_for(uid)], **more) as (process, pid):
            assert Path(f"/proc/{pid}").stat().st_uid == uid
            assert (home / "data" / "pgdata").stat().st_uid == uid
            end(process)
        assert DataFolder(home / "data").processes() == []
    finally:
        shutil.rmtree(home)


@as_root
async def test_as_root_without_user_namespaces(copied: Path) -> None:
    """As in most containers: a namespace of ours in which no further one may be made.

    The folder lies below one that is closed to everybody but root; and what was made
    by the one way of starting is carried on by the other, there and back.
    """
    copied.parent.chmod(0o700)
    container = (sys.executable, str(CONTAINER_SCRIPT), sys.executable)
    with owner(copied, container) as (process, pid):
        assert Path(f"/proc/{pid}").stat().st_uid == postmaster.SERVER_UID
        dsn = await EmbeddedPostgres.attach(copied)
        assert dsn is not None
        assert await kept(dsn) == 7
        assert copied.stat().st_uid == 0
        assert stat.S_IMODE(copied.stat().st_mode) == 0o700
        end(process)
    async with EmbeddedPostgres(copied) as server:
        assert await kept(server.dsn) == 7
        assert Path(f"/proc/{server.server_pid}").stat().st_uid == 0


@as_root
async def test_somebody_elses_folder_is_refused(copied: Path) -> None:
    os.chown(copied, 12345, 12345)
    with pytest.raises(FatalError, match="belongs to user 12345 and this is user 0"):
        await EmbeddedPostgres(copied).start()
