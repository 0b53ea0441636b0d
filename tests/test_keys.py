"""Keys and their names: RFC 8032, the did:key method, and other libraries."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError
from ledger.keys import (
    SigningKey,
    format_did_key,
    is_did_key,
    parse_did_key,
    public_key,
    verify,
)

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
bytes32 = st.binary(min_size=32, max_size=32)


def base58btc(data: bytes) -> str:
    """The plain algorithm, digit by digit."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return text


@given(bytes32)
@settings(max_examples=200)
def test_names_are_base58btc_and_come_back(public: bytes) -> None:
    name = format_did_key(public)
    assert name == "did:key:z" + base58btc(b"\xed\x01" + public)
    assert is_did_key(name)
    assert parse_did_key(name) == public


@pytest.mark.parametrize("public", [bytes(32), b"\xff" * 32, b"\0" * 31 + b"\1"])
def test_names_at_the_edges(public: bytes) -> None:
    assert parse_did_key(format_did_key(public)) == public


def test_a_name_of_the_did_key_specification() -> None:
    """did-key method, section "Ed25519", example."""
    name = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    assert format_did_key(parse_did_key(name)) == name


@pytest.mark.parametrize("prefix", [b"\xec\xff", b"\xed\x02", b"\xec\x01", b"\x12\x05"])
@pytest.mark.parametrize("rest", [bytes(32), b"\xff" * 32])
def test_keys_of_another_kind_are_refused(prefix: bytes, rest: bytes) -> None:
    name = "did:key:z" + base58btc(prefix + rest)
    assert not is_did_key(name)
    with pytest.raises(MalformedError):
        parse_did_key(name)


GOOD = format_did_key(bytes(range(32)))


@pytest.mark.parametrize(
    "name",
    [
        "",
        GOOD + "1",
        GOOD[:-1],
        GOOD.upper(),
        GOOD[:-1] + "0",
        GOOD[:-1] + "l",
        GOOD[:-1] + "ü",
        GOOD + "\n",
        " " + GOOD,
        GOOD.replace("did:key:z", "did:key:m"),
        GOOD.replace("did:key:z", "did:key:z1"),
    ],
)
def test_other_texts_are_refused(name: str) -> None:
    assert not is_did_key(name)
    with pytest.raises(MalformedError):
        parse_did_key(name)


@pytest.mark.parametrize("value", [None, 1, [GOOD], b"did:key:z"])
def test_what_is_no_text_is_no_name(value: object) -> None:
    assert not is_did_key(value)


@given(bytes32, st.binary(max_size=99))
@settings(max_examples=50)
def test_signatures_are_another_librarys_too(seed: bytes, message: bytes) -> None:
    key = SigningKey(seed)
    other = Ed25519PrivateKey.from_private_bytes(seed)
    assert key.public == other.public_key().public_bytes_raw() == public_key(seed)
    assert key.sign(message) == other.sign(message)
    assert verify(key.public, message, key.sign(message))
    assert not verify(key.public, message + b"x", key.sign(message))
    assert not verify(key.public, message, key.sign(message)[:-1])
    assert not verify(key.public[:-1], message, key.sign(message))


def test_a_seed_is_32_bytes() -> None:
    with pytest.raises(MalformedError):
        SigningKey(bytes(31))
