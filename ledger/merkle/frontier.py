"""The frontier of a tree: all a writer needs to know of it to append.

A tree of `size` leaves is a row of complete subtrees, one for each bit set in `size`,
largest first; their roots are its frontier (a "compact range"). Size 11 = 8 + 2 + 1:

    node at level 3, index 0 ‖ node at level 1, index 4 ‖ node at level 0, index 10

`extend` appends a batch and builds each level's new nodes once. Every left sibling that
a new leaf's proof needs is either new or in the old frontier, so neither the root nor
any proof of a new leaf reads anything stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar

from ledger.errors import MalformedError
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.limits import TREE_SIZE_MAX
from ledger.merkle.hashing import EMPTY_ROOT, HASH_BYTES, hash_children


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the complete subtrees of a tree, largest first.

    Attributes:
        size: how many leaves the tree has.
        nodes: one hash for each bit set in `size`.
    """

    size: TreeSize
    nodes: tuple[Hash, ...]

    EMPTY: ClassVar["Frontier"]

    def __post_init__(self) -> None:
        """Refuses a frontier that no tree has."""
        if not 0 <= self.size <= TREE_SIZE_MAX:
            raise MalformedError(f"a tree of {self.size} leaves")
        if len(self.nodes) != self.size.bit_count():
            raise MalformedError(
                f"a frontier of {len(self.nodes)} nodes for {self.size} leaves, "
                f"where {self.size.bit_count()} are expected"
            )
        if any(len(node) != HASH_BYTES for node in self.nodes):
            raise MalformedError("a frontier node that is not 32 bytes")

    def root(self) -> Hash:
        """The tree's root: the nodes folded from the smallest to the largest."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in self.nodes[-2::-1]:
            root = hash_children(node, root)
        return root

    def encode(self) -> bytes:
        """The nodes' bytes, one after another; `size` travels beside them."""
        return b"".join(self.nodes)

    @staticmethod
    def decode(size: TreeSize, data: bytes) -> "Frontier":
        """The frontier whose `encode` is `data`.

        Raises:
            MalformedError: not 32 bytes for each bit set in `size`.
        """
        if len(data) % HASH_BYTES:
            raise MalformedError("a frontier that is not whole hashes")
        starts = range(0, len(data), HASH_BYTES)
        return Frontier(size, tuple(Hash(data[at : at + HASH_BYTES]) for at in starts))


Frontier.EMPTY = Frontier(TreeSize(0), ())


class Extension:
    """A batch appended to a frontier, with the proofs of its leaves.

    Attributes:
        old: the frontier before the batch.
        frontier: the frontier after it.
        root: the root after it.
    """

    __slots__ = ("_levels", "_shared", "_shared_level", "frontier", "old", "root")

    def __init__(self, old: Frontier, leaf_hashes: Sequence[Hash]) -> None:
        """Hashes each new node once; use `extend`."""
        size = TreeSize(old.size + len(leaf_hashes))
        self.old = old
        # One row a level: (index of its first node, its nodes). Rows begin at an even
        # index, so that the left sibling of any new node is in its row.
        self._levels = _build_levels(old, leaf_hashes, size)
        self.frontier = Frontier(
            size,
            tuple(
                Hash(row[(size >> level) - 1 - first])
                for level, (first, row) in reversed(list(enumerate(self._levels)))
                if size >> level & 1
            ),
        )
        self.root = _append_edge(self._levels, size)
        # From this level up, the batch's leaves have at most two different ancestors.
        self._shared_level = min(len(leaf_hashes).bit_length(), len(self._levels))
        self._shared: dict[int, tuple[Hash, ...]] = {}

    def inclusion(self, index: LeafIndex) -> list[Hash]:
        """The inclusion proof of a leaf of this batch in the new tree, leaf upwards.

        Raises:
            MalformedError: `index` is not in this batch.
        """
        own, shared = self.inclusion_parts(index)
        return [*own, *shared]

    def inclusion_parts(self, index: LeafIndex) -> tuple[list[Hash], tuple[Hash, ...]]:
        """`inclusion` in two parts: its own, and one that many leaves share.

        Raises:
            MalformedError: as `inclusion`.
        """
        if not self.old.size <= index < self.frontier.size:
            raise MalformedError(
                f"leaf {index} is not among the new ones, "
                f"{self.old.size} to {self.frontier.size - 1}"
            )
        proof: list[Hash] = []
        at: int = index
        for first, row in self._levels[: self._shared_level]:
            sibling = (at ^ 1) - first
            if sibling < len(row):  # else the node has no sibling and rises as it is
                proof.append(row[sibling])
            at >>= 1
        shared = self._shared.get(at)
        if shared is None:
            shared = self._shared[at] = tuple(self._upper(at))
        return proof, shared

    def _upper(self, at: int) -> list[Hash]:
        proof: list[Hash] = []
        for first, row in self._levels[self._shared_level :]:
            sibling = (at ^ 1) - first
            if sibling < len(row):
                proof.append(row[sibling])
            at >>= 1
        return proof

    def new_nodes(self, level: int) -> tuple[int, list[Hash]]:
        """The complete nodes of `level` that the old tree had not: (first index, hashes).

        At levels 0, 8, 16… these are the hashes to append to the C2SP tiles.
        """
        first_new = self.old.size >> level
        count = (self.frontier.size >> level) - first_new
        if not count:
            return first_new, []
        first, row = self._levels[level]
        return first_new, row[first_new - first : first_new - first + count]


def extend(frontier: Frontier, leaf_hashes: Sequence[Hash]) -> Extension:
    """Appends `leaf_hashes` to the tree whose frontier this is.

    Raises:
        MalformedError: the tree would grow beyond 2**63 - 1 leaves.
    """
    return Extension(frontier, leaf_hashes)


def _build_levels(
    old: Frontier, leaf_hashes: Sequence[Hash], size: int
) -> list[tuple[int, list[Hash]]]:
    levels: list[tuple[int, list[Hash]]] = []
    left = list(old.nodes)  # largest first: the smallest is popped first
    row = list(leaf_hashes)
    for level in range(max(size.bit_length(), 1)):
        first = old.size >> level
        if first & 1:
            row.insert(0, left.pop())
            first -= 1
        levels.append((first, row))
        pairs = iter(row)
        # Inlined hash_children: a call costs as much as a third of the hash itself.
        row = [
            Hash(sha256(b"\x01" + node + right).digest())
            for node, right in zip(pairs, pairs, strict=False)
        ]
    return levels


def _append_edge(levels: list[tuple[int, list[Hash]]], size: int) -> Hash:
    """Gives each row the hash of what lies right of its last complete node.

    That ragged remainder is the right sibling of the last node where it has an odd
    place. The remainder above all levels is the root.
    """
    edge: Hash | None = None
    for level, (first, row) in enumerate(levels):
        node = row[(size >> level) - 1 - first] if size >> level & 1 else None
        if edge is not None:
            row.append(edge)
        if node is not None:
            edge = node if edge is None else hash_children(node, edge)
    return EMPTY_ROOT if edge is None else edge
