"""What the operator's commands share: which data, which database, which ledger.

Every command works beside a running `serve` (it attaches to its database) and without
one (it starts the embedded server for as long as it runs).
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from api import logs
from api.config import Config
from api.database import Database, open_database
from ledger.clock import SystemClock
from ledger.errors import FatalError, NotFoundError
from ledger.ids import LedgerName
from ledger.log.book import Book
from ledger.log.identity import Ledger
from ledger.log.projection import Projection
from ledger.storage.port import LogRow
from ledger.storage.postgres import PostgresStore

Value = TypeVar("Value")


def add_parser(
    commands: Any, name: str, *, help_: str, description: str, examples: str
) -> argparse.ArgumentParser:
    """A command's parser, with `--data` and its examples at the end of its help."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help_,
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="the data folder (default: COUNTERFOIL_DATA_DIR, or ./counterfoil-data)",
    )
    return parser


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`, for programs."""
    parser.add_argument(
        "--json", action="store_true", help="JSON on standard output, for programs"
    )


def read_config(
    arguments: argparse.Namespace, more: Mapping[str, str] | None = None
) -> Config:
    """The environment's configuration under the command line's `--data`."""
    given = dict(more or {})
    if arguments.data is not None:
        given["DATA_DIR"] = str(arguments.data)
    return Config.read(given)


def finish(work: Coroutine[Any, Any, Value]) -> Value:
    """Run a command's work to its end, its log cut to what went wrong."""
    logs.configure("critical", "text")
    return asyncio.run(work)


@asynccontextmanager
async def existing_database(config: Config) -> AsyncIterator[Database]:
    """The database of this configuration, never a new one.

    Raises:
        FatalError: nothing was ever made there.
    """
    folder = config.data_dir / "postgres"
    if config.database_url is None and not folder.exists():
        raise FatalError(
            f"there is no ledger under {config.data_dir}: name its folder with --data, "
            "or make one with `counterfoil serve` or `counterfoil init`"
        )
    async with open_database(config, attach=True) as database:
        yield database


@asynccontextmanager
async def connected(database: Database) -> AsyncIterator[PostgresStore]:
    """A migrated store on a running database."""
    store = await PostgresStore.connect(database.dsn, migrate_dsn=database.owner_dsn)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def existing_store(config: Config) -> AsyncIterator[PostgresStore]:
    """A migrated store on an existing database."""
    async with existing_database(config) as database, connected(database) as store:
        yield store


async def rows_of(store: PostgresStore, name: str | None) -> Sequence[LogRow]:
    """The ledger `name`, or every one.

    Raises:
        NotFoundError: none of that name; names those there are.
    """
    rows = await store.logs()
    if name is None:
        return rows
    found = [row for row in rows if row.name == name]
    if not found:
        known = ", ".join(row.name for row in rows) or "none yet: `counterfoil init`"
        raise NotFoundError(
            "unknown-ledger", f"no ledger of this name here; there is {known}"
        )
    return found


async def row_of(store: PostgresStore, name: str) -> LogRow:
    """The ledger `name`.

    Raises:
        NotFoundError: none of that name.
    """
    return (await rows_of(store, name))[0]


def identity_of(row: LogRow) -> Ledger:
    """A ledger's names."""
    return Ledger(
        log_id=row.log_id,
        name=LedgerName(row.name),
        origin=row.origin,
        genesis=row.genesis,
    )


async def projection_of(store: PostgresStore, row: LogRow) -> Projection:
    """The community's state at the head; needs no keys."""
    projection = Projection(identity_of(row), store)
    await projection.refresh()
    return projection


def wire(config: Config, store: PostgresStore, row: LogRow) -> Book:
    """The ledger's book with its keys, not started: nothing is signed.

    Publishing is left to `serve`.
    """
    return Book.wire(
        row,
        store=store,
        keys_folder=config.keys_dir,
        tiles_folder=None,
        clock=SystemClock(),
        log=logs.configure("critical", "text"),
    )


@asynccontextmanager
async def writing(
    config: Config, store: PostgresStore, row: LogRow
) -> AsyncIterator[Book]:
    """The ledger's book, started: it writes beside a running `serve`, in turn.

    Raises:
        FatalError: the ledger refuses to sign; says what to do.
    """
    book = wire(config, store, row)
    try:
        await book.start()
        yield book
    finally:
        await book.close()
