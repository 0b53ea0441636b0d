"""What a stranger checks in the leaves, one after the other, and in a receipt of one."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.e2e.stranger_log import OCTETS, Report, Source
from tests.e2e.stranger_tree import (
    Broken,
    Checkpoint,
    b64,
    b64url,
    canonical,
    did_key,
    jcs,
    leaf_hash,
    moment,
    need,
    read_checkpoint,
    read_proof,
    root_from_inclusion,
    sha,
    signed,
    to_b64url,
    to_did,
)

SLOTS = (
    *("decided_at", "outcome", "score", "threshold", "subject", "reasons"),
    *("counterfactuals", "inputs", "protected", "human", "recourse", "footprint"),
    *("legal_basis", "parents", "extension", "results"),
)
ENVELOPE = {"specversion", "id", "source", "type", "time", "datacontenttype", "data"}
STATEMENT = {
    *("v", "id", "genesis", "system", "version", "profile", "automation", "time"),
    *("subject_tag", "contest_key", "sealed"),
}
ACT = {"v", "genesis", "act", "actor", "seq", "until", "seen", "body"}
FOUNDED = "org.counterfoil.ledger.founded.v1"
DECISION = "org.counterfoil.decision.recorded.v1"
PASSED = "org.counterfoil.time.passed.v1"
NAMING = {
    "org.counterfoil.erasure.executed.v1",
    "org.counterfoil.receipt.reissued.v1",
}
ACT_TYPE = re.compile(r"org\.counterfoil\.act\.(.+)\.v1")
PAYLOAD_TYPE = "application/vnd.counterfoil.act+json"
UUID4 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
HOUR = re.compile(r"\d{4}-\d\d-\d\dT\d\d:00:00Z")
SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MILLISECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
VERSION = re.compile(r"[A-Za-z0-9._+-]{1,64}")
NO_RULES = "T1PNoYwrqgwDVLtfmj7L5e0Sq02OEbqHPC8RFhICuUU"  # base64url(SHA-256(b"[]"))
DIGEST = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")  # 32 bytes, base64url


class Replay:
    """Every leaf in order, with what must be unique or gapless."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.ledger = ""
        self.seen: dict[str, set[str]] = {}
        self.seqs: dict[str, int] = {}
        self.refused: dict[str, int] = {}
        self.now = datetime.min.replace(tzinfo=UTC)

    def run(self) -> None:
        for index, leaf in enumerate(self.report.leaves):
            self.report.note(f"entry {index}", partial(self._leaf, index, leaf))

    def _leaf(self, index: int, raw: bytes) -> None:
        leaf = canonical(raw)
        need("schema", set(leaf) == ENVELOPE, str(sorted(leaf)))
        need("schema", leaf["specversion"] == "1.0", "specversion")
        need("schema", leaf["datacontenttype"] == "application/json", "media type")
        self._unique("id", leaf["id"])
        kind, data = leaf["type"], leaf["data"]
        need("founded", (index == 0) == (kind == FOUNDED), f"{kind} at {index}")
        if kind == FOUNDED:
            self._founded(leaf, data, raw)
        elif kind == DECISION:
            self._decision(leaf, data)
        elif ACT_TYPE.fullmatch(kind):
            self._act(index, leaf, data)
        elif kind in NAMING:
            self._naming(leaf, data)
        else:
            need("schema", kind == PASSED, f"unknown type {kind}")
            need("schema", set(data) == {"checkpoint", "refused"}, str(sorted(data)))
            self._log_time(leaf["time"])

    def _naming(self, leaf: Any, data: Any) -> None:
        named = data["decisions"]
        need("schema", set(data) == {"decisions"}, str(sorted(data)))
        need("schema", 1 <= len(named) <= 1_000, f"{len(named)} decisions")
        need("schema", named == sorted(set(named)), "decisions out of order")
        need("schema", all(UUID4.fullmatch(one) for one in named), str(named))
        self._log_time(leaf["time"])

    def _unique(self, name: str, value: str) -> None:
        taken = self.seen.setdefault(name, set())
        need("duplicate", value not in taken, f"{name} {value}")
        taken.add(value)

    def _next(self, who: str, seq: object) -> None:
        want = self.seqs.get(who, 0) + 1
        self.seqs[who] = seq if isinstance(seq, int) else want
        need("seq", type(seq) is int and seq == want, f"{who}: {seq}, not {want}")

    def _log_time(self, text: str) -> None:
        need("time", MILLISECOND.fullmatch(text), text)
        need("time", moment(text) >= self.now, f"{text} is before an earlier entry")
        self.now = moment(text)

    def _founded(self, leaf: Any, data: Any, raw: bytes) -> None:
        report = self.report
        self.ledger = leaf["source"]
        need("schema", re.fullmatch(r"/[a-z][a-z0-9-]{0,39}", self.ledger), self.ledger)
        need("schema", UUID4.fullmatch(leaf["id"]), leaf["id"])
        names = {"origin", "vkeys", "founders", "parameters"}
        need("schema", set(data) >= names, str(sorted(data)))
        self._log_time(leaf["time"])
        for founder in data["founders"]:
            did_key(founder)
        made = to_b64url(leaf_hash(raw))
        need("genesis", made == report.genesis, f"/v1/keys says {report.genesis}")
        need("origin", data["origin"] == report.head.origin, data["origin"])
        need("founding-key", set(report.vkeys) <= set(data["vkeys"]), "another key")

    def _decision(self, leaf: Any, data: Any) -> None:
        statement = data["statement"]
        names = set(data) - {"signature"}
        need("schema", names == {"statement", "seq", "rules", "results", "refused"})
        self._next(f"system {statement['system']}", data["seq"])
        self._statement(leaf, statement)
        b64url(data["rules"], 32)
        rules = [one["id"] for one in data["results"]]
        need("schema", rules == sorted(set(rules)), "results are not ordered by id")
        need("schema", all(set(one) == {"id", "outcome"} for one in data["results"]))
        need("schema", data["rules"] != NO_RULES or not rules, "results of no rules")
        before = self.refused.get(statement["system"], 0)
        need("schema", type(data["refused"]) is int, "refused")
        need("refused", data["refused"] >= before, "fewer refusals than before")
        self.refused[statement["system"]] = data["refused"]
        if "signature" in data:
            key = did_key(data["signature"]["keyid"])
            message = b"counterfoil/v1/statement\0" + jcs(statement)
            signed("statement", key, b64url(data["signature"]["sig"], 64), message)

    def _statement(self, leaf: Any, statement: Any) -> None:
        opened = statement["profile"] == "open"
        need("schema", opened or statement["profile"] == "sealed", "profile")
        names = STATEMENT | ({"outcome"} if opened else set())
        need("schema", set(statement) == names, str(sorted(statement)))
        need("schema", statement["v"] == 1 and type(statement["v"]) is int, "v")
        need("schema", UUID4.fullmatch(leaf["id"]), leaf["id"])
        need("schema", statement["id"] == leaf["id"], "another id in the statement")
        need("genesis", statement["genesis"] == self.report.genesis, "another ledger's")
        source = f"{self.ledger}/systems/{statement['system']}"
        need("schema", leaf["source"] == source, leaf["source"])
        need("schema", statement["automation"] in {"full", "partial", "advisory"})
        version = statement["version"]
        need("schema", version is None or VERSION.fullmatch(version), "version")
        time = leaf["time"]
        need("time", (SECOND if opened else HOUR).fullmatch(time), time)
        moment(time)
        need("time", time == statement["time"], statement["time"])
        need("schema", set(statement["sealed"]) == set(SLOTS), "slots")
        for digest in [*statement["sealed"].values(), statement["subject_tag"]]:
            need("base64url", DIGEST.fullmatch(digest), digest)
        did_key(statement["contest_key"])
        self._unique("subject_tag", statement["subject_tag"])
        self._unique("contest_key", statement["contest_key"])

    def _act(self, index: int, leaf: Any, data: Any) -> None:
        need("schema", set(data) == {"envelope"}, str(sorted(data)))
        payload, raw = read_envelope(data["envelope"])
        actor = payload["actor"]
        self._next(actor, payload["seq"])
        need("act", leaf["id"] == to_b64url(sha(raw)), "its id is another payload's")
        need("act", leaf["source"] == f"{self.ledger}/actors/{actor}", leaf["source"])
        kind = f"org.counterfoil.act.{payload['act']}.v1"
        need("act", leaf["type"] == kind, leaf["type"])
        need("genesis", payload["genesis"] == self.report.genesis, "another ledger's")
        self._log_time(leaf["time"])
        left = moment(payload["until"]) - moment(leaf["time"])
        need("act", timedelta() < left <= timedelta(hours=24), f"{left} left")
        seen = payload["seen"]
        need("act", set(seen) == {"size", "root"} and seen["size"] <= index, str(seen))
        made = self.report.root(seen["size"])
        need("act", made == b64(seen["root"], 32), "it saw another history")


