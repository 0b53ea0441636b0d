"""HPKE: RFC 9180's published vector, another implementation, and boxes that do not open."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hpke as other
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from hypothesis import example, given, strategies as st

from ledger.entries import hpke
from ledger.entries.hpke import OVERHEAD_BYTES, public_of, seal, unseal
from ledger.errors import MalformedError, VerificationError

FOLDER = Path(__file__).parent.parent / "vectors" / "cases"
VECTOR: dict[str, Any] = json.loads((FOLDER / "hpke.json").read_text("utf-8"))
GIVEN = {name: bytes.fromhex(text) for name, text in VECTOR["input"].items()}
WANT = {name: bytes.fromhex(text) for name, text in VECTOR["want"].items()}
SUITE = other.Suite(other.KEM.X25519, other.KDF.HKDF_SHA256, other.AEAD.AES_256_GCM)
SECRET = bytes(range(32))
BOX = seal(b"C" * 32, public_of(SECRET), info=b"info", ephemeral=b"\7" * 32)
# RFC 7748 section 6.1 and libsodium's list: points whose products are all zeros.
LOW_ORDER = [
    "00" * 32,
    "01" + "00" * 31,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def test_the_published_vector() -> None:
    assert public_of(GIVEN["skEm"]) == WANT["enc"] == GIVEN["pkEm"]
    assert public_of(GIVEN["skRm"]) == GIVEN["pkRm"]
    box = seal(
        GIVEN["pt"],
        GIVEN["pkRm"],
        info=GIVEN["info"],
        ephemeral=GIVEN["skEm"],
        aad=GIVEN["aad"],
    )
    assert box == WANT["enc"] + WANT["ct"]
    opened = unseal(box, GIVEN["skRm"], info=GIVEN["info"], aad=GIVEN["aad"])
    assert opened == GIVEN["pt"]


def test_the_published_key_schedule() -> None:
    dh = hpke._agree(GIVEN["skRm"], GIVEN["pkEm"])
    found = hpke._schedule(dh, GIVEN["pkEm"] + GIVEN["pkRm"], GIVEN["info"])
    assert found == (WANT["key"], WANT["base_nonce"])


@given(
    message=st.binary(max_size=200),
    secret=st.binary(min_size=32, max_size=32),
    ephemeral=st.binary(min_size=32, max_size=32),
    info=st.binary(max_size=100),
)
def test_another_implementation_opens_and_is_opened(
    message: bytes, secret: bytes, ephemeral: bytes, info: bytes
) -> None:
    private = X25519PrivateKey.from_private_bytes(secret)
    box = seal(message, public_of(secret), info=info, ephemeral=ephemeral)
    assert len(box) == len(message) + OVERHEAD_BYTES
    assert SUITE.decrypt(box, private, info=info) == message
    theirs = SUITE.encrypt(
        message, X25519PublicKey.from_public_bytes(public_of(secret)), info=info
    )
    assert unseal(theirs, secret, info=info) == message


@given(st.integers(0, 8 * len(BOX) - 1))
@example(255)  # X25519 ignores the highest bit of a key: the schedule binds it
def test_a_changed_bit_does_not_open(bit: int) -> None:
    changed = bytearray(BOX)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VerificationError):
        unseal(bytes(changed), SECRET, info=b"info")


@pytest.mark.parametrize(
    ("box", "secret", "info"),
    [
        (BOX, bytes(31) + b"\1", b"info"),
        (BOX, SECRET, b""),
        (BOX, SECRET, b"info\0"),
        (BOX[:-1], SECRET, b"info"),
        (BOX + b"\0", SECRET, b"info"),
        (BOX[:32], SECRET, b"info"),
        (BOX[:31], SECRET, b"info"),
        (BOX[:40], SECRET, b"info"),
        (b"", SECRET, b"info"),
        (bytes(80), SECRET, b"info"),
    ],
)
def test_what_does_not_open(box: bytes, secret: bytes, info: bytes) -> None:
    with pytest.raises(VerificationError):
        unseal(box, secret, info=info)


@pytest.mark.parametrize("key", [*LOW_ORDER, "", "00" * 31, "00" * 33])
def test_keys_that_no_box_can_be_sealed_to(key: str) -> None:
    public = bytes.fromhex(key)
    with pytest.raises(MalformedError):
        seal(b"x", public, info=b"", ephemeral=b"\7" * 32)
    with pytest.raises(VerificationError):
        unseal(public + bytes(48), SECRET, info=b"")
