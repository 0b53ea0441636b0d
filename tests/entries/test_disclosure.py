"""Disclosures: RFC 9901's own examples, the vector, and what is refused."""

import base64
import hashlib
import json

import pytest
from hypothesis import given, settings, strategies as st

from ledger.canonical import format_base64url
from ledger.entries.disclosure import (
    SALTS_BYTES,
    SLOTS,
    digest,
    format_disclosure,
    format_disclosures,
    format_plaintext,
    parse_disclosure,
    parse_plaintext,
    salt_texts,
)
from ledger.errors import MalformedError
from tests.entries.strategies import json_values
from tests.entries.vectors import INPUT, WANT, compact


def test_the_vector() -> None:
    for slot, salt, text in zip(
        SLOTS, INPUT["salts"], WANT["disclosures"], strict=True
    ):
        value = INPUT["values"].get(slot)
        assert format_disclosure(slot, salt, compact(value)) == text
        found = parse_disclosure(text)
        assert (found.slot, found.salt, found.value) == (slot, salt, value)
        sealed = json.loads(WANT["statement_jcs"])["sealed"]
        assert digest(text.encode()) == sealed[slot]


def test_the_digest_of_rfc_9901() -> None:
    """RFC 9901 section 4.2.3's example."""
    text = b"WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest(text) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_another_sealers_spelling_is_read_as_it_stands() -> None:
    text = '[ "' + "s" * 22 + '", "inputs" , {"b": 1, "a": "\\u00fc", "n": 1e2}]'
    found = parse_disclosure(format_base64url(text.encode()))
    assert found.value == {"b": 1, "a": "ü", "n": 100.0}


def test_salts_are_each_its_own_base64url() -> None:
    raw = bytes(i * 7 % 256 for i in range(SALTS_BYTES))
    for at, text in enumerate(salt_texts(raw)):
        part = raw[at * 18 : at * 18 + 18]
        assert text == base64.urlsafe_b64encode(part)
        assert len(text) == 24


@given(
    st.binary(min_size=SALTS_BYTES, max_size=SALTS_BYTES),
    st.dictionaries(st.sampled_from(SLOTS), json_values),
)
@settings(max_examples=50)
def test_all_slots_come_back(raw: bytes, values: dict[str, object]) -> None:
    texts = format_disclosures(
        salt_texts(raw), {slot: compact(value) for slot, value in values.items()}
    )
    found = parse_plaintext(format_plaintext(texts))
    assert [item.slot for item in found] == list(SLOTS)
    for item, text in zip(found, texts, strict=True):
        assert item.value == values.get(item.slot)
        assert item.text.encode() == text
        plain = base64.urlsafe_b64encode(hashlib.sha256(text).digest())
        assert digest(text) == plain.decode().rstrip("=")


SALT = "s" * 22
BAD = {
    "nothing": "",
    "an object": '{"a":1}',
    "two items": f'["{SALT}","score"]',
    "four items": f'["{SALT}","score",1,2]',
    "an unknown slot": f'["{SALT}","name",1]',
    "a slot of numbers": f'["{SALT}",1,1]',
    "a slot of lists": f'["{SALT}",["score"],1]',
    "a short salt": f'["{SALT[1:]}","score",1]',
    "a long salt": f'["{SALT * 9}","score",1]',
    "a salt of null": '[null,"score",1]',
    "trailing text": f'["{SALT}","score",1]x',
    "a name twice": f'["{SALT}","score",{{"a":1,"a":1}}]',
    "NaN": f'["{SALT}","score",NaN]',
    "too large a number": f'["{SALT}","score",1e999]',
    "a lone surrogate": f'["{SALT}","score","\\ud800"]',
    "too many digits": f'["{SALT}","score",{"9" * 5000}]',
    "too deep": f'["{SALT}","score",{"[" * 40}{"]" * 40}]',
    "far too deep": f'["{SALT}","score",{"[" * 40_000}{"]" * 40_000}]',
}


@pytest.mark.parametrize("name", BAD)
def test_a_disclosure_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(MalformedError):
        parse_disclosure(format_base64url(BAD[name].encode()))


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[1]",
        b"[]",
        b"\xff",
        json.dumps(WANT["disclosures"][:-1]).encode(),
        json.dumps(WANT["disclosures"][::-1]).encode(),
        json.dumps(["A" * 600_000]).encode(),
    ],
)
def test_a_plaintext_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_plaintext(data)
