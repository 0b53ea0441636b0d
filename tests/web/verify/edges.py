"""Where readers of one format come apart: each held as a vector of its own.

Some were found by the differential run, some are what it is there to find.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from ledger.canonical import jcs
from tests.entries.receipts import ORIGIN, VKEY_TEXT
from tests.merkle.test_published_signatures import CCTV
from tests.merkle.vectors import b64
from tests.web.verify.corpus import ACTOR, EVENTS, LOG_POLICY
from tests.web.verify.node import Call

_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_SIGNED: Final = ACTOR.sign(b"m")
_ROOT: Final = "A" * 43 + "="


@dataclass(frozen=True, slots=True)
class Edge:
    """A call on which both sides must say the same.

    Attributes:
        name: what it is.
        call: the op and its arguments.
        accepted: what both say.
    """

    name: str
    call: Call
    accepted: bool


def _json(name: str, text: bytes, accepted: bool) -> Edge:
    return Edge(f"json: {name}", ("json", [text]), accepted)


def _leaf(name: str, which: int, changes: dict[str, Any], accepted: bool) -> Edge:
    event = {**EVENTS[which], **changes}
    return Edge(f"leaf: {name}", ("leaf", [jcs(event)]), accepted)


def _head(name: str, text: str, accepted: bool) -> Edge:
    return Edge(f"checkpoint: {name}", ("checkpoint", [text.encode()]), accepted)


def _cctv(number: int) -> list[Any]:
    case = CCTV[number]
    assert (case["id"], "low_order_A" in case["flags"]) == (number, True)
    return [b64(case["key"]), case["msg"].encode(), b64(case["sig"])]


def _with_s(extra: int) -> bytes:
    s = int.from_bytes(_SIGNED[32:], "little") + extra
    return _SIGNED[:32] + s.to_bytes(32, "little")


EDGES: Final = (
    _json("a byte order mark", b"\xef\xbb\xbf{}", False),
    _json("a name twice, once by an escape", b'{"id":1,"\\u0069d":2}', False),
    _json("half of a pair", b'"\\ud800"', False),
    _json("a pair by escapes", b'"\\ud83d\\ude00"', True),
    _json("U+0000 by an escape", b'"\\u0000"', True),
    _json("a control character", b'"\x1f"', False),
    _json("U+007F", b'"\x7f"', True),
    _json("NaN", b"NaN", False),
    _json("a number beyond doubles", b"1e999", False),
    _json("minus zero", b"-0", True),
    _json("a leading zero", b"01", False),
    _json("one point nothing", b"1.", False),
    _json("a large integer", b"123456789012345678901234567890", True),
    _json("4,300 digits", b"-" + b"9" * 4_300, True),
    _json("4,301 digits", b"9" * 4_301, False),
    _json("text after", b"{} {}", False),
    _json("white space of Unicode", "\u00a0{}".encode(), False),
    _json("a form feed", b"\x0c{}", False),
    _json("33 lists with nothing inside", b"[" * 33 + b"]" * 33, True),
    _json("34 lists", b"[" * 34 + b"]" * 34, False),
    _json("32 lists with a number inside", b"[" * 32 + b"1" + b"]" * 32, True),
    _json("33 lists with a number inside", b"[" * 33 + b"1" + b"]" * 33, False),
    _json("a name of __proto__", b'{"__proto__":{"a":1}}', True),
    _json("100,000 lists", b"[" * 100_000, False),
    Edge("jcs: 32 lists", ("jcs", [b"[" * 32 + b"]" * 32]), True),
    Edge("jcs: 33 lists", ("jcs", [b"[" * 33 + b"]" * 33]), False),
    Edge("jcs: 1.0", ("jcs", [b"1.0"]), False),
    Edge("jcs: a name that is not ASCII", ("jcs", ['{"é":1}'.encode()]), False),
    Edge("jcs: 2**53 - 1", ("jcs", [b"9007199254740991"]), True),
    Edge("jcs: 2**53", ("jcs", [b"9007199254740992"]), False),
    Edge("jcs: an escaped solidus", ("jcs", [b'"\\/"']), False),
    Edge("jcs: upper-case hex", ("jcs", [b'"\\u001F"']), False),
    Edge("base64: stray bits", ("base64", ["AAB="]), False),
    Edge("base64url: padding", ("base64url", ["AAA="]), False),
    Edge("base64url: one letter", ("base64url", ["A"]), False),
    Edge("moment: a leap second", ("moment", ["2016-12-31T23:59:60Z"]), False),
    Edge("moment: 29 February 2100", ("moment", ["2100-02-29T00:00:00Z"]), False),
    Edge("moment: 24 o'clock", ("moment", ["2026-11-22T24:00:00Z"]), False),
    Edge("moment: year 99", ("moment", ["0099-01-01T00:00:00Z"]), False),
    Edge("moment: other digits", ("moment", ["٢026-11-22T10:00:00Z"]), False),
    Edge("moment: a newline after", ("moment", ["2026-11-22T10:00:00Z\n"]), False),
    Edge("ed25519: sound", ("ed25519", [ACTOR.public, b"m", _SIGNED]), True),
    Edge("ed25519: S + L", ("ed25519", [ACTOR.public, b"m", _with_s(_ORDER)]), True),
    # Found by running CCTV in Chromium: our own list of small orders had a wrong point,
    # which Node 24 hid by refusing them itself.
    Edge("ed25519: a key of order 8", ("ed25519", _cctv(407)), True),
    Edge("vkey: a next line", ("vkey", [VKEY_TEXT.replace("/", "\x85")]), False),
    Edge("note: a tab", ("note", [b"a\tb\n\n\xe2\x80\x94 x AAAAAAA=\n"]), False),
    Edge("note: U+007F", ("note", [b"a\x7fb\n\n\xe2\x80\x94 x AAAAAAA=\n"]), True),
    Edge("note: no text", ("note", [b"\n\n\xe2\x80\x94 x AAAAAAA=\n"]), True),
    Edge("note: a hyphen", ("note", [b"a\n\n- x AAAAAAA=\n"]), False),
    _head("2**63 - 1", f"{ORIGIN}\n{2**63 - 1}\n{_ROOT}\n", True),
    _head("2**63", f"{ORIGIN}\n{2**63}\n{_ROOT}\n", False),
    _head("a mark is part of the origin", f"\ufeff{ORIGIN}\n1\n{_ROOT}\n", True),
    _head("an extension", f"{ORIGIN}\n1\n{_ROOT}\nx\n", True),
    Edge("policy: a carriage return", ("policy", [LOG_POLICY + "\r\n"]), False),
    Edge("policy: no newline at its end", ("policy", ["quorum none"]), True),
    Edge("policy: a no-break space", ("policy", ["quorum\u00a0none"]), False),
    _leaf("an unknown type", 7, {"type": "org.counterfoil.time.passed.v2"}, False),
    _leaf("no specversion 1.0", 0, {"specversion": "1.1"}, False),
    _leaf("an uncut hour", 1, {"time": "2026-11-22T10:00:01Z"}, False),
    _leaf("a source of nobody", 8, {"source": "/"}, False),
    _leaf("a reserved ledger", 8, {"source": "/static"}, False),
    _leaf(
        "decisions out of order",
        8,
        {"data": {"decisions": EVENTS[8]["data"]["decisions"][::-1]}},
        False,
    ),
    _leaf("no decisions", 9, {"data": {"decisions": []}}, False),
    Edge(
        "leaf: white space",
        ("leaf", [json.dumps(EVENTS[0], sort_keys=True).encode()]),
        False,
    ),
)
