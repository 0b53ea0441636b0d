"""Becomes another program as somebody PostgreSQL accepts; run as a script, by its path.

    python -I -S launch.py MODE UID FOLDER PROGRAM ARGUMENT…

MODE is one of
    direct     as who we are.
    namespace  in a user namespace of its own, where UID is our name for who we are:
               files keep their owner outside, and no capability is kept.
    switch     as UID itself (root only), keeping the one capability to walk through
               folders closed to it (CAP_DAC_OVERRIDE), so that no folder is opened.

The process id stays the same and every inherited descriptor stays open. PostgreSQL
refuses user 0, hence the last two. It is a script, and not a `preexec_fn`, because the
caller has threads, and unshare(CLONE_NEWUSER) is refused in a process that has any.

Exit status 126 says that MODE is not to be had here, or FOLDER or PROGRAM not reached.
"""

import contextlib
import ctypes
import os
import resource
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

_CLONE_NEWUSER: Final = 0x10000000
_PR_SET_KEEPCAPS: Final = 8
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_RAISE: Final = 2
_CAP_DAC_OVERRIDE: Final = 1
_CAPABILITY_VERSION_3: Final = 0x20080522
_CANNOT: Final = 126


def _call(name: str, *arguments: object) -> None:
    """Calls the C library; a result other than 0 is an OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def enter_namespace(uid: int) -> None:
    """A user namespace that maps `uid`, inside, to who we are outside.

    Raises:
        OSError: user namespaces are forbidden here.
    """
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    _call("unshare", _CLONE_NEWUSER)
    # user_namespaces(7): without CAP_SETGID outside, setgroups must go first.
    with contextlib.suppress(FileNotFoundError):
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{uid} {outer_gid} 1", encoding="ascii")


def switch(uid: int) -> None:
    """Becomes `uid` for good, keeping CAP_DAC_OVERRIDE across the exec that follows.

    Raises:
        OSError: we may not.
    """
    _call("prctl", _PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    bit = 1 << _CAP_DAC_OVERRIDE
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    # effective, permitted, inheritable: once for capabilities 0 to 31, once above.
    data = struct.pack("=6I", bit, bit, bit, 0, 0, 0)
    _call("capset", ctypes.create_string_buffer(header), data)
    _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def _stay(_uid: int) -> None:
    """As who we are."""


_MODES: Final[dict[str, Callable[[int], None]]] = {
    "direct": _stay,
    "namespace": enter_namespace,
    "switch": switch,
}


def main(arguments: list[str]) -> int:
    """Becomes the program; returns only when that failed."""
    mode, uid, folder, *program = arguments
    try:
        # A core file of the server would hold private values.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.umask(0o077)
        _MODES[mode](int(uid))
        _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        os.chdir(folder)
        os.execv(program[0], program)  # noqa: S606 -- no shell, on purpose
    except OSError as error:
        sys.stderr.write(f"cannot start {program[0]} ({mode}): {error}\n")
    return _CANNOT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
