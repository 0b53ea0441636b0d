"""The newest head ever released, kept beside the keys: never sign anything behind it.

A file of two 4,096-byte blocks, each holding one signed checkpoint padded with zeros,
and after them a mark: the size of the newest one that is on the disk, 8 bytes. A new
head overwrites the block of the *older* one, is flushed, and then marked: a torn write
costs the new head only, which nobody has seen yet. Each block proves itself: a checkpoint
that is torn has no valid signature.

All processes that share the keys share this file. Writers exclude each other by a lock,
and the larger size wins whoever is last. Readers take no lock, because a busy ledger
holds it most of the time and what one process has just answered, every other must show:
they read the mark before and after the blocks, and again if it moved.
"""

import contextlib
import fcntl
import os
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from ledger.errors import FatalError, MalformedError, VerificationError
from ledger.merkle.checkpoint import Checkpoint

BLOCK_BYTES: Final = 4096  # bytes; one disk block, one checkpoint
_BLOCKS: Final = 2
_MARK_AT: Final = BLOCK_BYTES * _BLOCKS
_MARK: Final = struct.Struct(">q")  # aligned, so a reader sees the old or the new one
_READS: Final = 8  # times to read anew while writers move the mark, then under the lock

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
        with self._locked():
            self._settle()

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with self._advancing:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _settle(self) -> list[Found | None]:
        """The blocks, under the lock; the newest is on the disk and marked.

        A process that died between writing and marking leaves one that is neither.
        """
        blocks = self._blocks()
        size = max(_size(block) for block in blocks)
        if size != self._mark():
            os.fdatasync(self._file)
            self._set_mark(size)
        return blocks

    def _mark(self) -> int:
        data = os.pread(self._file, _MARK.size, _MARK_AT)
        return int(_MARK.unpack(data)[0]) if len(data) == _MARK.size else -1

    def _set_mark(self, size: int) -> None:
        os.pwrite(self._file, _MARK.pack(size), _MARK_AT)

    def _blocks(self) -> list[Found | None]:
        """What each block holds; None where it is empty or torn."""
        data = os.pread(self._file, _MARK_AT, 0)
        notes = [
            data[start : start + BLOCK_BYTES].rstrip(b"\0")
            for start in range(0, _MARK_AT, BLOCK_BYTES)
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

        As new as any that was answered before this call, by whatever process; never one
        that is still being written: what is shown is on the disk.
        """
        newest = self._newest
        for _ in range(_READS):
            mark = self._mark()
            if mark == _size(newest):
                return newest
            blocks = self._blocks()
            if self._mark() == mark:
                return self._remember(max(blocks, key=lambda b: _shown(b, mark)))
        with self._locked():
            return self._remember(max(self._settle(), key=_size))

    def _remember(self, found: Found | None) -> Found | None:
        """The larger of `found` and what was known before; it never goes back."""
        with self._remembering:
            self._newest = max(self._newest, found, key=_size)
            return self._newest

    def advance(self, checkpoint: Checkpoint, note: bytes) -> None:
        """Make `checkpoint`, signed in `note`, durable, unless a larger one already is.

        After this the head counts as seen by the world: a database behind it is refused.

        Raises:
            FatalError: the file cannot be written; the head must not be served.
        """
        if len(note) > BLOCK_BYTES:
            raise FatalError("a checkpoint longer than its block")
        try:
            with self._locked():
                self._advance(checkpoint, note)
        except OSError as error:
            raise FatalError(
                f"the released head cannot be written beside the keys: {error.strerror}"
            ) from error

    def _advance(self, checkpoint: Checkpoint, note: bytes) -> None:
        size = int(checkpoint.size)
        blocks = self._settle()
        sizes = [_size(block) for block in blocks]
        if max(sizes) >= size:
            self._remember(max(blocks, key=_size))
            return
        block = sizes.index(min(sizes))
        data = note.ljust(BLOCK_BYTES, b"\0")
        if os.pwrite(self._file, data, block * BLOCK_BYTES) != BLOCK_BYTES:
            raise FatalError("the released head was written in part")
        os.fdatasync(self._file)
        self._set_mark(size)
        self._known = {**self._known, note: checkpoint}
        self._remember((checkpoint, note))


def _size(found: Found | None) -> int:
    return -1 if found is None else int(found[0].size)


def _shown(found: Found | None, mark: int) -> int:
    """The size of a block, less than any if it is past the mark."""
    size = _size(found)
    return size if size <= mark else -2
