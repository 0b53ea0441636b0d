"""`counterfoil identity`: the keys with which people and organisations sign acts."""

import argparse
import secrets
import sys
from pathlib import Path
from typing import Any

from api.keyfile import write_identity
from ledger.errors import CounterfoilError
from ledger.keys import SEED_BYTES, SigningKey

_HELP = """\
Makes an Ed25519 key, writes it to FILE (readable by you alone, never overwritten), and
prints its public name, a did:key, which is all that anybody else needs.

  counterfoil identity new founder.key
  counterfoil init commons --origin example.org/commons --founder did:key:z6Mk...

Keep a copy of FILE somewhere safe: nobody can make it again, and whoever has it can sign
as you.
"""


def add(subparsers: Any) -> None:
    """Register `identity new`."""
    identity = subparsers.add_parser("identity", help="make a key to sign acts with")
    commands = identity.add_subparsers(metavar="COMMAND", required=True)
    new = commands.add_parser(
        "new",
        help="make a key, print its did:key",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    new.set_defaults(run=run)
    new.add_argument("file", metavar="FILE", type=Path, help="where the key goes")


def run(arguments: argparse.Namespace) -> int:
    """Make the key; 0 made, 2 could not."""
    key = SigningKey(secrets.token_bytes(SEED_BYTES))
    try:
        write_identity(arguments.file, key)
    except CounterfoilError as error:
        print(f"counterfoil: {error}", file=sys.stderr)
        return 2
    print(key.did)
    return 0
