"""Arbitrary bytes: the verifier answers in time, and throws its typed errors only.

Any other error is a crash, which `Verifier.call` turns into a failure.
"""

import sys
from random import Random
from typing import Any

import pytest

from ledger.canonical import format_base64url
from tests.entries.receipts import POLICY_TEXT, VKEY_TEXT
from tests.entries.vectors import SECRET, WANT
from tests.web.verify.corpus import ACTOR, EVENTS, POLICY
from tests.web.verify.mutate import ODD_TEXTS
from tests.web.verify.node import Call, Verifier

SEED = 20_261_130
BYTES = (
    "json",
    "jcs",
    "note",
    "checkpoint",
    "leaf",
    "statement",
    "plaintext",
    "envelope",
)
TEXTS = (
    *("base64", "base64url", "moment", "didkey", "x25519", "vkey", "policy"),
    *("tlog-proof", "disclosure", "part", "fragment"),
)
SOUND = [WANT["leaf"], WANT["statement_jcs"], POLICY, VKEY_TEXT, str(EVENTS[5]), "{}"]


def _bytes(chance: Random) -> bytes:
    match chance.randrange(4):
        case 0:
            return chance.randbytes(chance.randrange(200))
        case 1:
            return "".join(chance.choices(ODD_TEXTS, k=chance.randrange(60))).encode()
        case 2:
            sound: bytes = chance.choice(SOUND).encode()
            at = chance.randrange(len(sound))
            return sound[:at] + chance.randbytes(chance.randrange(9)) + sound[at + 1 :]
        case _:
            letters = b'[]{}",:0123456789eE+-.\\untrfalsn \n'
            return bytes(chance.choices(letters, k=chance.randrange(120)))


def _text(chance: Random) -> str:
    return _bytes(chance).decode("utf-8", "replace")


def test_arbitrary_bytes_are_accepted_or_refused(verifier: Verifier) -> None:
    chance = Random(SEED)
    sys.stdout.write(f"seed {SEED}\n")
    calls: list[Call] = []
    for _ in range(150):
        calls += [(op, [_bytes(chance)]) for op in BYTES]
        calls += [(op, [_text(chance)]) for op in TEXTS]
        calls += [
            ("receipt", [_bytes(chance), [VKEY_TEXT], None]),
            ("receipt", [_bytes(chance), [_text(chance)], _text(chance)]),
            ("open-checkpoint", [_bytes(chance), [VKEY_TEXT]]),
            ("check-policy", [POLICY_TEXT, _bytes(chance), []]),
            ("sealed", [SECRET, WANT["statement_jcs"].encode(), _bytes(chance)]),
            ("hpke-open", [_bytes(chance), SECRET, b"", b""]),
            ("ed25519", [_bytes(chance), _bytes(chance), _bytes(chance)]),
            ("ed25519", [chance.randbytes(32), b"", chance.randbytes(64)]),
            ("mldsa44", [_bytes(chance), b"", _bytes(chance)]),
            ("open-part", [_bytes(chance), SECRET, {"digest": "x", "part": "y"}]),
        ]
    answers = verifier.call(calls)
    assert {answer.refusal for answer in answers} == {
        None,
        "MalformedError",
        "VerificationError",
    }


_MEGABYTE = 1_000_000
_NAMES = b",".join(b'"%d":0' % number for number in range(60_000))
_CHAIN = "".join(f"group g{n + 1} 1 g{n}\n" for n in range(3_500))
LARGE: dict[str, tuple[str, list[Any]]] = {
    "lists in lists": ("json", [b"[" * _MEGABYTE]),
    "a long list": ("json", [b"[" + b"0," * (_MEGABYTE // 2) + b"0]"]),
    "many names": ("json", [b"{" + _NAMES + b"}"]),
    "a long text": ("json", [b'"' + b"a" * _MEGABYTE + b'"']),
    "a text without an end": ("json", [b'"' + b"\\n" * _MEGABYTE]),
    "digits": ("json", [b"9" * _MEGABYTE]),
    "an exponent": ("json", [b"1e" + b"9" * _MEGABYTE]),
    "white space": ("json", [b" " * _MEGABYTE + b"x"]),
    "a receipt of nothing": ("receipt", [b" " * 2_097_152, [VKEY_TEXT], None]),
    "base64": ("base64", ["A" * _MEGABYTE]),
    "a long name": ("didkey", ["did:key:z" + "1" * _MEGABYTE]),
    "a note of line ends": ("note", [b"\n" * _MEGABYTE]),
    "a note of dashes": ("note", [("— " * 300_000).encode()]),
    "a note of signatures": (
        "open-checkpoint",
        [b"a\n\n" + "— x AAAAAAA=\n".encode() * 101, [VKEY_TEXT]],
    ),
    "a policy of groups": (
        "policy",
        [f"witness g0 {ACTOR.public.hex()}\n{_CHAIN}quorum g9\n"],
    ),
    "a policy of spaces": ("policy", ["quorum " + " \t" * 30_000 + "none"]),
    "a proof of hashes": (
        "tlog-proof",
        ["c2sp.org/tlog-proof@v1\n" + "A\n" * _MEGABYTE],
    ),
    "a tree of 2**63": (
        "inclusion",
        [2**62 + 1, 2**63 - 1, bytes(32), [bytes(32)] * 63, bytes(32)],
    ),
    "a disclosure": ("disclosure", [format_base64url(b"[" * 390_000)]),
    "a sealed part": (
        "sealed",
        [SECRET, WANT["statement_jcs"].encode(), bytes(512 * 1024)],
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_inputs_end(verifier: Verifier, name: str) -> None:
    op, args = LARGE[name]
    verifier.call([(op, args)], deadline_s=60)
