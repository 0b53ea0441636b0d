"""Hashes of complete subtrees, for proofs and roots.

A proof names the nodes it needs. Nearly all lie in one full tile at the bottom, whose
inner nodes are stored beside it: they are read one by one, whatever the log's size. The
few tiles above, and the partial ones at the right edge, are kept in memory as little
trees, hashed once; a tile at the edge is a prefix of what it will become, so a narrower
one is replaced when a wider one is asked for.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.limits import TILE_WIDTH
from ledger.merkle.frontier import Frontier
from ledger.merkle.hashing import EMPTY_ROOT
from ledger.merkle.proof import (
    Node,
    build_consistency,
    build_inclusion,
    consistency_needs,
    inclusion_needs,
)
from ledger.merkle.tile import Place, Tile, TileTree, place_of

TILES_CACHED_MAX: Final = 256  # tiles; about 45 kB each as Python holds them: 12 MB

ReadTile = Callable[[int, int, int], Awaitable[list[Hash]]]
ReadInner = Callable[[int, int, Sequence[tuple[int, int]]], Awaitable[list[Hash]]]


class Nodes:
    """Reads nodes of trees up to any size that exists; owns its cache."""

    def __init__(
        self, read_tile: ReadTile, read_inner: ReadInner | None = None
    ) -> None:
        """How to read tiles, and single nodes of full ones.

        `read_tile(level, number, width)` answers the first `width` hashes of a tile;
        `read_inner(level, number, [(level within, number within), …])` nodes of a full
        one. Without it, whole tiles are read.
        """
        self._read_tile = read_tile
        self._read_inner = read_inner
        self._cache: OrderedDict[tuple[int, int], TileTree] = OrderedDict()

    async def _tree(self, tile: Tile) -> TileTree:
        key = (tile.level, tile.index)
        tree = self._cache.get(key)
        if tree is None or tree.width < tile.width:
            hashes = await self._read_tile(tile.level, tile.index, tile.width)
            tree = self._cache[key] = TileTree(b"".join(hashes))
            if len(self._cache) > TILES_CACHED_MAX:
                self._cache.popitem(last=False)
        else:
            self._cache.move_to_end(key)
        return tree

    async def _read(self, tile: Tile, places: Sequence[Place]) -> list[Hash]:
        if self._read_inner and tile.level == 0 and tile.width == TILE_WIDTH:
            inside = [(place.level, place.number) for place in places]
            return await self._read_inner(tile.level, tile.index, inside)
        tree = await self._tree(tile)
        return [tree.node(place.level, place.number) for place in places]

    async def read(self, nodes: Sequence[Node], size: TreeSize) -> list[Hash]:
        """The hashes of complete subtrees of the tree of `size` leaves, in order."""
        places = [place_of(node, size) for node in nodes]
        found: dict[Place, Hash] = {}
        for tile in dict.fromkeys(place.tile for place in places):
            inside = [place for place in places if place.tile == tile]
            found.update(zip(inside, await self._read(tile, inside), strict=True))
        return [found[place] for place in places]

    async def root(self, size: TreeSize) -> Hash:
        """The root of the tree of the first `size` leaves."""
        if not size:
            return EMPTY_ROOT
        nodes: list[Node] = []
        start = 0
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                nodes.append((level, start >> level))
                start += 1 << level
        return Frontier(size, tuple(await self.read(nodes, size))).root()

    async def inclusion(
        self, index: LeafIndex, size: TreeSize
    ) -> tuple[Hash, list[Hash]]:
        """A leaf's hash, and its inclusion proof in the tree of `size` leaves."""
        needs = inclusion_needs(index, size)
        leaf_hash, *hashes = await self.read([(0, index), *needs], size)
        return leaf_hash, build_inclusion(index, size, hashes)

    async def consistency(self, old: TreeSize, new: TreeSize) -> list[Hash]:
        """The consistency proof from `old` leaves to `new`."""
        needs = consistency_needs(old, new)
        return build_consistency(old, new, await self.read(needs, new))
