"""The folder of an embedded PostgreSQL, and which processes use it.

    FOLDER/            0700
      lock             held (flock) by the one process that owns the server: its pid
      server.lock      held (flock) by every process of the server, by inheritance
      postgres.log     the server's standard error; postgres.log.1 the one before
      pgdata/          PostgreSQL's own
      s/               0700, the socket; or, where that path would be too long,
      socket           the path of a 0700 folder under the temporary folder

Who runs is never guessed from a process id. `server.lock` is a descriptor the server
inherits: the kernel frees it when the last of its processes is gone, and not before,
whatever killed them and whichever container looks. Process ids only say whom to
signal, and each is believed only while its command line carries this folder's `tag`.
"""

import contextlib
import fcntl
import os
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from ledger.errors import FatalError, UnavailableError
from ledger.limits import POSTGRES_LOG_BYTES_MAX, SOCKET_PATH_BYTES_MAX

PORT: Final = 5432  # names the socket file; nothing listens on TCP
_SOCKET: Final = f".s.PGSQL.{PORT}"
# asyncpg reads a comma in a host as two hosts, PostgreSQL one in a list of folders.
_PLAIN: Final = re.compile(r"/[A-Za-z0-9_./-]*", re.ASCII)
_TAIL_BYTES: Final = 4000


@dataclass(frozen=True, slots=True)
class DataFolder:
    """One folder; see the module."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Self:
        """The data folder at a path that may be relative to where we are."""
        return cls(folder.absolute())

    @property
    def pgdata(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.folder / "pgdata"

    @property
    def log(self) -> Path:
        """What the server wrote to its standard error."""
        return self.folder / "postgres.log"

    @property
    def tag(self) -> str:
        """In the command line of every process of this folder's server."""
        found = self.folder.stat()
        return f"counterfoil-{found.st_dev:x}-{found.st_ino:x}"

    def prepare(self) -> None:
        """Makes the folder, for its owner only; touches nothing above it.

        Raises:
            FatalError: the folder cannot be made, or belongs to somebody else.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self.folder.stat()
            if found.st_uid != os.geteuid():
                raise FatalError(
                    f"{self.folder} belongs to user {found.st_uid} and this is user "
                    f"{os.geteuid()}: run as its owner, or name another folder"
                )
            if stat.S_IMODE(found.st_mode) != 0o700:
                self.folder.chmod(0o700)
        except OSError as error:
            raise FatalError(f"cannot use {self.folder}: {error.strerror}") from error

    # ---- locks ------------------------------------------------------------------

    def lock_owner(self) -> int:
        """Becomes the one owner; the descriptor holds as long as it is open.

        Raises:
            UnavailableError: another process is.
        """
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise UnavailableError(
                f"{self.folder} is already in use by process {owner or '(starting)'}: "
                "stop that one first, or name another folder"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return descriptor

    def lock_server(self) -> int | None:
        """The lock a new server will inherit; None while one is alive."""
        descriptor = os.open(self.folder / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def is_free(self) -> bool:
        """Whether no process of a server is left."""
        if not self.folder.is_dir():  # removed under a server, which then ends itself
            return True
        descriptor = self.lock_server()
        if descriptor is None:
            return False
        os.close(descriptor)
        return True

    # ---- processes --------------------------------------------------------------

    def is_ours(self, pid: int) -> bool:
        """Whether `pid` is alive and of this folder's server; a zombie is not."""
        with contextlib.suppress(OSError):
            return self.tag.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        return False

    def postmaster(self) -> int | None:
        """The process id of the running postmaster, or None."""
        try:
            first = (self.pgdata / "postmaster.pid").read_bytes().partition(b"\n")[0]
        except OSError:
            return None
        pid = int(first) if first.isdigit() else 0
        return pid if pid > 0 and self.is_ours(pid) else None

    def processes(self) -> list[int]:
        """Every visible process of this folder's server."""
        names = [entry.name for entry in Path("/proc").iterdir()]
        return [
            int(name) for name in names if name.isdigit() and self.is_ours(int(name))
        ]

    # ---- socket -----------------------------------------------------------------

    def make_socket_folder(self) -> Path:
        """A 0700 folder whose path a socket's address can hold; recorded if not ours."""
        own = self.folder / "s"
        if _is_short(own):
            own.mkdir(mode=0o700, exist_ok=True)
            return own
        recorded = self.socket_folder()
        if recorded is not None and _is_private(recorded):
            return recorded
        made = Path(tempfile.mkdtemp(prefix="cf-"))
        if not _is_short(made):
            made.rmdir()
            made = Path(tempfile.mkdtemp(prefix="cf-", dir="/tmp"))
        record = self.folder / "socket"
        record.touch(mode=0o600)
        record.write_text(f"{made}\n", encoding="utf-8")
        return made

    def socket_folder(self) -> Path | None:
        """Where the socket is, or was last; None when there never was one."""
        own = self.folder / "s"
        if _is_short(own):
            return own if own.is_dir() else None
        try:
            text = (self.folder / "socket").read_text(encoding="utf-8")
        except OSError:
            return None
        return Path(text.removesuffix("\n"))

    def drop_socket_folder(self) -> None:
        """Removes a socket folder made under the temporary folder."""
        found = self.socket_folder()
        if found is not None and found.parent != self.folder and _is_private(found):
            shutil.rmtree(found, ignore_errors=True)

    # ---- log --------------------------------------------------------------------

    def bound_log(self) -> None:
        """Keeps the log below its bound.

        Copy, then truncate: the server keeps appending through its own descriptor.
        """
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > POSTGRES_LOG_BYTES_MAX:
                shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
                os.truncate(self.log, 0)

    def tail(self) -> str:
        """The end of the server's log, for an error's text."""
        try:
            text = self.log.read_bytes()[-_TAIL_BYTES:].decode("utf-8", "replace")
        except OSError:
            return "(no log)"
        return text.strip() or "(its log is empty)"


def _is_short(folder: Path) -> bool:
    path = str(folder / _SOCKET)
    return len(path) <= SOCKET_PATH_BYTES_MAX and _PLAIN.fullmatch(path) is not None


def _is_private(folder: Path) -> bool:
    """Whether the folder is ours and closed to others: /tmp is everybody's."""
    with contextlib.suppress(OSError):
        found = folder.lstat()
        return (
            stat.S_ISDIR(found.st_mode)
            and stat.S_IMODE(found.st_mode) == 0o700
            and found.st_uid == os.geteuid()
        )
    return False
