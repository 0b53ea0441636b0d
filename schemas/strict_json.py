"""JSON as strangers send it: one document, read strictly, or refused.

`read_json(body)` is the value of exactly one JSON document (RFC 8259). Refused, because
two readers could take them differently or because no reader could keep them:

- bytes that are not UTF-8, a byte order mark, lone surrogates, U+0000 anywhere;
- a repeated name in one object, also when spelled with escapes;
- NaN, Infinity, and numbers that a double cannot hold (`1e999`, 310 digits);
- more than 32 levels, text after the document, no document.

JSON that is compact, as most programs write it, is read by `orjson` and written again:
the same bytes mean that nothing was dropped, rounded or spelled in two ways. All else is
for `jiter`, which refuses all but U+0000, overflowing numbers and levels 33 to 200.
Those three need a walk over the value; a few searches of the raw bytes, each about a
microsecond, tell almost every body that it needs none. They may raise a
false alarm (a UUID holds `0e123`), never miss one.

Only names are cached by the parsers: a cache of values would keep people's data.
"""

import re
from typing import Any

import jiter
import orjson

from ledger.errors import MalformedError
from ledger.limits import JSON_DEPTH_MAX

# Digits alike, `e` alike, and a plus as one more digit: `1E+999` reads `0e0000`.
_DIGITS = bytes.maketrans(b"123456789E+", b"000000000e0")
_LONG = b"0" * 200  # fewer digits and an exponent below 100 stay under 1.8e308
_DOUBLE_BITS_MAX = 1024  # an integer of more bits is beyond the largest double

_PEEK_BYTES = 64  # bytes; whoever writes spaces writes one after the first name

_PLACE = re.compile(r" at line ([0-9]{1,9}) column ([0-9]{1,9})\Z")
# The parser's words that begin a message -> ours. Its own may quote the request.
_REASONS = (
    ("Detected duplicate key", "a name stands twice in one object; keep one of them"),
    ("invalid unicode", "not UTF-8; send the text encoded as UTF-8"),
    ("lone leading surrogate", "half of a surrogate pair; send whole characters"),
    ("unexpected end of hex", "half of a surrogate pair; send whole characters"),
    ("trailing characters", "text after the end of the document; send one document"),
    ("recursion limit", f"nested deeper than {JSON_DEPTH_MAX} levels"),
    ("number out of range", "a number that a double cannot hold; send it as text"),
    ("control character", "a control character in a string; write it as an escape"),
    ("EOF", "the document ends too early"),
)


def _sentence(message: str) -> str:
    """What is wrong, and where, with nothing of the document in it."""
    place = _PLACE.search(message)
    where = f", at line {place[1]} column {place[2]}" if place else ""
    for opening, reason in _REASONS:
        if message.startswith(opening):
            return f"not one JSON document: {reason}{where}"
    return f"not one JSON document: not JSON (RFC 8259){where}"


def _is_deep(body: bytes, depth_max: int) -> bool:
    return body.count(b"{") + body.count(b"[") > depth_max


def _may_hold_nul(body: bytes) -> bool:
    return b"\\" in body and b"\\u0000" in body


def _is_suspicious(body: bytes, depth_max: int) -> bool:
    if _is_deep(body, depth_max) or _may_hold_nul(body):
        return True
    digits = body.translate(_DIGITS)
    return b"0e000" in digits or _LONG in digits


def _check_scalar(value: object) -> None:
    if type(value) is str:
        if "\0" in value:
            raise MalformedError("not one JSON document: the character U+0000")
    elif (type(value) is float and value - value != 0.0) or (
        type(value) is int and value.bit_length() > _DOUBLE_BITS_MAX
    ):
        raise MalformedError(
            "not one JSON document: a number that a double cannot hold; send it as text"
        )


def _check(value: object, depth_max: int) -> None:
    """Walk by an explicit stack: a stranger's nesting never becomes our recursion."""
    stack: list[tuple[object, int]] = [(value, 0)]
    while stack:
        item, depth = stack.pop()
        if type(item) is dict:
            for name in item:
                _check_scalar(name)
            inner: list[object] = list(item.values())
        elif type(item) is list:
            inner = item
        else:
            _check_scalar(item)
            continue
        if depth >= depth_max:
            raise MalformedError(
                f"not one JSON document: nested deeper than {depth_max} levels"
            )
        stack.extend((child, depth + 1) for child in inner)


def _read_compact(body: bytes) -> Any:
    """The value, where writing it again gives the very bytes; else None.

    What is written again as it came has no name twice, no number that was rounded, no
    spelling that two readers could take differently; that holds of most programs' JSON,
    and costs half of the strict parser.
    """
    if b'": ' in body[:_PEEK_BYTES]:  # written with spaces: not worth a try
        return None
    try:
        value = orjson.loads(body)
        return value if orjson.dumps(value) == body else None
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None  # the strict parser says why


def read_json(body: bytes, *, depth_max: int = JSON_DEPTH_MAX) -> Any:
    """The value of the one JSON document that `body` is.

    Raises:
        MalformedError: as the module says; nothing of the body is in its message, nor
            in its cause. Nothing was recorded.
    """
    value = _read_compact(body)
    if value is not None:
        if _is_deep(body, depth_max) or _may_hold_nul(body):
            _check(value, depth_max)
        return value
    try:
        value = jiter.from_json(
            body,
            allow_inf_nan=False,
            cache_mode="keys",
            partial_mode=False,
            catch_duplicate_keys=True,
        )
    except ValueError as error:
        refusal = _sentence(str(error))
    else:
        if _is_suspicious(body, depth_max):
            _check(value, depth_max)
        return value
    # Outside the handler: the parser's message, which quotes names, is not its context.
    raise MalformedError(refusal)
