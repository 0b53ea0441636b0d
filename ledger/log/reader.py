"""Reads of one log: only what a signed checkpoint already covers is ever answered."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from ledger.canonical import format_base64url
from ledger.entries.codec import subject_tag_of
from ledger.errors import (
    ErasedError,
    MalformedError,
    NotFoundError,
    RejectedError,
    UnavailableError,
)
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.limits import ROOTS_KEPT_MAX, TILE_HEIGHT, TILE_WIDTH
from ledger.log.identity import Ledger
from ledger.log.nodes import Nodes
from ledger.merkle.bundle import format_bundle
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.tlogproof import format_tlog_proof
from ledger.storage.port import DecisionRow
from ledger.storage.postgres import PostgresStore

Newest = Callable[[], tuple[Checkpoint, bytes] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionAnswer:
    """An inclusion proof; `checkpoint` is None for a size that is not the newest."""

    index: LeafIndex
    size: TreeSize
    leaf_hash: Hash
    hashes: list[Hash]
    checkpoint: bytes | None


class Reader:
    """Everything public about one log, and the sealed parts for who shows the tag."""

    def __init__(self, ledger: Ledger, store: PostgresStore, newest: Newest) -> None:
        """`newest` answers the newest released checkpoint and its note."""
        self._ledger = ledger
        self._store = store
        self._newest = newest
        # Of covered sizes, in the order in which they came.
        self._roots: dict[TreeSize, Hash] = {}
        self._nodes = Nodes(
            partial(store.tile, ledger.log_id), partial(store.tile_nodes, ledger.log_id)
        )

    def newest(self) -> tuple[Checkpoint, bytes]:
        """The newest released checkpoint and its signed note.

        Raises:
            UnavailableError: nothing was released yet.
        """
        newest = self._newest()
        if newest is None:
            raise UnavailableError("no checkpoint has been signed yet")
        # Whoever is shown this one names it as seen in the next act.
        self._keep_root(TreeSize(newest[0].size), newest[0].root)
        return newest

    def size(self) -> TreeSize:
        """How many entries the newest checkpoint covers."""
        return TreeSize(self.newest()[0].size)

    async def root(self, size: TreeSize) -> Hash:
        """The root of the tree of the first `size` entries, which are covered.

        It never changes, and many who act have seen the same few trees.
        """
        root = self._roots.get(size)
        if root is None:
            root = await self._nodes.root(size)
            self._keep_root(size, root)
        return root

    def _keep_root(self, size: TreeSize, root: Hash) -> None:
        if size not in self._roots:
            self._roots[size] = root
            if len(self._roots) > ROOTS_KEPT_MAX:
                self._roots.pop(next(iter(self._roots)))

    # ---- entries --------------------------------------------------------------------

    async def entry(self, index: int) -> bytes:
        """The leaf at `index`.

        Raises:
            NotFoundError: not covered yet.
        """
        leaves = await self.entries(index - 1, 1)
        if not leaves:
            raise _missing("entry")
        return leaves[0][1]

    async def entries(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """(index, leaf) of up to `limit` covered entries past `after`."""
        start = after + 1
        stop = min(start + limit, self.size())
        if not 0 <= start < stop:
            return []
        leaves = await self._store.leaves(self._ledger.log_id, start, stop)
        return list(enumerate(leaves, start))

    # ---- tiles ----------------------------------------------------------------------

    async def tile(self, level: int, number: int, width: int) -> bytes:
        """A tile's first `width` hashes, 32 bytes each (C2SP tlog-tiles).

        Raises:
            NotFoundError: the tree is not that wide yet.
        """
        start = number * TILE_WIDTH
        if (self.size() >> TILE_HEIGHT * level) < start + width:
            raise _missing("tile")
        return b"".join(
            await self._store.tile(self._ledger.log_id, level, number, width)
        )

    async def bundle(self, number: int, width: int) -> bytes:
        """An entry bundle's first `width` entries (C2SP tlog-tiles).

        Raises:
            NotFoundError: the log is not that long yet.
        """
        start = number * TILE_WIDTH
        if self.size() < start + width:
            raise _missing("bundle")
        log_id = self._ledger.log_id
        return format_bundle(await self._store.leaves(log_id, start, start + width))

    # ---- proofs ---------------------------------------------------------------------

    async def inclusion(self, index: int, size: int | None) -> InclusionAnswer:
        """An inclusion proof in the tree of `size`, the newest when None.

        Raises:
            NotFoundError: that entry or size is not covered.
        """
        checkpoint, note = self.newest()
        of_size = TreeSize(checkpoint.size if size is None else size)
        if not 0 <= index < of_size <= checkpoint.size:
            raise _missing("entry in a tree of that size")
        leaf_hash, hashes = await self._nodes.inclusion(LeafIndex(index), of_size)
        return InclusionAnswer(
            index=LeafIndex(index),
            size=of_size,
            leaf_hash=leaf_hash,
            hashes=hashes,
            checkpoint=note if of_size == checkpoint.size else None,
        )

    async def consistency(
        self, old: int, new: int | None
    ) -> tuple[TreeSize, TreeSize, list[Hash]]:
        """(from, to, proof) of consistency between two sizes, the newest when None.

        Raises:
            NotFoundError: the larger size is not covered.
            RejectedError: the first is larger than the second.
        """
        newest = self.size()
        of_size = newest if new is None else TreeSize(new)
        if of_size > newest:
            raise _missing("tree of that size")
        if not 0 <= old <= of_size:
            raise RejectedError("sizes-out-of-order", "`from` is larger than `to`")
        proof = await self._nodes.consistency(TreeSize(old), of_size)
        return TreeSize(old), of_size, proof

    async def tlog_proof(self, index: LeafIndex) -> str:
        """The C2SP tlog-proof of an entry under the newest checkpoint.

        Raises:
            NotFoundError: not covered yet.
        """
        checkpoint, note = self.newest()
        if index >= checkpoint.size:
            raise _missing("entry")
        _, hashes = await self._nodes.inclusion(index, TreeSize(checkpoint.size))
        return format_tlog_proof(index, hashes, note)

    # ---- decisions ------------------------------------------------------------------

    async def decision(self, decision_id: str) -> tuple[DecisionRow, bytes]:
        """Where a decision stands, and its leaf.

        Raises:
            NotFoundError: no such decision, or not covered yet.
        """
        row = await self._store.find_decision(self._ledger.log_id, decision_id)
        if row is None or row.position >= self.size():
            raise _missing("decision")
        return row, await self.entry(row.position)

    async def record_index(self, record_id: str) -> LeafIndex:
        """The index of an act, by its id.

        Raises:
            NotFoundError: no such act, or not covered yet.
        """
        index = await self._store.find_record(self._ledger.log_id, record_id)
        if index is None or index >= self.size():
            raise _missing("decision or act")
        return LeafIndex(index)

    async def decisions(
        self, *, system: str | None, since_s: int, until_s: int, after: int, limit: int
    ) -> list[DecisionRow]:
        """Covered decisions by index, with since ≤ the leaf's time < until."""
        return await self._store.decisions(
            self._ledger.log_id,
            system=system,
            since_s=since_s,
            until_s=until_s,
            after=after,
            size=self.size(),
            limit=limit,
        )

    async def sealed(self, decision_id: str, tag: bytes) -> bytes:
        """The sealed part, for who shows the tag that only K gives.

        Raises:
            NotFoundError: no such decision or another tag: one and the same answer.
            ErasedError: the right tag, after erasure.
        """
        try:
            row, leaf = await self.decision(decision_id)
            subject_tag = subject_tag_of(leaf)
        except (NotFoundError, MalformedError):
            raise _missing("sealed part") from None
        # The public tag is its hash: comparing tells nothing, and is constant-time too.
        shown = format_base64url(sha256(tag).digest())
        if not hmac.compare_digest(shown, subject_tag):
            raise _missing("sealed part")
        vault = await self._store.vault_row(self._ledger.log_id, row.position)
        if vault is None:
            raise ErasedError(
                "erased", "this decision's private part was erased; its leaf stays"
            )
        return vault.sealed


def _missing(what: str) -> NotFoundError:
    return NotFoundError("not-found", f"no such {what} here")
