"""K, the secret of one decision, and the three keys that come from it.

    PRK = HMAC-SHA256(key = 32 zero bytes, K)           RFC 5869 section 2.2, empty salt
    key = HMAC-SHA256(PRK, info ‖ 0x01)                 RFC 5869 section 2.3, 32 bytes

    info                        key            what it does
    "counterfoil/v1/tag"        tag            asks for the sealed part; its SHA-256 is public
    "counterfoil/v1/dek"        dek            AES-256-GCM key of the sealed part
    "counterfoil/v1/contest"    contest_seed   Ed25519 seed; its public key is on the leaf

HMAC (RFC 2104) is written out: two SHA-256 calls cost half of what `hmac.digest` costs,
and every decision needs four. A test holds it equal to `hmac` and to `cryptography`.

Example: K = 00 01 … 1f gives the tag `uUvQD7vPZhwxZlpZe1p72bE3r_ekYbEV_jfGlOJ1yIY`.
"""

from hashlib import sha256
from typing import Final, NamedTuple

from ledger.canonical import parse_base64url
from ledger.errors import VerificationError

SECRET_BYTES: Final = 32

_INNER = bytes(byte ^ 0x36 for byte in range(256))  # RFC 2104's ipad, as a table
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_INNER_ZERO = b"\x36" * 64  # the key of the extract step is 32 zero bytes
_OUTER_ZERO = b"\x5c" * 64
_FILL = bytes(32)  # a key filled up to SHA-256's block of 64
# The info strings; they never change. 0x01 is HKDF's counter of the first block.
_TAG = b"counterfoil/v1/tag\x01"
_DEK = b"counterfoil/v1/dek\x01"
_CONTEST = b"counterfoil/v1/contest\x01"


class Keys(NamedTuple):
    """What K opens; as secret as K itself.

    Attributes:
        tag: 32 bytes; shown to the ledger to ask for the sealed part.
        dek: 32 bytes; the AES-256-GCM key of the sealed part.
        contest_seed: 32 bytes; the Ed25519 seed of the contest key.
    """

    tag: bytes
    dek: bytes
    contest_seed: bytes


def hmac_pads(key: bytes) -> tuple[bytes, bytes]:
    """(inner, outer) of a 32-byte key: HMAC is SHA-256(outer ‖ SHA-256(inner ‖ text))."""
    block = key + _FILL
    return block.translate(_INNER), block.translate(_OUTER)


def derive(secret: bytes) -> Keys:
    """The keys of K, 32 bytes; anything else is our own mistake (assert)."""
    assert len(secret) == SECRET_BYTES, "K is 32 bytes"  # noqa: S101 -- rule 34
    prk = sha256(_OUTER_ZERO + sha256(_INNER_ZERO + secret).digest()).digest()
    inner, outer = hmac_pads(prk)
    return Keys(
        sha256(outer + sha256(inner + _TAG).digest()).digest(),
        sha256(outer + sha256(inner + _DEK).digest()).digest(),
        sha256(outer + sha256(inner + _CONTEST).digest()).digest(),
    )


def parse_secret(text: str) -> bytes:
    """K from its base64url, as it stands in links and receipt files.

    Raises:
        MalformedError: not the base64url of 32 bytes.
    """
    return parse_base64url(text, length=SECRET_BYTES)


def check_subject_tag(keys: Keys, subject_tag: bytes) -> None:
    """That `subject_tag`, 32 bytes from the leaf, is SHA-256(tag).

    Raises:
        VerificationError: the secret belongs to another decision.
    """
    if sha256(keys.tag).digest() != subject_tag:
        raise VerificationError("the secret does not open the leaf's subject_tag")
