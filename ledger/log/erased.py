"""The ids of erased decisions, kept beside the keys: a restore must erase them again.

    KEYS_DIR/<ledger>/erased        one line an id, in the order they were written

    3f0c6c9e-8d0a-4c3a-9f5e-0b6f7d1f2a11      erased, or about to be
    -3f0c6c9e-8d0a-4c3a-9f5e-0b6f7d1f2a11     not so: the batch was lost, and by the next
                                              one it was not due any more

An id is written, and on the disk, before the batch that erases it is committed, under
the lock of the log's head: so whoever reads a file that a crash left behind may find an id
too many, never one too few. The next sweep settles it: it erases what is due, and takes
back what is not.

A line that a crash cut short has no end: it is dropped by the next writer, and skipped by
readers. Whatever else is not such a line was not written here, and is refused.
"""

import fcntl
import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from ledger.errors import FatalError, UnavailableError
from ledger.ids import is_uuid4

_TAKEN_BACK: Final = "-"


class ErasedFile:
    """The file of one ledger's erased ids; blocking calls."""

    def __init__(self, path: Path) -> None:
        """`path` need not exist: then nothing was ever erased."""
        self._path = path

    def ids(self) -> set[str]:
        """The ids that stand, as they are on the disk now.

        Raises:
            FatalError: it holds what is no such line.
            UnavailableError: it cannot be read.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return set()
        except OSError as error:
            raise self._cannot("read", error) from error
        return self._parse(data)

    def align(self, erased: Collection[str]) -> None:
        """Make the ids that stand be `erased`, durably; only under the head's lock.

        Raises:
            FatalError: it holds what is no such line.
            UnavailableError: it cannot be written; then nothing may be erased, since a
                restore would bring it back.
        """
        wanted = set(erased)
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                self._align(file, wanted)
            finally:
                os.close(file)  # the lock goes with it
        except OSError as error:
            raise self._cannot("write", error) from error

    def _align(self, file: int, wanted: set[str]) -> None:
        with os.fdopen(os.dup(file), "rb") as reading:
            data = reading.read()
        whole = data.rfind(b"\n") + 1
        found = self._parse(data)
        lines = sorted(wanted - found) + sorted(
            f"{_TAKEN_BACK}{one}" for one in found - wanted
        )
        if not lines and whole == len(data):
            return
        if not data:
            self._own(file)
        os.ftruncate(file, whole)  # a line cut short by a crash
        left = memoryview("".join(f"{line}\n" for line in lines).encode("ascii"))
        at = whole
        while left:
            count = os.pwrite(file, left, at)
            left, at = left[count:], at + count
        os.fsync(file)
        if not data:
            self._sync_folder()

    def _own(self, file: int) -> None:
        """Made by root in another user's folder, it is that user's, as the keys are."""
        owner = self._path.parent.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.fchown(file, owner.st_uid, owner.st_gid)

    def _sync_folder(self) -> None:
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _parse(self, data: bytes) -> set[str]:
        found: set[str] = set()
        whole = data[: data.rfind(b"\n") + 1].decode("ascii", "replace")
        for number, line in enumerate(whole.split("\n")[:-1], 1):
            one = line.removeprefix(_TAKEN_BACK)
            if not is_uuid4(one):
                raise FatalError(
                    f"{self._path}, line {number} is no id: bring the file back from "
                    "the copy you keep elsewhere"
                )
            if line == one:
                found.add(one)
            else:
                found.discard(one)
        return found

    def _cannot(self, what: str, error: OSError) -> UnavailableError:
        return UnavailableError(
            f"cannot {what} {self._path} ({error.strerror}): nothing is erased before "
            "its id is kept there"
        )
