"""A backup: one moment of the whole database as files, and the way back. Never a key.

    FOLDER/<table>.copy     PostgreSQL's binary COPY of one table
           manifest.json    written last: without it a backup is not whole

    {"counterfoil_backup": 1, "created_at": RFC 3339, "server": "18.1",
     "migrations": [{"number", "name", "sha256"}],
     "tables": {table: {"columns", "rows", "bytes", "sha256"}},
     "ledgers": [{"name", "origin", "genesis", "size", "root"}]}

Files are 0600 in a folder of 0700: the vault's ciphertext and the tokens' hashes are
among them. The keys are kept apart on purpose: a backup without them opens nothing, and
the released head beside them tells a restored database what it lacks.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from ledger.clock import Clock
from ledger.entries.moment import format_second
from ledger.entries.strict import parse_json
from ledger.errors import (
    ConflictError,
    FatalError,
    MalformedError,
    UnavailableError,
    VerificationError,
)
from ledger.ids import TreeSize
from ledger.merkle.frontier import Frontier
from ledger.storage.copying import TABLES, CopyIn, copying_in, copying_out
from ledger.storage.snapshot import Snapshot

VERSION: Final = 1  # never changes
MANIFEST: Final = "manifest.json"
MANIFEST_BYTES_MAX: Final = 16 * 1024 * 1024  # bytes; 10,000 ledgers are 3 MB
_MEMBERS: Final = frozenset(
    {"counterfoil_backup", "created_at", "server", "migrations", "tables", "ledgers"}
)
_CHUNK_BYTES: Final = 1024 * 1024

Progress = Callable[[int, int], None]  # bytes done, in all (0: not known)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAt:
    """A ledger as a backup holds it; `root` in hex."""

    name: str
    origin: str
    genesis: str
    size: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFile:
    """One table's file; `sha256` in hex."""

    columns: Sequence[str]
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds."""

    created_at: str
    server: str
    migrations: Sequence[dict[str, Any]]
    tables: dict[str, TableFile]
    ledgers: Sequence[LedgerAt]

    @property
    def bytes(self) -> int:
        """Of all tables' files."""
        return sum(file.bytes for file in self.tables.values())


def format_manifest(manifest: Manifest) -> bytes:
    """The file's bytes."""
    value = {
        "counterfoil_backup": VERSION,
        "created_at": manifest.created_at,
        "server": manifest.server,
        "migrations": list(manifest.migrations),
        "tables": {
            name: {
                "columns": list(file.columns),
                "rows": file.rows,
                "bytes": file.bytes,
                "sha256": file.sha256,
            }
            for name, file in manifest.tables.items()
        },
        "ledgers": [
            {
                "name": at.name,
                "origin": at.origin,
                "genesis": at.genesis,
                "size": at.size,
                "root": at.root,
            }
            for at in manifest.ledgers
        ],
    }
    return json.dumps(value, indent=1).encode("ascii") + b"\n"


def parse_manifest(data: bytes) -> Manifest:
    """The manifest in a file's bytes.

    Raises:
        MalformedError: another form, another version, or other tables than ours.
    """
    value = parse_json(data)
    if type(value) is not dict or value.keys() != _MEMBERS:
        raise MalformedError("not the manifest of a backup")
    if value["counterfoil_backup"] != VERSION:
        raise MalformedError(f"a backup of another version than {VERSION}")
    try:
        tables = {name: TableFile(**file) for name, file in value["tables"].items()}
        ledgers = [LedgerAt(**at) for at in value["ledgers"]]
        migrations = [dict(item) for item in value["migrations"]]
    except (TypeError, AttributeError, ValueError) as error:
        raise MalformedError("not the manifest of a backup") from error
    manifest = Manifest(
        created_at=value["created_at"],
        server=value["server"],
        migrations=migrations,
        tables=tables,
        ledgers=ledgers,
    )
    if tuple(tables) != TABLES or format_manifest(manifest) != data:
        raise MalformedError("not the manifest of a backup of this version's tables")
    return manifest


# ---- out ---------------------------------------------------------------------------


