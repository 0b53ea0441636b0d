"""K and its keys: the vector, and two other implementations of HKDF."""

import hmac

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings, strategies as st

from ledger.canonical import format_base64url, parse_base64url
from ledger.entries.secret import check_subject_tag, derive, parse_secret
from ledger.errors import MalformedError, VerificationError
from ledger.keys import SigningKey
from tests.entries.vectors import INPUT, SECRET, WANT


def test_the_vector() -> None:
    keys = derive(parse_secret(INPUT["K"]))
    assert format_base64url(keys.tag) == WANT["tag"]
    assert format_base64url(keys.dek) == WANT["dek"]
    assert format_base64url(keys.contest_seed) == WANT["contest_seed"]
    assert SigningKey(keys.contest_seed).did == WANT["contest_key"]


@given(st.binary(min_size=32, max_size=32))
@settings(max_examples=50)
def test_hkdf_is_the_librarys_and_hmacs(secret: bytes) -> None:
    keys = derive(secret)
    prk = hmac.digest(bytes(32), secret, "sha256")
    for name, key in (
        (b"tag", keys.tag),
        (b"dek", keys.dek),
        (b"contest", keys.contest_seed),
    ):
        info = b"counterfoil/v1/" + name
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=info)
        assert key == hkdf.derive(secret)
        assert key == hmac.digest(prk, info + b"\x01", "sha256")


def test_the_tag_opens_its_own_leaf_only() -> None:
    keys = derive(SECRET)
    statement_tag = parse_base64url("yYRCLLlomvrlprWFrZ8nx8YjgY4n3w9GMYBfW2vxnLY")
    check_subject_tag(keys, statement_tag)
    with pytest.raises(VerificationError):
        check_subject_tag(keys, bytes(32))


@pytest.mark.parametrize("text", ["", "AAAA", "A" * 44, "+" * 43])
def test_a_secret_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_secret(text)
