"""Whether any id, subject_tag or contest_key stands twice, in memory that does not grow.

Each name leaves a pair of numbers: its 64-bit hash and its entry's index. The pairs go
into one temporary file, parted by hash, and each part is looked through by itself at the
end. Equal names have equal hashes, so none is missed; a chance collision (one in
millions of logs) is told apart by reading the two entries again, which is done for
every suspicion anyway.
"""

import tempfile
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from types import TracebackType
from typing import IO, Any, Self

from ledger.entries.codec import decode_entry
from ledger.entries.entry import ActRecorded, DecisionRecorded
from ledger.errors import MalformedError
from ledger.ids import LeafIndex

_PARTS = 256  # a million entries leave 200 kB in each
_HELD_MAX = 1 << 17  # numbers held before they go to the file; 1 MiB
_NUMBER_BYTES = 8


class Names:
    """The names seen so far; a context that owns its temporary file."""

    def __init__(self) -> None:
        self._parts = [array("q") for _ in range(_PARTS)]
        self._held = 0
        self._file: IO[bytes] | None = None
        # Of each part, where its pieces lie in the file: (offset, bytes).
        self._pieces: list[list[tuple[int, int]]] = [[] for _ in range(_PARTS)]

    def __enter__(self) -> Self:
        """Nothing is written before a mebibyte of names is held."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """The file goes with the audit."""
        if self._file is not None:
            self._file.close()

    def add(self, index: LeafIndex, names: Sequence[str]) -> None:
        """Notes the names that entry `index` takes for itself."""
        parts = self._parts
        for name in names:
            number = hash(name)
            part = parts[number & 255]
            part.append(number)
            part.append(index)
        self._held += 2 * len(names)
        if self._held > _HELD_MAX:
            self._spill()

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="counterfoil-audit-")  # noqa: SIM115 -- closed in __exit__
        for part, pieces in zip(self._parts, self._pieces, strict=True):
            if part:
                pieces.append((self._file.tell(), len(part) * _NUMBER_BYTES))
                part.tofile(self._file)
                del part[:]
        self._held = 0

    def suspects(self) -> Iterator[tuple[LeafIndex, LeafIndex]]:
        """Pairs of entries (earlier, later) that probably share a name; no more `add`."""
        for pairs in self._all():
            numbers = pairs[::2]
            if len(set(numbers)) == len(numbers):
                continue
            yield from _repeated(numbers, pairs[1::2])

    def first_of(self, names: Collection[str]) -> dict[str, int]:
        """The first entry that probably takes each of these names, where one does."""
        wanted = {hash(name): name for name in names}
        found: dict[str, int] = {}
        for pairs in self._all() if wanted else ():
            for number, index in zip(pairs[::2], pairs[1::2], strict=True):
                name = wanted.get(number)
                if name is not None:
                    found[name] = min(index, found.get(name, index))
        return found

    def _all(self) -> Iterator["array[int]"]:
        """All pairs, a part at a time, flat."""
        for part, pieces in zip(self._parts, self._pieces, strict=True):
            pairs = array("q")
            for offset, count in pieces:
                assert self._file is not None  # noqa: S101 -- a piece lies in it
                self._file.seek(offset)
                pairs.frombytes(self._file.read(count))
            pairs.extend(part)
            yield pairs


def _repeated(
    numbers: Iterable[int], indexes: Iterable[int]
) -> Iterator[tuple[LeafIndex, LeafIndex]]:
    first: dict[int, int] = {}
    for number, index in sorted(zip(numbers, indexes, strict=True)):
        earlier = first.setdefault(number, index)
        if earlier != index:
            yield LeafIndex(earlier), LeafIndex(index)


def repeated(first: bytes, second: bytes) -> list[str]:
    """The names that two leaves share, told as `id`, `subject_tag`, `contest_key`."""
    ours, theirs = (_names_of(leaf) for leaf in (first, second))
    return [name for name, value in ours.items() if theirs.get(name) == value]


def _names_of(leaf: bytes) -> dict[str, Any]:
    try:
        entry = decode_entry(leaf)
    except MalformedError:
        return {}
    match entry:
        case DecisionRecorded(statement=statement):
            return {
                "id": statement.id,
                "subject_tag": statement.subject_tag,
                "contest_key": statement.contest_key,
            }
        case ActRecorded(act=act):
            return {"id": act.id}
        case _:
            return {"id": entry.id}
