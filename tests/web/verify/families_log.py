"""Calls about words, keys, notes, policies and proofs, mostly almost sound."""

from collections.abc import Sequence
from hashlib import sha256
from random import Random
from typing import Any

from ledger.canonical import (
    format_base64,
    format_base64url,
    jcs,
)
from ledger.errors import MalformedError
from ledger.keys import format_did_key
from tests.entries.receipts import VKEY_TEXT
from tests.web.verify.corpus import (
    ACTOR,
    EVENTS,
    POLICY,
    QUANTUM_TEXT,
    WITNESS_TEXT,
    place,
)
from tests.web.verify.mutate import (
    DEEP,
    ODD_VALUES,
    carried,
    change_bytes,
    change_json,
    change_text,
    often,
    spell,
)
from tests.web.verify.node import Call


def base64(chance: Random) -> Call:
    data = chance.randbytes(chance.randrange(70))
    op, write = chance.choice(
        (("base64", format_base64), ("base64url", format_base64url))
    )
    return op, [carried(often(chance, change_text, write(data)))]


def moment(chance: Random) -> Call:
    text = (
        f"{chance.choice((1969, 1970, 2000, 2023, 2024, 9999, 0, 99, 100)):04}-"
        f"{chance.randrange(14):02}-{chance.randrange(33):02}T"
        f"{chance.randrange(26):02}:{chance.randrange(62):02}:"
        f"{chance.randrange(62):02}{chance.choice(('', '.0', '.123456789', '.1'))}Z"
    )
    if chance.random() < 0.4:
        text = chance.choice(("2026-11-22T10:00:00Z", "2024-02-29T23:59:59.999Z"))
        text = carried(change_text(chance, text))
    return "moment", [text]


def didkey(chance: Random) -> Call:
    name = format_did_key(chance.randbytes(32))
    return "didkey", [carried(often(chance, change_text, name))]


def x25519(chance: Random) -> Call:
    """A third of random points are on the curve, an eighth of those of prime order."""
    public = chance.randbytes(32)
    if chance.random() < 0.2:
        public = ACTOR.public
    if chance.random() < 0.2:
        y = chance.choice(
            (0, 1, 2, 3, 2**255 - 19, 2**255 - 20, 2**255 - 18, 2**255 - 1)
        )
        public = (y + chance.choice((0, 2**255))).to_bytes(32, "little")
    return "x25519", [format_did_key(public)]


def ed25519(chance: Random) -> Call:
    message = chance.randbytes(chance.randrange(40))
    public, signature = ACTOR.public, ACTOR.sign(message)
    if chance.random() < 0.2:
        order = 2**252 + 27742317777372353535851937790883648493
        s = int.from_bytes(signature[32:], "little") + order * chance.choice((1, 2))
        signature = signature[:32] + s.to_bytes(32, "little")
    which = chance.randrange(4)
    return "ed25519", [
        change_bytes(chance, public) if which == 0 else public,
        change_bytes(chance, message) if which == 1 else message,
        change_bytes(chance, signature) if which == 2 else signature,
    ]


def any_json(chance: Random) -> Call:
    value = chance.choice((*ODD_VALUES, *DEEP, *EVENTS, [1, {"a": [None, "x"]}]))
    value = often(chance, change_json, value)
    if chance.random() < 0.4:
        try:
            return "jcs", [often(chance, change_bytes, jcs(value))]
        except MalformedError:
            return "jcs", [spell(chance, value)]
    return "json", [often(chance, change_bytes, spell(chance, value))]


def vkey(chance: Random) -> Call:
    text = chance.choice((VKEY_TEXT, WITNESS_TEXT, QUANTUM_TEXT))
    return "vkey", [carried(often(chance, change_text, text, WITNESS_TEXT))]


def _changed_note(chance: Random) -> bytes:
    note, other = (place(chance, b"leaf").checkpoint for _ in range(2))
    if chance.random() < 0.5:
        text = often(chance, change_text, note.decode(), other.decode())
        return str(text).encode("utf-8", "replace")
    return bytes(often(chance, change_bytes, note, other))


def note(chance: Random) -> Call:
    data = _changed_note(chance)
    if chance.random() < 0.2:
        head = data.partition(b"\n\n")[0] + b"\n"
        return "checkpoint", [often(chance, change_bytes, head)]
    if chance.random() < 0.4:
        return "note", [data]
    known = [
        one for one in (VKEY_TEXT, WITNESS_TEXT, QUANTUM_TEXT) if chance.random() < 0.8
    ]
    return "open-checkpoint", [data, known]


def policy(chance: Random) -> Call:
    text = carried(often(chance, change_text, POLICY, POLICY))
    if chance.random() < 0.2:
        text = text.replace("W1", chance.choice(("W2", "Q", "two", "none", "é", "a+b")))
    if chance.random() < 0.1:
        text = text.replace(VKEY_TEXT, chance.randbytes(32).hex())
    if chance.random() < 0.5:
        return "policy", [text]
    data = place(chance, b"leaf").checkpoint
    if chance.random() < 0.5:
        data = _changed_note(chance)
    return "check-policy", [text, data, [VKEY_TEXT] if chance.random() < 0.5 else []]


def tlog_proof(chance: Random) -> Call:
    placed, other = place(chance, b"leaf"), place(chance, b"other")
    text = carried(often(chance, change_text, placed.proof, other.proof))
    if chance.random() < 0.4:
        return "tlog-proof", [text]
    leaf = b"leaf" if chance.random() < 0.9 else b"other"
    return "check-tlog-proof", [text, leaf, VKEY_TEXT]


def _tree(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    if not leaves:
        return sha256(b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + _tree(leaves[:k]) + _tree(leaves[k:])).digest()


def _path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if index < k:
        return [*_path(index, leaves[:k]), _tree(leaves[k:])]
    return [*_path(index - k, leaves[k:]), _tree(leaves[:k])]


def _subproof(old: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [_tree(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= k:
        return [*_subproof(old, leaves[:k], whole), _tree(leaves[k:])]
    return [*_subproof(old - k, leaves[k:], False), _tree(leaves[:k])]


def _other_number(chance: Random, number: int) -> int:
    return chance.choice(
        (number + 1, number - 1, 0, -1, number ^ 1, 2 * number, 2**63 - 1, 2**63, 2**64)
    )


def proof(chance: Random) -> Call:
    leaves = [b"%d" % number for number in range(chance.randrange(1, 70))]
    size, root = len(leaves), _tree(leaves)
    first = chance.randrange(size)
    if chance.random() < 0.5:
        op, hashes = "inclusion", _path(first, leaves)
        args: list[Any] = [first, size, _tree([leaves[first]]), hashes, root]
    else:
        op, old = "consistency", first + chance.randrange(2)
        hashes = _subproof(old, leaves, True) if old else []
        args = [old, size, _tree(leaves[:old]), hashes, root]
    for _ in range(chance.choice((0, 1, 1, 1, 2))):
        at = chance.randrange(5)
        match args[at]:
            case int():
                args[at] = _other_number(chance, args[at])
            case bytes():
                args[at] = change_bytes(chance, args[at])
            case list() if args[at] and chance.random() < 0.7:
                which = chance.randrange(len(args[at]))
                args[at][which] = change_bytes(chance, args[at][which], root)
            case _:
                args[at] = [*args[at], root]
    return op, args