async def back_up(
    dsn: str, folder: Path, clock: Clock, *, progress: Progress = lambda _d, _t: None
) -> Manifest:
    """Write a backup of the database into a new `folder`.

    Raises:
        ConflictError: the folder exists and is not empty.
        UnavailableError: the database or the disk does not take it; without a manifest
            what was written is no backup.
    """
    try:
        _make_folder(folder)
        async with copying_out(dsn) as source:
            tables: dict[str, TableFile] = {}
            done = 0
            for name in TABLES:
                with _create(folder / f"{name}.copy") as file:
                    writer = _Writer(file, done, progress)
                    columns = await source.columns(name)
                    rows = await source.table(name, columns, writer.take)
                    _sync(file)
                tables[name] = TableFile(
                    columns=columns,
                    rows=rows,
                    bytes=writer.bytes,
                    sha256=writer.hash.hexdigest(),
                )
                done += writer.bytes
            manifest = Manifest(
                created_at=format_second(clock.now_ms()),
                server=await source.server(),
                migrations=await source.migrations(),
                tables=tables,
                ledgers=await ledgers_at(source.moment),
            )
        with _create(folder / MANIFEST) as file:
            file.write(format_manifest(manifest))
            _sync(file)
        _sync_folder(folder)
    except OSError as error:
        raise UnavailableError(
            f"cannot write the backup in {folder}: {error.strerror}; what is there is no "
            "backup"
        ) from error
    return manifest


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConflictError(
            "folder-not-empty",
            f"{folder} is not empty: name a new folder for each backup",
        )


async def ledgers_at(moment: Snapshot) -> list[LedgerAt]:
    """Every ledger's size and root at this moment."""
    found = []
    for row in await moment.logs():
        head = await moment.head(row.log_id)
        found.append(
            LedgerAt(
                name=row.name,
                origin=row.origin,
                genesis=row.genesis,
                size=head.size,
                root=Frontier.decode(TreeSize(head.size), head.nodes).root().hex(),
            )
        )
    return found


class _Writer:
    """Counts, hashes and writes what COPY gives."""

    def __init__(self, file: BinaryIO, before: int, progress: Progress) -> None:
        self.bytes = 0
        self.hash = hashlib.sha256()
        self._file = file
        self._before = before
        self._progress = progress

    async def take(self, data: bytes) -> None:
        self._file.write(data)
        self.hash.update(data)
        self.bytes += len(data)
        self._progress(self._before + self.bytes, 0)


def _create(path: Path) -> BinaryIO:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(file, "wb", _CHUNK_BYTES)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


# ---- in ----------------------------------------------------------------------------


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the backup in `folder`.

    Raises:
        MalformedError: there is none, or it is not one.
    """
    try:
        with (folder / MANIFEST).open("rb") as file:
            return parse_manifest(file.read(MANIFEST_BYTES_MAX))
    except OSError as error:
        raise MalformedError(
            f"{folder} holds no whole backup: its {MANIFEST} cannot be read "
            f"({error.strerror})"
        ) from error


def verify_files(
    folder: Path, manifest: Manifest, *, progress: Progress = lambda _d, _t: None
) -> None:
    """That every table's file is the one that was written.

    Raises:
        VerificationError: one is missing, or was changed since.
    """
    done = 0
    for name, expected in manifest.tables.items():
        path = folder / f"{name}.copy"
        digest, size = hashlib.sha256(), 0
        try:
            with path.open("rb") as file:
                while data := file.read(_CHUNK_BYTES):
                    digest.update(data)
                    size += len(data)
                    progress(done + size, manifest.bytes)
        except OSError as error:
            raise VerificationError(
                f"{path} cannot be read ({error.strerror}): the backup is not whole"
            ) from error
        if (size, digest.hexdigest()) != (expected.bytes, expected.sha256):
            raise VerificationError(
                f"{path} is not what was backed up: nothing was restored. Use another "
                "copy of this backup"
            )
        done += size


async def restore(
    owner_dsn: str,
    folder: Path,
    manifest: Manifest,
    *,
    progress: Progress = lambda _d, _t: None,
) -> None:
    """Fill an empty database from a backup whose files were verified.

    Raises:
        ConflictError: the database is not empty; nothing was changed.
        FatalError: the backup is of another schema; nothing was restored.
        VerificationError: what was restored is not what the manifest says; it was
            undone.
        UnavailableError: the database does not take it; it was undone.
    """
    async with copying_in(owner_dsn) as target:
        await _check_schema(target, manifest)
        done = 0
        for name, expected in manifest.tables.items():
            rows = await target.table(name, expected.columns, folder / f"{name}.copy")
            if rows != expected.rows:
                raise VerificationError(
                    f"table {name} has {rows:,} rows where {expected.rows:,} were backed "
                    "up: nothing was restored"
                )
            done += expected.bytes
            progress(done, manifest.bytes)
        if await ledgers_at(target.moment) != list(manifest.ledgers):
            raise VerificationError(
                "the restored heads are not those of the manifest: nothing was restored"
            )


async def _check_schema(target: CopyIn, manifest: Manifest) -> None:
    ours = await target.migrations()
    theirs = list(manifest.migrations)
    if theirs != ours:
        raise FatalError(
            f"the backup was made with {len(theirs)} migrations of the database, and "
            f"this version has {len(ours)}, or others: restore with the version that "
            "made it, start that once, then upgrade"
        )
