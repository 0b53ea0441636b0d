"""Sealed boxes (libsodium's crypto_box_seal) to the holders of Ed25519 keys.

    box = e ‖ crypto_box(message, nonce, recipient, e's secret key)
    e   = an X25519 public key for this box only
    nonce = BLAKE2b-192(e ‖ recipient)

The recipient's X25519 key is the birational image of the Ed25519 key in its `did:key`.
libsodium draws e itself; here its secret key is passed in, so that sealing is a function
and can be repeated to check a box. Any libsodium opens these boxes.
"""

from hashlib import blake2b

from nacl.bindings import (
    crypto_box,
    crypto_box_seal_open,
    crypto_scalarmult_base,
    crypto_sign_ed25519_pk_to_curve25519,
    crypto_sign_ed25519_sk_to_curve25519,
)
from nacl.exceptions import CryptoError

from ledger.errors import MalformedError
from ledger.ids import Did
from ledger.keys import SigningKey, parse_did_key


def agreement_key(did: Did) -> bytes:
    """The X25519 public key of a `did:key`.

    Raises:
        MalformedError: not an Ed25519 `did:key`, or a point that has none.
    """
    try:
        return crypto_sign_ed25519_pk_to_curve25519(parse_did_key(did))
    except (CryptoError, ValueError) as error:
        raise MalformedError("a key that no box can be sealed to") from error


def agreement_secret(key: SigningKey) -> bytes:
    """The X25519 private key that belongs to an Ed25519 key."""
    return crypto_sign_ed25519_sk_to_curve25519(key.seed + key.public)


def seal_box(message: bytes, did: Did, ephemeral: bytes) -> bytes:
    """The box; `ephemeral` is the 32 secret bytes of its own key, never used again.

    Raises:
        MalformedError: a key that no box can be sealed to.
    """
    recipient = agreement_key(did)
    public = crypto_scalarmult_base(ephemeral)
    nonce = blake2b(public + recipient, digest_size=24).digest()
    return public + crypto_box(message, nonce, recipient, ephemeral)


def open_box(box: bytes, key: SigningKey) -> bytes | None:
    """The message, or None if the box is not to this key or was changed."""
    secret = agreement_secret(key)
    try:
        return crypto_box_seal_open(box, crypto_scalarmult_base(secret), secret)
    except (CryptoError, ValueError, TypeError):
        return None
