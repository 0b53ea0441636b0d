"""An oracle that believes nothing: it checks a whole log again from what is public.

Nothing here is the project's own arithmetic: hashes by hashlib after RFC 6962's text,
signatures by `cryptography` after the C2SP pages, leaves by the standard library's JSON.
So a mistake in the ledger's tree, note or leaf code cannot hide from it.

    findings = await examine(public, vkey, acknowledged=…, notes=…)
    assert findings == []
"""

import base64
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH = 256
DECISION = "org.counterfoil.decision.recorded.v1"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a client was told: this decision stands at this index with this leaf."""

    index: int
    leaf: bytes


class Head(NamedTuple):
    """A signed checkpoint, opened."""

    origin: str
    size: int
    root: bytes


class Public(Protocol):
    """What anybody can fetch of a log."""

    async def checkpoint(self) -> bytes: ...

    async def tile(self, level: int, number: int, width: int) -> bytes: ...

    async def bundle(self, number: int, width: int) -> bytes: ...


# ---- RFC 6962 and C2SP, again -----------------------------------------------------------


def hash_leaf(leaf: bytes) -> bytes:
    return sha256(b"\0" + leaf).digest()


def _parent(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def roots(hashes: Iterable[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The tree's root at each of `sizes`, in one pass."""
    edge: list[tuple[int, bytes]] = []  # (height, hash) of complete subtrees
    found = {0: sha256(b"").digest()} if 0 in sizes else {}
    for size, one in enumerate(hashes, 1):
        height, node = 0, one
        while edge and edge[-1][0] == height:
            node = _parent(edge.pop()[1], node)
            height += 1
        edge.append((height, node))
        if size in sizes:
            root = edge[-1][1]
            for _, left in reversed(edge[:-1]):
                root = _parent(left, root)
            found[size] = root
    return found


def open_note(note: bytes, vkey: str) -> Head:
    """The checkpoint of a signed note; ValueError where it is not signed by `vkey`."""
    name, _, encoded = vkey.split("+", 2)
    key = base64.b64decode(encoded)
    if key[0] != 1:
        raise ValueError("not an Ed25519 key")
    text, separator, signatures = note.decode().rpartition("\n\n")
    lines = f"{text}\n".split("\n")
    if not separator or len(lines) != 4 or str(int(lines[1])) != lines[1]:
        raise ValueError("not a checkpoint of three lines")
    for line in signatures.splitlines():
        _, signer, signature = line.split(" ")
        data = base64.b64decode(signature)
        if signer == name and data[:4] == _key_id(name, key):
            message = f"{text}\n".encode()
            try:
                Ed25519PublicKey.from_public_bytes(key[1:]).verify(data[4:], message)
            except InvalidSignature:
                raise ValueError("a signature that does not hold") from None
            return Head(lines[0], int(lines[1]), base64.b64decode(lines[2]))
    raise ValueError("no signature by this key")


def _key_id(name: str, key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + key).digest()[:4]


def _split(bundle: bytes) -> list[bytes]:
    leaves, at = [], 0
    while at < len(bundle):
        stop = at + 2 + int.from_bytes(bundle[at : at + 2])
        leaves.append(bundle[at + 2 : stop])
        at = stop
    return leaves if at == len(bundle) else []


# ---- the examination --------------------------------------------------------------------


async def read_leaves(public: Public, size: int) -> list[bytes]:
    leaves = []
    for number in range(-(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        leaves += _split(await public.bundle(number, width))
    return leaves


async def examine(
    public: Public,
    vkey: str,
    *,
    acknowledged: Mapping[str, Acknowledged] | None = None,
    notes: Iterable[bytes] = (),
) -> list[str]:
    """Everything that is wrong with a log, in words; nothing when all is well.

    Args:
        public: the log.
        vkey: the log's key, as the signed-note page writes it.
        acknowledged: by id, what clients were told.
        notes: every checkpoint that was ever signed or served.
    """
    head = open_note(await public.checkpoint(), vkey)
    leaves = await read_leaves(public, head.size)
    if len(leaves) != head.size:
        return [f"{head.size} entries are signed, {len(leaves)} are served"]
    hashes = [hash_leaf(leaf) for leaf in leaves]
    heads = [head]
    findings = []
    for note in notes:
        try:
            heads.append(open_note(note, vkey))
        except ValueError as error:
            findings.append(f"a note that is not the log's: {error}")
    findings += _check_heads(heads, hashes)
    findings += await _check_tiles(public, hashes)
    findings += check_leaves(leaves)
    findings += _check_acknowledged(leaves, acknowledged or {})
    return findings


def _check_heads(heads: list[Head], hashes: list[bytes]) -> list[str]:
    findings = []
    signed: dict[int, set[bytes]] = defaultdict(set)
    for one in heads:
        signed[one.size].add(one.root)
    at = roots(hashes, set(signed))
    for size, found in sorted(signed.items()):
        if len(found) > 1:
            findings.append(f"two checkpoints of size {size} with different roots")
        if size not in at:
            findings.append(f"a checkpoint of {size}, and only {len(hashes)} entries")
        elif found != {at[size]}:
            findings.append(f"the checkpoint of size {size} has another root")
    return findings


async def _check_tiles(public: Public, hashes: list[bytes]) -> list[str]:
    findings = []
    level, row = 0, hashes
    while row:
        for number in range(-(-len(row) // WIDTH)):
            want = row[number * WIDTH : (number + 1) * WIDTH]
            if await public.tile(level, number, len(want)) != b"".join(want):
                findings.append(f"tile {level}/{number} of width {len(want)} is wrong")
        row = [
            roots(row[at : at + WIDTH], {WIDTH})[WIDTH]
            for at in range(0, len(row) - WIDTH + 1, WIDTH)
        ]
        level += 1
    return findings


def check_leaves(leaves: list[bytes]) -> list[str]:
    """Canonical form, sequences, and the names that no two entries may share."""
    findings = []
    seqs: dict[str, int] = {}
    names: Counter[tuple[str, str]] = Counter()
    for index, leaf in enumerate(leaves):
        event = json.loads(leaf)
        names["id", event["id"]] += 1
        if _canonical(event) != leaf:
            findings.append(f"entry {index} is not in canonical form")
        if event["type"] != DECISION:
            continue
        system, data = event["source"], event["data"]
        expected = seqs.get(system, 0) + 1
        if data["seq"] != expected:
            findings.append(f"entry {index} has seq {data['seq']}, not {expected}")
        seqs[system] = data["seq"]
        for name in ("subject_tag", "contest_key"):
            names[name, data["statement"][name]] += 1
    findings += [
        f"{count} entries share one {name}"
        for (name, _), count in names.items()
        if count > 1
    ]
    return findings


def _canonical(event: Any) -> bytes:
    # Names on a leaf are ASCII and numbers are integers: sorted JSON is RFC 8785.
    text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _check_acknowledged(
    leaves: list[bytes], acknowledged: Mapping[str, Acknowledged]
) -> list[str]:
    findings = []
    places: dict[str, list[int]] = defaultdict(list)
    for index, leaf in enumerate(leaves):
        places[json.loads(leaf)["id"]].append(index)
    for name, told in acknowledged.items():
        if places[name] != [told.index]:
            findings.append(
                f"acknowledged at {told.index}, the log has it at {places[name]}"
            )
        elif leaves[told.index] != told.leaf:
            findings.append(f"entry {told.index} is not the leaf that was acknowledged")
    return findings
