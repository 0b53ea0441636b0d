"""`counterfoil sweep`: what the service does once a day, now."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from api.cli.opening import (
    add_json,
    add_parser,
    connected,
    existing_database,
    finish,
    read_config,
    row_of,
    writing,
)
from api.config import Config
from ledger.clock import SystemClock
from ledger.log.sweep import Swept, sweep
from ledger.storage.snapshot import snapshot

DESCRIPTION = """\
Does what `serve` does once a day: erases what is due, notes which receipts were asked for
again, turns the key that protects the vault if it is a day old, wraps what is left again
under it, and destroys the keys that no backup needs any more
(COUNTERFOIL_BACKUP_RETENTION_DAYS after their successor was made).

Runs beside `serve` and without one; one process sweeps a ledger at a time.

Exit status: 0 swept, 1 another process is sweeping it, 2 could not.
"""
EXAMPLES = """\
  counterfoil sweep commons
  counterfoil sweep commons --turn --json
"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(
        commands,
        "sweep",
        help_="erase what is due, turn the vault's key",
        description=DESCRIPTION,
        examples=EXAMPLES,
    )
    parser.add_argument("ledger", metavar="LEDGER")
    parser.add_argument(
        "--turn",
        action="store_true",
        help="turn the key though it is younger than a day",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Sweep; 0 swept, 1 somebody else does, 2 could not."""
    config = read_config(arguments)
    swept = finish(_sweep(config, arguments.ledger, turn_now=arguments.turn))
    if arguments.json:
        print(json.dumps(None if swept is None else asdict(swept)))
    elif swept is None:
        print(f"{arguments.ledger}: another process is sweeping it")
    else:
        _print(arguments.ledger, swept)
    return 1 if swept is None else 0


def _print(ledger: str, swept: Swept) -> None:
    print(
        f"{ledger}: {swept.erased:,} decisions erased, {swept.noted:,} requests for "
        "receipts noted"
    )
    if swept.again:
        print(f"{swept.again:,} rows had come back and were erased again")
    state = "is new and in force" if swept.turned else "is in force"
    print(f"epoch {swept.epoch} {state}; {swept.rewrapped:,} secrets wrapped again")
    for epoch in swept.destroyed:
        print(f"epoch {epoch} destroyed: no backup needs it")
    for epoch in swept.missing:
        print(f"epoch {epoch} has no key file: what it wraps stays shut")


async def _sweep(config: Config, ledger: str, *, turn_now: bool) -> Swept | None:
    async with existing_database(config) as database, connected(database) as store:
        row = await row_of(store, ledger)

        async def count() -> Mapping[int, int]:
            async with snapshot(database.dsn) as moment:
                return await moment.epochs(row.log_id)

        async with writing(config, store, row) as book:
            return await sweep(
                book,
                count_epochs=count,
                clock=SystemClock(),
                backup_retention_days=config.backup_retention_days,
                turn_now=turn_now,
            )
