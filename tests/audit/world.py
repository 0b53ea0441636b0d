"""A true log in a folder, made with the pure floors alone, and the means to lie in it.

`Log` keeps leaves; `publish` writes what an honest server would serve: checkpoint, every
tile and bundle, v1/keys and v1/state. A lie changes the leaves before publishing, or the
files after. Randomness is counted, so that every run is the same.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from ledger.audit.opening import Trust
from ledger.audit.report import Report
from ledger.audit.source import FolderSource
from ledger.audit.verify import audit
from ledger.canonical import format_base64url, jcs
from ledger.entries.act import format_payload, read_envelope, sign_act
from ledger.entries.codec import decode_entry, encode_entry
from ledger.entries.decision import NO_RULES, Entropy, Submission, leaf_of, seal
from ledger.entries.entry import ActRecorded, Founded, TimePassed
from ledger.entries.statement import sign_statement
from ledger.governance.evolve import evolve
from ledger.governance.state import EMPTY
from ledger.ids import DecisionId, LeafIndex, LedgerName, SystemId, TreeSize
from ledger.keys import SigningKey
from ledger.limits import TILE_WIDTH
from ledger.merkle.bundle import format_bundle, format_bundle_path, parse_bundle
from ledger.merkle.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.note import SignerKey, format_vkey, signer_key
from ledger.merkle.tile import all_tiles, format_tile_path

LEDGER = LedgerName("commons")
KEY = signer_key("localhost/commons", bytes(32))
FOUNDER = SigningKey(bytes(31) + b"\x01")
FOUNDED_MS = 1_795_000_000_000
TRUST = Trust(vkeys=(KEY.vkey,))


def _bytes(number: int, length: int, what: str = "") -> bytes:
    """Bytes that look random and are counted."""
    seed = sha256(b"%d %b" % (number, what.encode())).digest()
    return (seed * (length // 32 + 1))[:length]


def uuid4(number: int) -> DecisionId:
    raw = bytearray(_bytes(number, 16, "id"))
    raw[6], raw[8] = raw[6] & 15 | 64, raw[8] & 63 | 128
    return DecisionId(str(UUID(bytes=bytes(raw))))


@dataclass
class Log:
    """Leaves in order, and the key that signs them."""

    leaves: list[bytes] = field(default_factory=list)
    key: SignerKey = KEY

    @property
    def genesis(self) -> str:
        return format_base64url(hash_leaf(self.leaves[0]))

    def root(self, size: int | None = None) -> bytes:
        hashes = [hash_leaf(leaf) for leaf in self.leaves[:size]]
        return extend(Frontier.EMPTY, hashes).root

    def found(self, **changes: Any) -> None:
        entry: dict[str, Any] = {
            "id": uuid4(0),
            "ledger": LEDGER,
            "time_ms": FOUNDED_MS,
            "time": "2026-11-18T11:06:40.000Z",
            "origin": KEY.name,
            "vkeys": (format_vkey(KEY.vkey),),
            "founders": (FOUNDER.did,),
            "parameters": {},
            "extra": {},
            **changes,
        }
        self.leaves.append(encode_entry(Founded(**entry)))

    def act(
        self, name: str, body: dict[str, Any], seq: int, **changes: Any
    ) -> dict[str, Any]:
        """Appends an act of the founder; what `changes` names is otherwise than true."""
        key = changes.pop("key", FOUNDER)
        size = changes.pop("seen_size", len(self.leaves))
        payload = format_payload(
            genesis=changes.pop("genesis", self.genesis),
            act=name,
            actor=changes.pop("actor", key.did),
            seq=seq,
            until="2026-11-18T20:00:00Z",
            seen_size=size,
            seen_root=changes.pop("seen_root", self.root(size)),
            body=body,
        )
        envelope = sign_act(key, payload)
        envelope.update(changes.pop("envelope", {}))
        time_ms = changes.pop("time_ms", FOUNDED_MS + 1_000 * seq)
        assert not changes
        entry = ActRecorded(ledger=LEDGER, time_ms=time_ms, act=read_envelope(envelope))
        self.leaves.append(encode_entry(entry))
        return envelope

    def register(self, system: str = "example", seq: int = 1, **changes: Any) -> None:
        body = {
            "system": system,
            "name": "An example",
            "operator": "Acme",
            "impact_level": "II",
            "domain": "hiring",
            "jurisdiction": "SE",
            "profile": "sealed",
            "outcomes": [],
            "versions": ["1"],
            "keys": changes.pop("keys", []),
        }
        self.act("system.register", body, seq, **changes)

    def decide(self, seq: int, number: int | None = None, **changes: Any) -> None:
        """Appends a decision; `number` is that of its secret and id.

        `signer` signs it as its deployer, in the name of `keyid` if that is another's.
        """
        signer: SigningKey | None = changes.pop("signer", None)
        keyid = changes.pop("keyid", None if signer is None else signer.did)
        number = len(self.leaves) if number is None else number
        refused = changes.pop("refused", 0)
        rules = changes.pop("rules", NO_RULES)
        results = jcs(changes.pop("results", []))
        secret = changes.pop("secret", _bytes(number, 32, "secret"))
        submission = Submission(
            id=changes.pop("id", uuid4(number)),
            system=SystemId(changes.pop("system", "example")),
            version=changes.pop("version", "1"),
            profile="sealed",
            automation="full",
            time="2026-11-18T10:00:00Z",
            outcome=None,
            values={"outcome": b'{"code":"rejected","favourable":false}'},
        )
        entropy = Entropy(
            secret=secret,
            salts=_bytes(number, 288, "salts"),
            nonce=_bytes(number, 12, "nonce"),
        )
        genesis = changes.pop("genesis", self.genesis)
        assert not changes
        sealed = seal(genesis, submission, entropy)
        if signer is not None:
            sig = format_base64url(sign_statement(signer, sealed.statement))
            signature = jcs({"keyid": keyid, "sig": sig})
            sealed = sealed._replace(signature=signature)
        self.leaves.append(
            leaf_of(
                LEDGER, sealed, seq=seq, rules=rules, results=results, refused=refused
            )
        )

    def pass_time(self, number: int, **changes: Any) -> None:
        entry = TimePassed(
            id=uuid4(1_000_000 + number),
            ledger=LEDGER,
            time_ms=changes.pop("time_ms", FOUNDED_MS + 100_000 + number),
            checkpoint=changes.pop("checkpoint", None),
            refused=changes.pop("refused", {}),
        )
        assert not changes
        self.leaves.append(encode_entry(entry))

    # ---- publishing --------------------------------------------------------------

    def checkpoint(self, size: int | None = None) -> bytes:
        size = len(self.leaves) if size is None else size
        head = Checkpoint(
            origin=self.key.name,
            size=TreeSize(size),
            root=self.root(size),  # type: ignore[arg-type] # bytes of a hash
        )
        return sign_checkpoint(self.key, head)

    def state(self, size: int | None = None) -> dict[str, Any]:
        state = EMPTY
        size = len(self.leaves) if size is None else size
        for index, leaf in enumerate(self.leaves[:size]):
            state = evolve(state, decode_entry(leaf), LeafIndex(index))
        return {"size": size, "root": state.root(), "sections": state.section_hashes()}

    def publish(self, folder: Path, *, state: bool = True) -> None:
        """Writes everything an honest server would serve of these leaves."""
        publish_tree(folder, self.leaves)
        write(folder, "checkpoint", self.checkpoint())
        keys = {
            "origin": self.key.name,
            "genesis": self.genesis,
            "vkeys": [format_vkey(self.key.vkey)],
            "policy": "quorum none\n",
        }
        write(folder, "v1/keys", json.dumps(keys).encode())
        if state:
            write(folder, "v1/state", json.dumps(self.state()).encode())


def write(folder: Path, path: str, data: bytes) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def publish_tree(folder: Path, leaves: list[bytes]) -> None:
    """The tiles and bundles of any leaves."""
    size = TreeSize(len(leaves))
    batch = extend(Frontier.EMPTY, [hash_leaf(leaf) for leaf in leaves])
    for tile in all_tiles(size):
        first = tile.index * TILE_WIDTH
        hashes = batch.new_nodes(8 * tile.level)[1][first : first + tile.width]
        write(folder, format_tile_path(tile), b"".join(hashes))
        if tile.level == 0:
            bundle = format_bundle(leaves[first : first + tile.width])
            write(folder, format_bundle_path(tile.index, tile.width), bundle)


@cache
def _true_leaves(decisions: int) -> tuple[bytes, ...]:
    log = Log()
    log.found()
    log.register()
    for seq in range(1, decisions + 1):
        log.decide(seq)
    log.pass_time(1, refused={"example": 3})
    return tuple(log.leaves)


def true_log(decisions: int = 600) -> Log:
    """Founded, one system, its decisions, time passed: nothing to find."""
    return Log(list(_true_leaves(decisions)))


async def look(folder: Path, trust: Trust = TRUST) -> Report:
    """The audit of a folder."""
    return await audit(FolderSource(folder), trust)


def kinds(report: Report) -> list[str]:
    return [finding.kind for finding in report.findings]


def told(report: Report) -> list[str]:
    return [finding.sentence for finding in report.findings]


def indexes(report: Report, kind: str) -> Iterable[int | None]:
    return [finding.index for finding in report.findings if finding.kind == kind]


def edit_bundle(folder: Path, path: str, place: int, leaf: bytes) -> None:
    file = folder / "tile/entries" / path
    leaves = parse_bundle(file.read_bytes())
    leaves[place] = leaf
    file.write_bytes(format_bundle(leaves))


def changed(leaf: bytes) -> bytes:
    """The same decision, said to be a hundred refusals later: canonical, and not signed."""
    assert leaf.startswith(b'{"data":{"refused":0,')
    return leaf.replace(b'"refused":0,', b'"refused":9,', 1)


async def publish_and_look(log: Log, folder: Path) -> Report:
    """A log that signs its own lie: the tree holds, the entries do not."""
    log.publish(folder)
    return await look(folder)
