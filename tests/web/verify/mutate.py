"""Small changes to bytes, texts and JSON, each from one seeded source of chance."""

import json
from collections.abc import Callable
from random import Random
from typing import Any, Final

from ledger.canonical import (
    format_base64,
    format_base64url,
    parse_base64,
    parse_base64url,
)
from ledger.errors import MalformedError

# What readers disagree about: white space, controls, signs, digits, marks, wide letters.
ODD_TEXTS: Final = (
    *(" ", "\t", "\r", "\n", "\0", "\x0b", "\x1c", "\x1f", "\x7f", "\x85", "\xa0"),
    *("\u1680", "\u2003", "\u2028", "\u202f", "\u3000", "\ufeff", "\u200b", "\u00e9"),
    *("\U0001f600", "\u0661", "\uff10", "+", "-", "=", "/", "_", "0", "1", "9", "A"),
    *("Z", "z", "l", ",", ".", ":", '"', "\\", "\\u0000", "\\ud800", "{", "[", "#"),
    *("— ", "\n\n", "null", "none", "extra AAAA\n", "index 0\n", "e5", ".0", "-0"),
)
ODD_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 2, 32, 2**31, 2**32, 2**53 - 1, 2**53, -(2**53)),
    *(2**63 - 2, 2**63 - 1, 2**63, 2**64, 10**30, 0.0, -0.0, 1.0, 1.5, 1e15, 1e16),
    *(1e300, "", "x", "A" * 43, "A" * 42 + "B", "\0", "\x7f", "é", "\U0001f600", "1"),
    *([], {}, [[]], [None], {"": 0}, {"é": 1}, {"__proto__": 1}, {"toString": "x"}),
    *("2026-11-22T10:12:13Z", "2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z"),
    *("2026-11-22T24:00:00Z", "2026-11-22T10:00:60Z", "1969-12-31T23:00:00Z"),
    *("2026-11-22T10:00:00.123Z", "9999-12-31T23:59:59.999Z", "0000-01-01T00:00:00Z"),
    *("pass", "flag", "hold", "refuse", "open", "sealed", "full", "partial", "none"),
)
DEEP: Final = tuple(
    json.loads("[" * depth + inner + "]" * depth)
    for depth in (28, 30, 31, 32, 33)
    for inner in ("", "1", "{}")
)


def change_bytes(chance: Random, data: bytes, other: bytes = b"") -> bytes:  # noqa: PLR0911 -- one a kind of change
    """One change: a bit, a byte, a cut, an insertion, a repeat, or a splice."""
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + 1 + chance.randrange(8))
    match chance.randrange(8):
        case 0 | 1 if data:
            at = chance.randrange(len(data))
            bit = bytes([data[at] ^ 1 << chance.randrange(8)])
            return data[:at] + bit + data[at + 1 :]
        case 2:
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case 3:
            return data[:at] + data[end:]
        case 4:
            return data[:at] + chance.choice(ODD_TEXTS).encode() + data[at:]
        case 5:
            return data[:at]
        case 6:
            return data[:end] + data[at:]
        case _:
            return data[:at] + other[chance.randrange(len(other) + 1) :]


def change_text(chance: Random, text: str, other: str = "") -> str:  # noqa: PLR0911 -- likewise
    """One change to a text, or to its lines."""
    at = chance.randrange(len(text) + 1)
    lines = text.split("\n")
    line = chance.randrange(len(lines))
    match chance.randrange(8):
        case 0:
            return text[:at] + chance.choice(ODD_TEXTS) + text[at:]
        case 1 | 2:
            return text[:at] + chance.choice(ODD_TEXTS) + text[at + 1 :]
        case 3:
            return text[:at] + text[at + 1 :]
        case 4:
            return "\n".join([*lines[:line], *lines[line + 1 :]])
        case 5:
            return "\n".join([*lines[: line + 1], *lines[line:]])
        case 6:
            there = other.split("\n")
            return "\n".join([*lines[:line], chance.choice(there), *lines[line + 1 :]])
        case _:
            chance.shuffle(lines)
            return "\n".join(lines) if chance.random() < 0.2 else text[:at]


def carried(raw: str) -> str:
    """A text that UTF-8 can carry: the wire has no lone surrogates."""
    return raw.encode("utf-8", "replace").decode("utf-8")


def often(chance: Random, change: Callable[..., Any], value: Any, *more: Any) -> Any:
    """The value, changed once, seldom more often, and now and then not at all."""
    for _ in range(chance.choice((0, 1, 1, 1, 1, 1, 2, 3))):
        value = change(chance, value, *more)
    return value


# ---- JSON ----------------------------------------------------------------------------


def _places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [above]
    if isinstance(value, dict):
        for name in value:
            found += _places(value[name], (*above, name))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            found += _places(item, (*above, at))
    return found


def _get(value: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        value = value[step]
    return value


def change_scalar(chance: Random, value: Any) -> Any:
    """Another value, near the old one or far from it."""
    match value:
        case str() if len(value) == 43 and chance.random() < 0.3:
            return value[:-1] + chance.choice("ABCDEQgw048_-+=")
        case str() if chance.random() < 0.6:
            return _inside_base64(chance, value) or change_text(chance, value, value)
        case bool() if chance.random() < 0.6:
            return not value
        case int() if chance.random() < 0.6:
            return value + chance.choice((-1, 1, 2**32, 2**53, -(2**53)))
        case _:
            return chance.choice(DEEP if chance.random() < 0.1 else ODD_VALUES)


def _inside_base64(chance: Random, text: str) -> str | None:
    """The base64 of changed bytes, where the text is base64 of some length."""
    if len(text) < 20 or chance.random() < 0.5:
        return None
    pairs: tuple[tuple[Callable[..., bytes], Callable[..., str]], ...] = (
        (parse_base64url, format_base64url),
        (parse_base64, format_base64),
    )
    for parse, write in pairs:
        try:
            return write(change_bytes(chance, parse(text)))
        except MalformedError:
            continue
    return None


def change_json(chance: Random, value: Any) -> Any:
    """One change in a copy: a value, a name, a member more or less, an order."""
    value = json.loads(json.dumps(value))
    place = chance.choice(_places(value))
    if not place:
        return change_scalar(chance, value) if chance.random() < 0.1 else value
    holder, name = _get(value, place[:-1]), place[-1]
    match chance.randrange(8):
        case 0:
            del holder[name]
        case 1 if isinstance(holder, dict):
            holder[chance.choice(("x", "v", "signature", "é", "id", "outcome"))] = 1
        case 2 if isinstance(holder, dict):
            holder[change_text(chance, name)] = holder.pop(name)
        case 3 if isinstance(holder, list):
            holder.insert(chance.randrange(len(holder) + 1), holder[name])
        case 4 if isinstance(holder, list):
            chance.shuffle(holder)
        case _:
            holder[name] = change_scalar(chance, holder[name])
    return value


def spell(chance: Random, value: Any) -> bytes:
    """JSON in one of many spellings, some of which no strict reader takes."""
    separators = chance.choice(((",", ":"), (", ", ": "), (" ,\n", "\t:")))
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5, separators=separators)
    if chance.random() < 0.1:
        text = change_text(chance, text)
    if chance.random() < 0.05 and text.startswith("{") and len(text) > 2:
        text = '{"id":1,"\\u0069d":2,' + text[1:]
    if chance.random() < 0.05:
        text = chance.choice((" ", "\ufeff", "\n")) + text + chance.choice(("", " "))
    return text.encode("utf-8", "surrogatepass")
