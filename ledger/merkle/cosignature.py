r"""Cosignatures of witnesses (C2SP tlog-cosignature): Ed25519 (0x04), ML-DSA-44 (0x06).

    signature line's data = u64 timestamp ‖ signature

    Ed25519 signs    "cosignature/v1\n" ‖ "time " ‖ timestamp ‖ "\n" ‖ checkpoint text
    ML-DSA-44 signs  "subtree/v1\n\0" ‖ u8 length ‖ cosigner's name ‖ u64 timestamp ‖
                     u8 length ‖ origin ‖ u64 start ‖ u64 end ‖ root

Big-endian; the timestamp counts seconds since 1970 and is at most 2**63 - 1. For a
checkpoint start is 0 and end its size. The Ed25519 form does not sign the cosigner's name
(one key, one witness); the ML-DSA form does not sign extension lines.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from ledger.errors import MalformedError, VerificationError
from ledger.ids import Hash
from ledger.keys import SIGNATURE_BYTES, verify
from ledger.merkle.note import Signature, SignerKey, VerifierKey

COSIGNATURE_ED25519: Final = 0x04
COSIGNATURE_MLDSA44: Final = 0x06
MLDSA44_PUBLIC_BYTES: Final = 1312
MLDSA44_SIGNATURE_BYTES: Final = 2420

_TIMESTAMP_BYTES = 8
_TIMESTAMP_MAX = 2**63 - 1  # seconds; the specification's bound
_NAME_BYTES_MAX = 255  # bytes; a u8 length


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtree:
    """What a cosigner states about a log: its leaves [start, end) hash to `root`."""

    origin: str
    start: int = 0
    end: int
    root: Hash


def format_timestamped(timestamp_s: int, signature: bytes) -> bytes:
    """The data of a cosignature's line.

    Raises:
        MalformedError: a time outside 0 to 2**63 - 1.
    """
    if not 0 <= timestamp_s <= _TIMESTAMP_MAX:
        raise MalformedError("a cosignature's time outside 0 to 2**63 - 1")
    return timestamp_s.to_bytes(_TIMESTAMP_BYTES, "big") + signature


def parse_timestamped(data: bytes, signature_bytes: int) -> tuple[int, bytes]:
    """The (seconds, signature) whose `format_timestamped` is `data`.

    Raises:
        MalformedError: another length, or a time beyond 2**63 - 1.
    """
    if len(data) != _TIMESTAMP_BYTES + signature_bytes:
        raise MalformedError("a cosignature of another length than its type's")
    timestamp_s = int.from_bytes(data[:_TIMESTAMP_BYTES], "big")
    if timestamp_s > _TIMESTAMP_MAX:
        raise MalformedError("a cosignature's time beyond 2**63 - 1")
    return timestamp_s, data[_TIMESTAMP_BYTES:]


def ed25519_message(timestamp_s: int, text: bytes) -> bytes:
    """What a cosigner of type 0x04 signs; `text` is the checkpoint's whole body."""
    return b"cosignature/v1\ntime %d\n%b" % (timestamp_s, text)


def mldsa44_message(name: str, timestamp_s: int, subtree: Subtree) -> bytes:
    """What a cosigner of type 0x06 signs.

    Raises:
        MalformedError: a name or origin that is not 1 to 255 bytes, or a time beside a
            subtree that does not begin at 0.
    """
    cosigner, origin = name.encode(), subtree.origin.encode()
    if not (
        0 < len(cosigner) <= _NAME_BYTES_MAX and 0 < len(origin) <= _NAME_BYTES_MAX
    ):
        raise MalformedError("a cosigner's name or an origin is 1 to 255 bytes")
    if subtree.start and timestamp_s:
        raise MalformedError("a cosigned subtree that begins after 0 carries no time")
    return b"".join(
        (
            b"subtree/v1\n\0",
            bytes([len(cosigner)]),
            cosigner,
            timestamp_s.to_bytes(8, "big"),
            bytes([len(origin)]),
            origin,
            subtree.start.to_bytes(8, "big"),
            subtree.end.to_bytes(8, "big"),
            subtree.root,
        )
    )


def verify_mldsa44(
    public: bytes, message: bytes, signature: bytes, context: bytes = b""
) -> bool:
    """Whether an ML-DSA-44 signature (FIPS 204) holds; cosignatures have no context."""
    if len(public) != MLDSA44_PUBLIC_BYTES or len(signature) != MLDSA44_SIGNATURE_BYTES:
        return False
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message, context)
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def check_cosignature(
    vkey: VerifierKey, signature: Signature, text: bytes, subtree: Subtree
) -> int:
    """Checks a cosignature on a checkpoint and returns its time in seconds.

    Raises:
        VerificationError: it does not hold, or is not in the form of its type.
    """
    try:
        if vkey.kind == COSIGNATURE_ED25519:
            time_s, data = parse_timestamped(signature.data, SIGNATURE_BYTES)
            held = verify(vkey.public, ed25519_message(time_s, text), data)
        else:
            time_s, data = parse_timestamped(signature.data, MLDSA44_SIGNATURE_BYTES)
            message = mldsa44_message(vkey.name, time_s, subtree)
            held = verify_mldsa44(vkey.public, message, data)
    except MalformedError as error:
        raise VerificationError(str(error)) from error
    if not held:
        raise VerificationError(f"the cosignature of {vkey.name} does not hold")
    return time_s


def cosign(signer: SignerKey, text: bytes, timestamp_s: int) -> Signature:
    """An Ed25519 cosignature line (0x04) on a checkpoint's text.

    Raises:
        MalformedError: a signer of another type, or a time outside the bound.
    """
    if signer.kind != COSIGNATURE_ED25519:
        raise MalformedError("a cosigner's key is of type 0x04")
    signature = signer.key.sign(ed25519_message(timestamp_s, text))
    data = format_timestamped(timestamp_s, signature)
    return Signature(name=signer.name, key_id=signer.key_id, data=data)
