"""A stranger who has read the contract and nothing of this code.

Proofs after RFC 9162 section 2.1, canonical JSON by `rfc8785`, signatures by PyNaCl,
sealed parts by `cryptography`: none of it the project's own.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import nacl.signing
import rfc8785
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.world.oracle import Head, hash_leaf, open_note
from tests.world.service import LEDGER, Answer, Service

V1 = f"/{LEDGER}/v1"
ACT_TYPE = "application/vnd.counterfoil.act+json"
SLOTS = [
    "decided_at",
    "outcome",
    "score",
    "threshold",
    "subject",
    "reasons",
    "counterfactuals",
    "inputs",
    "protected",
    "human",
    "recourse",
    "footprint",
    "legal_basis",
    "parents",
    "extension",
    "results",
]


# ---- texts ------------------------------------------------------------------------


def b64(text: str) -> bytes:
    """Standard, padded base64; nothing else."""
    data = base64.b64decode(text, validate=True)
    assert base64.b64encode(data).decode() == text
    return data


def b64url(text: str) -> bytes:
    """base64url without padding; nothing else."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert to_b64url(data) == text
    return data


def to_b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def digest(data: bytes) -> str:
    """base64url(SHA-256)."""
    return to_b64url(hashlib.sha256(data).digest())


def did_key(public: bytes) -> str:
    """The did:key of an Ed25519 key: base58btc of 0xed 0x01 and its 32 bytes."""
    letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(b"\xed\x01" + public), ""
    while number:
        number, rest = divmod(number, 58)
        text = letters[rest] + text
    return f"did:key:z{text}"


# ---- what is asked of a service -----------------------------------------------------


def read(service: Service, path: str, status: int = 200, **headers: str) -> Any:
    """The JSON at a path below `/v1`."""
    answer = service.get(V1 + path, headers=headers)
    assert answer.status == status, answer.body
    if status >= 400:
        return problem_of(answer)
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()


def problem_of(answer: Answer) -> dict[str, Any]:
    """An answer's problem, with every member that the contract promises."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status
    assert problem["type"].startswith("/docs#problem-")
    assert problem["title"]
    assert problem["detail"]
    assert problem["recorded"] in {True, False, None}
    if answer.status in {429, 503}:
        assert int(answer.headers["Retry-After"]) >= 1
    return problem


def keys(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = read(service, "/keys")
    return found


def head(service: Service) -> Head:
    """The newest checkpoint, its signature checked."""
    note = service.get(f"/{LEDGER}/checkpoint").body
    return open_note(note, keys(service)["vkeys"][0])


def send(
    service: Service,
    body: bytes,
    media_type: str = "application/json",
    token: str | None = None,
    **headers: str,
) -> Answer:
    """Posts to `/decisions` as a system does; `ce_id` stands for `ce-id`."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent["Authorization"] = f"Bearer {token or service.token}"
    sent["Content-Type"] = media_type
    return service.request("POST", f"{V1}/decisions", body=body, headers=sent)


# ---- proofs -----------------------------------------------------------------------


