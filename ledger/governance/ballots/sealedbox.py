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
)
from nacl.exceptions import CryptoError

from ledger.ids import Did
from ledger.keys import SigningKey, agreement_key, agreement_secret


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
