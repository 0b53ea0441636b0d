"""Recovery: the database is behind a head that was released; what is missing is public.

    (1) open the published checkpoint by the ledger's own key
    (2) refuse one behind the newest released head: entries would still be missing
    (3) fetch the entries past the database's head, into a temporary file
    (4) check that the database's tree, extended by them, has exactly the signed root:
        so the database's head is a prefix of that history, and every entry is the signed
    (5) append them as any batch is, in chunks: entries, decisions, records, counters,
        tiles; no vault rows, for what only the vault held is gone; what these entries
        erase leaves the vault with them
    (6) release the head, if nobody had; erase again what the log says is erased

Nothing is written before (4) holds for all of it. A crash in (5) leaves a longer prefix,
and recovering again goes on from there. The service signs nothing until the end: its
head is behind the released one all the while.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final, Protocol

from ledger.entries.codec import decode_entry
from ledger.entries.entry import DecisionRecorded, ErasureExecuted
from ledger.errors import (
    ConflictError,
    MalformedError,
    NotFoundError,
    VerificationError,
)
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.limits import TILE_WIDTH
from ledger.log.book import Book
from ledger.log.nodes import Nodes
from ledger.log.recovery_rows import Derived
from ledger.log.tiles import completed_tiles
from ledger.merkle.checkpoint import Checkpoint, open_checkpoint
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.note import parse_signer_key
from ledger.storage.port import (
    DecisionRow,
    Head,
    NewEntries,
    WriteSession,
)

APPEND_ENTRIES: Final = TILE_WIDTH  # entries a transaction

Progress = Callable[[int, int], None]  # done, in all


class Published(Protocol):
    """A place that holds the log's public files."""

    async def checkpoint(self) -> bytes:
        """The signed checkpoint there.

        Raises:
            UnavailableError: the place cannot be reached, or holds no log.
        """
        ...

    async def bundle(self, index: int, width: int) -> list[bytes]:
        """The first `width` leaves of an entry bundle.

        Raises:
            MalformedError: it is not there, or not of that many entries.
            UnavailableError: the place cannot be reached.
        """
        ...

    async def root_at(self, size: TreeSize, of: TreeSize) -> Hash | None:
        """The root of the first `size` entries by the tiles there; None if they lack it."""
        ...


@dataclass(frozen=True, slots=True)
class Lost:
    """A decision whose sealed part only the vault had."""

    index: int
    id: str
    system: str


@dataclass(slots=True, kw_only=True)
class Recovery:
    """What is to be appended, verified, and what cannot come back.

    Attributes:
        head: the database's, before.
        checkpoint: the published one, which the database will have reached.
        lost: decisions whose sealed part only the vault had.
    """

    head: Head
    checkpoint: Checkpoint
    lost: list[Lost] = field(default_factory=list)
    spool: BinaryIO | None = None

    @property
    def missing(self) -> int:
        """How many entries the database lacks."""
        return max(0, self.checkpoint.size - self.head.size)

    def leaves(self) -> Iterator[bytes]:
        """The missing leaves, in order."""
        if self.spool is None:
            return
        self.spool.seek(0)
        while length := self.spool.read(2):
            yield self.spool.read(int.from_bytes(length, "big"))

    def close(self) -> None:
        """Drop the temporary file."""
        if self.spool is not None:
            self.spool.close()


async def prepare(
    book: Book, published: Published, *, progress: Progress = lambda _d, _t: None
) -> Recovery:
    """(1) to (4); writes nothing.

    Raises:
        VerificationError: the checkpoint is not this ledger's, or the entries do not
            lead from this database's head to its root.
        NotFoundError: the place is itself behind what was released; says by how much.
        ConflictError: the database holds another history.
        UnavailableError: the place or the database does not answer.
    """
    checkpoint = _open(book, await published.checkpoint())  # (1)
    _check_reach(book, checkpoint)  # (2)
    head = await book.store.head(book.ledger.log_id)
    recovery = Recovery(head=head, checkpoint=checkpoint)
    if head.size >= checkpoint.size:
        await _check_holds(book, checkpoint)
        return recovery
    try:
        frontier = await _fetch(recovery, published, progress)  # (3)
        await _check_root(recovery, frontier, published)  # (4)
    except BaseException:
        recovery.close()
        raise
    return recovery


