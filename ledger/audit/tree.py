"""The tree, rebuilt from the entries alone and compared with every published tile.

While bundles stream by, `Tree` keeps a frontier and, for each tile level, the hashes of
the tile in the making: memory does not grow with the log. A tile that differs is noted,
not judged: only when the root is known does it show who is wrong. If the entries lead to
the signed root, the tile lies; if not, `locate` walks from the signed root down through
the tiles that it vouches for, to the entries that are not the signed ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.audit.report import Report, number, places
from ledger.audit.source import Source, read_tile
from ledger.errors import MalformedError
from ledger.ids import Hash, TreeSize
from ledger.limits import AUDIT_FINDINGS_MAX, TILE_HEIGHT, TILE_WIDTH
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import HASH_BYTES
from ledger.merkle.proof import subtree_nodes
from ledger.merkle.tile import (
    Tile,
    TileTree,
    format_tile_path,
    read_nodes,
    tile_at,
    tiles_for,
)

_WRONG = "not what the checkpoint signed: whoever holds {its} receipt{s} can prove it"


@dataclass(slots=True)
class Run:
    """Consecutive hashes of one tile level that differ from the published ones."""

    level: int
    first: int
    after: int


class Tree:
    """The tree over the entries read so far.

    Attributes:
        frontier: of those entries.
        root_then: the root at the size asked for at the start, once it is reached.
        runs: where published tiles differ, at most 1,000.
    """

    def __init__(self, source: Source, report: Report, size: TreeSize) -> None:
        """`size`: how many entries the checkpoint signs."""
        self.frontier = Frontier.EMPTY
        self.runs: list[Run] = []
        self._source = source
        self._report = report
        self._size = size
        self._rows: dict[int, list[Hash]] = {}
        self._absent: list[Tile] = []

    async def add(self, hashes: Sequence[Hash], tile: bytes | None) -> None:
        """Appends a bundle's leaf hashes; `tile` is the published level 0 tile of them."""
        index, rest = divmod(self.frontier.size, TILE_WIDTH)
        assert rest == 0, "bundles come whole and in order"  # noqa: S101 -- ours
        self._compare(Tile(0, index, len(hashes)), hashes, tile)
        batch = extend(self.frontier, hashes)
        self.frontier = batch.frontier
        level = 1
        while new := batch.new_nodes(TILE_HEIGHT * level)[1]:
            row = self._rows.setdefault(level, [])
            row += new
            if len(row) == TILE_WIDTH:
                await self._compare_row(level, row)
                row.clear()
            level += 1

    async def finish(self) -> None:
        """Compares the partial tiles above level 0."""
        for level, row in self._rows.items():
            if row:
                await self._compare_row(level, row)

    async def _compare_row(self, level: int, row: list[Hash]) -> None:
        nodes = self.frontier.size >> (TILE_HEIGHT * level)
        tile = tile_at(level, (nodes - 1) // TILE_WIDTH, self.frontier.size)
        self._compare(tile, row, await read_tile(self._source, tile))

    def _compare(
        self, tile: Tile, hashes: Sequence[Hash], published: bytes | None
    ) -> None:
        self._report.count("tiles")
        if published is None:
            self._absent.append(tile)
        elif published != b"".join(hashes):
            for place, item in enumerate(hashes):
                at = place * HASH_BYTES
                if published[at : at + HASH_BYTES] != item:
                    self._note(tile.level, tile.index * TILE_WIDTH + place)

    def _note(self, level: int, at: int) -> None:
        for run in reversed(self.runs[-4:]):
            if run.level == level and run.after == at:
                run.after += 1
                return
        if len(self.runs) < AUDIT_FINDINGS_MAX:
            self.runs.append(Run(level, at, at + 1))
        else:
            self._report.more += 1

    async def judge(self, root: Hash) -> bool:
        """Reports what differs, knowing the signed root; whether the entries lead to it."""
        for tile in self._absent:
            self._report.find(
                "tile",
                f"{format_tile_path(tile)} is not served, or is not {tile.width} hashes: "
                "nobody can prove an entry through it",
            )
        self._report.count("roots")
        if self.frontier.root() == root:
            for run in self.runs:
                self._report.find("tile", _about_tile(run))
            return True
        await self._locate(root)
        return False

    async def _locate(self, root: Hash) -> None:
        vouched = Vouched(self._source, self._size, root)
        found: list[Run] = []
        for run in sorted(self.runs, key=lambda run: run.level):
            shift = TILE_HEIGHT * run.level
            first, after = run.first << shift, run.after << shift
            if any(first < seen.after and seen.first < after for seen in found):
                continue  # told already, by narrower tiles
            if await vouched.tiles_of(run):
                found.append(Run(0, first, after))
                self._report.find("entry", *_about_entries(run, first, after))
        if not found:
            self._report.find(
                "root",
                f"the {number(self._size)} entries lead to root "
                f"{self.frontier.root().hex()[:8]}…, and the checkpoint signs "
                f"{root.hex()[:8]}…: an entry was changed, dropped or added, and whoever "
                "holds its receipt can prove it",
            )


def _about_tile(run: Run) -> str:
    tile = Tile(run.level, run.first // TILE_WIDTH)
    shift = TILE_HEIGHT * run.level
    told = places(run.first << shift, run.after << shift)
    return (
        f"{format_tile_path(tile)} is not the hashes of {told}, which are what the "
        "checkpoint signed: proofs made from it do not hold"
    )


def _about_entries(run: Run, first: int, after: int) -> tuple[str, int | None]:
    told = places(first, after)
    if after - first == 1:
        return f"{told} is {_WRONG.format(its='its', s='')}", first
    if run.level:
        return f"among {told} at least one is {_WRONG.format(its='its', s='')}", None
    return f"{told} are {_WRONG.format(its='their', s='s')}", None


class Vouched:
    """Tiles that the signed root vouches for, read from the top down."""

    def __init__(self, source: Source, size: TreeSize, root: Hash) -> None:
        self._source = source
        self._size = size
        self._root = root
        self._trees: dict[Tile, TileTree | None] = {}
        self._top: bool | None = None

    async def tiles_of(self, run: Run) -> bool:
        """Whether every tile that a run lies in is vouched for."""
        tiles = range(run.first // TILE_WIDTH, (run.after - 1) // TILE_WIDTH + 1)
        for index in tiles:
            if await self._tile(run.level, index) is None:
                return False
        return True

    async def _tile(self, level: int, index: int) -> TileTree | None:
        tile = tile_at(level, index, self._size)
        if tile not in self._trees:
            self._trees[tile] = await self._vouch(tile)
        return self._trees[tile]

    async def _vouch(self, tile: Tile) -> TileTree | None:
        if not await self._top_holds():
            return None
        data = await read_tile(self._source, tile)
        if data is None:
            return None
        tree = TileTree(data)
        if tile.width < TILE_WIDTH:
            return tree  # a part of the top, which holds
        above = await self._tile(tile.level + 1, tile.index // TILE_WIDTH)
        if above is None:
            return None
        return (
            tree if above.node(0, tile.index % TILE_WIDTH) == tree.node(8, 0) else None
        )

    async def _top_holds(self) -> bool:
        """Whether the partial tiles, which hold the frontier, lead to the signed root."""
        if self._top is None:
            self._top = (
                await root_at(self._source, self._size, self._size) == self._root
            )
        return self._top


async def root_at(source: Source, then: TreeSize, size: TreeSize) -> Hash | None:
    """The root at an earlier size, from published tiles; None where they lack it."""
    nodes = subtree_nodes(then)
    trees = {}
    for tile in tiles_for(nodes, size):
        data = await read_tile(source, tile)
        if data is None:
            return None
        trees[tile] = TileTree(data)
    try:
        return Frontier(then, tuple(read_nodes(nodes, size, trees))).root()
    except MalformedError:
        return None
