"""Canonical bytes: JCS (RFC 8785) on the subset that leaves allow, and base64.

A leaf's JSON holds objects with ASCII names, lists, strings without lone surrogates,
integers within ±(2**53 - 1), booleans and null. No float is ever on a leaf: decimals
are strings. On this subset sorted, compact JSON *is* JCS: ASCII names sort alike by
bytes and by UTF-16 units, and integers print plainly. So the encoder is a check of the
subset and one call of a C serializer; what it refuses, it refuses before any byte is
written. A property test holds it equal to the `rfc8785` library.

Example: `jcs({"b": [1, "ü"], "a": None})` is `{"a":null,"b":[1,"ü"]}` in UTF-8.
"""

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from typing import Any

import orjson

from ledger.errors import MalformedError
from ledger.limits import INTEGER_MAX, JSON_DEPTH_MAX, LEAF_BYTES_MAX

_URL = bytes.maketrans(b"+/", b"-_")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", re.ASCII)


def _check(items: Iterable[object], depth: int) -> None:
    """That each of `items`, which stand in `depth` lists and objects, can be written."""
    for item in items:
        kind = type(item)
        if kind is str or item is None or kind is bool:
            continue
        if type(item) is int:
            if not -INTEGER_MAX <= item <= INTEGER_MAX:
                raise MalformedError("an integer outside ±(2**53 - 1) on a leaf")
        elif type(item) is dict:
            _check_depth(depth)
            if not _are_ascii(item):
                raise MalformedError("a name on a leaf that is not ASCII text")
            _check(item.values(), depth + 1)
        elif type(item) is list:
            _check_depth(depth)
            _check(item, depth + 1)
        else:
            raise MalformedError(_unfit(kind))


def _unfit(kind: type) -> str:
    if kind is float:
        return (
            "a number with a fraction cannot stand on a leaf: write it as text, in "
            "quotes, or as a whole number"
        )
    return f"a {kind.__name__} cannot stand on a leaf"


def _check_depth(depth: int) -> None:
    if depth >= JSON_DEPTH_MAX:
        raise MalformedError(f"nested deeper than {JSON_DEPTH_MAX} levels")


def _are_ascii(names: Iterable[Any]) -> bool:
    try:
        return "".join(names).isascii()
    except TypeError:
        return False


def jcs(value: object, *, within: int = 0) -> bytes:
    """The RFC 8785 bytes of `value`, which stands in `within` lists and objects.

    Raises:
        MalformedError: a float, a non-ASCII name, an integer beyond ±(2**53 - 1), a lone
            surrogate, nesting deeper than 32, or a type JSON does not have.
    """
    _check((value,), within)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:  # orjson's word for a lone surrogate
        raise MalformedError("a string that is not valid Unicode") from error


def parse_jcs(data: bytes, bytes_max: int = LEAF_BYTES_MAX, *, within: int = 0) -> Any:
    """The value whose canonical bytes are exactly `data`; `within` as for `jcs`.

    Raises:
        MalformedError: not JSON, or not the bytes `jcs` would write: a repeated name,
            other order, white space, another spelling of a string or number.
    """
    if len(data) > bytes_max:
        raise MalformedError(f"longer than {bytes_max:,} bytes")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedError("not JSON") from error
    if jcs(value, within=within) != data:
        raise MalformedError("JSON, but not in canonical form (RFC 8785)")
    return value


def format_base64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648 section 4)."""
    return b2a_base64(data, newline=False).decode("ascii")


def parse_base64(text: str) -> bytes:
    """The bytes whose `format_base64` is exactly `text`.

    Raises:
        MalformedError: another alphabet, white space, missing padding, stray bits.
    """
    try:
        data = a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise MalformedError("not standard base64") from error
    # All that a strict decoder overlooks are stray bits, in the last four letters.
    if format_base64(data[-(len(data) % 3 or 3) :]) != text[-4:]:
        raise MalformedError("base64 that is not canonical")
    return data


def base64url(data: bytes) -> bytes:
    """`format_base64url` as bytes: the form the hot path concatenates."""
    return b2a_base64(data, newline=False).translate(_URL).rstrip(b"=")


def format_base64url(data: bytes) -> str:
    """URL-safe base64 without padding (RFC 4648 section 5)."""
    return base64url(data).decode("ascii")


def parse_base64url(text: str, *, length: int | None = None) -> bytes:
    """The bytes whose `format_base64url` is exactly `text`.

    Raises:
        MalformedError: another alphabet, padding, stray bits, or not `length` bytes.
    """
    padded = text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)
    try:
        data = a2b_base64(padded)
    except ValueError as error:
        raise MalformedError("not base64url without padding") from error
    if format_base64url(data) != text:
        raise MalformedError("base64url that is not canonical, or has padding")
    if length is not None and len(data) != length:
        raise MalformedError(f"{len(data)} bytes where {length} are expected")
    return data


def is_digest(text: str) -> bool:
    """Whether `text` is base64url of 32 bytes: 256 bits leave two of the last letter's."""
    return _DIGEST.fullmatch(text) is not None
