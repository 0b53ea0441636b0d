"""Every way a document can be read twice differently is refused, by its raw bytes."""

import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from ledger.errors import MalformedError
from schemas.strict_json import _is_suspicious, read_json

REFUSED = {
    "no bytes": b"",
    "white space only": b" \n",
    "a bare word": b"nul",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "not UTF-8 in a value": b'{"a":"\xff"}',
    "not UTF-8 in a name": b'{"\xff":1}',
    "an overlong form": b'"\xc0\x80"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "a repeated name": b'{"a":1,"a":1}',
    "a repeated name by escapes": b'{"a":1,"\\u0061":2}',
    "a repeated name, deep": b'[{"x":[{"a":1,"a":2}]}]',
    "a repeated empty name": b'{"":1,"":2}',
    "a lone high surrogate": b'"\\ud800"',
    "a lone low surrogate": b'"\\udc00"',
    "two high surrogates": b'"\\ud800\\ud800"',
    "a high surrogate, then text": b'"\\ud800abcdef"',
    "a high surrogate, then a newline": b'"\\ud800\\n"',
    "a lone surrogate in a name": b'{"\\uDFFF":1}',
    "NUL by escape": b'{"a":"x\\u0000y"}',
    "NUL in a name": b'{"x":[{"\\u0000":1}]}',
    "NUL raw": b'"\x00"',
    "NUL after the end": b"{}\x00",
    "a raw control character": b'"\x01"',
    "NaN": b"[NaN]",
    "Infinity": b"[Infinity]",
    "-Infinity": b"-Infinity",
    "1e999": b'{"a":[1e999]}',
    "-1E+999": b"-1E+999",
    "1e0999": b"1e0999",
    "1.5e309": b"[1.5e309]",
    "many digits and a small exponent": b"1" * 215 + b"e99",
    "an integer of 310 digits": b"1" * 310,
    "an integer of 5,000 digits": b"1" * 5000,
    "a decimal of 5,000 digits": b"1" * 5000 + b".5",
    "33 lists": b"[" * 33 + b"]" * 33,
    "33 objects": b'{"a":' * 33 + b"1" + b"}" * 33,
    "300 lists": b"[" * 300 + b"]" * 300,
    "100,000 lists": b"[" * 100_000,
    "text after the end": b"{} x",
    "two documents": b"{}{}",
    "a trailing comma": b"[1,]",
    "a comment": b"/*a*/1",
    "single quotes": b"{'a':1}",
    "a leading zero": b"01",
    "a plus": b"+1",
    "a number without digits": b"1.",
    "an unknown escape": b'"\\x41"',
    "half an escape": b'"\\u12"',
    "half a document": b'{"a":[1,',
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_json(REFUSED[name])
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


KEPT: dict[str, tuple[bytes, Any]] = {
    "white space around": (b" \t\r\n{} \n", {}),
    "a surrogate pair": (b'"\\ud83d\\ude00"', "😀"),
    "a noncharacter": (b'"\\uffff"', "\uffff"),
    "an escaped backslash before u0000": (b'"\\\\u0000"', "\\u0000"),
    "32 lists": (b"[" * 32 + b"]" * 32, json.loads("[" * 32 + "]" * 32)),
    "many lists side by side": (b"[" + b"[]," * 99 + b"[]]", [[]] * 100),
    "brackets in a string": (b'"' + b"[{" * 50 + b'"', "[{" * 50),
    "the largest double": (b"1.7976931348623157e308", 1.7976931348623157e308),
    "a tiny number": (b"1e-999", 0.0),
    "nothing, however large": (b"0e999", 0.0),
    "an exponent in a string": (b'"1e999"', "1e999"),
    "an integer of 300 digits": (b"9" * 300, int("9" * 300)),
    "an integer above 64 bits": (b"18446744073709551617", 18446744073709551617),
}


@pytest.mark.parametrize("name", KEPT)
def test_keeps(name: str) -> None:
    body, want = KEPT[name]
    assert read_json(body) == want


def test_says_where_and_nothing_of_the_document() -> None:
    with pytest.raises(MalformedError, match=r"stands twice.*at line 2 column 11"):
        read_json(b'{"secret":1,\n"secret" :2}')
    with pytest.raises(MalformedError) as caught:
        read_json(b'{"secret":1,"secret":2}')
    assert "secret" not in str(caught.value)


def _same(left: object, right: object) -> bool:
    return json.dumps(left) == json.dumps(right)


_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(_CHARACTERS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(_CHARACTERS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(_json, st.booleans())
@settings(max_examples=150, deadline=None)
def test_reads_what_the_standard_library_writes(
    value: object, ascii_only: bool
) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, allow_nan=False).encode()
    assert _same(read_json(body, depth_max=60), value)


@given(
    st.from_regex(
        r"-?[1-9][0-9]{0,320}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?", fullmatch=True
    )
)
@example("1" * 209 + "e99")
@example("1" * 200 + "E+99")
@settings(max_examples=300, deadline=None)
def test_no_number_that_overflows_a_double_passes(text: str) -> None:
    overflows = math.isinf(float(text))
    try:
        read_json(f"[{text}]".encode())
    except MalformedError:
        assert overflows
    else:
        assert not overflows


@given(
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda t: t.encode(errors="surrogatepass"))
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_value_or_malformed(body: bytes) -> None:
    try:
        value = read_json(body)
    except MalformedError:
        return
    assert _same(value, json.loads(body))


def test_an_ordinary_body_is_not_walked() -> None:
    assert not _is_suspicious(b'{"a":[1.5,2e10,"\\n"],"b":{"c":-1}}', 32)


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
)
_DOCUMENTS = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text('ab"\\é\n', max_size=3), inner)
    ),
)


@given(_DOCUMENTS)
@example({"a": 2**64})
@example([1e22, -0.0, 5e-324])
def test_compact_or_spaced_the_value_is_the_same(document: Any) -> None:
    """Compact JSON takes a shorter way, which nobody can tell from its value."""
    spaced = json.dumps(document, ensure_ascii=False).encode()
    compact = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    assert _exact(read_json(compact)) == _exact(read_json(b" " + spaced))


def _exact(value: Any) -> str:
    return repr(value)  # tells 1 from 1.0 and True, and -0.0 from 0.0