def _open(book: Book, note: bytes) -> Checkpoint:
    vkey = parse_signer_key(book.keyring.signer()).vkey
    try:
        checkpoint = open_checkpoint(note, [vkey])[0]
    except (MalformedError, VerificationError) as error:
        raise VerificationError(
            f"the checkpoint there is not one that the key of {book.ledger.name} signed "
            f"({error}): is it another ledger's?"
        ) from error
    if checkpoint.origin != book.ledger.origin:
        raise VerificationError(f"the checkpoint there is of {checkpoint.origin}")
    return checkpoint


def _check_reach(book: Book, checkpoint: Checkpoint) -> None:
    newest = book.released.newest()
    if newest is None:
        return
    released = newest[0]
    if released.size > checkpoint.size:
        first, last = checkpoint.size, released.size - 1
        raise NotFoundError(
            "still-missing",
            f"the checkpoint there covers {checkpoint.size:,} entries, and one of "
            f"{released.size:,} was released: entries {first:,} to {last:,} are not "
            "there, so nothing was appended. Look for a mirror, a cache or an old copy "
            "of the tiles that has them",
        )
    if released.size == checkpoint.size and released.root != checkpoint.root:
        raise ConflictError(
            "two-histories",
            f"two checkpoints of {checkpoint.size:,} entries with different roots are "
            "signed by this ledger's key: nothing can be recovered by a program. Stop, "
            "keep both, and see deploy/RUNBOOK.md",
        )


async def _check_holds(book: Book, checkpoint: Checkpoint) -> None:
    """The database is not behind: then the checkpoint must lie in its history."""
    session = await book.store.session(book.ledger.log_id)
    try:
        await session.lock([], [], [])
        root = await Nodes(session.tile).root(TreeSize(checkpoint.size))
        await session.rollback()
    finally:
        await session.close()
    if root != checkpoint.root:
        raise _another_history(checkpoint.size)


def _another_history(size: int) -> ConflictError:
    return ConflictError(
        "another-history",
        f"the database's first {size:,} entries are not those that were published: it "
        "holds another history, and recovering would hide that. Keep both, and see "
        "deploy/RUNBOOK.md, 'the ledger refuses to sign'",
    )


async def _fetch(
    recovery: Recovery, published: Published, progress: Progress
) -> Frontier:
    start, stop = int(recovery.head.size), int(recovery.checkpoint.size)
    spool = recovery.spool = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by its owner
    frontier = Frontier.decode(TreeSize(start), recovery.head.nodes)
    at = start
    while at < stop:
        bundle, skip = divmod(at, TILE_WIDTH)
        width = min(stop - bundle * TILE_WIDTH, TILE_WIDTH)
        try:
            leaves = (await published.bundle(bundle, width))[skip:]
        except MalformedError as error:
            last = bundle * TILE_WIDTH + width - 1
            raise NotFoundError(
                "still-missing",
                f"the bundle of entries {at:,} to {last:,} cannot be used ({error}), so "
                "nothing was appended. Look for another copy of the tiles",
            ) from error
        for index, leaf in enumerate(leaves, at):
            _note_lost(recovery, index, leaf)
            spool.write(len(leaf).to_bytes(2, "big") + leaf)
        frontier = extend(frontier, [hash_leaf(leaf) for leaf in leaves]).frontier
        at += len(leaves)
        progress(at - start, stop - start)
    return frontier


