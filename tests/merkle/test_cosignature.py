import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError, VerificationError
from ledger.ids import TreeSize
from ledger.merkle.checkpoint import Checkpoint, format_checkpoint, open_checkpoint
from ledger.merkle.cosignature import (
    Subtree,
    check_cosignature,
    cosign,
    ed25519_message,
    format_timestamped,
    mldsa44_message,
    parse_timestamped,
    verify_mldsa44,
)
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.note import (
    Note,
    Signature,
    format_note,
    format_vkey,
    parse_vkey,
    sign,
    signer_key,
    verifier_key,
)

LOG = signer_key("localhost/commons", bytes(32))
WITNESS = signer_key("witness.example/w1", bytes(31) + b"\x02", 0x04)
ROOT = hash_leaf(b"")
HEAD = Checkpoint(origin="localhost/commons", size=TreeSize(1), root=ROOT)
TEXT = format_checkpoint(HEAD)
SUBTREE = Subtree(origin=HEAD.origin, end=1, root=ROOT)
QUANTUM = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
QUANTUM_VKEY = verifier_key(
    "witness.example/q", QUANTUM.public_key().public_bytes_raw(), 0x06
)


def test_the_specifications_signed_message() -> None:
    body = (
        b"example.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    assert ed25519_message(1_679_315_147, body) == (
        b"cosignature/v1\ntime 1679315147\n" + body
    )


@given(st.integers(0, 2**63 - 1), st.binary(min_size=64, max_size=64))
def test_timestamps_come_back(time_s: int, signature: bytes) -> None:
    data = format_timestamped(time_s, signature)
    assert parse_timestamped(data, 64) == (time_s, signature)


def test_timestamps_have_bounds() -> None:
    for time_s in (-1, 2**63):
        with pytest.raises(MalformedError):
            format_timestamped(time_s, b"")
    for data in (bytes(71), bytes(73), b"\x80" + bytes(71)):
        with pytest.raises(MalformedError):
            parse_timestamped(data, 64)


@settings(max_examples=100)
@given(st.integers(0, 8 * 72 - 1))
def test_no_bit_of_an_ed25519_cosignature_can_change(bit: int) -> None:
    line = cosign(WITNESS, TEXT, 1_000)
    assert check_cosignature(WITNESS.vkey, line, TEXT, SUBTREE) == 1_000
    changed = bytearray(line.data)
    changed[bit // 8] ^= 1 << bit % 8
    other = Signature(name=line.name, key_id=line.key_id, data=bytes(changed))
    with pytest.raises(VerificationError):
        check_cosignature(WITNESS.vkey, other, TEXT, SUBTREE)


def test_an_ed25519_cosignature_is_not_a_log_signature() -> None:
    with pytest.raises(MalformedError):
        cosign(LOG, TEXT, 1_000)
    plain = Signature(
        name=WITNESS.name, key_id=WITNESS.key_id, data=WITNESS.key.sign(TEXT)
    )
    with pytest.raises(VerificationError):
        check_cosignature(WITNESS.vkey, plain, TEXT, SUBTREE)


def _quantum_line(time_s: int, subtree: Subtree = SUBTREE) -> Signature:
    message = mldsa44_message(QUANTUM_VKEY.name, time_s, subtree)
    data = format_timestamped(time_s, QUANTUM.sign(message))
    return Signature(name=QUANTUM_VKEY.name, key_id=QUANTUM_VKEY.key_id, data=data)


def test_the_mldsa_message_byte_by_byte() -> None:
    message = mldsa44_message("w", 5, Subtree(origin="ab", end=258, root=ROOT))
    assert message == (
        b"subtree/v1\n\0\x01w"
        + bytes(7)
        + b"\x05"
        + b"\x02ab"
        + bytes(8)
        + bytes(6)
        + b"\x01\x02"
        + ROOT
    )


def test_mldsa_cosignatures_on_a_checkpoint() -> None:
    assert parse_vkey(format_vkey(QUANTUM_VKEY)) == QUANTUM_VKEY
    data = format_note(Note(TEXT, (sign(TEXT, LOG), _quantum_line(77))))
    verified = open_checkpoint(data, [LOG.vkey, QUANTUM_VKEY])[1]
    assert [item.time_s for item in verified] == [None, 77]
    elsewhere = _quantum_line(77, Subtree(origin=HEAD.origin, end=2, root=ROOT))
    data = format_note(Note(TEXT, (sign(TEXT, LOG), elsewhere)))
    with pytest.raises(VerificationError):
        open_checkpoint(data, [LOG.vkey, QUANTUM_VKEY])


def test_a_log_may_sign_with_mldsa_alone() -> None:
    head = Checkpoint(origin=QUANTUM_VKEY.name, size=TreeSize(1), root=ROOT)
    line = _quantum_line(0, Subtree(origin=head.origin, end=1, root=ROOT))
    data = format_note(Note(format_checkpoint(head), (line,)))
    assert open_checkpoint(data, [QUANTUM_VKEY])[0] == head


def test_what_an_mldsa_cosigner_cannot_say() -> None:
    for name, time_s, subtree in (
        ("", 0, SUBTREE),
        ("w" * 256, 0, SUBTREE),
        ("w", 0, Subtree(origin="", end=1, root=ROOT)),
        ("w", 1, Subtree(origin="a", start=2, end=4, root=ROOT)),
    ):
        with pytest.raises(MalformedError):
            mldsa44_message(name, time_s, subtree)
    long = verifier_key("w" * 256, QUANTUM_VKEY.public, 0x06)
    with pytest.raises(VerificationError):
        check_cosignature(long, _quantum_line(0), TEXT, SUBTREE)


def test_lengths_of_mldsa_keys_and_signatures() -> None:
    assert not verify_mldsa44(bytes(1311), b"", bytes(2420))
    assert not verify_mldsa44(QUANTUM_VKEY.public, b"", bytes(2419))
    assert not verify_mldsa44(QUANTUM_VKEY.public, b"", bytes(2420))
