"""The words of the ledger: what an index is, what a name may be.

A `LeafIndex` counts entries from 0; a `TreeSize` counts how many there are: mixing them
is the classic off-by-one of Merkle code, so they are different types.
"""

import re
from typing import NewType

from ledger.errors import MalformedError

LeafIndex = NewType("LeafIndex", int)
TreeSize = NewType("TreeSize", int)
Hash = NewType("Hash", bytes)  # 32 bytes of SHA-256
LogId = NewType("LogId", int)  # the database's number of a ledger, never on the wire
LedgerName = NewType("LedgerName", str)
SystemId = NewType("SystemId", str)
DecisionId = NewType("DecisionId", str)  # a random UUIDv4 in lower case
Did = NewType("Did", str)  # a did:key of an Ed25519 key

RESERVED_NAMES = frozenset({"docs", "health", "metrics", "static", "v1"})
_LEDGER = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9._+-]{1,64}", re.ASCII)
_UUID4 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII
)


def parse_ledger_name(text: str) -> LedgerName:
    """A ledger's name, the first segment of its paths.

    Raises:
        MalformedError: not `[a-z][a-z0-9-]{0,39}`, or a reserved word.
    """
    if not _LEDGER.fullmatch(text) or text in RESERVED_NAMES:
        raise MalformedError(
            "a ledger's name is 1 to 40 of a-z, 0-9 and '-', begins with a letter, and "
            f"is none of {' '.join(sorted(RESERVED_NAMES))}"
        )
    return LedgerName(text)


def is_code(text: str) -> bool:
    """Whether `text` is a code (systems, outcomes, reasons): 1 to 64 of A-Za-z0-9._-."""
    return _CODE.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Whether `text` is a system's version: 1 to 64 of A-Za-z0-9._+-."""
    return _VERSION.fullmatch(text) is not None


def is_uuid4(text: str) -> bool:
    """Whether `text` is a lower-case random UUID; a version 7 would tell the time."""
    return _UUID4.fullmatch(text) is not None
