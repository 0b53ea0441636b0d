"""A small log with every kind of entry, and what it takes to change and re-sign it."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.canonical import (
    format_base64,
    format_base64url,
    jcs,
    parse_base64url,
    parse_jcs,
)
from ledger.entries.act import PAYLOAD_TYPE, pae, read_envelope
from ledger.entries.codec import encode_entry
from ledger.entries.entry import (
    ActRecorded,
    Entry,
    ErasureExecuted,
    ReceiptReissued,
    TimePassed,
)
from ledger.entries.statement import STATEMENT_PREFIX
from ledger.ids import DecisionId, LeafIndex, LedgerName, TreeSize
from ledger.keys import SigningKey
from ledger.merkle.checkpoint import Checkpoint, format_checkpoint
from ledger.merkle.cosignature import (
    Subtree,
    cosign,
    mldsa44_message,
)
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.note import (
    Note,
    Signature,
    VerifierKey,
    format_note,
    format_vkey,
    sign,
    signer_key,
    verifier_key,
)
from ledger.merkle.tlogproof import format_tlog_proof
from tests.entries.passkeys import Authenticator
from tests.entries.receipts import ACT, LEAVES, ORIGIN, SIGNER, VKEY_TEXT
from tests.entries.vectors import GENESIS, INPUT, SECRET, WANT

LEDGER: Final = LedgerName("commons")
LOG_TIME: Final = 1_795_341_600_123
ACTOR: Final = SigningKey(parse_base64url(INPUT["deployer_seed"]))
WITNESS: Final = signer_key("witness.example/w1", b"\7" * 32, 0x04)
OTHER_WITNESS: Final = signer_key("witness.example/w2", b"\x08" * 32, 0x04)
QUANTUM: Final = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
QUANTUM_VKEY: Final = verifier_key(
    "witness.example/q", QUANTUM.public_key().public_bytes_raw(), 0x06
)
WITNESS_TEXT: Final = format_vkey(WITNESS.vkey)
QUANTUM_TEXT: Final = format_vkey(QUANTUM_VKEY)
PASSKEY: Final = Authenticator(3)
IDS: Final = tuple(
    DecisionId(f"{number:08x}-3c5a-4f7e-8a59-2f4f0e8b9c11") for number in range(4)
)

POLICY: Final = f"""# whom to believe
log {VKEY_TEXT} https://{ORIGIN}
witness W1 {WITNESS_TEXT}
witness W2\t{format_vkey(OTHER_WITNESS.vkey)} https://witness.example/
witness Q {QUANTUM_TEXT}
group two 2 W1 W2 Q
quorum two
"""
LOG_POLICY: Final = f"log {VKEY_TEXT}\nquorum none\n"


def sign_event(event: dict[str, Any]) -> dict[str, Any]:
    """A decision's event with the deployer's signature on its statement, if it has one."""
    statement = jcs(event["data"]["statement"])
    sig = format_base64url(ACTOR.sign(STATEMENT_PREFIX + statement))
    data = {**event["data"], "signature": {"keyid": ACTOR.did, "sig": sig}}
    return {**event, "data": data}


def envelope_of(payload: bytes) -> dict[str, Any]:
    """Signed by ACTOR, whatever the payload is."""
    sig = format_base64(ACTOR.sign(pae(payload)))
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": format_base64(payload),
        "signatures": [{"keyid": ACTOR.did, "sig": sig}],
    }


def _decision_events() -> list[dict[str, Any]]:
    plain = parse_jcs(WANT["leaf"].encode())
    results = [{"id": "r-1", "outcome": "pass"}, {"id": "r-2", "outcome": "hold"}]
    judged = {**plain, "data": {**plain["data"], "results": results, "refused": 7}}
    time = "2026-11-22T10:12:13Z"
    public = {
        "profile": "open",
        "time": time,
        "version": None,
        "outcome": {"code": "granted", "favourable": True},
    }
    statement = {**plain["data"]["statement"], **public}
    opened = {**plain, "time": time, "data": {**plain["data"], "statement": statement}}
    return [plain, judged, opened, sign_event(plain)]


def _other_events() -> list[dict[str, Any]]:
    named: dict[str, Any] = {"ledger": LEDGER, "time_ms": LOG_TIME, "decisions": IDS}
    payload = ACT.payload
    entries: list[Entry] = [
        ActRecorded(ledger=LEDGER, time_ms=LOG_TIME, act=ACT),
        ActRecorded(
            ledger=LEDGER,
            time_ms=LOG_TIME,
            act=read_envelope(PASSKEY.envelope(payload)),
        ),
        TimePassed(
            id=IDS[0],
            ledger=LEDGER,
            time_ms=LOG_TIME,
            checkpoint="x\n",
            refused={"example": 3},
        ),
        ErasureExecuted(id=IDS[1], **named),
        ReceiptReissued(id=IDS[2], **named),
    ]
    return [parse_jcs(encode_entry(entry)) for entry in entries]


EVENTS: Final = [parse_jcs(LEAVES[0]), *_decision_events(), *_other_events()]


@dataclass(frozen=True, slots=True)
class Placed:
    """A leaf in a log of its own: signed, cosigned, proved.

    Attributes:
        index: its place.
        checkpoint: the signed note.
        proof: tlog-proof text.
    """

    index: int
    checkpoint: bytes
    proof: str


def quantum_line(vkey: VerifierKey, checkpoint: Checkpoint, time_s: int) -> Signature:
    """A cosignature of ML-DSA-44, whose time may be out of bounds."""
    subtree = Subtree(
        origin=checkpoint.origin, end=checkpoint.size, root=checkpoint.root
    )
    message = mldsa44_message(vkey.name, time_s, subtree)
    data = time_s.to_bytes(8, "big") + QUANTUM.sign(message)
    return Signature(name=vkey.name, key_id=vkey.key_id, data=data)


def signed_note(checkpoint: Checkpoint, *, quantum: bool = False) -> bytes:
    """Signed by the log and two witnesses, and perhaps one with ML-DSA-44."""
    text = format_checkpoint(checkpoint)
    lines = [
        sign(text, SIGNER),
        cosign(WITNESS, text, 1_795_341_700),
        cosign(OTHER_WITNESS, text, 1_795_341_701),
    ]
    if quantum:
        lines.append(quantum_line(QUANTUM_VKEY, checkpoint, 1_795_341_700))
    return format_note(Note(text, tuple(lines)))


def place(chance: Random, leaf: bytes, size: int | None = None) -> Placed:
    """The leaf somewhere among others, under a checkpoint that everybody signed."""
    count = size or chance.randrange(1, 40)
    index = LeafIndex(chance.randrange(count))
    leaves = [b"leaf %d" % number for number in range(count)]
    leaves[index] = leaf
    grown = extend(Frontier.EMPTY, [hash_leaf(one) for one in leaves])
    head = Checkpoint(origin=ORIGIN, size=TreeSize(count), root=grown.root)
    note = signed_note(head, quantum=chance.random() < 0.03)
    return Placed(index, note, format_tlog_proof(index, grown.inclusion(index), note))


def receipt_value(chance: Random, event: Any, leaf: bytes) -> dict[str, Any]:
    """A receipt file's JSON for a leaf; what its event does not say stays sound."""
    placed = place(chance, leaf)
    data = event.get("data") if isinstance(event, dict) else None
    value: dict[str, Any] = {
        "counterfoil": 1,
        "origin": ORIGIN,
        "genesis": GENESIS,
        "id": event.get("id", "x") if isinstance(event, dict) else "x",
        "index": placed.index,
        "leaf": format_base64(leaf),
        "proof": placed.proof,
    }
    if isinstance(data, dict) and "statement" in data and chance.random() < 0.8:
        value["secret"] = format_base64url(SECRET)
        value["sealed"] = format_base64(parse_base64url(WANT["sealed"]))
    if chance.random() < 0.7:
        value["policy"] = chance.choice((LOG_POLICY, POLICY))
    return value
