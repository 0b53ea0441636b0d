"""`counterfoil fsck`: the database against itself."""

import argparse
import json
import sys
from typing import Any

from api.cli.bar import bar
from api.cli.opening import (
    add_json,
    add_parser,
    connected,
    existing_database,
    finish,
    read_config,
    rows_of,
    wire,
)
from api.config import Config
from api.database import Database
from ledger.errors import CounterfoilError
from ledger.log.fsck import Fsck, fsck
from ledger.log.fsck_rebuild import rebuild
from ledger.log.vault import Vault
from ledger.merkle.checkpoint import Checkpoint
from ledger.storage.port import LogRow
from ledger.storage.postgres import PostgresStore
from ledger.storage.snapshot import snapshot

DESCRIPTION = """\
Reads a ledger's whole database, at one moment, and checks it against itself: entries
against their hashes, hashes against tiles and head, the head against what was released,
decisions, acts and counters against the entries, the vault against the decisions. `serve`
goes on meanwhile.

--vault also opens every sealed part with the keys in KEYS_DIR and compares what it holds
with the digests on the leaf. Nothing of it is printed.

--rebuild writes decisions, acts, counters and tiles again from the entries, in one
transaction (writers wait for it), then checks. Entries are never changed by anything.

For what only a stranger can tell, there is `counterfoil audit`.

Exit status: 0 all holds, 1 findings, a line each, 2 could not check.
"""
EXAMPLES = """\
  counterfoil fsck
  counterfoil fsck commons --vault
  counterfoil fsck commons --rebuild
"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(
        commands,
        "fsck",
        help_="check the database against itself",
        description=DESCRIPTION,
        examples=EXAMPLES,
    )
    parser.add_argument("ledger", metavar="LEDGER", nargs="?")
    parser.add_argument(
        "--vault", action="store_true", help="open every sealed part; needs the keys"
    )
    parser.add_argument(
        "--rebuild", action="store_true", help="write what derives from entries again"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check; 0 holds, 1 findings, 2 could not."""
    config = read_config(arguments)
    results = finish(
        _check(
            config,
            arguments.ledger,
            with_vault=arguments.vault,
            first_rebuild=arguments.rebuild,
        )
    )
    if arguments.json:
        print(json.dumps([_as_json(result) for result in results]))
    else:
        for result in results:
            _print(result, with_vault=arguments.vault)
    return 1 if any(result.findings for result in results) else 0


async def _check(
    config: Config, name: str | None, *, with_vault: bool, first_rebuild: bool
) -> list[Fsck]:
    results = []
    async with existing_database(config) as database, connected(database) as store:
        for row in await rows_of(store, name):
            if first_rebuild:
                with bar("Rebuild") as show:
                    await rebuild(database.owner_dsn, row, progress=show)
            results.append(await _check_one(config, database, store, row, with_vault))
    return results


async def _check_one(
    config: Config,
    database: Database,
    store: PostgresStore,
    row: LogRow,
    with_vault: bool,  # noqa: FBT001 -- one caller
) -> Fsck:
    # The released head first: what is committed before the snapshot covers it.
    released, vault = _keys(config, store, row, with_vault=with_vault)
    async with snapshot(database.dsn) as moment:
        with bar("Check") as show:
            return await fsck(
                moment, row, released=released, vault=vault, progress=show
            )


def _keys(
    config: Config, store: PostgresStore, row: LogRow, *, with_vault: bool
) -> tuple[Checkpoint | None, Vault | None]:
    try:
        book = wire(config, store, row)
    except CounterfoilError as error:
        if with_vault:
            raise
        print(
            f"note: {row.name} was not compared with what was released: {error}",
            file=sys.stderr,
        )
        return None, None
    newest = book.released.newest()
    book.released.close()
    return (
        None if newest is None else newest[0],
        book.keyring.vault() if with_vault else None,
    )


def _print(result: Fsck, *, with_vault: bool) -> None:
    for _, sentence in result.findings:
        print(f"{result.ledger}: {sentence}")
    if result.more:
        print(f"{result.ledger}: and {result.more:,} more findings")
    if result.unsealed:
        print(
            f"note: {result.ledger}: {result.unsealed:,} decisions have no private part "
            "here: erased, or recovered from public files",
            file=sys.stderr,
        )
    if not result.findings:
        opened = f", {result.opened:,} sealed parts opened" if with_vault else ""
        print(f"{result.ledger}: {result.size:,} entries{opened}; all holds")


def _as_json(result: Fsck) -> dict[str, Any]:
    return {
        "ledger": result.ledger,
        "size": result.size,
        "holds": not result.findings,
        "findings": [
            {"kind": kind, "sentence": sentence} for kind, sentence in result.findings
        ],
        "more": result.more,
        "unsealed": result.unsealed,
        "opened": result.opened,
    }
