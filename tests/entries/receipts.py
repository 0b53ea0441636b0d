"""A log of three entries, the vectors' founding, decision and act, and its receipts."""

from ledger.canonical import parse_base64url
from ledger.entries.act import read_envelope
from ledger.entries.codec import encode_entry
from ledger.entries.entry import ActRecorded
from ledger.entries.receipt import Receipt
from ledger.ids import LeafIndex, LedgerName
from ledger.merkle.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.note import format_vkey, signer_key
from ledger.merkle.policy import Log, Policy, format_policy
from ledger.merkle.tlogproof import format_tlog_proof
from tests.entries.vectors import GENESIS, SECRET, WANT, load

ORIGIN = "ledger.example/commons"
SIGNER = signer_key(ORIGIN, b"\3" * 32)
VKEY = SIGNER.vkey
VKEY_TEXT = format_vkey(VKEY)
OTHER_VKEY = signer_key(ORIGIN, b"\4" * 32).vkey
POLICY = Policy(logs=(Log(VKEY),))
POLICY_TEXT = format_policy(POLICY)
ACT = read_envelope(load("act")["want"]["envelope"])
LEAVES = [
    WANT["genesis_leaf"].encode(),
    WANT["leaf"].encode(),
    encode_entry(
        ActRecorded(ledger=LedgerName("commons"), time_ms=1_795_341_600_123, act=ACT)
    ),
]


def proof_of(index: int, leaves: list[bytes], origin: str = ORIGIN) -> str:
    extension = extend(Frontier.EMPTY, [hash_leaf(leaf) for leaf in leaves])
    checkpoint = Checkpoint(
        origin=origin, size=extension.frontier.size, root=extension.root
    )
    signer = signer_key(origin, b"\3" * 32)
    return format_tlog_proof(
        LeafIndex(index),
        extension.inclusion(LeafIndex(index)),
        sign_checkpoint(signer, checkpoint),
    )


def receipt_of(index: int, entry_id: str) -> Receipt:
    return Receipt(
        origin=ORIGIN,
        genesis=GENESIS,
        id=entry_id,
        index=LeafIndex(index),
        leaf=LEAVES[index],
        proof=proof_of(index, LEAVES),
    )


FOUNDING = receipt_of(0, "5f0c1c1e-6f3c-4a43-9d0b-1f5a2f6c7d10")
BARE = receipt_of(1, "0b0f7d0e-3c5a-4f7e-8a59-2f4f0e8b9c11")
ACTED = receipt_of(2, ACT.id)
WHOLE = Receipt(
    origin=ORIGIN,
    genesis=GENESIS,
    id=BARE.id,
    index=BARE.index,
    leaf=BARE.leaf,
    proof=BARE.proof,
    secret=SECRET,
    sealed=parse_base64url(WANT["sealed"]),
    policy=POLICY_TEXT,
)
