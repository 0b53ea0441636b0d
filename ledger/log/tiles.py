"""The full tiles a batch completes, at every level of the tree."""

from collections.abc import Iterator, Sequence

from ledger.ids import Hash
from ledger.limits import TILE_HEIGHT, TILE_WIDTH
from ledger.merkle.frontier import Extension
from ledger.merkle.tile import TileTree
from ledger.storage.port import TileRow, WriteSession


def full_tile(level: int, number: int, hashes: Sequence[Hash]) -> TileRow:
    """The row of a full tile of 256 hashes, with its inner nodes."""
    data = b"".join(hashes)
    rows = TileTree(data).rows
    inner = b"".join(node for row in rows[1:TILE_HEIGHT] for node in row)
    return TileRow(level, number, rows[TILE_HEIGHT][0], data, inner)


class Filling:
    """Cuts a tree's leaf hashes into full tiles, as they come, from the first leaf on."""

    def __init__(self) -> None:
        """An empty tree."""
        # Of each level, the number of the tile not full yet and what it holds.
        self._levels: list[tuple[int, list[Hash]]] = []

    def add(self, hashes: Sequence[Hash], level: int = 0) -> Iterator[TileRow]:
        """The tiles that these hashes, next at `level`, complete there and above."""
        if level == len(self._levels):
            self._levels.append((0, []))
        number, making = self._levels[level]
        making.extend(hashes)
        roots = []
        while len(making) >= TILE_WIDTH:
            tile = full_tile(level, number, making[:TILE_WIDTH])
            del making[:TILE_WIDTH]
            roots.append(Hash(tile.root))
            number += 1
            yield tile
        self._levels[level] = (number, making)
        if roots:
            yield from self.add(roots, level + 1)


async def completed_tiles(session: WriteSession, extension: Extension) -> list[TileRow]:
    """The rows of tiles that are full in the new tree and were not in the old one.

    The hashes of a tile's earlier part come from the store, under the lock; no batch of
    fewer than 256 entries reads more than one tile's worth a level.
    """
    rows: list[TileRow] = []
    level = 0
    while extension.frontier.size >> TILE_HEIGHT * (level + 1):
        first, roots = extension.new_nodes(TILE_HEIGHT * (level + 1))
        if not roots:
            break
        hashes_from, hashes = extension.new_nodes(TILE_HEIGHT * level)
        width = hashes_from - first * TILE_WIDTH  # what the first tile held before
        before = await session.tile(level, first, width) if width else []
        hashes = before + hashes
        for place in range(len(roots)):
            part = hashes[place * TILE_WIDTH : (place + 1) * TILE_WIDTH]
            rows.append(full_tile(level, first + place, part))
        level += 1
    return rows
