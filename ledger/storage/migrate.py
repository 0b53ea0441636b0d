"""Brings a database's tables to what this code expects; and refuses unsafe servers.

A migration is a file `NNNN_name.sql`, numbered from 0001 without a gap, applied once, in
a transaction of its own, and never edited afterwards: `schema_migrations` keeps its
SHA-256. Any number of processes may migrate at once; one works, the others wait.

The same files serve two kinds of database. In the embedded one, `counterfoil_owner`
migrates and the service's role `counterfoil` exists, so a file's guarded block
(`IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'counterfoil')`) takes its rights away.
In one named by a URL there is usually a single role: no role is ever made here, the
block does nothing, and the tables' triggers, which bind their owner too, remain.
"""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import asyncpg

from ledger.errors import FatalError, UnavailableError
from ledger.limits import MIGRATION_WAIT_S

SERVER_VERSION_MIN: Final = 150_000  # server_version_num; PostgreSQL 15
_LOCK: Final = 0x636F756E746572  # "counter": our key among the advisory locks
_FILE: Final = re.compile(r"([0-9]{4})_([a-z0-9_]+)\.sql", re.ASCII)
_TABLE: Final = """
CREATE TABLE schema_migrations (
  number      integer     PRIMARY KEY,
  name        text        NOT NULL,
  sha256      bytea       NOT NULL,
  applied_at  timestamptz NOT NULL DEFAULT now()
)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file: its number, its name without the number, and its text."""

    number: int
    name: str
    sql: bytes

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.number:04d}_{self.name}.sql"

    @property
    def sha256(self) -> bytes:
        """SHA-256 of the file's bytes."""
        return hashlib.sha256(self.sql).digest()


def packaged() -> Traversable:
    """The folder of migrations that is installed with this code."""
    return files("ledger.storage") / "sql"


def read_migrations(folder: Traversable) -> list[Migration]:
    """The migrations in `folder`, in order.

    Raises:
        FatalError: a file is misnamed, or a number is missing or doubled.
    """
    found = []
    for entry in folder.iterdir():
        if not entry.name.endswith(".sql"):
            continue
        match = _FILE.fullmatch(entry.name)
        if match is None:
            raise FatalError(f"migration {entry.name}: expected a name NNNN_name.sql")
        found.append(
            Migration(number=int(match[1]), name=match[2], sql=entry.read_bytes())
        )
    found.sort(key=lambda migration: migration.number)
    for expected, migration in enumerate(found, start=1):
        if migration.number != expected:
            raise FatalError(
                f"migration {migration.file}: expected number {expected:04d}; each "
                "number stands once, without a gap"
            )
    return found


async def migrate(
    connection: asyncpg.Connection, folder: Traversable | None = None
) -> list[str]:
    """Applies what `connection`'s database lacks; returns the applied files' names.

    A crash leaves each migration applied and recorded, or neither.

    Raises:
        FatalError: an applied file was edited since, the database is newer than this
            code, or a migration was refused; that one left nothing behind.
        UnavailableError: somebody else's migration took too long, or the server went.
    """
    migrations = read_migrations(packaged() if folder is None else folder)
    applied: list[str] = []
    while (file := await _step(connection, migrations)) is not None:
        applied.append(file)
    return applied


async def check_server(connection: asyncpg.Connection) -> None:
    """Refuses a server that could forget what it has acknowledged.

    Raises:
        FatalError: says what was found and what to set.
        UnavailableError: the server went away.
    """
    try:
        row = await connection.fetchrow(
            "SELECT current_setting('server_version_num')::int AS version,"
            " current_setting('server_version') AS release,"
            " current_setting('fsync') AS fsync,"
            " current_setting('synchronous_commit') AS synchronous_commit"
        )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise UnavailableError(f"the database went away: {error}") from error
    if row is None or row["version"] < SERVER_VERSION_MIN:
        release = "unknown" if row is None else row["release"]
        raise FatalError(
            f"the server is PostgreSQL {release}; Counterfoil needs 15 or later"
        )
    if row["fsync"] == "off":
        raise FatalError(
            "the server runs with fsync = off, so a power cut can lose entries whose "
            "receipts are out: set fsync = on in postgresql.conf and restart it"
        )
    if row["synchronous_commit"] == "off":
        raise FatalError(
            "the server runs with synchronous_commit = off, so a crash can lose entries "
            "whose receipts are out: set it to on (or remote_apply) for this role, this "
            "database and in postgresql.conf"
        )


async def _step(
    connection: asyncpg.Connection, migrations: list[Migration]
) -> str | None:
    """(1) Locks, (2) compares, (3) applies the first one missing, in one transaction."""
    doing = "reading schema_migrations"
    try:
        async with connection.transaction():
            # (1) Held to the end of the transaction; the next look comes after it, so
            # whoever waited sees what the other one did.
            await connection.execute(f"SET LOCAL lock_timeout = '{MIGRATION_WAIT_S}s'")
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            missing = await _compare(connection, migrations)  # (2)
            if missing is None:
                return None
            doing = f"migration {missing.file}"
            await _apply(connection, missing)  # (3)
            return missing.file
    except asyncpg.LockNotAvailableError as error:
        raise UnavailableError(
            f"{doing}: waited {MIGRATION_WAIT_S} s for a lock that another process holds"
        ) from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise FatalError(
            f"{doing}: {error}; connect as the owner of the ledger's tables"
        ) from error
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
        raise UnavailableError(f"{doing}: the database went away: {error}") from error
    except asyncpg.PostgresError as error:
        raise FatalError(f"{doing} was refused: {error} ({error.sqlstate})") from error


async def _compare(
    connection: asyncpg.Connection, migrations: list[Migration]
) -> Migration | None:
    """The first migration not applied yet; refuses a history that is not ours."""
    if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
        return migrations[0] if migrations else None
    rows = await connection.fetch(
        "SELECT number, name, sha256 FROM schema_migrations ORDER BY number"
    )
    if len(rows) > len(migrations):
        newest = rows[-1]
        raise FatalError(
            f"the database was migrated by a newer Counterfoil ({newest['number']:04d}_"
            f"{newest['name']}.sql; this one knows {len(migrations)}): install that "
            "version or a later one"
        )
    for row, migration in zip(rows, migrations, strict=False):
        if (row["number"], row["name"]) != (migration.number, migration.name):
            raise FatalError(
                f"the database has migration {row['number']:04d}_{row['name']}.sql where "
                f"this code has {migration.file}: they are of different programs"
            )
        if bytes(row["sha256"]) != migration.sha256:
            raise FatalError(
                f"migration {migration.file} was edited after it was applied: put the "
                "file back as it was, and make the change a new migration"
            )
    return migrations[len(rows)] if len(rows) < len(migrations) else None


async def _apply(connection: asyncpg.Connection, migration: Migration) -> None:
    if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
        await connection.execute(_TABLE)
    # Where the one role of a database is itself named `counterfoil`, the first migration
    # took this right from the tables' owner; an owner may give it back to itself.
    await connection.execute(
        "GRANT SELECT, INSERT ON schema_migrations TO CURRENT_USER"
    )
    await connection.execute(
        "INSERT INTO schema_migrations (number, name, sha256) VALUES ($1, $2, $3)",
        migration.number,
        migration.name,
        migration.sha256,
    )
    await connection.execute(migration.sql.decode("utf-8"))
