import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError, VerificationError
from ledger.ids import Hash, LeafIndex
from ledger.merkle.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.note import signer_key
from ledger.merkle.tlogproof import (
    check_tlog_proof,
    format_tlog_proof,
    parse_tlog_proof,
)

LOG = signer_key("localhost/commons", bytes(32))
LEAVES = [b"leaf %d" % number for number in range(7)]
BATCH = extend(Frontier.EMPTY, [hash_leaf(leaf) for leaf in LEAVES])
SIGNED = sign_checkpoint(
    LOG, Checkpoint(origin=LOG.name, size=BATCH.frontier.size, root=BATCH.root)
)
PROOF = format_tlog_proof(LeafIndex(4), BATCH.inclusion(LeafIndex(4)), SIGNED)
HASH = "A" * 43 + "=\n"


@given(
    st.integers(0, 2**63 - 2),
    st.lists(st.binary(min_size=32, max_size=32).map(Hash), max_size=63),
    st.none() | st.binary(max_size=40),
)
def test_proofs_come_back(index: int, hashes: list[Hash], extra: bytes | None) -> None:
    text = format_tlog_proof(LeafIndex(index), hashes, SIGNED, extra)
    proof = parse_tlog_proof(text)
    assert (proof.index, proof.hashes) == (index, tuple(hashes))
    assert (proof.checkpoint, proof.extra) == (SIGNED, extra)


def test_its_lines() -> None:
    lines = PROOF.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 4"]
    assert lines[5:7] == ["", "localhost/commons"]
    assert PROOF.endswith("\n")


@pytest.mark.parametrize("index", range(7))
def test_each_leaf_holds_at_its_place(index: int) -> None:
    hashes = BATCH.inclusion(LeafIndex(index))
    text = format_tlog_proof(LeafIndex(index), hashes, SIGNED)
    checkpoint, verified = check_tlog_proof(
        parse_tlog_proof(text), LEAVES[index], [LOG.vkey]
    )
    assert checkpoint.size == 7
    assert len(verified) == 1
    for other in set(range(7)) - {index}:
        with pytest.raises(VerificationError):
            check_tlog_proof(parse_tlog_proof(text), LEAVES[other], [LOG.vkey])


@settings(max_examples=200)
@given(st.data())
def test_no_bit_of_a_proof_can_change(data: st.DataObject) -> None:
    changed = bytearray(PROOF.encode())
    bit = data.draw(st.integers(0, 8 * len(changed) - 1))
    changed[bit // 8] ^= 1 << bit % 8
    try:
        text = bytes(changed).decode()
    except UnicodeDecodeError:
        return
    with pytest.raises((VerificationError, MalformedError)):
        check_tlog_proof(parse_tlog_proof(text), LEAVES[4], [LOG.vkey])


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("empty", ""),
        ("another first line", PROOF.replace("@v1", "@v2")),
        ("no index", PROOF.replace("index 4\n", "")),
        ("nothing after the first line", "c2sp.org/tlog-proof@v1"),
        ("only extra", "c2sp.org/tlog-proof@v1\nextra AAAA\n\nx"),
        ("a leading zero", PROOF.replace("index 4", "index 04")),
        ("a sign", PROOF.replace("index 4", "index +4")),
        ("a huge index", PROOF.replace("index 4", "index 9223372036854775807")),
        ("two spaces", PROOF.replace("index 4", "index  4")),
        ("extra that is not base64", PROOF.replace("index", "extra A\nindex")),
        ("extra twice", PROOF.replace("index", "extra AA==\nextra AA==\nindex")),
        ("extra after index", PROOF.replace("index 4", "index 4\nextra AA==")),
        ("a short hash", PROOF.replace("index 4", "index 4\nAAAA")),
        ("too many hashes", PROOF.replace("index 4\n", "index 4\n" + HASH * 61)),
        ("carriage returns", PROOF.replace("\n", "\r\n")),
        ("no checkpoint", PROOF.partition("\n\n")[0]),
        ("an empty checkpoint", PROOF.partition("\n\n")[0] + "\n\n"),
        ("a long checkpoint", PROOF + "x" * 70_000),
        ("a lone surrogate", PROOF + "\ud800"),
    ],
)
def test_other_texts_are_refused(why: str, text: str) -> None:
    with pytest.raises(MalformedError):
        pytest.fail(f"{why}: {parse_tlog_proof(text)}")


def test_extra_authenticates_nothing() -> None:
    hashes = BATCH.inclusion(LeafIndex(4))
    text = format_tlog_proof(LeafIndex(4), hashes, SIGNED, b"anything")
    check_tlog_proof(parse_tlog_proof(text), LEAVES[4], [LOG.vkey])
