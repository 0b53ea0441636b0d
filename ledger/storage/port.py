"""What the ledger asks of its store: two narrow promises, one to write, one to read.

`WriteSession` is one connection that writes one log. Its four verbs are the four
moments a crash can fall between; a test can lose or keep each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from ledger.ids import Hash, LeafIndex, LogId, TreeSize


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A ledger as the store names it; never changes after founding."""

    log_id: LogId
    name: str
    origin: str
    genesis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head row: the tree's size and edge, and what decides about the next batch.

    Attributes:
        version: counts the writes to it; every one of them adds 1.
        nodes: hashes of the complete subtrees of `size`, largest first, 32 bytes each.
        last_record: index of the newest entry that is not a decision; -1 when empty.
    """

    version: int
    size: TreeSize
    nodes: bytes
    log_time_ms: int
    last_record: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """What was read under the head's lock; lists are parallel to what was asked."""

    head: Head
    seqs: list[int]
    refused: list[int]
    known_ids: list[int | None]
    known_keys: list[int | None]


class DecisionRow(NamedTuple):
    """The public index of a decision: what `GET /decisions` searches.

    `position` is the entry's index; a tuple's own method has the other name.
    """

    position: int
    id: str
    time_s: int
    system: str


class VaultRow(NamedTuple):
    """The private part of one decision, readable only with K."""

    position: int
    recorded_ms: int
    epoch: int
    wrapped: bytes
    handle: bytes
    retry_key: bytes | None
    fingerprint: bytes | None
    sealed: bytes


class TileRow(NamedTuple):
    """A full tile: `hashes` is 256 × 32 bytes, `root` the hash of its top.

    `nodes`: the 254 inner nodes between them, bottom up, so that a proof reads just the
    few it needs.
    """

    level: int
    number: int
    root: bytes
    hashes: bytes
    nodes: bytes


class RecordRow(NamedTuple):
    """An entry that is not a decision: an act's id, or the entry's own."""

    position: int
    id: str


@dataclass(slots=True, kw_only=True)
class NewEntries:
    """One batch, ready to be written: entries from `start`, and what derives from them.

    Attributes:
        version: of the head it stands on; `head` is the one it makes, a version later.
        tiles: the full tiles it completes.
        erased: ids of decisions whose vault rows leave.
        emptied: ids of acts about them; what the vault keeps for these is emptied.
        noted: ids of the re-issue requests that the batch's entry tells.
    """

    start: LeafIndex
    version: int
    head: Head
    hashes: list[Hash] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    decisions: list[DecisionRow] = field(default_factory=list)
    vault: list[VaultRow] = field(default_factory=list)
    records: list[RecordRow] = field(default_factory=list)
    tiles: list[TileRow] = field(default_factory=list)
    counters: dict[str, tuple[int, int]] = field(default_factory=dict)
    erased: list[str] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write: no entry, and no refusal to count."""
        return not self.leaves and not self.counters


class WriteSession(Protocol):
    """One transaction at a time on one log, on one connection.

    Promises: between `lock` and `commit` no other session of any process or host writes
    this log; `commit` makes the whole batch durable or none of it. After any error the
    session is spent: close it and open another.
    """

    async def lock(
        self, systems: Sequence[str], ids: Sequence[str], retry_keys: Sequence[bytes]
    ) -> Locked:
        """Begin, take the head's lock, read under it.

        Raises:
            UnavailableError: no connection, or the lock was not had in time.
        """
        ...

    async def write(
        self, new: NewEntries, ids: Sequence[str], retry_keys: Sequence[bytes]
    ) -> bool:
        """Lock, check, append and commit a small batch in one round trip.

        False, and nothing is written, when the head is not `new.version` any more, or
        one of `ids` and `retry_keys` is known: then lock and look.

        Raises:
            UnknownOutcomeError: as `commit`.
            UnavailableError: out of room; nothing was recorded.
            FatalError: as `append`.
        """
        ...

    async def append(self, new: NewEntries) -> None:
        """Write one batch, and erase what it erases; nothing is durable before `commit`.

        Raises:
            UnavailableError: connection lost or disk full; nothing was recorded.
            FatalError: the store already holds what should be new.
        """
        ...

    async def marks(
        self, tags: Sequence[str], contest_keys: Sequence[str]
    ) -> tuple[set[str], set[str]]:
        """Those of each that some entry has, under the lock."""
        ...

    async def leaf_hashes(self, start: int, stop: int) -> list[Hash]:
        """Leaf hashes of entries in [start, stop), under the lock."""
        ...

    async def tile(self, level: int, number: int, width: int) -> list[Hash]:
        """The first `width` hashes of a tile, under the lock."""
        ...

    async def records(self, after: int) -> list[tuple[int, bytes]]:
        """(index, leaf) of entries that are not decisions, past `after`, in order."""
        ...

    async def known(
        self, indexes: Sequence[int]
    ) -> dict[int, tuple[bytes, VaultRow | None]]:
        """Leaf and vault row of decisions at `indexes`; None where erased."""
        ...

    async def commit(self) -> None:
        """Make the batch durable.

        Raises:
            UnknownOutcomeError: the answer was not seen; read the head under its lock
                before anything else.
        """
        ...

    async def rollback(self) -> None:
        """Drop the batch and the lock."""
        ...

    async def close(self) -> None:
        """Close the connection; a transaction under way is dropped."""
        ...
