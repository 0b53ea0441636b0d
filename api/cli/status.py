"""`counterfoil status`: what there is, and whether it may be signed."""

import argparse
import json
import os
from pathlib import Path
from typing import Any, Final

import orjson

from api.cli.opening import (
    add_json,
    add_parser,
    connected,
    existing_database,
    finish,
    projection_of,
    read_config,
    rows_of,
    wire,
)
from api.config import Config
from api.metrics import key
from ledger.clock import SystemClock
from ledger.errors import CounterfoilError, FatalError, UnavailableError
from ledger.merkle.note import format_vkey, parse_signer_key
from ledger.storage.port import LogRow
from ledger.storage.postgres import PostgresStore
from ledger.storage.snapshot import snapshot

FRESH_S: Final = 5.0  # seconds; a running worker writes its counts every second

DESCRIPTION = """\
Shows the database and each ledger: how many entries, the newest checkpoint, whether the
database has all that was released, systems, tokens, what waits in running workers; and,
if the ledger refuses to sign, why and what to do.

Exit status: 0 every ledger may be signed, 1 one may not, 2 nothing could be read.
"""
EXAMPLES = "  counterfoil status\n  counterfoil status commons --json\n"


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(
        commands,
        "status",
        help_="what there is, and whether it may be signed",
        description=DESCRIPTION,
        examples=EXAMPLES,
    )
    parser.add_argument("ledger", metavar="LEDGER", nargs="?")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show it; 0 well, 1 a ledger refuses to sign."""
    found = finish(_status(read_config(arguments), arguments.ledger))
    if arguments.json:
        print(json.dumps(found))
    else:
        _print(found)
    return 1 if any(item["refuses"] for item in found["ledgers"]) else 0


async def _status(config: Config, name: str | None) -> dict[str, Any]:
    workers = _workers(config.data_dir / "run" / "metrics")
    async with existing_database(config) as database, connected(database) as store:
        async with snapshot(database.dsn) as moment:
            size = await moment.database_bytes()
        return {
            "database": database.label,
            "database_bytes": size,
            "data": str(config.data_dir),
            "keys": str(config.keys_dir),
            "tiles": None if config.tiles_dir is None else str(config.tiles_dir),
            "workers": len(workers),
            "ledgers": [
                await _ledger(config, store, row, workers)
                for row in await rows_of(store, name)
            ],
        }


async def _ledger(
    config: Config, store: PostgresStore, row: LogRow, workers: list[dict[str, float]]
) -> dict[str, Any]:
    pool = key("counterfoil_pool_entries", ledger=row.name)
    counters = await store.counters(row.log_id)
    tokens = await store.tokens(row.log_id)
    projected = (await projection_of(store, row)).current
    return {
        "ledger": row.name,
        "origin": row.origin,
        "genesis": row.genesis,
        "entries": (await store.head(row.log_id)).size,
        "systems": len(projected.state.systems),
        "decisions": sum(seq for seq, _ in counters.values()),
        "tokens_live": sum(token[3] is None for token in tokens),
        "pool": sum(int(gauges.get(pool, 0)) for gauges in workers),
        **await _signing(config, store, row),
    }


async def _signing(config: Config, store: PostgresStore, row: LogRow) -> dict[str, Any]:
    """The newest checkpoint, and why nothing may be signed on, if so."""
    signing: dict[str, Any] = {
        "vkey": None,
        "released": None,
        "root": None,
        "refuses": None,
    }
    try:
        book = wire(config, store, row)
    except CounterfoilError as error:
        return {**signing, "refuses": str(error)}
    try:
        newest = book.released.newest()
        if newest is not None:
            signing["released"] = newest[0].size
            signing["root"] = newest[0].root.hex()
        signing["vkey"] = format_vkey(parse_signer_key(book.keyring.signer()).vkey)
        session = await store.session(row.log_id)
        try:
            await book.guard.verify(session)
        except FatalError as error:
            signing["refuses"] = str(error)
        finally:
            await session.close()
    except UnavailableError as error:
        signing["refuses"] = str(error)
    finally:
        book.released.close()
    return signing


def _workers(folder: Path) -> list[dict[str, float]]:
    """The gauges of workers that run now."""
    now_s = SystemClock().now_ms() / 1000
    found = []
    for path in sorted(folder.glob("worker-*.json")):
        try:
            if now_s - os.stat(path).st_mtime < FRESH_S:  # noqa: PTH116 -- one call
                found.append(orjson.loads(path.read_bytes())["gauges"])
        except (OSError, ValueError, KeyError):
            continue
    return found


def _print(found: dict[str, Any]) -> None:
    megabytes = found["database_bytes"] / 1e6
    workers = found["workers"]
    print(
        f"Database  {found['database']}, {megabytes:,.1f} MB, data in {found['data']}"
    )
    print(f"Service   {f'{workers} worker(s) running' if workers else 'not running'}")
    for item in found["ledgers"]:
        released = item["released"]
        print(f"\n{item['ledger']}  {item['origin']}")
        print(
            f"  entries     {item['entries']:,}, {item['decisions']:,} of them decisions"
        )
        if released is None:
            print("  checkpoint  none was signed yet")
        else:
            print(f"  checkpoint  {released:,} entries, root {item['root'][:16]}…")
        print(f"  systems     {item['systems']:,}; live tokens {item['tokens_live']:,}")
        if item["pool"]:
            print(f"  waiting     {item['pool']:,} in running workers")
        if item["vkey"]:
            print(f"  vkey        {item['vkey']}")
        print(f"  signing     {_refusal(item)}")
    if not found["ledgers"]:
        print("\nNo ledgers yet: `counterfoil init --help`")


def _refusal(item: dict[str, Any]) -> str:
    return f"REFUSED: {item['refuses']}" if item["refuses"] else "may go on"
