"""Randomness for sealing: one draw from the kernel for a decision."""

import os

from ledger.entries.decision import NONCE_BYTES, Entropy
from ledger.entries.disclosure import SALT_BYTES, SLOTS
from ledger.entries.secret import SECRET_BYTES

_SALTS = SALT_BYTES * len(SLOTS)


def fresh() -> Entropy:
    """A new K, salts and nonce."""
    draw = os.urandom(SECRET_BYTES + NONCE_BYTES + _SALTS)
    return Entropy(
        secret=draw[:SECRET_BYTES],
        nonce=draw[SECRET_BYTES : SECRET_BYTES + NONCE_BYTES],
        salts=draw[SECRET_BYTES + NONCE_BYTES :],
    )