def _note_lost(recovery: Recovery, index: int, leaf: bytes) -> None:
    try:
        entry = decode_entry(leaf)
    except MalformedError as error:
        raise VerificationError(
            f"entry {index:,} there is not an entry of this version ({error}): nothing "
            "was appended"
        ) from error
    if isinstance(entry, DecisionRecorded):
        recovery.lost.append(Lost(index, entry.id, entry.statement.system))


async def _check_root(
    recovery: Recovery, frontier: Frontier, published: Published
) -> None:
    head, checkpoint = recovery.head, recovery.checkpoint
    if frontier.root() == checkpoint.root:
        return
    ours = Frontier.decode(head.size, head.nodes).root()
    theirs = await published.root_at(head.size, TreeSize(checkpoint.size))
    if theirs is not None and theirs != ours:
        raise _another_history(head.size)
    raise VerificationError(
        "the entries there do not lead to the root that their checkpoint signs, so "
        "nothing was appended: `counterfoil audit` says which were changed. Look for "
        "another copy of the tiles"
    )


def _chunked(leaves: Iterator[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    for leaf in leaves:
        chunk.append(leaf)
        if len(chunk) == APPEND_ENTRIES:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def append(
    book: Book, recovery: Recovery, *, progress: Progress = lambda _d, _t: None
) -> None:
    """(5) and (6): write what `prepare` verified, then release the head.

    Raises:
        ConflictError: somebody else wrote meanwhile; nothing of theirs is touched.
        UnavailableError: the database does not answer; recover again.
        FatalError: the head does not continue what was released.
    """
    session = await book.store.session(book.ledger.log_id)
    try:
        size, done = int(recovery.head.size), 0
        for leaves in _chunked(recovery.leaves()):
            await _append_chunk(book, session, size, leaves)
            size, done = size + len(leaves), done + len(leaves)
            progress(done, recovery.missing)
        await book.guard.verify(session)
        await book.guard.release_committed(await book.store.head(book.ledger.log_id))
        await book.projection.refresh()
        await book.erase_again(whole=True)
    finally:
        await session.close()
        recovery.close()


async def _append_chunk(
    book: Book, session: WriteSession, size: int, leaves: list[bytes]
) -> None:
    entries = [decode_entry(leaf) for leaf in leaves]
    systems = sorted(
        {e.statement.system for e in entries if isinstance(e, DecisionRecorded)}
    )
    locked = await session.lock(systems, [], [])
    if locked.head.size != size:
        raise ConflictError(
            "somebody-wrote",
            f"the database has {locked.head.size:,} entries where {size:,} were "
            "expected: stop every `serve` on it, and recover again",
        )
    derived = Derived(
        genesis=book.ledger.genesis,
        counters={
            system: (seq, refused)
            for system, seq, refused in zip(
                systems, locked.seqs, locked.refused, strict=True
            )
        },
        log_time_ms=locked.head.log_time_ms,
        last_record=locked.head.last_record,
    )
    hashes = [hash_leaf(leaf) for leaf in leaves]
    extension = extend(Frontier.decode(TreeSize(size), locked.head.nodes), hashes)
    new = NewEntries(
        start=LeafIndex(size),
        version=locked.head.version,
        head=locked.head,
        hashes=hashes,
        leaves=leaves,
    )
    for index, entry in enumerate(entries, size):
        if isinstance(entry, DecisionRecorded):
            derived.check_seq(entry)
        if isinstance(entry, ErasureExecuted):
            new.erased.extend(entry.decisions)
        row = derived.take(LeafIndex(index), entry)
        if isinstance(row, DecisionRow):
            new.decisions.append(row)
        else:
            new.records.append(row)
    new.head = replace(
        locked.head,
        version=locked.head.version + 1,
        size=TreeSize(extension.frontier.size),
        nodes=extension.frontier.encode(),
        log_time_ms=derived.log_time_ms,
        last_record=derived.last_record,
    )
    new.counters = derived.counters
    new.tiles = await completed_tiles(session, extension)
    await session.append(new)
    # Point of no return for this chunk: it stands, and recovering goes on after it.
    await session.commit()
