import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError, VerificationError
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.limits import PROOF_HASHES_MAX, TREE_SIZE_MAX
from ledger.merkle.hashing import EMPTY_ROOT
from ledger.merkle.proof import (
    build_consistency,
    build_inclusion,
    build_subtree,
    check_consistency,
    check_inclusion,
    check_subtree,
    check_subtree_inclusion,
    consistency_needs,
    inclusion_needs,
    subtree_needs,
)
from tests.merkle.oracle import mth, node, numbered, path, proof

LEAVES = numbered(140)


@st.composite
def trees(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, len(LEAVES)))
    return draw(st.integers(0, size - 1)), size


@settings(max_examples=120, deadline=None)
@given(trees())
def test_inclusion_is_the_rfcs(tree: tuple[int, int]) -> None:
    index, size = LeafIndex(tree[0]), TreeSize(tree[1])
    leaves = LEAVES[:size]
    nodes = [node(leaves, *need) for need in inclusion_needs(index, size)]
    built = build_inclusion(index, size, nodes)
    assert built == path(index, leaves)
    check_inclusion(index, size, leaves[index], built, mth(leaves))


@settings(max_examples=120, deadline=None)
@given(trees())
def test_consistency_is_the_rfcs(tree: tuple[int, int]) -> None:
    old, new = TreeSize(tree[0] + 1), TreeSize(tree[1])
    leaves = LEAVES[:new]
    nodes = [node(leaves, *need) for need in consistency_needs(old, new)]
    built = build_consistency(old, new, nodes)
    assert built == proof(old, leaves)
    check_consistency(old, new, mth(leaves[:old]), built, mth(leaves))


@settings(max_examples=120, deadline=None)
@given(trees(), st.integers(0, 7))
def test_any_subtree(tree: tuple[int, int], level: int) -> None:
    start = tree[0] >> level << level
    end, size = min(start + (1 << level), tree[1]), tree[1]
    leaves = LEAVES[:size]
    needs = subtree_needs(LeafIndex(start), TreeSize(end), TreeSize(size))
    nodes = [node(leaves, *need) for need in needs]
    built = build_subtree(LeafIndex(start), TreeSize(end), TreeSize(size), nodes)
    root = mth(leaves[start:end])
    check_subtree(
        LeafIndex(start), TreeSize(end), TreeSize(size), root, built, mth(leaves)
    )
    index = tree[0]
    check_subtree_inclusion(
        LeafIndex(index),
        LeafIndex(start),
        TreeSize(end),
        leaves[index],
        path(index - start, leaves[start:end]),
        root,
    )


def _flip(data: Hash, bit: int) -> Hash:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return Hash(bytes(changed))


@settings(max_examples=200, deadline=None)
@given(trees(), st.integers(0, 255), st.integers(0, 9))
def test_no_bit_of_an_inclusion_can_change(
    tree: tuple[int, int], bit: int, which: int
) -> None:
    index, size = LeafIndex(tree[0]), TreeSize(tree[1])
    leaves = LEAVES[:size]
    parts = [leaves[index], mth(leaves), *path(index, leaves)]
    parts[which % len(parts)] = _flip(parts[which % len(parts)], bit)
    with pytest.raises(VerificationError):
        check_inclusion(index, size, parts[0], parts[2:], parts[1])


@settings(max_examples=200, deadline=None)
@given(trees(), st.integers(0, 255), st.integers(0, 9))
def test_no_bit_of_a_consistency_can_change(
    tree: tuple[int, int], bit: int, which: int
) -> None:
    old, new = TreeSize(tree[0] + 1), TreeSize(tree[1])
    leaves = LEAVES[:new]
    parts = [mth(leaves[:old]), mth(leaves), *proof(old, leaves)]
    parts[which % len(parts)] = _flip(parts[which % len(parts)], bit)
    with pytest.raises(VerificationError):
        check_consistency(old, new, parts[0], parts[2:], parts[1])


@settings(max_examples=100, deadline=None)
@given(trees(), st.integers(0, 139))
def test_a_proof_holds_at_its_own_index_only(tree: tuple[int, int], at: int) -> None:
    index, size = tree
    if at % size == index:
        return
    leaves = LEAVES[:size]
    with pytest.raises(VerificationError):
        check_inclusion(
            LeafIndex(at % size),
            TreeSize(size),
            leaves[index],
            path(index, leaves),
            mth(leaves),
        )


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100])
def test_longer_and_shorter_proofs_are_refused(size: int) -> None:
    leaves = LEAVES[:size]
    held = path(0, leaves)
    for changed in ([*held, leaves[0]], held[:-1] if held else [leaves[0]]):
        with pytest.raises(VerificationError):
            check_inclusion(
                LeafIndex(0), TreeSize(size), leaves[0], changed, mth(leaves)
            )


def test_lengths_of_hashes_count() -> None:
    root = mth(LEAVES[:2])
    for leaf, item in ((b"", LEAVES[1]), (LEAVES[0], Hash(b"")), (LEAVES[0] * 2, b"")):
        with pytest.raises(VerificationError):
            check_inclusion(LeafIndex(0), TreeSize(2), Hash(leaf), [Hash(item)], root)


def test_from_the_empty_tree() -> None:
    new, root = TreeSize(3), mth(LEAVES[:3])
    assert consistency_needs(TreeSize(0), new) == []
    assert build_consistency(TreeSize(0), new, []) == []
    check_consistency(TreeSize(0), new, EMPTY_ROOT, [], root)
    check_consistency(TreeSize(0), TreeSize(0), EMPTY_ROOT, [], EMPTY_ROOT)
    for old_root, items, new_root, size in (
        (root, [], root, new),
        (EMPTY_ROOT, [root], root, new),
        (EMPTY_ROOT, [], Hash(b""), new),
        (EMPTY_ROOT, [], root, TreeSize(0)),
        (EMPTY_ROOT, [], root, TreeSize(-1)),
    ):
        with pytest.raises(VerificationError):
            check_consistency(TreeSize(0), size, old_root, items, new_root)


def test_ranges_that_no_tree_has() -> None:
    for index, size in ((-1, 3), (3, 3), (0, 0), (0, TREE_SIZE_MAX + 1)):
        with pytest.raises(MalformedError):
            inclusion_needs(LeafIndex(index), TreeSize(size))
        with pytest.raises(VerificationError):
            check_inclusion(LeafIndex(index), TreeSize(size), LEAVES[0], [], EMPTY_ROOT)
    with pytest.raises(MalformedError):
        consistency_needs(TreeSize(3), TreeSize(2))
    with pytest.raises(MalformedError):
        subtree_needs(LeafIndex(1), TreeSize(3), TreeSize(8))


def test_the_wrong_number_of_nodes_builds_nothing() -> None:
    for count in (0, 1, 5):
        with pytest.raises(MalformedError):
            build_inclusion(LeafIndex(2), TreeSize(7), LEAVES[:count])


def test_the_largest_tree_has_the_longest_proof() -> None:
    size = TreeSize(TREE_SIZE_MAX)
    nodes = LEAVES[:1] * len(inclusion_needs(LeafIndex(0), size))
    longest = build_inclusion(LeafIndex(0), size, nodes)
    assert len(longest) == PROOF_HASHES_MAX
