"""What a stranger reads by itself: bytes, keys, trees, signed notes, proofs."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NUMBER = re.compile(r"0|[1-9][0-9]*")
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
quote = json.JSONEncoder(ensure_ascii=False).encode


class Broken(Exception):  # noqa: N818 -- what was found, not an error of ours
    """A rule does not hold; `rule` is its short name."""

    def __init__(self, rule: str, found: str) -> None:
        super().__init__(f"{rule}: {found}")
        self.rule = rule


def need(rule: str, holds: object, found: str = "does not hold") -> None:
    if not holds:
        raise Broken(rule, found)


# ---- bytes ------------------------------------------------------------------------


def b64(text: object, size: int | None = None) -> bytes:
    """Standard base64, padded, in its one canonical spelling."""
    need("base64", isinstance(text, str), repr(text))
    try:
        raw = base64.b64decode(str(text), validate=True)
    except ValueError as bad:
        raise Broken("base64", repr(text)) from bad
    need("base64", base64.b64encode(raw).decode() == text, repr(text))
    need("base64", size is None or len(raw) == size, f"{len(raw)} bytes, not {size}")
    return raw


def b64url(text: object, size: int | None = None) -> bytes:
    """base64url without padding, in its one canonical spelling."""
    need("base64url", isinstance(text, str), repr(text))
    need("base64url", re.fullmatch(r"[A-Za-z0-9_-]*", str(text)), repr(text))
    raw = base64.urlsafe_b64decode(str(text) + "=" * (-len(str(text)) % 4))
    need("base64url", to_b64url(raw) == text, repr(text))
    need("base64url", size is None or len(raw) == size, f"{len(raw)} bytes, not {size}")
    return raw


def to_b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def sha(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def jcs(value: object) -> bytes:
    """RFC 8785 for what the log holds: no fractions, integers below 2**53."""
    return _jcs(value).encode()


def _jcs(value: object) -> str:
    if isinstance(value, str):
        return quote(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        need("canonical", abs(value) < 2**53, "an integer beyond 2**53")
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(map(_jcs, value))}]"
    if not isinstance(value, dict):
        raise Broken("canonical", type(value).__name__)
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{quote(name)}:{_jcs(value[name])}" for name in names) + "}"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    need("canonical", len(made) == len(pairs), "a repeated name")
    return made


def _no_number(text: str) -> Any:
    raise Broken("canonical", f"number {text}")


def canonical(raw: bytes) -> dict[str, Any]:
    """The object whose canonical form `raw` is."""
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_unique,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
        made = jcs(value)
    except ValueError as bad:  # UTF-8 and lone surrogates too
        raise Broken("canonical", str(bad)) from bad
    need("canonical", made == raw, "not the canonical form")
    if not isinstance(value, dict):
        raise Broken("canonical", "not an object")
    return value


def did_key(did: object) -> Ed25519PublicKey:
    """The Ed25519 key of a `did:key:z6Mk…`."""
    text = str(did).removeprefix("did:key:z")
    need("did", text != did and set(text) <= set(BASE58), repr(did))
    number = 0
    for character in text:
        number = number * 58 + BASE58.index(character)
    raw = number.to_bytes(-(-number.bit_length() // 8), "big")
    need("did", len(raw) == 34 and raw[:2] == b"\xed\x01", repr(did))
    return Ed25519PublicKey.from_public_bytes(raw[2:])


def to_did(key: Ed25519PublicKey) -> str:
    number = int.from_bytes(b"\xed\x01" + key.public_bytes_raw(), "big")
    text = ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return f"did:key:z{text}"


def signed(rule: str, key: Ed25519PublicKey, signature: bytes, message: bytes) -> None:
    try:
        key.verify(signature, message)
    except InvalidSignature as bad:
        raise Broken(rule, "the signature does not verify") from bad


def moment(text: str) -> datetime:
    made = datetime.fromisoformat(text)
    need("time", made.tzinfo is not None, text)
    return made


# ---- RFC 6962 ---------------------------------------------------------------------


def leaf_hash(leaf: bytes) -> bytes:
    return sha(b"\x00" + leaf)


def node(left: bytes, right: bytes) -> bytes:
    return sha(b"\x01" + left + right)


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """MTH over leaf hashes, or over the equal subtrees that a tile lists."""
    level = list(hashes) or [sha(b"")]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [node(left, right) for left, right in pairs] + odd
    return level[0]


def _climb(at: int, last: int) -> tuple[int, int]:
    while not at & 1 and at:
        at, last = at >> 1, last >> 1
    return at, last


def root_from_inclusion(
    index: int, size: int, leaf: bytes, path: Sequence[bytes]
) -> bytes:
    """RFC 9162 2.1.3.2."""
    need("inclusion", 0 <= index < size, f"index {index} of {size}")
    at, last, made = index, size - 1, leaf
    for step in path:
        need("inclusion", last, "the path is too long")
        if at & 1 or at == last:
            made = node(step, made)
            at, last = _climb(at, last)
        else:
            made = node(made, step)
        at, last = at >> 1, last >> 1
    need("inclusion", last == 0, "the path is too short")
    return made


def roots_from_consistency(
    first: int, second: int, root: bytes, path: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """RFC 9162 2.1.4.2: the roots of both trees, `root` being the first one's."""
    steps = list(path) if first & (first - 1) else [root, *path]
    need("consistency", steps and path, "an empty path")
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        need("consistency", last, "the path is too long")
        if at & 1 or at == last:
            old, new = node(step, old), node(step, new)
            at, last = _climb(at, last)
        else:
            new = node(new, step)
        at, last = at >> 1, last >> 1
    need("consistency", last == 0, "the path is too short")
    return old, new


