"""`counterfoil backup`: one moment of the database, as files."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.cli.bar import bar
from api.cli.opening import (
    add_json,
    add_parser,
    existing_database,
    finish,
    read_config,
)
from api.config import Config
from ledger.clock import SystemClock
from ledger.log.backup import Manifest, back_up

DESCRIPTION = """\
Writes a consistent copy of the whole database (every ledger, the vault's ciphertext, the
hashes of tokens) into a new folder, while `serve` goes on: one file a table, and a
manifest with the SHA-256 of each, written last.

Never a key: keep KEYS_DIR elsewhere, and do not restore the two from one moment.
"""
EXAMPLES = """\
  counterfoil backup /backup/ledger-$(date -I)
  counterfoil backup /backup/now --json
"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(
        commands,
        "backup",
        help_="copy the database into a folder",
        description=DESCRIPTION,
        examples=EXAMPLES,
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Back up; 0 done, 2 could not."""
    config = read_config(arguments)
    manifest = finish(_back_up(config, arguments.folder))
    if arguments.json:
        print(json.dumps(asdict(manifest)))
        return 0
    megabytes = manifest.bytes / 1e6
    print(f"Backed up to {arguments.folder}, {megabytes:,.1f} MB")
    for at in manifest.ledgers:
        print(f"  {at.name}  {at.size:,} entries, root {at.root[:16]}…")
    print(
        f"No key is in it. {config.keys_dir} has them, and needs a copy elsewhere.",
        file=sys.stderr,
    )
    return 0


async def _back_up(config: Config, folder: Path) -> Manifest:
    async with existing_database(config) as database:
        with bar("Back up", "bytes") as show:
            return await back_up(database.dsn, folder, SystemClock(), progress=show)
