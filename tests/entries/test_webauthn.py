"""Passkeys: the published assertion, both kinds of key, and every way to be wrong."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings, strategies as st

from ledger.canonical import format_base64, format_base64url, parse_base64url
from ledger.entries.act import (
    check_act,
    check_passkey,
    pae,
    passkey_challenge,
    read_envelope,
    sign_act,
)
from ledger.entries.webauthn import (
    Assertion,
    check_assertion,
    check_origin,
    check_public_key,
    is_host,
    read_attested,
)
from ledger.errors import MalformedError, VerificationError
from ledger.keys import SigningKey, format_did_key, is_did_key, parse_did_key
from tests.entries.passkeys import HOST, Authenticator, client_data
from tests.entries.vectors import load

IDENTITY = Path(__file__).parents[1] / "vectors" / "governance" / "identity"
CASES = json.loads((IDENTITY / "webauthn_assertions.json").read_text())["cases"]
PAYLOAD: bytes = load("act")["input"]["payload"].encode()
PASSKEY = Authenticator(7)
EDDSA = Authenticator(8, eddsa=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_published_assertions(case: dict[str, Any]) -> None:
    answer = case["credential"]["response"]
    assertion = Assertion(
        credential=case["credential"]["id"],
        authenticator_data=parse_base64url(answer["authenticatorData"]),
        client_data=parse_base64url(answer["clientDataJSON"]),
        sig=parse_base64url(answer["signature"]),
    )
    known = {
        "public_key": parse_base64url(case["credential_public_key"]),
        "rp_id": case["rp_id"],
        "challenge": parse_base64url(case["challenge"]),
    }
    assert case["expect"]["ok"]
    check_assertion(assertion, **known)
    for place, part in (
        ("sig", assertion.sig),
        ("authenticator_data", assertion.authenticator_data),
        ("client_data", assertion.client_data),
    ):
        cut: dict[str, Any] = {place: part[:-1] + bytes([part[-1] ^ 1])}
        with pytest.raises(VerificationError):
            check_assertion(replace(assertion, **cut), **known)
    for name, other in (
        ("rp_id", "example.org"),
        ("challenge", b"other"),
        ("public_key", PASSKEY.public),
    ):
        with pytest.raises(VerificationError):
            check_assertion(assertion, **(known | {name: other}))


def test_published_did_keys() -> None:
    names = json.loads((IDENTITY / "did-key-ed25519-x25519.json").read_text())
    for name, about in names.items():
        assert is_did_key(name)
        key = SigningKey(bytes.fromhex(about["seed"]))
        assert key.did == name == format_did_key(parse_did_key(name))


def test_the_published_dsse_envelope() -> None:
    example = json.loads((IDENTITY / "dsse_example.json").read_text())
    signed = pae(example["body"].encode(), example["payloadType"])
    assert signed == example["pae"].encode()
    key = ec.EllipticCurvePublicNumbers(
        int(example["x"]), int(example["y"]), ec.SECP256R1()
    ).public_key()
    raw = parse_base64url(
        example["envelope"]["signatures"][0]["sig"]
        .rstrip("=")
        .translate(str.maketrans("+/", "-_"))
    )
    sig = utils.encode_dss_signature(
        int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    )
    key.verify(sig, signed, ec.ECDSA(SHA256()))


@pytest.mark.parametrize("passkey", [PASSKEY, EDDSA], ids=["ES256", "EdDSA"])
def test_an_act_signed_by_a_passkey(passkey: Authenticator) -> None:
    act = read_envelope(passkey.envelope(PAYLOAD))
    check_act(act)
    check_passkey(act, passkey.public, HOST)
    assert act.assertion is not None
    assert act.assertion.credential == passkey.credential
    below = read_envelope(passkey.envelope(PAYLOAD, origin=f"https://a.{HOST}:8443"))
    check_passkey(below, passkey.public, HOST)


WRONG: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://evil.example"},
    "a site whose name ends alike": {"origin": f"https://evil{HOST}"},
    "no https": {"origin": f"http://{HOST}"},
    "not a page": {"origin": f"https://{HOST}/path"},
    "no text": {"origin": 7},
    "inside another page": {"crossOrigin": True},
    "creating": {"type_": "webauthn.create"},
    "nobody there": {"flags": 0x04},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_passkey_must_not_say(name: str) -> None:
    act = read_envelope(PASSKEY.envelope(PAYLOAD, **WRONG[name]))
    with pytest.raises(VerificationError):
        check_passkey(act, PASSKEY.public, HOST)


def test_a_passkey_asked_for_another_act() -> None:
    other = json.loads(PAYLOAD) | {"seq": 99}
    envelope = PASSKEY.envelope(
        json.dumps(other, sort_keys=True, separators=(",", ":")).encode()
    )
    act = read_envelope(envelope | {"payload": format_base64(PAYLOAD)})
    with pytest.raises(VerificationError, match="another challenge"):
        check_act(act)
    with pytest.raises(VerificationError):
        check_passkey(act, PASSKEY.public, HOST)


def test_another_passkeys_key_or_a_bare_key() -> None:
    act = read_envelope(PASSKEY.envelope(PAYLOAD))
    for public in (Authenticator(9).public, EDDSA.public):
        with pytest.raises(VerificationError, match="does not hold"):
            check_passkey(act, public, HOST)
    with pytest.raises(VerificationError, match="another site"):
        check_passkey(act, PASSKEY.public, "other.example")
    bare = read_envelope(sign_act(SigningKey(b"\1" * 32), PAYLOAD))
    with pytest.raises(VerificationError, match="not signed by a passkey"):
        check_passkey(bare, PASSKEY.public, HOST)


SIGNATURE = PASSKEY.envelope(PAYLOAD)["signatures"][0]
SHAPES: dict[str, dict[str, Any]] = {
    "more": SIGNATURE | {"more": 1},
    "webauthn is no object": SIGNATURE | {"webauthn": []},
    "webauthn has more": SIGNATURE
    | {"webauthn": SIGNATURE["webauthn"] | {"userHandle": ""}},
    "a part is no text": SIGNATURE
    | {"webauthn": SIGNATURE["webauthn"] | {"clientDataJSON": 1}},
    "keyid is no text": SIGNATURE | {"keyid": 1},
    "keyid is empty": SIGNATURE | {"keyid": ""},
    "keyid is padded": SIGNATURE | {"keyid": "AA=="},
    "keyid is too long": SIGNATURE | {"keyid": "A" * 1_368},
    "sig is no text": SIGNATURE | {"sig": None},
    "sig is short": SIGNATURE | {"sig": "AAAA"},
    "sig is long": SIGNATURE | {"sig": "A" * 100},
    "data is short": SIGNATURE
    | {"webauthn": SIGNATURE["webauthn"] | {"authenticatorData": "AAAA"}},
    "data is long": SIGNATURE
    | {"webauthn": SIGNATURE["webauthn"] | {"authenticatorData": "A" * 2_800}},
    "client data is long": SIGNATURE
    | {"webauthn": SIGNATURE["webauthn"] | {"clientDataJSON": "A" * 2_800}},
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_that_are_refused(name: str) -> None:
    envelope = PASSKEY.envelope(PAYLOAD) | {"signatures": [SHAPES[name]]}
    with pytest.raises(MalformedError):
        read_envelope(envelope)


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_any_bytes_as_client_data_only_fail(data: bytes) -> None:
    signature = SIGNATURE | {
        "webauthn": SIGNATURE["webauthn"] | {"clientDataJSON": format_base64url(data)}
    }
    act = read_envelope(PASSKEY.envelope(PAYLOAD) | {"signatures": [signature]})
    with pytest.raises(VerificationError):
        check_act(act)


def test_client_data_that_two_readers_take_differently() -> None:
    act = read_envelope(PASSKEY.envelope(PAYLOAD))
    good = client_data(passkey_challenge(act))
    twice = good.replace(b"{", b'{"type": "x", ', 1)
    signature = SIGNATURE | {
        "webauthn": SIGNATURE["webauthn"] | {"clientDataJSON": format_base64url(twice)}
    }
    with pytest.raises(VerificationError, match="parse"):
        check_act(
            read_envelope(PASSKEY.envelope(PAYLOAD) | {"signatures": [signature]})
        )


@pytest.mark.parametrize("passkey", [PASSKEY, EDDSA], ids=["ES256", "EdDSA"])
def test_a_new_passkey_is_read_from_its_data(passkey: Authenticator) -> None:
    assert read_attested(passkey.created()) == (passkey.id, passkey.public)
    extended = passkey.created(0xC5) + b"\xa0"
    assert read_attested(extended) == (passkey.id, passkey.public)


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "no credential": lambda data: data[:37],
    "flag not set": lambda data: data[:32] + b"\5" + data[33:],
    "cut": lambda data: data[:-1],
    "goes on": lambda data: data + b"\0",
    "another curve": lambda data: data[:-68] + b"\2" + data[-67:],
    "no point": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "RS256": lambda data: data[:-77] + bytes.fromhex("a401030339010020590100") * 7,
}


@pytest.mark.parametrize("name", BROKEN)
def test_new_passkeys_that_are_refused(name: str) -> None:
    with pytest.raises(VerificationError):
        read_attested(BROKEN[name](PASSKEY.created()))


def test_keys_and_hosts() -> None:
    check_public_key(PASSKEY.public)
    check_public_key(EDDSA.public)
    for key in (b"", EDDSA.public + b"\0", sha256(b"").digest()):
        with pytest.raises(VerificationError):
            check_public_key(key)
    check_origin("http://localhost:5000", "localhost")
    assert all(is_host(host) for host in ("localhost", "a.b-c.example", "127.0.0.1"))
    assert not any(is_host(h) for h in ("", "A.example", "a..b", ".a", "a:1", "a\n"))
