"""Acts: CONTRACT's vector, DSSE's own example, and what is refused."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ledger.canonical import format_base64, parse_base64url
from ledger.entries.act import (
    act_id,
    check_act,
    format_payload,
    pae,
    parse_envelope,
    read_envelope,
    sign_act,
)
from ledger.errors import MalformedError, VerificationError
from ledger.ids import Did
from ledger.keys import SigningKey
from tests.entries.vectors import load

ACT = load("act")
PAYLOAD: bytes = ACT["input"]["payload"].encode()
KEY = SigningKey(parse_base64url(ACT["input"]["seed"]))
ENVELOPE: dict[str, Any] = ACT["want"]["envelope"]


def test_every_byte_of_the_vector() -> None:
    assert sha256(pae(PAYLOAD)).hexdigest() == ACT["want"]["pae_sha256"]
    assert act_id(PAYLOAD) == ACT["want"]["id"]
    assert sign_act(KEY, PAYLOAD) == ENVELOPE
    act = parse_envelope(json.dumps(ENVELOPE).encode())
    check_act(act)
    value = json.loads(PAYLOAD)
    again = format_payload(
        genesis=act.genesis,
        act=act.act,
        actor=act.actor,
        seq=act.seq,
        until=value["until"],
        seen_size=act.seen_size,
        seen_root=act.seen_root,
        body=act.body,
    )
    assert again == PAYLOAD == act.payload
    assert act.until_ms == 1_795_428_000_000
    assert act.envelope == ENVELOPE


def test_dsse_protocols_own_example() -> None:
    """secure-systems-lab/dsse, protocol.md."""
    assert (
        pae(b"hello world", "http://example.com/HelloWorld")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_are_bytes_not_letters() -> None:
    assert pae("ü".encode(), "ü") == "DSSEv1 2 ü 2 ü".encode()


def signed(payload: bytes, key: SigningKey = KEY) -> dict[str, Any]:
    return sign_act(key, payload)


def test_another_keys_signature_does_not_hold() -> None:
    other = SigningKey(b"\1" * 32)
    with pytest.raises(VerificationError, match="another key"):
        check_act(read_envelope(signed(PAYLOAD, other)))
    forged = signed(PAYLOAD, other)
    forged["signatures"][0]["keyid"] = KEY.did
    with pytest.raises(VerificationError, match="does not hold"):
        check_act(read_envelope(forged))


def changed(**members: object) -> bytes:
    value = json.loads(PAYLOAD) | members
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


BAD_PAYLOADS = {
    "not canonical": json.dumps(json.loads(PAYLOAD)).encode(),
    "not JSON": b"payload",
    "not an object": b"[]",
    "an unknown member": changed(extra=1),
    "version true": changed(v=True),
    "version 2": changed(v=2),
    "seq zero": changed(seq=0),
    "seq a text": changed(seq="1"),
    "seq true": changed(seq=True),
    "a body that is a list": changed(body=[]),
    "an act of one word": changed(act="exit"),
    "an act in capitals": changed(act="Member.exit"),
    "an act too long": changed(act="a." + "b" * 63),
    "an act that is a number": changed(act=1),
    "an actor of another kind": changed(actor="did:web:example.com"),
    "an actor that is null": changed(actor=None),
    "a time in another zone": changed(until="2026-11-23T10:00:00+01:00"),
    "a day that is none": changed(until="2026-11-31T10:00:00Z"),
    "a leap second": changed(until="2026-12-31T23:59:60Z"),
    "seen nothing": changed(seen={}),
    "seen size zero": changed(seen={"root": format_base64(bytes(32)), "size": 0}),
    "seen a short root": changed(seen={"root": "AAAA", "size": 1}),
    "seen more": changed(seen={"root": format_base64(bytes(32)), "size": 1, "x": 1}),
    "a short genesis": changed(genesis="AAAA"),
    "too long": changed(body={"text": "x" * 40_000}),
}


@pytest.mark.parametrize("name", BAD_PAYLOADS)
def test_a_payload_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(MalformedError):
        read_envelope(signed(BAD_PAYLOADS[name]))


SIGNATURE = ENVELOPE["signatures"][0]
BAD_ENVELOPES: dict[str, object] = {
    "a list": [],
    "an unknown member": ENVELOPE | {"extra": 1},
    "a missing member": {"payload": "", "signatures": []},
    "another type": ENVELOPE | {"payloadType": "application/json"},
    "a payload of null": ENVELOPE | {"payload": None},
    "base64url": ENVELOPE | {"payload": ENVELOPE["payload"].rstrip("=")},
    "no signature": ENVELOPE | {"signatures": []},
    "two signatures": ENVELOPE | {"signatures": [SIGNATURE, SIGNATURE]},
    "a signature of text": ENVELOPE | {"signatures": ["sig"]},
    "a signature with more": ENVELOPE | {"signatures": [SIGNATURE | {"x": 1}]},
    "no keyid": ENVELOPE | {"signatures": [{"sig": SIGNATURE["sig"]}]},
    "a keyid of text": ENVELOPE | {"signatures": [SIGNATURE | {"keyid": "me"}]},
    "a short signature": ENVELOPE | {"signatures": [SIGNATURE | {"sig": "AAAA"}]},
    "a webauthn of text": ENVELOPE | {"signatures": [SIGNATURE | {"webauthn": "x"}]},
}


@pytest.mark.parametrize("name", BAD_ENVELOPES)
def test_an_envelope_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(MalformedError):
        parse_envelope(json.dumps(BAD_ENVELOPES[name]).encode())


def test_a_name_twice_is_refused() -> None:
    text = json.dumps(ENVELOPE)
    with pytest.raises(MalformedError, match="twice"):
        parse_envelope(text.replace('"payload":', '"payload": "", "payload":').encode())
    with pytest.raises(MalformedError, match="longer"):
        parse_envelope(text.encode() + b" " * 60_000)


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_nothing_but_malformed_escapes(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_envelope(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )
)
@settings(max_examples=100)
def test_any_json_in_place_of_a_payload(value: object) -> None:
    payload = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(MalformedError):
        read_envelope(signed(payload))


@given(st.integers(1, 2**53 - 1), st.binary(min_size=32, max_size=32))
@settings(max_examples=30)
def test_what_is_signed_comes_back(seq: int, seed: bytes) -> None:
    key = SigningKey(seed)
    payload = format_payload(
        genesis=json.loads(PAYLOAD)["genesis"],
        act="system.register",
        actor=Did(key.did),
        seq=seq,
        until="2026-11-23T10:00:00.5Z",
        seen_size=seq,
        seen_root=seed,
        body={"seq": seq},
    )
    act = read_envelope(sign_act(key, payload))
    check_act(act)
    assert (act.seq, act.seen_size, act.seen_root) == (seq, seq, seed)
    assert act.until_ms % 1000 == 500