# ---- signed notes, checkpoints, proofs --------------------------------------------


@dataclass(frozen=True)
class Checkpoint:
    """A verified checkpoint."""

    origin: str
    size: int
    root: bytes
    text: str


def read_vkey(vkey: str) -> tuple[str, bytes, Ed25519PublicKey]:
    """`name+hash+key` → name, key id, key."""
    name, stated, key = [*vkey.split("+", 2), "", ""][:3]
    raw = b64(key, 33)
    need("vkey", raw[0] == 1 and name, vkey)
    made = sha(name.encode() + b"\n" + raw)[:4]
    need("vkey", made.hex() == stated, vkey)
    return name, made, Ed25519PublicKey.from_public_bytes(raw[1:])


def read_checkpoint(text: str, vkeys: Sequence[str]) -> Checkpoint:
    """The checkpoint, once a known key's signature on it has been verified."""
    control = any(ord(character) < 32 and character != "\n" for character in text)
    need("note", not control and text.endswith("\n"), repr(text))
    body, blank, signatures = text.rpartition("\n\n")
    need("note", blank and signatures, "no signatures")
    body += "\n"
    known = {read_vkey(vkey)[:2]: read_vkey(vkey)[2] for vkey in vkeys}
    verified = 0
    for line in signatures[:-1].split("\n"):
        parts = line.split(" ")
        need("note", len(parts) == 3 and parts[0] == "—", repr(line))
        raw = b64(parts[2])
        key = known.get((parts[1], raw[:4]))
        if key is not None:
            signed("signature", key, raw[4:], body.encode())
            verified += 1
    need("signature", verified, "no signature by a known key")
    lines = body[:-1].split("\n")
    need("checkpoint", len(lines) >= 3 and all(lines), repr(body))
    origin, size, root = lines[:3]
    need("checkpoint", NUMBER.fullmatch(size), size)
    need("origin", origin in {name for name, _ in known}, origin)
    return Checkpoint(origin, int(size), b64(root, 32), text)


def read_proof(text: str) -> tuple[int, list[bytes], str]:
    """A c2sp.org/tlog-proof@v1 → index, path, the checkpoint's text."""
    head, blank, checkpoint = text.partition("\n\n")
    need("tlog-proof", blank, "no blank line")
    version, *lines = head.split("\n")
    need("tlog-proof", version == "c2sp.org/tlog-proof@v1", version)
    if lines and lines[0].startswith("extra "):
        b64(lines.pop(0).removeprefix("extra "))
    need("tlog-proof", lines and lines[0].startswith("index "), "no index")
    index = lines.pop(0).removeprefix("index ")
    need("tlog-proof", NUMBER.fullmatch(index), index)
    return int(index), [b64(line, 32) for line in lines], checkpoint
