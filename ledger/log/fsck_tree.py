"""The tree of the stored hashes, against the stored tiles, the head, and what was released."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from ledger.ids import Hash
from ledger.limits import TILE_HEIGHT
from ledger.log.tiles import Filling
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.frontier import Frontier, extend
from ledger.storage.port import Head, TileRow

_LEVELS: Final = 8  # of tiles: 8 × 8 levels are more than any tree has


class Rows(Protocol):
    """Rows in order of their first column."""

    async def at(self, position: int) -> list[Any]:
        """The rows at `position` and any left over before it."""
        ...

    async def rest(self) -> int:
        """How many rows are left."""
        ...


class TreeCheck:
    """Follows the hashes, chunk by chunk; a chunk is any number of whole tiles."""

    def __init__(
        self,
        find: Callable[[str, str], None],
        tiles: Callable[[int], Rows],
        released: Checkpoint | None,
    ) -> None:
        """`tiles(level)` opens the stored tiles of one level, as `TileRow` without it."""
        self._find = find
        self._open = tiles
        self._released = released
        self._released_root: Hash | None = None
        self._frontier = Frontier.EMPTY
        self._levels: list[Rows] = []
        self._filling = Filling()

    async def add(self, hashes: Sequence[Hash]) -> None:
        """Append leaf hashes, and compare every tile they complete."""
        released, size = self._released, self._frontier.size
        if released is not None and size < released.size <= size + len(hashes):
            self._released_root = extend(
                self._frontier, hashes[: released.size - size]
            ).root
        self._frontier = extend(self._frontier, hashes).frontier
        for tile in self._filling.add(hashes):
            await self._compare(tile)

    async def _compare(self, tile: TileRow) -> None:
        level, number = tile.level, tile.number
        if level == len(self._levels):
            self._levels.append(self._open(level))
        held = await self._levels[level].at(number)
        if len(held) == 1 and tuple(held[0]) == tile[1:]:
            return
        shift = TILE_HEIGHT * (level + 1)
        first, last = number << shift, ((number + 1) << shift) - 1
        state = "is missing" if not held else "is not the hashes of its entries"
        self._find(
            "tile",
            f"tile {level}/{number}, over entries {first:,} to {last:,}, {state}: no "
            "proof can be made through it; `counterfoil fsck --rebuild` mends it",
        )

    async def finish(self, head: Head, size: int) -> None:
        """Compare what is left: tiles past the tree, the head, the released head."""
        above = [self._open(level) for level in range(len(self._levels), _LEVELS)]
        for level, rows in enumerate(self._levels + above):
            if await rows.rest():
                self._find(
                    "tile",
                    f"level {level} has tiles past the tree: `counterfoil fsck "
                    "--rebuild` mends it",
                )
        if (head.size, head.nodes) != (size, self._frontier.encode()):
            self._find(
                "head",
                f"the head says {head.size:,} entries with root "
                f"{_root(head)}…, and the {size:,} stored ones have "
                f"{self._frontier.root().hex()[:16]}…: restore a backup, then "
                "`counterfoil recover`",
            )
        released = self._released
        if released is None:
            return
        if released.size > size:
            self._find(
                "released",
                f"a checkpoint of {released.size:,} entries was released, and here are "
                f"{size:,}: `counterfoil recover --from TILES`",
            )
        elif released.size and self._released_root != released.root:
            self._find(
                "released",
                f"the first {released.size:,} entries are not those of the checkpoint "
                "that was released: see deploy/RUNBOOK.md, 'the ledger refuses to sign'",
            )


def _root(head: Head) -> str:
    frontier = Frontier.decode(head.size, head.nodes)
    return frontier.root().hex()[:16]
