"""Processes as Linux lists them in /proc: who is below whom, and who is PostgreSQL."""

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")


def descendants(pid: int) -> list[int]:
    """Every process below `pid`, nearest first."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # After the name in brackets: state, then the parent.
                parent = int(_stat(entry).rsplit(")", 1)[1].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    queue = [pid]
    while queue:
        below = children.get(queue.pop(0), [])
        found += below
        queue += below
    return found


def is_postgres(pid: int) -> bool:
    """Whether `pid` runs PostgreSQL, or only waits for one (a user namespace's shell)."""
    return "postgres" in _read(_PROC / str(pid) / "cmdline")


def is_worker(pid: int) -> bool:
    """Whether `pid` is one of the service's own processes that answer requests."""
    return not is_postgres(pid) and "resource_tracker" not in _read(
        _PROC / str(pid) / "cmdline"
    )


def is_about(pid: int, folder: Path) -> bool:
    """Whether `pid`'s command line names `folder`: a guard before killing it."""
    return str(folder) in _read(_PROC / str(pid) / "cmdline")


def postmasters(folder: Path) -> list[int]:
    """PostgreSQL servers that run on a data folder anywhere below `folder`."""
    found = []
    for file in folder.rglob("postmaster.pid") if folder.exists() else ():
        first = _read(file).partition("\n")[0]
        # The file may be stale and its number another server's by now.
        if first.isdigit() and is_postgres(int(first)) and is_about(int(first), folder):
            found.append(int(first))
    return found


def kill(pids: Iterable[int]) -> None:
    """SIGKILL to each; one that has ended already is no error."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def resident_bytes(pid: int) -> int:
    """The resident memory of `pid`, now."""
    return _status_kib(pid, "VmRSS") * 1024


def peak_resident_bytes(pid: int) -> int:
    """The most that `pid` ever had resident."""
    return _status_kib(pid, "VmHWM") * 1024


def _status_kib(pid: int, field: str) -> int:
    for line in _read(_PROC / str(pid) / "status").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    return 0


def _stat(entry: Path) -> str:
    return (entry / "stat").read_text()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
