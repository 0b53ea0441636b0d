"""Offline proofs that an entry is in a log (C2SP tlog-proof@v1).

c2sp.org/tlog-proof@v1
extra <base64>                                  (may be left out; authenticates nothing)
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=    hashes, from the leaf's sibling up
…
                                                an empty line, then the checkpoint
example.com/fancylog
109482
…
"""

import re
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.canonical import format_base64, parse_base64
from ledger.errors import MalformedError
from ledger.ids import Hash, LeafIndex
from ledger.limits import CHECKPOINT_BYTES_MAX, PROOF_HASHES_MAX, TREE_SIZE_MAX
from ledger.merkle.checkpoint import Checkpoint, Verified, open_checkpoint
from ledger.merkle.hashing import HASH_BYTES, hash_leaf
from ledger.merkle.note import VerifierKey
from ledger.merkle.proof import check_inclusion

FIRST_LINE: Final = b"c2sp.org/tlog-proof@v1"
_FIRST = FIRST_LINE.decode("ascii")
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """A place in a log, and what proves it.

    Attributes:
        index: the entry's.
        hashes: its inclusion proof in the checkpoint's tree.
        checkpoint: the signed note, verbatim, not verified yet.
        extra: bytes that authenticate nothing; ours have none.
    """

    index: LeafIndex
    hashes: tuple[Hash, ...]
    checkpoint: bytes
    extra: bytes | None = None


def format_tlog_proof(
    index: LeafIndex,
    hashes: Sequence[Hash],
    checkpoint: bytes,
    extra: bytes | None = None,
) -> str:
    """The proof's text. Its parts are the writer's own and are not checked again."""
    lines = b"".join([b2a_base64(item) for item in hashes]).decode("ascii")
    head = f"{_FIRST}\n"
    if extra is not None:
        head += f"extra {format_base64(extra)}\n"
    return f"{head}index {index}\n{lines}\n{checkpoint.decode()}"


def parse_tlog_proof(text: str) -> TlogProof:
    """The proof whose `format_tlog_proof` is `text`; its checkpoint is only cut out.

    Raises:
        MalformedError: another first line, index or hash, more than 63 hashes, or no
            checkpoint after an empty line.
    """
    head, empty_line, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if lines.pop(0) != _FIRST or not lines:
        raise MalformedError(f"not a proof: expected {_FIRST}, then its index")
    extra = None
    if lines[0].startswith("extra "):
        extra = parse_base64(lines.pop(0)[len("extra ") :])
    index = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if index is None or int(index[1]) >= TREE_SIZE_MAX:
        raise MalformedError("a proof without its index")
    hashes = _parse_hashes(lines)
    if not empty_line or not checkpoint:
        raise MalformedError("a proof without its checkpoint")
    try:
        note = checkpoint.encode()
    except UnicodeEncodeError as error:
        raise MalformedError("a proof that is not UTF-8") from error
    if len(note) > CHECKPOINT_BYTES_MAX:
        raise MalformedError(f"a checkpoint longer than {CHECKPOINT_BYTES_MAX:,} bytes")
    return TlogProof(
        index=LeafIndex(int(index[1])), hashes=hashes, checkpoint=note, extra=extra
    )


def _parse_hashes(lines: list[str]) -> tuple[Hash, ...]:
    if len(lines) > PROOF_HASHES_MAX:
        raise MalformedError(f"a proof of more than {PROOF_HASHES_MAX} hashes")
    hashes = tuple(Hash(parse_base64(line)) for line in lines)
    if any(len(item) != HASH_BYTES for item in hashes):
        raise MalformedError("a hash in a proof that is not 32 bytes")
    return hashes


def check_tlog_proof(
    proof: TlogProof, leaf: bytes, vkeys: Sequence[VerifierKey]
) -> tuple[Checkpoint, tuple[Verified, ...]]:
    """Checks that `leaf` stands at the proof's index under a checkpoint of `vkeys`.

    Whether its cosignatures are enough is the policy's to say (`policy.check_policy`).

    Raises:
        MalformedError: the checkpoint is not one.
        VerificationError: a signature or the inclusion proof does not hold.
    """
    checkpoint, verified = open_checkpoint(proof.checkpoint, vkeys)
    check_inclusion(
        proof.index, checkpoint.size, hash_leaf(leaf), proof.hashes, checkpoint.root
    )
    return checkpoint, verified
