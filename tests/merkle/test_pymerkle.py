"""Against pymerkle, another implementation of RFC 6962 by other people."""

import pytest
from pymerkle import InmemoryTree

from ledger.ids import LeafIndex
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import hash_leaf

DATA = [b"entry %d" % number for number in range(70)]


@pytest.fixture(scope="module")
def tree() -> InmemoryTree:
    return InmemoryTree.init_from_entries(DATA, algorithm="sha256")


@pytest.mark.parametrize("size", range(1, len(DATA) + 1))
def test_roots_and_inclusion_paths(tree: InmemoryTree, size: int) -> None:
    leaves = [hash_leaf(data) for data in DATA[:size]]
    batch = extend(Frontier.EMPTY, leaves)
    assert batch.root == tree.get_root(size)
    for index in range(size):
        # Its path holds the leaf itself and is ordered by place, not from the leaf up.
        theirs = tree.prove_inclusion(index + 1, size).serialize()["path"]
        ours = [item.hex() for item in batch.inclusion(LeafIndex(index))]
        assert sorted(theirs) == sorted([leaves[index].hex(), *ours])
