import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.limits import TREE_SIZE_MAX
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.proof import check_inclusion
from tests.merkle.oracle import leaf_hash, mth, node, numbered, path

LEAVES = numbered(300)
sizes = st.integers(0, 150)


@settings(max_examples=150, deadline=None)
@given(sizes, sizes)
def test_a_frontier_has_the_root_the_rfc_defines(old: int, more: int) -> None:
    first = extend(Frontier.EMPTY, LEAVES[:old])
    second = extend(first.frontier, LEAVES[old : old + more])
    assert first.root == first.frontier.root() == mth(LEAVES[:old])
    assert second.root == second.frontier.root() == mth(LEAVES[: old + more])


@settings(max_examples=60, deadline=None)
@given(sizes, st.integers(1, 150))
def test_every_new_leaf_has_the_proof_the_rfc_defines(old: int, more: int) -> None:
    leaves = LEAVES[: old + more]
    batch = extend(extend(Frontier.EMPTY, leaves[:old]).frontier, leaves[old:])
    for index in range(old, len(leaves)):
        proof = batch.inclusion(LeafIndex(index))
        assert proof == path(index, leaves)
        size = TreeSize(len(leaves))
        check_inclusion(LeafIndex(index), size, leaves[index], proof, batch.root)


@settings(max_examples=60, deadline=None)
@given(sizes, sizes, st.integers(0, 9))
def test_new_nodes_are_those_the_old_tree_had_not(
    old: int, more: int, level: int
) -> None:
    leaves = LEAVES[: old + more]
    batch = extend(extend(Frontier.EMPTY, leaves[:old]).frontier, leaves[old:])
    first, hashes = batch.new_nodes(level)
    assert first == old >> level
    assert first + len(hashes) == len(leaves) >> level
    assert hashes == [
        node(leaves, level, index) for index in range(first, len(leaves) >> level)
    ]


def test_a_batch_across_a_large_power_of_two() -> None:
    """2**20 - 3 leaves, of which only the frontier is known, and seven more."""
    old = 2**20 - 3
    known = Frontier(TreeSize(old), tuple(numbered(old.bit_count())))
    new = [leaf_hash(b"new %d" % number) for number in range(7)]
    batch = extend(known, new)
    one_by_one = known
    for item in new:
        one_by_one = extend(one_by_one, [item]).frontier
    assert batch.frontier == one_by_one
    for number, item in enumerate(new):
        index, size = LeafIndex(old + number), batch.frontier.size
        check_inclusion(index, size, item, batch.inclusion(index), batch.root)


@given(st.integers(0, TREE_SIZE_MAX))
def test_encoding_comes_back(size: int) -> None:
    frontier = Frontier(TreeSize(size), tuple(numbered(size.bit_count())))
    assert Frontier.decode(frontier.size, frontier.encode()) == frontier


def test_a_frontier_that_no_tree_has_is_refused() -> None:
    for size, data in ((1, b""), (1, bytes(31)), (0, bytes(32)), (3, bytes(32))):
        with pytest.raises(MalformedError):
            Frontier.decode(TreeSize(size), data)
    with pytest.raises(MalformedError):
        Frontier(TreeSize(-1), ())
    with pytest.raises(MalformedError):
        Frontier(TreeSize(1), (Hash(b"short"),))


def test_a_tree_ends_at_its_bound() -> None:
    full = Frontier(TreeSize(TREE_SIZE_MAX), tuple(numbered(63)))
    with pytest.raises(MalformedError):
        extend(full, numbered(1))


def test_only_new_leaves_have_proofs_here() -> None:
    batch = extend(extend(Frontier.EMPTY, LEAVES[:5]).frontier, LEAVES[5:9])
    for index in (-1, 0, 4, 9):
        with pytest.raises(MalformedError, match="5 to 8"):
            batch.inclusion(LeafIndex(index))


def test_an_empty_batch_changes_nothing() -> None:
    frontier = extend(Frontier.EMPTY, LEAVES[:5]).frontier
    assert extend(frontier, []).frontier == frontier
