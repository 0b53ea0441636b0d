"""Parts of a case: known answers, what is read back, and what is refused."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, strategies as st

from ledger.canonical import format_base64, format_base64url, parse_base64url
from ledger.entries.part import (
    format_part,
    is_part_size,
    named_parts,
    open_part,
    parse_part,
    part_name,
    seal_part,
)
from ledger.errors import MalformedError, VerificationError
from ledger.limits import PART_BYTES_MAX
from tests.entries.test_case import GIVEN, WANT

KEY = parse_base64url(WANT["part_key"])
NONCE = parse_base64url(GIVEN["nonce"])
BLOB = parse_base64url(WANT["blob"])
NAMED = {"digest": WANT["digest"], "part": WANT["part"]}
SALT = GIVEN["salt"]
ID = GIVEN["decision"]
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1
)


def made(*parts: object) -> str:
    return format_base64url(json.dumps(list(parts)).encode())


def test_the_known_answer() -> None:
    part = format_part(GIVEN["slot"], SALT, GIVEN["value"])
    assert part.disclosure == WANT["disclosure"]
    assert part.digest == WANT["digest"]
    blob = seal_part(part, KEY, NONCE)
    assert blob == BLOB
    assert part_name(blob) == WANT["part"]
    assert open_part(blob, KEY, NAMED) == part


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ("statement", {"ground": "not-me", "text": "x"}),
        ("statement", {"ground": "other", "text": "x", "fields": []}),
        ("statement", {"ground": "decision", "text": "x", "dek": "A" * 43}),
        ("attachment", {"name": "a b.pdf", "type": "application/pdf", "data": ""}),
        ("message", {"text": "\u202e<script>alert(1)</script>𝕏\r\n"}),
        ("reasons", {"text": "x", "secret": None, "id": None}),
        ("reasons", {"text": "x", "secret": "A" * 43, "id": ID}),
    ],
)
def test_every_slot(slot: str, value: dict[str, Any]) -> None:
    part = format_part(slot, SALT, value)
    blob = seal_part(part, KEY, NONCE)
    named = {"digest": part.digest, "part": part_name(blob)}
    assert open_part(blob, KEY, named).value == value


@given(TEXTS)
def test_what_is_written_is_read(text: str) -> None:
    part = format_part("message", SALT, {"text": text})
    assert parse_part(part.disclosure) == part
    assert part.value == {"text": text}
    again = parse_part(made(SALT, "message", {"text": text}))  # escaped
    assert again.value == part.value


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ("statement", {"ground": "revenge", "text": "x"}),
        ("statement", {"ground": ["decision"], "text": "x"}),
        ("statement", {"text": "x"}),
        ("statement", {"ground": "decision", "text": ""}),
        ("statement", {"ground": "decision", "text": "x" * 10_001}),
        ("statement", {"ground": "decision", "text": "a\0b"}),
        ("statement", {"ground": "decision", "text": None}),
        ("statement", {"ground": "decision", "text": "x", "more": 1}),
        ("statement", {"ground": "decision", "text": "x", "fields": {}}),
        ("statement", {"ground": "decision", "text": "x", "fields": ["score"]}),
        ("statement", {"ground": "decision", "text": "x", "fields": [{"field": "a"}]}),
        (
            "statement",
            {"ground": "decision", "text": "x", "fields": [{"field": "", "text": "x"}]},
        ),
        (
            "statement",
            {
                "ground": "decision",
                "text": "x",
                "fields": [{"field": "a", "text": "x"}] * 101,
            },
        ),
        ("statement", {"ground": "decision", "text": "x", "dek": "A" * 42}),
        ("statement", {"ground": "decision", "text": "x", "dek": None}),
        ("attachment", {"name": "", "type": "text/plain", "data": ""}),
        ("attachment", {"name": "x" * 201, "type": "text/plain", "data": ""}),
        ("attachment", {"name": "x", "type": "Text/Plain", "data": ""}),
        ("attachment", {"name": "x", "type": "text/plain; charset=x", "data": ""}),
        ("attachment", {"name": "x", "type": "text", "data": ""}),
        ("attachment", {"name": "x", "type": "text/plain", "data": "AA"}),
        ("attachment", {"name": "x", "type": "text/plain", "data": 1}),
        ("attachment", {"name": "x", "type": "text/plain"}),
        ("message", {"text": "x", "ground": "decision"}),
        ("message", {}),
        ("reasons", {"text": "x"}),
        ("reasons", {"text": "x", "secret": "A" * 43, "id": None}),
        ("reasons", {"text": "x", "secret": None, "id": ID}),
        ("reasons", {"text": "x", "secret": "A" * 43, "id": ID.upper()}),
        ("reasons", {"text": "x", "secret": "A", "id": ID}),
        ("comment", {"text": "x"}),
        ("score", {"text": "x"}),
        ("message", {"text": "\ud800"}),
    ],
)
def test_refused_values(slot: str, value: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        format_part(slot, SALT, value)


@pytest.mark.parametrize(
    "disclosure",
    [
        "",
        "=",
        format_base64url(b"{}"),
        made(SALT, "message"),
        made(SALT, "message", {"text": "x"}, 1),
        made(SALT, "message", "x"),
        made(SALT, "message", ["x"]),
        made(SALT, ["message"], {"text": "x"}),
        made(SALT[:21], "message", {"text": "x"}),
        made("x" * 129, "message", {"text": "x"}),
        made(1, "message", {"text": "x"}),
        format_base64url(f'["{SALT}","message",{{"text":"a","text":"b"}}]'.encode()),
        "A" * (PART_BYTES_MAX - 27),
    ],
)
def test_refused_disclosures(disclosure: str) -> None:
    with pytest.raises(MalformedError):
        parse_part(disclosure)


def test_a_part_as_large_as_it_may_be() -> None:
    def attachment(size: int) -> str:
        data = format_base64(bytes(size))
        value = {"name": "x", "type": "image/jpeg", "data": data}
        return made(SALT, "attachment", value)

    largest = parse_part(attachment(224_900))
    blob = seal_part(largest, KEY, NONCE)
    assert PART_BYTES_MAX - 150 < len(blob) <= PART_BYTES_MAX
    assert is_part_size(len(blob))
    with pytest.raises(MalformedError):
        parse_part(attachment(225_000))


@pytest.mark.parametrize(
    ("blob", "key", "named"),
    [
        (BLOB + b"\0", KEY, NAMED),
        (BLOB, bytes(32), NAMED),
        (BLOB, KEY, {**NAMED, "digest": "A" * 43}),
        (BLOB, KEY, {**NAMED, "part": "A" * 43}),
        (BLOB[:5], KEY, {**NAMED, "part": part_name(BLOB[:5])}),
        (b"", KEY, {**NAMED, "part": part_name(b"")}),
        (BLOB[:-1], KEY, {**NAMED, "part": part_name(BLOB[:-1])}),
    ],
)
def test_what_is_not_the_part_that_was_named(
    blob: bytes, key: bytes, named: dict[str, str]
) -> None:
    with pytest.raises(VerificationError):
        open_part(blob, key, named)


def test_a_part_under_anothers_digest() -> None:
    """Encrypted by somebody who has the key, under a digest that is not the part's."""
    aad = b"counterfoil/v1/part\0" + b"B" * 42 + b"A"
    blob = NONCE + AESGCM(KEY).encrypt(NONCE, WANT["disclosure"].encode(), aad)
    named = {"digest": "B" * 42 + "A", "part": part_name(blob)}
    with pytest.raises(VerificationError):
        open_part(blob, KEY, named)


@pytest.mark.parametrize(
    ("length", "may"),
    [(0, False), (28, False), (29, True), (400_000, True), (400_001, False)],
)
def test_sizes(length: int, may: object) -> None:
    assert is_part_size(length) is may


def test_the_parts_that_a_body_names() -> None:
    one, two, three = ({"digest": x * 43, "part": x * 43} for x in "ABC")
    assert named_parts({"statement": one, "attachments": [two, three]}) == [
        *(one, two, three)
    ]
    assert named_parts({"reasons": one, "conclusion": "upheld"}) == [one]
    assert named_parts({"statement": "x", "reasons": None, "attachments": {}}) == []
    assert named_parts({"attachments": [{**one, "more": 1}, "x"]}) == []
    assert named_parts({}) == []
