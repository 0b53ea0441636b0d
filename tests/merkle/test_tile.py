import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError
from ledger.ids import LeafIndex, TreeSize
from ledger.limits import TILE_WIDTH, TREE_SIZE_MAX
from ledger.merkle.bundle import (
    format_bundle,
    format_bundle_path,
    parse_bundle,
    parse_bundle_path,
)
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.proof import (
    build_consistency,
    build_inclusion,
    check_consistency,
    check_inclusion,
    consistency_needs,
    inclusion_needs,
)
from ledger.merkle.tile import (
    Tile,
    TileTree,
    all_tiles,
    format_tile_path,
    new_tiles,
    parse_tile_path,
    place_of,
    read_nodes,
    tile_at,
    tiles_for,
)
from tests.merkle.oracle import mth, node, numbered

LEAVES = numbered(1_500)

tiles = st.builds(
    Tile,
    st.integers(0, 63),
    st.integers(0, TREE_SIZE_MAX // TILE_WIDTH),
    st.integers(1, TILE_WIDTH),
)


@given(tiles)
def test_paths_come_back(tile: Tile) -> None:
    assert parse_tile_path(format_tile_path(tile)) == tile
    entries = format_bundle_path(tile.index, tile.width)
    assert parse_bundle_path(entries) == (tile.index, tile.width)


def test_the_specifications_own_path() -> None:
    assert format_tile_path(Tile(0, 1_234_067)) == "tile/0/x001/x234/067"
    assert format_bundle_path(0, 17) == "tile/entries/000.p/17"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/0",
        "tile/0/1000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000 ",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/٠/000",
        "tile/0/../000",
        "0/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(MalformedError):
        parse_tile_path(path)
    with pytest.raises(MalformedError):
        parse_bundle_path(path.replace("tile/0", "tile/entries", 1))


def test_the_specifications_own_tree_of_70_000() -> None:
    tiles = list(all_tiles(TreeSize(70_000)))
    full = [tile for tile in tiles if tile.width == TILE_WIDTH]
    assert [tile.level for tile in full].count(0) == 273
    assert [tile for tile in tiles if tile.width < TILE_WIDTH] == [
        Tile(0, 273, 112),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]
    assert [tile.level for tile in full].count(1) == 1
    assert list(all_tiles(TreeSize(256))) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(all_tiles(TreeSize(0))) == []


@settings(max_examples=60)
@given(st.integers(0, 70_000), st.integers(0, 2_000))
def test_new_tiles_are_the_difference(old: int, more: int) -> None:
    before = set(all_tiles(TreeSize(old)))
    after = list(all_tiles(TreeSize(old + more)))
    new = list(new_tiles(TreeSize(old), TreeSize(old + more)))
    assert new == [tile for tile in after if tile not in before]


def _trees(size: int, wanted: list[Tile]) -> dict[Tile, TileTree]:
    """The tiles as a log would serve them, each made from the leaves alone."""
    trees = {}
    for tile in wanted:
        first = tile.index * TILE_WIDTH
        hashes = [
            node(LEAVES[:size], 8 * tile.level, number)
            for number in range(first, first + tile.width)
        ]
        trees[tile] = TileTree(b"".join(hashes))
    return trees


@settings(max_examples=25, deadline=None)
@given(st.integers(1, len(LEAVES)), st.data())
def test_proofs_from_tiles(size: int, data: st.DataObject) -> None:
    index = LeafIndex(data.draw(st.integers(0, size - 1)))
    tree = TreeSize(size)
    needs = inclusion_needs(index, tree)
    wanted = tiles_for(needs, tree)
    assert set(wanted) <= set(all_tiles(tree))
    proof = build_inclusion(index, tree, read_nodes(needs, tree, _trees(size, wanted)))
    root = mth(LEAVES[:size])
    check_inclusion(index, tree, LEAVES[index], proof, root)

    old = TreeSize(index + 1)
    needs = consistency_needs(old, tree)
    trees = _trees(size, tiles_for(needs, tree))
    steps = build_consistency(old, tree, read_nodes(needs, tree, trees))
    check_consistency(old, tree, mth(LEAVES[:old]), steps, root)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 900), st.integers(1, 600))
def test_a_batch_knows_the_new_hashes_of_each_tile(old: int, more: int) -> None:
    """What the writer appends to the tiles is what the tiles then hold."""
    before = extend(Frontier.EMPTY, LEAVES[:old]).frontier
    batch = extend(before, LEAVES[old : old + more])
    for tile in new_tiles(before.size, batch.frontier.size):
        first, hashes = batch.new_nodes(8 * tile.level)
        begin = tile.index * TILE_WIDTH
        rows = _trees(old + more, [tile])[tile].rows[0]
        for number in range(max(first, begin), begin + tile.width):
            assert hashes[number - first] == rows[number - begin]


def test_a_tile_hashes_its_inner_nodes_once() -> None:
    tree = TileTree(b"".join(LEAVES[:256]))
    assert sum(map(len, tree.rows)) == 511
    assert tree.node(8, 0) == mth(LEAVES[:256])
    assert tree.node(3, 5) == node(LEAVES, 3, 5)
    assert TileTree(b"".join(LEAVES[:7])).node(2, 0) == mth(LEAVES[:4])


def test_what_a_tile_does_not_have() -> None:
    tree = TileTree(b"".join(LEAVES[:7]))
    for level, number in ((0, 7), (0, -1), (2, 1), (3, 0), (-1, 0)):
        with pytest.raises(MalformedError):
            tree.node(level, number)
    for data in (b"", bytes(31), bytes(257 * 32)):
        with pytest.raises(MalformedError):
            TileTree(data)


def test_what_a_tree_does_not_have() -> None:
    with pytest.raises(MalformedError):
        place_of((0, 5), TreeSize(5))
    with pytest.raises(MalformedError):
        place_of((1, 2), TreeSize(5))
    with pytest.raises(MalformedError):
        tile_at(0, 1, TreeSize(256))
    with pytest.raises(MalformedError, match="was not read"):
        read_nodes([(0, 0)], TreeSize(5), {})
    with pytest.raises(MalformedError):
        Tile(0, 0, 257)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20))
def test_bundles_come_back(leaves: list[bytes]) -> None:
    data = format_bundle(leaves)
    assert parse_bundle(data) == leaves
    for cut in {1, len(data) // 2, len(data) - 1} - {0, len(data)}:
        try:
            shorter = parse_bundle(data[:cut])
        except MalformedError:
            continue
        assert len(shorter) < len(leaves)  # the auditor counts them


def test_bundles_have_bounds() -> None:
    assert parse_bundle(format_bundle([bytes(65_535)])) == [bytes(65_535)]
    for leaves in ([], [b""] * 257, [bytes(65_536)]):
        with pytest.raises(MalformedError):
            format_bundle(leaves)
    for data in (b"", b"\0", b"\0\x05abcd", b"\0\0" * 257):
        with pytest.raises(MalformedError):
            parse_bundle(data)
