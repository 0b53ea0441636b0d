"""JCS on the subset that leaves allow, and base64, against other implementations."""

import base64
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings, strategies as st

from ledger.canonical import (
    base64url,
    format_base64,
    format_base64url,
    is_digest,
    jcs,
    parse_base64,
    parse_base64url,
    parse_jcs,
)
from ledger.errors import MalformedError

names = st.text(st.characters(max_codepoint=127), max_size=8)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
@settings(max_examples=200)
def test_jcs_is_the_librarys_and_comes_back(value: object) -> None:
    data = jcs(value)
    assert data == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert parse_jcs(data) == value


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        2**53,
        -(2**53),
        {"ü": 1},
        {1: 1},
        "\ud800",
        {"a": ["\udfff"]},
        (1,),
        b"bytes",
        float("nan"),
        [[[1.5]]],
    ],
)
def test_what_a_leaf_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(MalformedError):
        jcs(value)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_depth() -> None:
    assert parse_jcs(jcs(nested(32))) == nested(32)
    with pytest.raises(MalformedError, match="32"):
        jcs(nested(33))
    with pytest.raises(MalformedError):
        parse_jcs(b"[" * 60_000 + b"]" * 60_000, 200_000)


@pytest.mark.parametrize(
    "text",
    [
        '{"b":1,"a":2}',
        '{"a":1,"a":1}',
        '{"a": 1}',
        '{"a":1}\n',
        '{"a":1.0}',
        '{"a":1e0}',
        '{"a":-0}',
        '{"a":01}',
        '"\\u0041"',
        '"\\/"',
        '{"a":NaN}',
        "9007199254740993",
        "",
        "[1,]",
    ],
)
def test_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_jcs(text.encode())


def test_bytes_have_a_bound() -> None:
    assert parse_jcs(b'"abc"', 5) == "abc"
    with pytest.raises(MalformedError, match="longer"):
        parse_jcs(b'"abcd"', 5)


@given(st.binary(max_size=80))
@settings(max_examples=200)
def test_whatever_parses_is_canonical(data: bytes) -> None:
    try:
        value = parse_jcs(data)
    except MalformedError:
        return
    assert rfc8785.dumps(value) == data


@given(st.binary(max_size=100))
@settings(max_examples=100)
def test_base64_both_ways(data: bytes) -> None:
    standard, url = format_base64(data), format_base64url(data)
    assert standard == base64.b64encode(data).decode()
    assert url == base64.urlsafe_b64encode(data).decode().rstrip("=")
    assert base64url(data).decode() == url
    assert parse_base64(standard) == parse_base64url(url) == data


@pytest.mark.parametrize("text", ["A", "AA", "AA=", "AB==", "AA==\n", "A A=", "ü===",
                                  "AA-_", "AAA=AAA=", "===="])  # fmt: skip
def test_base64_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_base64(text)


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "AA+/", "AA\n", "ü"])
def test_base64url_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_base64url(text)


def test_base64url_of_another_length_is_refused() -> None:
    assert parse_base64url("AAAA", length=3) == bytes(3)
    with pytest.raises(MalformedError, match="4 are expected"):
        parse_base64url("AAAA", length=4)


def test_it_is_json() -> None:
    assert json.loads(jcs({"b": ["ü", None], "a": True})) == {
        "a": True,
        "b": ["ü", None],
    }


@given(st.text("AQB=/+-_ \né", max_size=9))
@settings(max_examples=500)
def test_base64_is_what_its_encoder_writes(text: str) -> None:
    """Strict where the standard library is not: stray bits, line ends, padding."""
    try:
        data = base64.b64decode(text)
    except ValueError:
        data = b"?"
    if format_base64(data) == text:
        assert parse_base64(text) == data
    else:
        with pytest.raises(MalformedError):
            parse_base64(text)


@given(st.binary(min_size=31, max_size=33), st.text("AQBI-_=+", max_size=2))
def test_a_digest_is_base64url_of_32_bytes(data: bytes, end: str) -> None:
    text = format_base64url(data)
    for one in (text, text[: len(text) - len(end)] + end, text + end):
        try:
            parse_base64url(one, length=32)
        except MalformedError:
            assert not is_digest(one)
        else:
            assert is_digest(one)
