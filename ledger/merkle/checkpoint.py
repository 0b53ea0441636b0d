"""Checkpoints (C2SP tlog-checkpoint@v1.0.0): a signed note whose text is a tree head.

    example.com/behind-the-sofa                     origin
    20852163                                        size
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=    root
                                                    (extension lines, opaque, may follow)
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7…

Ours carry no extension lines: nobody can audit them. From other logs they are accepted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.canonical import format_base64, parse_base64
from ledger.errors import MalformedError, VerificationError
from ledger.ids import Hash, TreeSize
from ledger.limits import CHECKPOINT_BYTES_MAX, TREE_SIZE_MAX
from ledger.merkle.cosignature import (
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    Subtree,
    check_cosignature,
)
from ledger.merkle.hashing import EMPTY_ROOT, HASH_BYTES
from ledger.merkle.note import (
    ED25519,
    Note,
    NoteSigner,
    Signature,
    VerifierKey,
    format_note,
    parse_note,
    sign,
    signatures_of,
    verify_ed25519,
)

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LOG_KINDS = frozenset({ED25519, COSIGNATURE_MLDSA44})  # types a log may sign with


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree head.

    Attributes:
        origin: the log's name.
        size: how many entries it has.
        root: the RFC 6962 root over them.
        extensions: opaque lines; none on ours.
    """

    origin: str
    size: TreeSize
    root: Hash
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds: whose, and when, if it says so.

    Attributes:
        vkey: the key that made it.
        time_s: seconds since 1970 of a cosignature; None of a log's own signature.
    """

    vkey: VerifierKey
    time_s: int | None


def format_checkpoint(checkpoint: Checkpoint) -> bytes:
    """The text that is signed.

    Raises:
        MalformedError: an empty or many-lined origin or extension, a size or root that
            no tree has.
    """
    root = format_base64(checkpoint.root)
    lines = (checkpoint.origin, str(checkpoint.size), root, *checkpoint.extensions)
    text = "".join(line + "\n" for line in lines).encode()
    if parse_checkpoint(text) != checkpoint:
        raise MalformedError("not a checkpoint: its lines would be read as others")
    return text


def parse_checkpoint(text: bytes) -> Checkpoint:
    """The checkpoint whose `format_checkpoint` is `text`, a note's text.

    Raises:
        MalformedError: fewer than three lines, an empty one, a size with a leading zero
            or beyond 2**63 - 1, or a root that is not 32 bytes.
    """
    try:
        lines = text.decode().split("\n")
    except UnicodeDecodeError as error:
        raise MalformedError("a checkpoint that is not UTF-8") from error
    if lines.pop() or len(lines) < 3 or not all(lines):
        raise MalformedError("not a checkpoint: expected origin, size and root lines")
    origin, digits, encoded, *extensions = lines
    if not _SIZE.fullmatch(digits) or int(digits) > TREE_SIZE_MAX:
        raise MalformedError("a checkpoint's size is a decimal up to 2**63 - 1")
    root = parse_base64(encoded)
    if len(root) != HASH_BYTES:
        raise MalformedError("a checkpoint's root is 32 bytes")
    size = TreeSize(int(digits))
    return Checkpoint(
        origin=origin, size=size, root=Hash(root), extensions=tuple(extensions)
    )


def sign_checkpoint(signer: NoteSigner, checkpoint: Checkpoint) -> bytes:
    """The signed note of one of our checkpoints.

    Raises:
        MalformedError: extension lines, or an origin that is not the signer's name.
    """
    if checkpoint.extensions or checkpoint.origin != signer.name:
        raise MalformedError(
            "our checkpoints carry their signer's name and three lines"
        )
    text = format_checkpoint(checkpoint)
    return format_note(Note(text, (sign(text, signer),)))


def open_checkpoint(
    data: bytes, vkeys: Sequence[VerifierKey]
) -> tuple[Checkpoint, tuple[Verified, ...]]:
    """The checkpoint in a signed note, with the signatures of `vkeys` that hold.

    One of them must be the log's own: of type 0x01 or 0x06, under the name that is the
    origin. Signatures of other keys are ignored; one of a known key that does not hold
    refuses the whole.

    Raises:
        MalformedError: not a signed checkpoint.
        VerificationError: a signature does not hold, or the log's own is missing.
    """
    if len(data) > CHECKPOINT_BYTES_MAX:
        raise MalformedError(f"a checkpoint longer than {CHECKPOINT_BYTES_MAX:,} bytes")
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    verified = tuple(
        _verify(vkey, signature, note.text, checkpoint)
        for vkey, signature in signatures_of(note, vkeys)
    )
    if not any(
        seen.vkey.name == checkpoint.origin and seen.vkey.kind in _LOG_KINDS
        for seen in verified
    ):
        raise VerificationError(
            "the checkpoint is not signed by a known key of the log it names"
        )
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise VerificationError("a checkpoint of no entries with a root of some")
    return checkpoint, verified


def _verify(
    vkey: VerifierKey, signature: Signature, text: bytes, checkpoint: Checkpoint
) -> Verified:
    if vkey.kind in {COSIGNATURE_ED25519, COSIGNATURE_MLDSA44}:
        subtree = Subtree(
            origin=checkpoint.origin, end=checkpoint.size, root=checkpoint.root
        )
        return Verified(vkey, check_cosignature(vkey, signature, text, subtree))
    if not verify_ed25519(vkey, text, signature):
        raise VerificationError(f"the signature of {vkey.name} does not hold")
    return Verified(vkey, None)
