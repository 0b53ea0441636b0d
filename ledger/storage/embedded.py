"""A PostgreSQL of our own, for whoever names none.

    async with EmbeddedPostgres(folder) as server:
        connection = await asyncpg.connect(server.dsn)

One process owns a folder at a time; others `attach` to what it runs. A server that
outlived its owner is adopted; one that died is started again, here and at the next
start alike. The socket lies in a folder that only its owner may enter, so the operating
system's permissions are the password: whoever can reach the socket could read the data
files as well. docs/adr/0005-embedded-postgresql.md has the reasons.

Three roles: `postgres` makes roles and databases, `counterfoil_owner` owns the tables
and migrates them, `counterfoil` is the service's own, and can define nothing.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import asyncpg
import structlog

from ledger import limits
from ledger.errors import CounterfoilError, FatalError, UnavailableError
from ledger.storage import postmaster
from ledger.storage.datafolder import PORT, DataFolder
from ledger.storage.postmaster import SUPERUSER, Identity

OWNER: Final = "counterfoil_owner"
SERVICE: Final = "counterfoil"
DATABASE: Final = "counterfoil"

_ANSWER_S: Final = 5.0  # seconds for one attempt to be answered
_LOOK_S: Final = 0.05  # seconds between two looks while something is awaited
_WATCH_S: Final = 0.5  # seconds between two looks at a running server
_AGAIN_S: Final = 30.0  # seconds at most between two attempts to start again
_log = structlog.get_logger(__name__)


class EmbeddedPostgres:
    """The server in `folder`, running for as long as the `async with` block.

    Attributes:
        folder: its folder, 0700; see `datafolder`.
        adopted: whether the server was found running rather than started.
    """

    def __init__(
        self, folder: Path, *, start_s: float = limits.POSTGRES_START_S
    ) -> None:
        """Makes nothing yet; `start_s` bounds the wait for the first answer."""
        self._place = DataFolder.at(folder)
        self.folder = self._place.folder
        self.adopted = False
        self._start_s = start_s
        self._owner_lock: int | None = None  # open as long as we own the folder
        self._sockets: Path | None = None
        self._pid = 0
        self._child: subprocess.Popen[bytes] | None = None  # None when adopted
        self._watch: asyncio.Task[None] | None = None  # ours alone to cancel

    # ---- what callers ask ---------------------------------------------------------

    @property
    def dsn(self) -> str:
        """The service role's connection string."""
        return self.dsn_for(SERVICE)

    def dsn_for(self, role: str, database: str = DATABASE) -> str:
        """The connection string of `role` (`OWNER`, `SERVICE`, `SUPERUSER`).

        Raises:
            UnavailableError: the server was never started.
        """
        if self._sockets is None:
            raise UnavailableError(f"no PostgreSQL was started in {self.folder}")
        return _dsn(self._sockets, role, database)

    @property
    def server_pid(self) -> int:
        """The postmaster's process id; another one after it was started again."""
        return self._pid

    @staticmethod
    async def attach(folder: Path, role: str = SERVICE) -> str | None:
        """The connection string of a server that runs in `folder`, if one answers."""
        place = DataFolder.at(folder)
        if not place.folder.is_dir() or place.postmaster() is None:
            return None
        sockets = place.socket_folder()
        if sockets is None or not await _answers(_dsn(sockets, SUPERUSER, "postgres")):
            return None
        return _dsn(sockets, role, DATABASE)

    # ---- life ---------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Starts or adopts the server; see `start`."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops the server; see `stop`."""
        await self.stop()

    async def start(self) -> None:
        """Owns the folder, and returns once the server answered a query.

        Raises:
            UnavailableError: another process owns the folder.
            FatalError: the server cannot run here; carries the end of its log.
        """
        self._place.prepare()
        self._owner_lock = self._place.lock_owner()
        try:
            # It runs a program to ask its version: not in the loop.
            await asyncio.to_thread(postmaster.check_version, self._place)
            await self._run()
        except BaseException as error:
            await self.stop()
            if isinstance(error, OSError):
                raise FatalError(f"cannot start PostgreSQL: {error}") from error
            raise
        self._watch = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        """Stops the server, fast at first, and gives up the folder."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        try:
            if self._pid:
                await self._end()
                self._place.drop_socket_folder()
        finally:
            self._release()

    def _release(self) -> None:
        if self._owner_lock is not None:
            os.close(self._owner_lock)
            self._owner_lock = None

    # ---- running ------------------------------------------------------------------

    async def _run(self) -> None:
        """(1) Adopt, or (2) clear what is left, (3) start, and (4) make the roles."""
        if await self._adopt():  # (1)
            return
        lock = await self._cleared()  # (2)
        try:
            identity = await asyncio.to_thread(postmaster.choose_identity, self._place)
            if not self._place.pgdata.exists():
                await asyncio.to_thread(postmaster.initialise, self._place, identity)
            self._spawn(identity, lock)  # (3)
        finally:
            os.close(lock)  # the server holds its own copy
        await self._ready(self._start_s)
        await _make_roles(self.dsn_for)  # (4)

    def _spawn(self, identity: Identity, lock: int) -> None:
        self._sockets = self._place.make_socket_folder()
        self._child = postmaster.spawn(self._place, identity, self._sockets, lock)
        self._pid = self._child.pid
        self.adopted = False

    async def _adopt(self) -> bool:
        """Takes over a server whose owner is gone; one that does not answer is ended."""
        pid, sockets = self._place.postmaster(), self._place.socket_folder()
        if pid is None or sockets is None or self._place.is_free():
            return False
        self._pid, self._sockets, self._child = pid, sockets, None
        try:
            await self._ready(limits.POSTGRES_ADOPT_S)
            await _make_roles(self.dsn_for)
        except CounterfoilError:
            await self._end()
            return False
        self.adopted = True
        return True

    async def _cleared(self) -> int:
        """The server's lock, once every process of an earlier server is gone.

        Raises:
            FatalError: some stay, and cannot be seen from here.
        """
        if not await self._gone(limits.POSTGRES_QUIT_S):
            # The postmaster is gone or never came to answer: nothing to save by waiting.
            postmaster.signal_processes(self._place, signal.SIGKILL)
            await self._gone(limits.POSTGRES_QUIT_S)
        lock = self._place.lock_server()
        if lock is None:
            raise FatalError(
                f"a PostgreSQL still runs in {self.folder} and cannot be seen from "
                "here (another container, perhaps): stop that one first"
            )
        return lock

    async def _end(self) -> None:
        """Fast shutdown; immediate after a bound; SIGKILL after another."""
        for number, within_s in (
            (signal.SIGINT, limits.POSTGRES_STOP_S),
            (signal.SIGQUIT, limits.POSTGRES_QUIT_S),
        ):
            if self._alive():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._pid, number)
            if await self._gone(within_s):
                break
        else:
            postmaster.signal_processes(self._place, signal.SIGKILL)
            await self._gone(limits.POSTGRES_QUIT_S)
        self._pid = 0

    def _alive(self) -> bool:
        """Whether the postmaster runs; reaps it when it was our child and ended."""
        if self._child is not None:
            return self._child.poll() is None
        return self._place.is_ours(self._pid)

    async def _gone(self, within_s: float) -> bool:
        """Waits until no process of the server is left."""
        end = asyncio.get_running_loop().time() + within_s
        while True:
            if not self._alive() and self._place.is_free():
                return True
            if asyncio.get_running_loop().time() > end:
                return False
            await asyncio.sleep(_LOOK_S)

    async def _ready(self, within_s: float) -> None:
        """Waits for the answer to a real query.

        Raises:
            FatalError: the server ended, or gave none in time.
        """
        end = asyncio.get_running_loop().time() + within_s
        while not await _answers(self.dsn_for(SUPERUSER, "postgres")):
            ended = not self._alive()
            if ended or asyncio.get_running_loop().time() > end:
                what = "ended" if ended else f"gave no answer in {within_s:g} s"
                raise FatalError(
                    f"PostgreSQL in {self.folder} {what}; the end of "
                    f"{self._place.log}:\n{self._place.tail()}"
                )
            await asyncio.sleep(_LOOK_S)

    async def _keep_running(self) -> None:
        """Starts the server again whenever it ended; the connection string stays."""
        pause_s = _WATCH_S
        while True:
            await asyncio.sleep(pause_s)
            self._place.bound_log()
            if self._pid and self._alive():
                pause_s = _WATCH_S
                continue
            _log.warning("embedded_postgres_ended", pid=self._pid)
            try:
                await self._run()
            except (CounterfoilError, OSError) as error:
                _log.error("embedded_postgres_start_failed", reason=str(error))
                pause_s = min(2 * pause_s, _AGAIN_S)
            else:
                _log.warning("embedded_postgres_started_again", pid=self._pid)


def _dsn(sockets: Path, role: str, database: str) -> str:
    host = quote(str(sockets), safe="")
    return f"postgresql://{role}@/{database}?host={host}&port={PORT}"


async def _answers(dsn: str) -> bool:
    """Whether a query is answered; a listening socket alone proves nothing."""
    try:
        connection = await asyncpg.connect(
            dsn, timeout=_ANSWER_S, command_timeout=_ANSWER_S
        )
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    try:
        return bool(await connection.fetchval("SELECT 1") == 1)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    finally:
        connection.terminate()


async def _make_roles(dsn_for: Callable[[str, str], str]) -> None:
    """The roles and the database, where they are not there yet.

    Raises:
        FatalError: PostgreSQL refused.
    """
    try:
        connection = await asyncpg.connect(dsn_for(SUPERUSER, "postgres"), timeout=30)
        try:
            for role in (OWNER, SERVICE):
                found = "SELECT FROM pg_roles WHERE rolname = $1"
                if await connection.fetchrow(found, role) is None:
                    await connection.execute(f"CREATE ROLE {role} LOGIN")
            found = "SELECT FROM pg_database WHERE datname = $1"
            if await connection.fetchrow(found, DATABASE) is None:
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        finally:
            await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise FatalError(f"cannot make the ledger's roles: {error}") from error
