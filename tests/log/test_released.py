"""The file of released heads: what is shown is on the disk, and never goes back."""

import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.ids import Hash, TreeSize
from ledger.log.released import ReleasedFile
from ledger.merkle.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.merkle.note import signer_key

ORIGIN = "example.org/log"
SIGNER = signer_key(ORIGIN, bytes(32))


def opened(note: bytes) -> Checkpoint:
    return open_checkpoint(note, [SIGNER.vkey])[0]


def checkpoint_of(size: int) -> Checkpoint:
    root = Hash(size.to_bytes(32, "big"))
    return Checkpoint(origin=ORIGIN, size=TreeSize(size), root=root)


def note_of(size: int) -> bytes:
    return sign_checkpoint(SIGNER, checkpoint_of(size))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "released"


@pytest.fixture
def released(path: Path) -> Iterator[ReleasedFile]:
    file = ReleasedFile(path, opened)
    yield file
    file.close()


def size_of(file: ReleasedFile) -> int:
    newest = file.newest()
    return -1 if newest is None else int(newest[0].size)


def test_the_larger_wins_and_another_process_sees_it(
    path: Path, released: ReleasedFile
) -> None:
    other = ReleasedFile(path, opened)
    assert size_of(released) == -1
    for size, newest in ((3, 3), (7, 7), (5, 7), (9, 9)):
        released.advance(checkpoint_of(size), note_of(size))
        assert size_of(released) == size_of(other) == newest
    other.close()


def test_while_another_writes_the_newest_is_still_shown(
    path: Path, released: ReleasedFile
) -> None:
    """What one process has answered, every other shows, however busy the file is."""
    other = ReleasedFile(path, opened)
    released.advance(checkpoint_of(3), note_of(3))
    assert size_of(released) == size_of(other) == 3
    released.advance(checkpoint_of(7), note_of(7))
    writer = os.open(path, os.O_RDWR)
    fcntl.flock(writer, fcntl.LOCK_EX)
    try:
        assert size_of(released) == size_of(other) == 7
    finally:
        os.close(writer)
        other.close()


def test_what_another_writes_is_not_shown_before_it_is_done(
    path: Path, released: ReleasedFile
) -> None:
    released.advance(checkpoint_of(3), note_of(3))
    assert size_of(released) == 3
    writer = os.open(path, os.O_RDWR)
    fcntl.flock(writer, fcntl.LOCK_EX)
    os.pwrite(writer, note_of(9).ljust(4096, b"\0"), 4096)
    assert size_of(released) == 3
    os.close(writer)  # it died before it knew that the head is on the disk
    assert size_of(released) == 3
    after = ReleasedFile(path, opened)
    assert size_of(after) == size_of(released) == 9
    after.close()


def test_who_reads_meanwhile_sees_what_is_done_and_no_more(
    path: Path, released: ReleasedFile
) -> None:
    """A reader whose memory is older than both blocks."""
    other = ReleasedFile(path, opened)
    released.advance(checkpoint_of(3), note_of(3))
    released.advance(checkpoint_of(7), note_of(7))
    writer = os.open(path, os.O_RDWR)
    fcntl.flock(writer, fcntl.LOCK_EX)
    os.pwrite(writer, note_of(9).ljust(4096, b"\0"), 0)  # over the older, unmarked
    assert size_of(other) == 7
    os.close(writer)
    other.close()


def test_readers_keep_up_with_a_writer_and_never_go_back(path: Path) -> None:
    """What was done before a read began is in it; and only what was done."""
    writer, reader = ReleasedFile(path, opened), ReleasedFile(path, opened)
    done = 0

    def write() -> None:
        nonlocal done
        for size in range(1, 400):
            writer.advance(checkpoint_of(size), note_of(size))
            done = size

    thread = threading.Thread(target=write)
    thread.start()
    shown = 0
    while thread.is_alive():
        before = done
        shown = max(0, size_of(reader))
        assert before <= shown <= done + 1
    thread.join()
    assert size_of(reader) == 399
    writer.close()
    reader.close()


def test_a_torn_block_is_no_head(path: Path, released: ReleasedFile) -> None:
    released.advance(checkpoint_of(3), note_of(3))
    torn = bytearray(note_of(9).ljust(4096, b"\0"))
    torn[60] ^= 1
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(torn)
    again = ReleasedFile(path, opened)
    assert size_of(again) == 3
    again.advance(checkpoint_of(4), note_of(4))
    assert size_of(again) == 4
    again.close()
