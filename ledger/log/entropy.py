"""Randomness for sealing: one draw from the kernel for all that are sealed together.

A draw is a system call and costs what hashing a kilobyte costs; nothing of it is kept for
a later batch, so no copy of the process can hand out the same secret again.
"""

import os
from typing import Final

from ledger.entries.decision import NONCE_BYTES, Entropy
from ledger.entries.disclosure import SALTS_BYTES
from ledger.entries.secret import SECRET_BYTES
from ledger.ids import DecisionId

_ID_BYTES: Final = 16
_NONCE_AT: Final = SECRET_BYTES
_SALTS_AT: Final = _NONCE_AT + NONCE_BYTES
_ID_AT: Final = _SALTS_AT + SALTS_BYTES
_EACH: Final = _ID_AT + _ID_BYTES

Fresh = tuple[DecisionId, Entropy]


def fresh(count: int) -> list[Fresh]:
    """For each of `count` decisions an id, K, salts and a nonce, all new."""
    draw = os.urandom(_EACH * count)
    return [_cut(draw[at : at + _EACH]) for at in range(0, len(draw), _EACH)]


def _cut(draw: bytes) -> Fresh:
    return _uuid4(draw[_ID_AT:].hex()), Entropy(
        secret=draw[:_NONCE_AT],
        nonce=draw[_NONCE_AT:_SALTS_AT],
        salts=draw[_SALTS_AT:_ID_AT],
    )


def _uuid4(text: str) -> DecisionId:
    """A random UUIDv4 (RFC 9562 section 5.4) of 32 hexadecimal digits."""
    variant = "89ab"[int(text[16], 16) & 3]
    return DecisionId(
        f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"
    )
