"""Showing a decision: an act brings its leaf, and the proof that it stands in this log.

    {"index": int, "leaf": base64, "proof": [base64 hash, …]}

The proof leads from the leaf to the root of the very tree that the act says to have
seen, which the ledger holds against its own history. So decisions need not stand in the
state: whoever holds a receipt shows it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ledger.canonical import parse_base64
from ledger.entries.codec import decode_entry
from ledger.entries.entry import DecisionRecorded
from ledger.errors import MalformedError, RejectedError, VerificationError
from ledger.governance.body import Body, read_integer, refuse
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.limits import INTEGER_MAX, PROOF_HASHES_MAX
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.proof import check_inclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """A leaf, and the proof of its place."""

    index: int
    leaf: bytes
    proof: tuple[bytes, ...]


def read_showing(body: Body) -> Showing:
    """The members `index`, `leaf` and `proof` of a body that has them.

    Raises:
        RejectedError: `invalid-act`. Nothing was recorded, here and below.
    """
    proof = body["proof"]
    if type(proof) is not list or len(proof) > PROOF_HASHES_MAX:
        raise refuse(f"proof is a list of up to {PROOF_HASHES_MAX} hashes")
    return Showing(
        index=read_integer(body, "index", 0, INTEGER_MAX),
        leaf=_base64(body["leaf"], "leaf"),
        proof=tuple(_base64(item, "each hash of proof") for item in proof),
    )


@lru_cache(maxsize=16)  # an act is decided, checked and applied: one look is enough
def decision_of(shown: Showing, seen_size: int, seen_root: bytes) -> DecisionRecorded:
    """The decision whose leaf stands at its index in the tree of `seen_size` entries.

    Raises:
        RejectedError: `leaf-elsewhere`: it does not stand there, or is no decision's.
    """
    try:
        check_inclusion(
            LeafIndex(shown.index),
            TreeSize(seen_size),
            hash_leaf(shown.leaf),
            [Hash(one) for one in shown.proof],
            Hash(seen_root),
        )
        entry = decode_entry(shown.leaf)
    except (VerificationError, MalformedError) as error:
        raise RejectedError(
            "leaf-elsewhere", "the leaf does not stand in the tree the act has seen"
        ) from error
    if not isinstance(entry, DecisionRecorded):
        raise RejectedError("leaf-elsewhere", "the leaf is not that of a decision")
    return entry


def _base64(text: Any, name: str) -> bytes:
    try:
        if type(text) is str:
            return parse_base64(text)
    except MalformedError:
        pass
    raise refuse(f"{name} is base64")