def pae(payload: bytes) -> bytes:
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def read_envelope(envelope: Any) -> tuple[dict[str, Any], bytes]:
    """The payload of an act's DSSE envelope, its signature verified."""
    need("act", set(envelope) == {"payloadType", "payload", "signatures"}, "envelope")
    need("act", envelope["payloadType"] == PAYLOAD_TYPE, "payloadType")
    raw = b64(envelope["payload"])
    need("act", len(raw) <= 40_000, f"{len(raw)} bytes")
    payload = canonical(raw)
    need("act", set(payload) == ACT and payload["v"] == 1, str(sorted(payload)))
    (signature,) = envelope["signatures"]
    need("act-unchecked", "webauthn" not in signature, "a passkey's signature")
    need("act", set(signature) == {"keyid", "sig"}, "signature")
    need("act", signature["keyid"] == payload["actor"], "signed by another")
    signed("act", did_key(payload["actor"]), b64(signature["sig"], 64), pae(raw))
    return payload, raw


# ---- receipts ---------------------------------------------------------------------


def expand(secret: bytes, name: str) -> bytes:
    info = f"counterfoil/v1/{name}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=b"", info=info).derive(secret)


def check_proof(text: str, leaf: bytes, vkeys: Sequence[str]) -> tuple[int, Checkpoint]:
    index, path, note = read_proof(text)
    head = read_checkpoint(note, vkeys)
    made = root_from_inclusion(index, head.size, leaf_hash(leaf), path)
    need("inclusion", made == head.root, "the path leads to another root")
    return index, head


