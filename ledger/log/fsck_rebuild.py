"""Rebuilds one ledger's projections from its entries: they hold nothing of their own.

Decisions, records, counters and tiles, all dropped and written again in one transaction.
Refuses where the entries themselves do not lead to the head: then there is nothing to
rebuild from, and a backup is needed.
"""

from collections.abc import Callable

from ledger.entries.codec import decode_entry
from ledger.entries.entry import DecisionRecorded
from ledger.errors import MalformedError, VerificationError
from ledger.ids import LeafIndex
from ledger.limits import TILE_WIDTH
from ledger.log.recovery_rows import Derived
from ledger.log.tiles import Filling
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import hash_leaf
from ledger.storage.port import DecisionRow, LogRow, RecordRow
from ledger.storage.rebuild import Rebuild, rebuilding

CHUNK_ENTRIES = 4 * TILE_WIDTH  # entries read and written at a time

Progress = Callable[[int, int], None]  # entries done, in all


async def rebuild(
    owner_dsn: str, row: LogRow, *, progress: Progress = lambda _d, _t: None
) -> int:
    """Rebuild the projections of a ledger; how many entries they derive from.

    Raises:
        VerificationError: the entries do not lead to the head; nothing was changed.
        FatalError: the role may not; nothing was changed.
        UnavailableError: the database does not answer; nothing was changed.
    """
    async with rebuilding(owner_dsn, row.log_id) as target:
        return await _Writing(target, row.genesis, progress).run()


class _Writing:
    def __init__(self, target: Rebuild, genesis: str, progress: Progress) -> None:
        self._target = target
        self._derived = Derived(genesis=genesis)
        self._frontier = Frontier.EMPTY
        self._filling = Filling()
        self._progress = progress

    async def run(self) -> int:
        head = self._target.head
        async for chunk in self._target.entries(CHUNK_ENTRIES):
            hashes = [hash_leaf(leaf) for _, _, leaf in chunk]
            rows = [self._row(*entry) for entry in chunk]
            extension = extend(self._frontier, hashes)
            await self._target.write(
                [r for r in rows if isinstance(r, DecisionRow)],
                [r for r in rows if isinstance(r, RecordRow)],
                list(self._filling.add(hashes)),
            )
            self._frontier = extension.frontier
            self._progress(self._frontier.size, head.size)
        if (self._frontier.size, self._frontier.encode()) != (head.size, head.nodes):
            raise VerificationError(
                "the entries do not lead to the head, so nothing can be rebuilt from "
                "them and nothing was changed: restore a backup, then "
                "`counterfoil recover`"
            )
        await self._target.write_counters(self._derived.counters)
        return int(self._frontier.size)

    def _row(self, position: int, _hash: bytes, leaf: bytes) -> DecisionRow | RecordRow:
        try:
            entry = decode_entry(leaf)
        except MalformedError as error:
            raise VerificationError(
                f"entry {position:,} is not of its form ({error}): nothing was changed"
            ) from error
        if isinstance(entry, DecisionRecorded):
            self._derived.check_seq(entry)
        return self._derived.take(LeafIndex(position), entry)
