"""The file of erased ids: never one too few, whatever a crash left in it."""

import stat
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.errors import FatalError, UnavailableError
from ledger.log.erased import ErasedFile

A, B, C = sorted(str(uuid4()) for _ in range(3))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "erased"


def test_nothing_was_erased_where_there_is_no_file(path: Path) -> None:
    assert ErasedFile(path).ids() == set()
    ErasedFile(path).align(())
    assert ErasedFile(path).ids() == set()


def test_what_is_aligned_is_read_by_another_process(path: Path) -> None:
    ErasedFile(path).align([B, A])
    assert path.read_text() == f"{A}\n{B}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ErasedFile(path).align([A, B, C])

    assert path.read_text() == f"{A}\n{B}\n{C}\n"  # appended to, never rewritten
    assert ErasedFile(path).ids() == {A, B, C}


def test_an_id_is_taken_back_and_may_come_again(path: Path) -> None:
    file = ErasedFile(path)
    file.align([A, B])
    file.align([B])
    assert file.ids() == {B}
    file.align([A, B])
    assert path.read_text() == f"{A}\n{B}\n-{A}\n{A}\n"
    assert file.ids() == {A, B}


@pytest.mark.parametrize("cut", [1, 20, 36])
def test_a_line_that_a_crash_cut_short_does_not_count(path: Path, cut: int) -> None:
    ErasedFile(path).align([A])
    with path.open("a") as file:
        file.write(f"{B}\n"[:cut])

    assert ErasedFile(path).ids() == {A}
    ErasedFile(path).align([A, C])
    assert path.read_text() == f"{A}\n{C}\n"


@pytest.mark.parametrize(
    "form", ["", "x", "{upper}", " {id}", "--{id}", "{id}\r", "ä", "{id}\x0b{id}"]
)
def test_what_is_no_such_line_is_refused(path: Path, form: str) -> None:
    line = form.format(id=B, upper=B.upper())
    held = f"{A}\n{line}\n".encode()
    path.write_bytes(held)

    for use in (ErasedFile(path).ids, lambda: ErasedFile(path).align([B])):
        with pytest.raises(FatalError, match="line 2 is no id") as refused:
            use()
        assert B not in str(refused.value).lower()
    assert path.read_bytes() == held


def test_a_folder_that_takes_nothing_stops_the_erasure(tmp_path: Path) -> None:
    file = ErasedFile(tmp_path / "gone" / "erased")

    with pytest.raises(UnavailableError, match="nothing is erased before"):
        file.align([A])
    assert file.ids() == set()
