"""`counterfoil restore`: fill an empty database from a backup."""

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
    connected,
    finish,
    read_config,
    wire,
)
from api.config import Config
from api.database import Database, open_database
from ledger.errors import CounterfoilError
from ledger.log.backup import Manifest, read_manifest, restore, verify_files

DESCRIPTION = """\
Restores a backup into an empty database, all of it or nothing, and checks every file
against the manifest first. Leave KEYS_DIR as it is: its newest released head tells
`serve` what the backup lacks, and `serve` then refuses to sign until `counterfoil
recover` has brought it back. What was erased since the backup was made is named beside
the keys too, and is erased again before anything is served.
"""
EXAMPLES = """\
  mv /var/lib/counterfoil/postgres /var/lib/counterfoil/postgres.broken
  counterfoil restore /backup/ledger-2026-11-22
"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(
        commands,
        "restore",
        help_="fill an empty database from a backup",
        description=DESCRIPTION,
        examples=EXAMPLES,
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Restore; 0 restored, 2 nothing was."""
    config = read_config(arguments)
    folder = arguments.folder
    manifest = read_manifest(folder)
    with bar("Verify", "bytes") as show:
        verify_files(folder, manifest, progress=show)
    found = finish(_restore(config, folder, manifest))
    if arguments.json:
        print(json.dumps(found))
        return 0
    print(f"Restored {folder}, made {manifest.created_at}")
    behind = False
    for item in found:
        print(f"  {item['name']}  {item['size']:,} entries, {_sentence(item)}")
        if item["erased_again"]:
            print(f"    {item['erased_again']:,} private rows erased again")
        behind = behind or item["missing"] > 0
    command = "recover --from TILES|URL" if behind else "serve"
    print(f"\nNext:  counterfoil {command}", file=sys.stderr)
    return 0


def _sentence(item: dict[str, Any]) -> str:
    if item["released"] is None:
        return f"not compared with what was released: {item['problem']}"
    if item["missing"] > 0:
        return (
            f"{item['missing']:,} fewer than the {item['released']:,} already released: "
            "it will not be signed until they are recovered"
        )
    return "nothing that was released is missing"


async def _restore(
    config: Config, folder: Path, manifest: Manifest
) -> list[dict[str, Any]]:
    async with open_database(config, attach=True) as database:
        with bar("Restore", "bytes") as show:
            await restore(database.owner_dsn, folder, manifest, progress=show)
        return await _compare(config, database, manifest)


async def _compare(
    config: Config, database: Database, manifest: Manifest
) -> list[dict[str, Any]]:
    """Each ledger against the newest head that its keys released."""
    found = []
    async with connected(database) as store:
        rows = {row.name: row for row in await store.logs()}
        for at in manifest.ledgers:
            item = {
                **asdict(at),
                "released": None,
                "missing": 0,
                "erased_again": 0,
                "problem": None,
            }
            try:
                book = wire(config, store, rows[at.name])
                await book.projection.refresh()
                item["erased_again"] = await book.erase_again()
            except CounterfoilError as error:
                item["problem"] = str(error)
            else:
                newest = book.released.newest()
                book.released.close()
                size = 0 if newest is None else int(newest[0].size)
                item["released"], item["missing"] = size, max(0, size - at.size)
            found.append(item)
    return found
