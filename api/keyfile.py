"""Identity files: the Ed25519 key with which a person or organisation signs acts.

    {"counterfoil_identity": 1, "did": "did:key:z6Mk…", "seed": base64url of 32 bytes}

One line of JSON, 0600, never overwritten. Whoever has the file can act as its `did`.
"""

import json
from pathlib import Path
from typing import Final

from ledger.canonical import format_base64url, parse_base64url
from ledger.entries.strict import parse_json
from ledger.errors import MalformedError
from ledger.keys import SEED_BYTES, SigningKey
from ledger.log.keyring import read_private, write_private

VERSION: Final = 1  # never changes


def format_identity(key: SigningKey) -> bytes:
    """The file's bytes."""
    value = {
        "counterfoil_identity": VERSION,
        "did": key.did,
        "seed": format_base64url(key.seed),
    }
    return json.dumps(value).encode("ascii") + b"\n"


def parse_identity(data: bytes) -> SigningKey:
    """The key in a file's bytes.

    Raises:
        MalformedError: not such a file, or a seed whose did:key is another.
    """
    value = parse_json(data)
    if type(value) is not dict or value.keys() != {
        "counterfoil_identity",
        "did",
        "seed",
    }:
        raise MalformedError("not an identity file")
    if value["counterfoil_identity"] != VERSION or type(value["seed"]) is not str:
        raise MalformedError(f"an identity file of another version than {VERSION}")
    key = SigningKey(parse_base64url(value["seed"], length=SEED_BYTES))
    if value["did"] != key.did:
        raise MalformedError("an identity file whose did is not its seed's")
    return key


def write_identity(path: Path, key: SigningKey) -> None:
    """Create the file, 0600.

    Raises:
        FatalError: it exists, or cannot be written.
    """
    write_private(path, format_identity(key))


def read_identity(path: Path) -> SigningKey:
    """The key in a file.

    Raises:
        MalformedError: not an identity file.
        FatalError: missing, or readable by anybody but its owner.
    """
    return parse_identity(read_private(path))
