"""`counterfoil keys`: turn the keys that protect the vault."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from api.cli.bar import bar
from api.cli.opening import (
    add_json,
    add_parser,
    connected,
    existing_database,
    finish,
    read_config,
    row_of,
)
from api.config import Config
from ledger.ids import LogId
from ledger.log.keyring import Keyring
from ledger.log.rotation import Rotation, rotate
from ledger.storage.snapshot import snapshot

DESCRIPTION = """\
The key encryption keys of a ledger's vault: each wraps the secrets that were recorded in
its epoch, and lives in a file of KEYS_DIR/LEDGER/kek, never in the database.
"""
ROTATE = """\
Makes a new key encryption key, lets running processes pick it up (a second or two), and
wraps every older secret again under it. Nothing is decrypted to disk, no receipt changes,
nobody waits.

--destroy-old then destroys the key files that this database needs no more. Backups made
before today hold secrets under those keys: destroy them when the last such backup is
gone, or at once after a leak. Make a copy of the new key elsewhere first. Where several
hosts see KEYS_DIR over a network disk, turn first, and destroy with a second turn.
"""
ROTATE_EXAMPLES = """\
  counterfoil keys rotate commons
  counterfoil keys rotate commons --destroy-old
"""
LIST_EXAMPLES = "  counterfoil keys list commons --json\n"


def add(commands: Any) -> None:
    """Add the command."""
    keys = commands.add_parser(
        "keys", help="turn the vault's keys", description=DESCRIPTION
    )
    below = keys.add_subparsers(metavar="COMMAND", required=True)
    turn = add_parser(
        below,
        "rotate",
        help_="turn the key encryption key",
        description=ROTATE,
        examples=ROTATE_EXAMPLES,
    )
    turn.add_argument("ledger", metavar="LEDGER")
    turn.add_argument(
        "--destroy-old",
        action="store_true",
        help="destroy older keys that nothing in this database needs",
    )
    add_json(turn)
    turn.set_defaults(run=run_rotate)
    listed = add_parser(
        below,
        "list",
        help_="list epochs, and how much each protects",
        description="Lists the epochs at hand and how many secrets each wraps.",
        examples=LIST_EXAMPLES,
    )
    listed.add_argument("ledger", metavar="LEDGER")
    add_json(listed)
    listed.set_defaults(run=run_list)


def run_rotate(arguments: argparse.Namespace) -> int:
    """Turn the key; 0 done, 2 could not."""
    config = read_config(arguments)
    done = finish(_rotate(config, arguments.ledger, destroy_old=arguments.destroy_old))
    folder = config.keys_dir / arguments.ledger / "kek"
    if arguments.json:
        print(json.dumps(asdict(done)))
        return 0
    print(
        f"epoch {done.epoch} is in force; {done.rewrapped:,} secrets wrapped again "
        "under it"
    )
    for epoch in done.idle:
        if epoch in done.destroyed:
            print(f"epoch {epoch} destroyed")
        else:
            print(f"epoch {epoch} is needed by older backups only; its key is kept")
    print(f"Copy {folder}/{done.epoch}.key elsewhere now.", file=sys.stderr)
    return 0


async def _rotate(config: Config, ledger: str, *, destroy_old: bool) -> Rotation:
    async with existing_database(config) as database, connected(database) as store:
        row = await row_of(store, ledger)

        async def count() -> Mapping[int, int]:
            return await _epochs(database.dsn, row.log_id)

        total = sum((await count()).values())
        with bar("Wrap", "secrets") as show:
            return await rotate(
                Keyring(config.keys_dir / row.name),
                store,
                row.log_id,
                count_epochs=count,
                destroy_old=destroy_old,
                progress=lambda done: show(done, total),
            )


async def _epochs(dsn: str, log_id: LogId) -> Mapping[int, int]:
    async with snapshot(dsn) as moment:
        return await moment.epochs(log_id)


def run_list(arguments: argparse.Namespace) -> int:
    """List epochs; 1 when a key that is needed is missing."""
    config = read_config(arguments)

    async def work() -> Mapping[int, int]:
        async with existing_database(config) as database, connected(database) as store:
            row = await row_of(store, arguments.ledger)
            return await _epochs(database.dsn, row.log_id)

    counts = finish(work())
    at_hand = set(Keyring(config.keys_dir / arguments.ledger).epochs())
    found = [
        {"epoch": epoch, "secrets": counts.get(epoch, 0), "key": epoch in at_hand}
        for epoch in sorted(at_hand | set(counts))
    ]
    if arguments.json:
        print(json.dumps(found))
    else:
        for item in found:
            missing = "" if item["key"] else "  its key file is MISSING: bring it back"
            print(f"epoch {item['epoch']}  {item['secrets']:,} secrets{missing}")
    return 0 if all(item["key"] for item in found) else 1
