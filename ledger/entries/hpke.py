r"""Boxes: a few bytes sealed to one X25519 key, by HPKE (RFC 9180).

One suite, base mode, one message a box (sequence number 0):

    KEM  0x0020 DHKEM(X25519, HKDF-SHA256)
    KDF  0x0001 HKDF-SHA256
    AEAD 0x0002 AES-256-GCM

    box = enc(32) ‖ ciphertext ‖ tag(16)

    dh            = X25519(ephemeral secret, recipient)
    eae_prk       = LabeledExtract(kem, "", "eae_prk", dh)
    shared secret = LabeledExpand(kem, eae_prk, "shared_secret", enc ‖ recipient, 32)
    context       = 0x00 ‖ LabeledExtract(suite, "", "psk_id_hash", "")
                         ‖ LabeledExtract(suite, "", "info_hash", info)
    secret        = LabeledExtract(suite, shared secret, "secret", "")
    key, nonce    = LabeledExpand(suite, secret, "key" and "base_nonce", context)

    LabeledExtract(id, salt, label, ikm)  = HMAC-SHA256(salt, "HPKE-v1" ‖ id ‖ label ‖ ikm)
    LabeledExpand(id, prk, label, info, n)
        = HMAC-SHA256(prk, n(2) ‖ "HPKE-v1" ‖ id ‖ label ‖ info ‖ 0x01)[:n]     n ≤ 32
    kem = "KEM" ‖ 0x0020, suite = "HPKE" ‖ 0x0020 ‖ 0x0001 ‖ 0x0002

The ephemeral secret is passed in: nothing here draws randomness. `cryptography` has this
suite too, but draws its own and binds no associated data, so that RFC 9180's vectors cannot
be put to it; it is the tests' second opinion instead. These bytes never change.
"""

import hmac
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.bindings import crypto_scalarmult, crypto_scalarmult_base
from nacl.exceptions import CryptoError

from ledger.errors import MalformedError, VerificationError

KEY_BYTES: Final = 32
EPHEMERAL_BYTES: Final = 32
OVERHEAD_BYTES: Final = 48  # enc and the tag

_VERSION: Final = b"HPKE-v1"
_KEM: Final = b"KEM\x00\x20"
_SUITE: Final = b"HPKE\x00\x20\x00\x01\x00\x02"
_BASE: Final = b"\x00"
_NONCE_BYTES: Final = 12


def seal(
    message: bytes, recipient: bytes, *, info: bytes, ephemeral: bytes, aad: bytes = b""
) -> bytes:
    """The box; `ephemeral` is the 32 secret bytes of its own key, never used again.

    Raises:
        MalformedError: `recipient` is not an X25519 key that a box can be sealed to.
    """
    assert len(ephemeral) == EPHEMERAL_BYTES, "an X25519 secret"  # noqa: S101 -- rule 34
    enc = crypto_scalarmult_base(ephemeral)
    key, nonce = _schedule(_agree(ephemeral, recipient), enc + recipient, info)
    return enc + AESGCM(key).encrypt(nonce, message, aad)


def unseal(box: bytes, secret: bytes, *, info: bytes, aad: bytes = b"") -> bytes:
    """The message of a box to the X25519 key whose secret is `secret`.

    Raises:
        VerificationError: the box is to another key, for another purpose, or was changed.
    """
    assert len(secret) == KEY_BYTES, "an X25519 secret"  # noqa: S101 -- rule 34
    enc, data = box[:KEY_BYTES], box[KEY_BYTES:]
    try:
        shared = _agree(secret, enc)
        key, nonce = _schedule(shared, enc + crypto_scalarmult_base(secret), info)
        return AESGCM(key).decrypt(nonce, data, aad)
    except (InvalidTag, ValueError, MalformedError) as error:
        raise VerificationError("this key does not open the box") from error


def public_of(secret: bytes) -> bytes:
    """The X25519 public key of a secret one."""
    return crypto_scalarmult_base(secret)


def _agree(secret: bytes, public: bytes) -> bytes:
    if len(public) != KEY_BYTES:
        raise MalformedError(f"an X25519 key has {KEY_BYTES} bytes")
    try:
        # libsodium refuses a result of zeros, as RFC 9180 section 7.1.4 asks.
        return crypto_scalarmult(secret, public)
    except CryptoError as error:
        raise MalformedError("an X25519 key that agrees with none") from error


def _schedule(dh: bytes, kem_context: bytes, info: bytes) -> tuple[bytes, bytes]:
    """(key, nonce) of sequence number 0."""
    prk = _extract(_KEM, b"", b"eae_prk", dh)
    shared = _expand(_KEM, prk, b"shared_secret", kem_context, KEY_BYTES)
    context = (
        _BASE
        + _extract(_SUITE, b"", b"psk_id_hash", b"")
        + _extract(_SUITE, b"", b"info_hash", info)
    )
    secret = _extract(_SUITE, shared, b"secret", b"")
    return (
        _expand(_SUITE, secret, b"key", context, KEY_BYTES),
        _expand(_SUITE, secret, b"base_nonce", context, _NONCE_BYTES),
    )


def _extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt, _VERSION + suite + label + ikm, "sha256")


def _expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    assert length <= sha256().digest_size, "one block"  # noqa: S101 -- rule 34
    labeled = length.to_bytes(2) + _VERSION + suite + label + info
    return hmac.digest(prk, labeled + b"\x01", "sha256")[:length]
