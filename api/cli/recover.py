"""`counterfoil recover`: bring a restored database up to what was published."""

import argparse
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from api.cli.bar import bar
from api.cli.opening import (
    add_json,
    add_parser,
    existing_store,
    finish,
    read_config,
    rows_of,
    wire,
)
from api.config import Config
from ledger.audit.source import FolderSource, Source, UrlSource, read_bundle
from ledger.audit.tree import root_at
from ledger.errors import FatalError, MalformedError, NotFoundError, UnavailableError
from ledger.ids import Hash, TreeSize
from ledger.limits import CHECKPOINT_BYTES_MAX
from ledger.log.recovery import Lost, Recovery, append, prepare
from ledger.storage.port import LogRow
from ledger.storage.postgres import PostgresStore

SHOWN: Final = 10  # ids printed; the file has them all

DESCRIPTION = """\
For "the ledger refuses to sign": an older copy of the database was restored, and a newer
checkpoint is out. Reads the missing entries from where they are public, checks that they
lead from this database exactly to the checkpoint that this ledger's own key signed, and
only then appends them. What only the vault had (the sealed parts of these decisions)
cannot come back: their ids are listed, and written to a file in the data folder. Their
leaves and receipts hold.

Stop `serve` first, and start it again afterwards.
"""
EXAMPLES = """\
  counterfoil recover --from /var/lib/counterfoil/tiles
  counterfoil recover commons --from https://mirror.example.org/commons
"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(
        commands,
        "recover",
        help_="append again what a restored database lacks",
        description=DESCRIPTION,
        examples=EXAMPLES,
    )
    parser.add_argument("ledger", metavar="LEDGER", nargs="?")
    parser.add_argument(
        "--from",
        dest="place",
        metavar="TILES|URL",
        required=True,
        help="a folder of published tiles, or a ledger's address",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Recover; 0 whole again, 2 nothing was appended (the sentence says why)."""
    config = read_config(arguments)
    row, recovery, path = finish(_recover(config, arguments.ledger, arguments.place))
    if arguments.json:
        print(
            json.dumps(
                {
                    "ledger": row.name,
                    "from": recovery.head.size,
                    "size": max(recovery.head.size, recovery.checkpoint.size),
                    "appended": recovery.missing,
                    "root": recovery.checkpoint.root.hex(),
                    "lost": [asdict(lost) for lost in recovery.lost],
                    "lost_file": None if path is None else str(path),
                }
            )
        )
    else:
        _print(row, recovery, path)
    return 0


def _print(row: LogRow, recovery: Recovery, path: Path | None) -> None:
    size = recovery.checkpoint.size
    if not recovery.missing:
        print(
            f"{row.name}: nothing is missing: the database holds all {size:,} published "
            "entries"
        )
        return
    print(
        f"{row.name}: {recovery.missing:,} entries appended again, "
        f"{recovery.head.size:,} to {size - 1:,}; the root is the published one"
    )
    if path is not None:
        count = len(recovery.lost)
        print(
            f"The sealed parts of {count:,} decisions were in the vault only, and are "
            f"gone; their leaves and receipts hold. Tell their deployers. Ids, in {path}:"
        )
        for lost in recovery.lost[:SHOWN]:
            print(f"  {lost.id}  entry {lost.index:,}, system {lost.system}")
        if count > SHOWN:
            print(f"  and {count - SHOWN:,} more")
    print("\nNext:  start `counterfoil serve` again", file=sys.stderr)


async def _recover(
    config: Config, name: str | None, place: str
) -> tuple[LogRow, Recovery, Path | None]:
    async with existing_store(config) as store:
        rows = await rows_of(store, name)
        if len(rows) != 1:
            raise MalformedError(
                "there are several ledgers here: name one of "
                + ", ".join(row.name for row in rows)
                if rows
                else "there is no ledger in this database: `counterfoil restore` first"
            )
        async with _source(place, rows[0].name) as source:
            return rows[0], *await _recover_one(config, store, rows[0], source)


async def _recover_one(
    config: Config, store: PostgresStore, row: LogRow, source: Source
) -> tuple[Recovery, Path | None]:
    book = wire(config, store, row)
    try:
        with bar("Fetch") as show:
            recovery = await prepare(book, _Public(source), progress=show)
        path = _write_lost(config, row, recovery)
        with bar("Append") as show:
            await append(book, recovery, progress=show)
    finally:
        book.released.close()
    return recovery, path


def _write_lost(config: Config, row: LogRow, recovery: Recovery) -> Path | None:
    """Before anything is appended: a crash must not lose the list."""
    if not recovery.lost:
        return None
    first, last = recovery.head.size, recovery.checkpoint.size - 1
    path = config.data_dir / f"lost-{row.name}-{first}-{last}.txt"
    try:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text("".join(map(_line, recovery.lost)), encoding="ascii")
    except OSError as error:
        raise FatalError(f"cannot write {path}: {error.strerror}") from error
    return path


def _line(lost: Lost) -> str:
    return f"{lost.id} {lost.index} {lost.system}\n"


class _Public:
    """A place of public files, as the auditor reads it."""

    def __init__(self, source: Source) -> None:
        self._source = source

    async def checkpoint(self) -> bytes:
        data = await self._source.read("checkpoint", CHECKPOINT_BYTES_MAX)
        if data is None:
            raise NotFoundError("no-log", "there is no log there: no file `checkpoint`")
        return data

    async def bundle(self, index: int, width: int) -> list[bytes]:
        return await read_bundle(self._source, index, width)

    async def root_at(self, size: TreeSize, of: TreeSize) -> Hash | None:
        return await root_at(self._source, size, of)


@asynccontextmanager
async def _source(place: str, name: str) -> AsyncIterator[Source]:
    """The place itself, or the folder of this ledger in it."""
    if place.startswith(("http://", "https://")):
        async with UrlSource(place) as source:
            yield source
        return
    yield FolderSource(_folder([Path(place), Path(place) / name]))


def _folder(candidates: Sequence[Path]) -> Path:
    for folder in candidates:
        if (folder / "checkpoint").is_file():
            return folder
    raise UnavailableError(
        f"{candidates[0]} holds no published log: neither it nor the ledger's folder in "
        "it has a file `checkpoint`"
    )