def check_receipt(answer: Any, vkeys: Sequence[str]) -> Checkpoint:
    """A decision's answer: proof, leaf, secret and link agree."""
    receipt = answer["receipt"]
    leaf = b64(receipt["leaf"])
    index, head = check_proof(receipt["proof"], leaf, vkeys)
    need("receipt", index == answer["index"], "another index in the proof")
    check_secret(leaf, answer["id"], receipt["secret"])
    link = f"/r#{answer['id']}.{receipt['secret']}"
    need("receipt", receipt["link"].endswith(link), receipt["link"])
    return head


def check_secret(leaf: bytes, ident: str, secret: str) -> None:
    """The leaf is this decision's, and the secret opens its tag and contest key."""
    entry = canonical(leaf)
    statement = entry["data"]["statement"]
    raw = b64url(secret, 32)
    need("receipt", entry["id"] == statement["id"] == ident, "another id in the leaf")
    tag = to_b64url(sha(expand(raw, "tag")))
    need("secret", tag == statement["subject_tag"], "it does not open subject_tag")
    seed = Ed25519PrivateKey.from_private_bytes(expand(raw, "contest"))
    contest = to_did(seed.public_key())
    need("secret", contest == statement["contest_key"], "nor contest_key")


def open_sealed(sealed: bytes, leaf: bytes, secret: str) -> dict[str, Any]:
    """The sealed values by slot, every digest checked."""
    statement = canonical(leaf)["data"]["statement"]
    aad = b"counterfoil/v1/sealed\0" + jcs(statement)
    dek = AESGCM(expand(b64url(secret, 32), "dek"))
    try:
        plain = dek.decrypt(sealed[:12], sealed[12:], aad)
    except InvalidTag as bad:
        raise Broken("sealed", "it does not decrypt") from bad
    values: dict[str, Any] = {}
    salts: set[str] = set()
    for disclosure in json.loads(plain):
        salt, slot, value = json.loads(b64url(disclosure))
        need("sealed", len(b64url(salt)) >= 16, f"salt of {slot}")
        digest = to_b64url(sha(disclosure.encode()))
        need("sealed", digest == statement["sealed"].get(slot), f"digest of {slot}")
        values[slot] = value
        salts.add(salt)
    need("sealed", tuple(values) == SLOTS, f"slots {list(values)}")
    need("sealed", len(salts) == len(SLOTS), "a salt is used twice")
    return values


def fetch_sealed(source: Source, ident: str, secret: str) -> bytes:
    tag = to_b64url(expand(b64url(secret, 32), "tag"))
    asked = {"Authorization": f"Receipt {tag}"}
    status, headers, body = source.get(f"v1/sealed/{ident}", asked)
    need("fetch", status == 200, f"sealed: {status}")
    need("content-type", headers["Content-Type"] == OCTETS, "sealed")
    return body
