"""RFC 6962 section 2.1 hashing with SHA-256.

    leaf  = SHA-256(0x00 ‖ data)
    node  = SHA-256(0x01 ‖ left ‖ right)
    empty = SHA-256()

The one-byte prefixes keep a node from being read as a leaf: without them an inner node's
64 bytes would be a second preimage of a leaf. They never change.

Example: `hash_leaf(b"")` is `6e340b9cffb37a98…`, the root of a tree of one empty leaf.
"""

from hashlib import sha256
from typing import Final

from ledger.ids import Hash

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = Hash(sha256(b"").digest())


def hash_leaf(data: bytes) -> Hash:
    """SHA-256(0x00 ‖ data): the hash of one entry."""
    return Hash(sha256(b"\x00" + data).digest())


def hash_children(left: bytes, right: bytes) -> Hash:
    """SHA-256(0x01 ‖ left ‖ right): the hash of an inner node."""
    return Hash(sha256(b"\x01" + left + right).digest())
