"""Tiles (C2SP tlog-tiles): the tree in files of 256 hashes, eight levels a file.

    tile/<L>/<N>[.p/<W>]        tile/0/x001/x234/067, tile/1/000.p/17

A tile of level L holds the hashes of tree level 8 L; the seven levels above them are
rebuilt by hashing. Its N is written in groups of three digits, all but the last with an
`x`. A partial tile has W hashes, 1 to 255; the full one has 256 and no suffix.

`TileTree` hashes a tile's inner nodes once, so that a cache of them never hashes again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from ledger.errors import MalformedError
from ledger.ids import Hash, TreeSize
from ledger.limits import TILE_HEIGHT, TILE_WIDTH, TREE_SIZE_MAX
from ledger.merkle.hashing import HASH_BYTES
from ledger.merkle.proof import Node

_LEVEL_MAX = 63  # the specification's bound
_PATH = re.compile(
    r"(?P<number>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One tile of a tree.

    Attributes:
        level: in tiles; its hashes are those of tree level 8 × `level`.
        index: its number within the level.
        width: how many hashes it has, 1 to 256.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        """Refuses a tile that no tree has."""
        if not (
            0 <= self.level <= _LEVEL_MAX
            and 0 <= self.index <= TREE_SIZE_MAX // TILE_WIDTH
            and 1 <= self.width <= TILE_WIDTH
        ):
            raise MalformedError(
                f"no tree has tile {self.level}/{self.index} of {self.width} hashes"
            )


class Place(NamedTuple):
    """Where a node stands: in which tile, at which of its levels, as which."""

    tile: Tile
    level: int
    number: int


# ---- paths ------------------------------------------------------------------------


def format_number(index: int, width: int = TILE_WIDTH) -> str:
    """`<N>[.p/<W>]`, as tiles and entry bundles share it."""
    text = f"{index % 1000:03d}"
    while index := index // 1000:
        text = f"x{index % 1000:03d}/{text}"
    return text if width == TILE_WIDTH else f"{text}.p/{width}"


def parse_number(text: str) -> tuple[int, int]:
    """The (index, width) whose `format_number` is `text`.

    Raises:
        MalformedError: another form, leading groups of zeros, or a width above 255.
    """
    match = _PATH.fullmatch(text)
    if match is None:
        raise MalformedError("not the number of a tile")
    index = int(match["number"].replace("x", "").replace("/", ""))
    width = int(match["width"] or TILE_WIDTH)
    known = width <= TILE_WIDTH and index <= TREE_SIZE_MAX // TILE_WIDTH
    if not known or format_number(index, width) != text:
        raise MalformedError("not the number of a tile")
    return index, width


def format_tile_path(tile: Tile) -> str:
    """The tile's path below the log's prefix."""
    return f"tile/{tile.level}/{format_number(tile.index, tile.width)}"


def parse_tile_path(path: str) -> Tile:
    """The tile whose `format_tile_path` is `path`.

    Raises:
        MalformedError: another form.
    """
    level, slash, number = path.removeprefix("tile/").partition("/")
    tile = Tile(int(level) if re.fullmatch("[0-9]{1,2}", level) else -1, 0)
    index, width = parse_number(number)
    tile = Tile(tile.level, index, width)
    if not slash or format_tile_path(tile) != path:
        raise MalformedError("not the path of a tile")
    return tile


# ---- which tiles ------------------------------------------------------------------


def tile_at(level: int, index: int, size: TreeSize) -> Tile:
    """The tile as it is in a tree of `size` leaves, with its width there.

    Raises:
        MalformedError: that tree has no such tile.
    """
    hashes = size >> (TILE_HEIGHT * level)
    return Tile(level, index, min(hashes - index * TILE_WIDTH, TILE_WIDTH))


def place_of(node: Node, size: TreeSize) -> Place:
    """Where a complete node of a tree of `size` leaves stands.

    Raises:
        MalformedError: that tree has no such node.
    """
    node_level, node_index = node
    if not 0 <= node_index < size >> node_level:
        raise MalformedError(f"a tree of {size} leaves has no node {node}")
    level, inner = divmod(node_level, TILE_HEIGHT)
    index, number = divmod(node_index, TILE_WIDTH >> inner)
    return Place(tile_at(level, index, size), inner, number)


def tiles_for(nodes: Iterable[Node], size: TreeSize) -> list[Tile]:
    """The tiles that hold `nodes`, each once, in the order first needed.

    Raises:
        MalformedError: a tree of `size` leaves has no such node.
    """
    return list(dict.fromkeys(place_of(node, size).tile for node in nodes))


def new_tiles(old: TreeSize, new: TreeSize) -> Iterator[Tile]:
    """The tiles of a tree of `new` leaves that a tree of `old` leaves had not so.

    Level by level, each level in order; the last of a level may be partial.
    """
    level = 0
    while hashes := new >> (TILE_HEIGHT * level):
        first_new = old >> (TILE_HEIGHT * level)
        if hashes > first_new:
            for index in range(first_new // TILE_WIDTH, -(-hashes // TILE_WIDTH)):
                yield tile_at(level, index, new)
        level += 1


def all_tiles(size: TreeSize) -> Iterator[Tile]:
    """Every tile of a tree of `size` leaves, full and partial, level by level."""
    return new_tiles(TreeSize(0), size)


# ---- contents ----------------------------------------------------------------------


class TileTree:
    """A tile's hashes and the inner nodes over them, hashed once.

    Attributes:
        width: how many hashes the tile has.
        rows: its nodes by level within the tile; row 0 is the tile's own bytes.
    """

    __slots__ = ("rows", "width")

    def __init__(self, data: bytes) -> None:
        """`data`: the tile's bytes, 32 for each hash.

        Raises:
            MalformedError: not 1 to 256 whole hashes.
        """
        self.width, rest = divmod(len(data), HASH_BYTES)
        if rest or not 1 <= self.width <= TILE_WIDTH:
            raise MalformedError(f"a tile of {len(data)} bytes is not 1 to 256 hashes")
        starts = range(0, len(data), HASH_BYTES)
        row = [Hash(data[at : at + HASH_BYTES]) for at in starts]
        self.rows = [row]
        while len(row) > 1:
            pairs = iter(row)
            # Inlined hash_children, as in frontier.py.
            row = [
                Hash(sha256(b"\x01" + left + right).digest())
                for left, right in zip(pairs, pairs, strict=False)
            ]
            self.rows.append(row)

    def node(self, level: int, number: int) -> Hash:
        """The `number`-th node at `level` within the tile, 0 to 8.

        Raises:
            MalformedError: this tile has no such complete node.
        """
        if not 0 <= level < len(self.rows) or not 0 <= number < len(self.rows[level]):
            raise MalformedError(
                f"a tile of {self.width} hashes has no node {number} at level {level}"
            )
        return self.rows[level][number]


def read_nodes(
    nodes: Iterable[Node], size: TreeSize, trees: Mapping[Tile, TileTree]
) -> list[Hash]:
    """The hashes of `nodes`, out of the tiles that `tiles_for` named.

    Raises:
        MalformedError: a tile is missing, or narrower than it should be.
    """
    hashes = []
    for node in nodes:
        tile, level, number = place_of(node, size)
        tree = trees.get(tile)
        if tree is None:
            raise MalformedError(f"tile {format_tile_path(tile)} was not read")
        hashes.append(tree.node(level, number))
    return hashes
