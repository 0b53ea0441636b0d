"""The bytes of a tie, with a known answer worked out in docs/FORMAT.md."""

from ledger.governance.ballots.tie import Ties, ballots_root, tie_hash
from tests.governance.ballots.oracle import merkle_root


def test_the_bytes_never_change() -> None:
    root = ballots_root({"did:b": "B" * 43, "did:a": "A" * 43})
    assert root == merkle_root([b"A" * 43, b"B" * 43])
    assert tie_hash("P" * 43, root, "option").hex() == (
        "2e409fa635ed214cc40814f8aa8ba6c777d46794976803a95f3173b19d04688e"
    )


def test_the_smallest_hash_comes_first() -> None:
    root, options = ballots_root({}), ("a", "b", "c", "d")
    ties = Ties("P" * 43, root, options)
    hashes = {name: tie_hash("P" * 43, root, name) for name in options}
    order = sorted(range(4), key=ties.__getitem__)
    assert [options[at] for at in order] == sorted(options, key=hashes.__getitem__)