def _parent(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of_inclusion(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.3.2."""
    first, last, node = index, size - 1, hash_leaf(leaf)
    for one in hashes:
        assert last > 0, "too many hashes"
        if first & 1 or first == last:
            node = _parent(one, node)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = _parent(node, one)
        first, last = first >> 1, last >> 1
    assert last == 0, "too few hashes"
    return node


def roots_of_consistency(
    old: int, new: int, old_root: bytes, hashes: list[bytes]
) -> tuple[bytes, bytes]:
    """RFC 9162 section 2.1.4.2, for 0 < old < new."""
    path = [old_root, *hashes] if old & (old - 1) == 0 else hashes
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    left = right = path[0]
    for one in path[1:]:
        assert last > 0, "too many hashes"
        if first & 1 or first == last:
            left, right = _parent(one, left), _parent(one, right)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            right = _parent(right, one)
        first, last = first >> 1, last >> 1
    assert last == 0, "too few hashes"
    return left, right


def check_tlog_proof(text: str, leaf: bytes, index: int, vkey: str) -> Head:
    """C2SP tlog-proof: its index, hashes and checkpoint prove `leaf`."""
    front, _, note = text.partition("\n\n")
    lines = front.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == f"index {index}"
    found = open_note(note.encode(), vkey)
    path = [b64(line) for line in lines[2:]]
    assert root_of_inclusion(leaf, index, found.size, path) == found.root
    return found


# ---- acts ---------------------------------------------------------------------------


class Actor:
    """Somebody with an Ed25519 key, who signs acts by the letter of the contract."""

    def __init__(self, seed: bytes) -> None:
        self.key = nacl.signing.SigningKey(seed)
        self.did = did_key(bytes(self.key.verify_key))
        self.seq = 0

    @classmethod
    def founder(cls, service: Service) -> "Actor":
        """The founder whose key the service keeps in its data folder."""
        held = json.loads((service.data / "founder.key").read_text())
        made = cls(b64url(held["seed"]))
        made.seq = 1  # the first start registered `example`
        return made

    def payload(self, service: Service, act: str, body: Any, **changes: Any) -> bytes:
        """The JCS bytes of an act that would be taken, `changes` apart."""
        seen = head(service)
        until = datetime.now(UTC) + timedelta(hours=1)
        value = {
            "v": 1,
            "genesis": keys(service)["genesis"],
            "act": act,
            "actor": self.did,
            "seq": self.seq + 1,
            "until": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seen": {"size": seen.size, "root": base64.b64encode(seen.root).decode()},
            "body": body,
            **changes,
        }
        return rfc8785.dumps(value)

    def envelope(self, payload: bytes, **changes: Any) -> dict[str, Any]:
        kind = ACT_TYPE.encode()
        pae = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
        signature = base64.b64encode(self.key.sign(pae).signature).decode()
        return {
            "payloadType": ACT_TYPE,
            "payload": base64.b64encode(payload).decode(),
            "signatures": [{"keyid": self.did, "sig": signature}],
            **changes,
        }

    def act(self, service: Service, act: str, body: Any, **changes: Any) -> Answer:
        """Signs and sends; `seq` moves on where it was recorded."""
        payload = self.payload(service, act, body, **changes)
        answer = post_act(service, self.envelope(payload))
        self.seq += answer.status == 201
        return answer


def post_act(service: Service, envelope: Any) -> Answer:
    return service.request(
        "POST",
        f"{V1}/acts",
        body=json.dumps(envelope).encode(),
        headers={"Content-Type": "application/json"},
    )


def system_body(name: str, **changes: Any) -> dict[str, Any]:
    """The body of a `system.register`."""
    return {
        "system": name,
        "name": name,
        "operator": "operator",
        "impact_level": "II",
        "domain": "hiring",
        "jurisdiction": "SE",
        "profile": "sealed",
        "outcomes": [],
        "versions": [],
        "keys": [],
        **changes,
    }


# ---- the sealed part ------------------------------------------------------------------


def hkdf(secret: bytes, info: str) -> bytes:
    """HKDF-SHA256 (RFC 5869), empty salt, 32 bytes."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(extracted, info.encode() + b"\1", "sha256")


def open_sealed(
    sealed: bytes, secret: bytes, statement: Mapping[str, Any]
) -> dict[str, tuple[str, Any, str]]:
    """slot: (salt, value, digest), out of a sealed part."""
    aad = b"counterfoil/v1/sealed\0" + rfc8785.dumps(dict(statement))
    key = AESGCM(hkdf(secret, "counterfoil/v1/dek"))
    found = {}
    for disclosure in json.loads(key.decrypt(sealed[:12], sealed[12:], aad)):
        salt, slot, value = json.loads(b64url(disclosure))
        found[slot] = (salt, value, digest(disclosure.encode()))
    return found
