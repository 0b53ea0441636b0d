from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import EMPTY_ROOT, hash_children, hash_leaf
from tests.merkle.vectors import read


def test_published_roots_of_0_to_8_leaves() -> None:
    vectors = read("rfc6962-roots.json")
    leaves = [hash_leaf(bytes.fromhex(text)) for text in vectors["leaf_inputs_hex"]]
    roots = vectors["root_hash_hex_by_size"]
    assert len(roots) == 9
    for size, root in enumerate(roots):
        assert extend(Frontier.EMPTY, leaves[:size]).root.hex() == root


def test_a_node_is_not_a_leaf() -> None:
    left, right = hash_leaf(b"l"), hash_leaf(b"r")
    assert hash_children(left, right) != hash_leaf(left + right)
    assert hash_leaf(b"") != EMPTY_ROOT
