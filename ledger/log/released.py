"""The newest head ever released, kept beside the keys: never sign anything behind it.

A file of two 4,096-byte blocks, each holding one signed checkpoint padded with zeros.
A new head overwrites the block of the *older* one, so a torn write costs the new head
only, which nobody has seen yet. All processes that share the keys share this file: a
lock makes the larger size win whoever is last. Each block proves itself: a checkpoint
that is torn has no valid signature.
"""

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ledger.errors import FatalError, MalformedError, VerificationError
from ledger.merkle.checkpoint import Checkpoint

BLOCK_BYTES: Final = 4096  # bytes; one disk block, one checkpoint
_BLOCKS: Final = 2

Opener = Callable[[bytes], Checkpoint]
Found = tuple[Checkpoint, bytes]  # a released checkpoint and its note


class ReleasedFile:
    """The file of released heads of one ledger; blocking calls, a fraction of a ms."""

    def __init__(self, path: Path, open_checkpoint: Opener) -> None:
        """`open_checkpoint` verifies a note by the log's own key."""
        self._open = open_checkpoint
        self._known: dict[bytes, Checkpoint | None] = {}
        self._newest: Found | None = None
        self._advancing = threading.Lock()  # `flock` does not tell threads apart
        self._remembering = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # Opened apart, because `flock` belongs to an opening: reading never unlocks.
        self._readers = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
        os.close(self._readers)

    def _blocks(self) -> list[Found | None]:
        """What each block holds; None where it is empty or torn."""
        data = os.pread(self._file, BLOCK_BYTES * _BLOCKS, 0)
        notes = [
            data[start : start + BLOCK_BYTES].rstrip(b"\0")
            for start in range(0, BLOCK_BYTES * _BLOCKS, BLOCK_BYTES)
        ]
        # A note is verified once, then known by its bytes: two signatures a batch less.
        known = {note: self._checkpoint(note) for note in notes}
        self._known = known
        return [
            None if (checkpoint := known[note]) is None else (checkpoint, note)
            for note in notes
        ]

    def _checkpoint(self, note: bytes) -> Checkpoint | None:
        known = self._known
        if note in known:
            return known[note]
        try:
            return self._open(note)
        except (MalformedError, VerificationError):
            return None

    def newest(self) -> Found | None:
        """The largest released checkpoint and its note, or None before the first.

        Never one that another process is still writing: what is shown is on the disk.
        """
        try:
            fcntl.flock(self._readers, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            if self._newest is not None:
                return self._newest
            fcntl.flock(self._readers, fcntl.LOCK_SH)
        try:
            found = max(self._blocks(), key=_size)
        finally:
            fcntl.flock(self._readers, fcntl.LOCK_UN)
        return self._remember(found)

    def _remember(self, found: Found | None) -> Found | None:
        """The larger of `found` and what was known before; it never goes back."""
        with self._remembering:
            self._newest = max(self._newest, found, key=_size)
            return self._newest

    def advance(self, size: int, note: bytes) -> None:
        """Make `note` durable as released, unless a larger one already is.

        After this the head counts as seen by the world: a database behind it is refused.

        Raises:
            FatalError: the file cannot be written; the head must not be served.
        """
        if len(note) > BLOCK_BYTES:
            raise FatalError("a checkpoint longer than its block")
        with self._advancing:
            self._advance(size, note)

    def _advance(self, size: int, note: bytes) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                blocks = self._blocks()
                sizes = [_size(block) for block in blocks]
                if max(sizes) >= size:
                    self._remember(max(blocks, key=_size))
                    return
                block = sizes.index(min(sizes))
                data = note.ljust(BLOCK_BYTES, b"\0")
                if os.pwrite(self._file, data, block * BLOCK_BYTES) != BLOCK_BYTES:
                    raise FatalError("the released head was written in part")
                os.fdatasync(self._file)
                checkpoint = self._open(note)
                self._known = {**self._known, note: checkpoint}
                self._remember((checkpoint, note))
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        except OSError as error:
            raise FatalError(
                f"the released head cannot be written beside the keys: {error.strerror}"
            ) from error


def _size(found: Found | None) -> int:
    return -1 if found is None else int(found[0].size)
