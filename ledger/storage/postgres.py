"""The store on PostgreSQL: a pool for reads, a session for each writer."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import asyncpg

from ledger.errors import ConflictError, FatalError, UnavailableError
from ledger.ids import Hash, LogId
from ledger.limits import TILE_WIDTH
from ledger.storage.figures import FigureStore
from ledger.storage.migrate import check_server, migrate
from ledger.storage.parts import PartStore
from ledger.storage.port import DecisionRow, Head, LogRow, VaultRow
from ledger.storage.reissues import ReissueStore
from ledger.storage.session import (
    COMMAND_TIMEOUT_S,
    LOCK_TIMEOUT_MS,
    PostgresSession,
    head_of,
    read_tile,
    translated,
)
from ledger.storage.signins import SignInStore
from ledger.storage.state_snapshots import SnapshotStore
from ledger.storage.sweeps import SweepStore
from ledger.storage.texts import TextStore
from ledger.storage.wrapped_keys import WrappedKeys

FOUNDING_LOCK: Final = 0x636F756E  # any number that nobody else takes: "coun"
_RFC_3339: Final = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'  # as `to_char` reads it
READ_CONNECTIONS_MAX: Final = 4  # connections a process; reads are short
SETTINGS: Final = {
    "application_name": "counterfoil",
    "lock_timeout": str(LOCK_TIMEOUT_MS),
    "idle_in_transaction_session_timeout": "60000",
    "jit": "off",
}


async def _keep(_connection: object) -> None:
    """No reset between reads: none of them leaves anything in the session."""


class PostgresStore:
    """Everything the ledger asks of PostgreSQL, for any number of logs."""

    def __init__(self, dsn: str, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Use `connect`."""
        self._dsn = dsn
        self._pool = pool
        self.texts = TextStore(pool)
        self.parts = PartStore(pool)
        self.sign_ins = SignInStore(pool)
        self.snapshots = SnapshotStore(pool)
        # The tables that hold wrapped keys, each row under its own.
        self.keyed: tuple[WrappedKeys[Any], ...] = (
            WrappedKeys(pool, "vault", before=-1),
            WrappedKeys(pool, "texts", before=b""),
            WrappedKeys(pool, "case_parts", before=b""),
        )
        self.sweeps = SweepStore(dsn, pool)
        self.reissues = ReissueStore(pool)
        self.figures = FigureStore(pool)

    @classmethod
    async def connect(cls, dsn: str, *, migrate_dsn: str | None = None) -> Self:
        """A store on `dsn`; with `migrate_dsn`, migrated first by that role.

        Raises:
            UnavailableError: nobody answers there.
            FatalError: too old a server, `fsync` off, or a newer schema than this code.
        """
        with translated():
            connection = await asyncpg.connect(migrate_dsn or dsn, timeout=10)
            try:
                await check_server(connection)
                if migrate_dsn is not None:
                    await migrate(connection)
            finally:
                await connection.close()
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=READ_CONNECTIONS_MAX,
                command_timeout=COMMAND_TIMEOUT_S,
                server_settings=SETTINGS,
                reset=_keep,
            )
        if pool is None:
            raise UnavailableError("no connection pool")
        return cls(dsn, pool)

    async def close(self) -> None:
        """Close every pooled connection."""
        self._pool.terminate()

    async def session(self, log_id: LogId) -> PostgresSession:
        """A new write session on a connection of its own.

        Raises:
            UnavailableError: nobody answers.
            FatalError: the server does not keep what it acknowledges.
        """
        with translated():
            connection = await asyncpg.connect(
                self._dsn,
                timeout=10,
                command_timeout=COMMAND_TIMEOUT_S,
                server_settings=SETTINGS,
            )
            try:
                await check_server(connection)
            except BaseException:
                connection.terminate()
                raise
        return PostgresSession(connection, log_id)

    # ---- ledgers ------------------------------------------------------------------

    async def logs(self) -> list[LogRow]:
        """Every ledger of this database, by name."""
        with translated():
            rows = await self._pool.fetch(
                "SELECT log_id, name, origin, genesis FROM logs ORDER BY name"
            )
        return [LogRow(**row) for row in rows]

    @asynccontextmanager
    async def founding(self) -> AsyncIterator[None]:
        """One process of all that share this database at a time."""
        with translated():
            async with self._pool.acquire() as connection:
                await connection.execute("SELECT pg_advisory_lock($1)", FOUNDING_LOCK)
                try:
                    yield
                finally:
                    await connection.execute(
                        "SELECT pg_advisory_unlock($1)", FOUNDING_LOCK
                    )

    async def found(
        self, *, name: str, origin: str, genesis: str, leaf: bytes, head: Head
    ) -> LogRow:
        """A new ledger with its entry 0, in one transaction; `head` is that of size 1.

        Raises:
            ConflictError: the name or the origin is taken; nothing was recorded.
        """
        with translated():
            async with self._pool.acquire() as connection, connection.transaction():
                log_id = await connection.fetchval(
                    "INSERT INTO logs (name, origin, genesis) VALUES ($1, $2, $3)"
                    " ON CONFLICT DO NOTHING RETURNING log_id",
                    name,
                    origin,
                    genesis,
                )
                if log_id is None:
                    raise ConflictError(
                        "ledger-exists", "a ledger of this name or origin exists"
                    )
                await connection.execute(
                    "WITH e AS (INSERT INTO entries VALUES ($1, 0, $2, $3)),"
                    " r AS (INSERT INTO records VALUES ($1, 0, $4))"
                    " INSERT INTO heads VALUES ($1, 1, 1, $2, $5, 0)",
                    log_id,
                    head.nodes,
                    leaf,
                    genesis,
                    head.log_time_ms,
                )
        return LogRow(log_id=LogId(log_id), name=name, origin=origin, genesis=genesis)

    # ---- reads ----------------------------------------------------------------------

    async def head(self, log_id: LogId) -> Head:
        """The committed head; may be past the newest signed one."""
        with translated():
            row = await self._pool.fetchrow(
                "SELECT version, size, nodes, log_time_ms, last_record FROM heads"
                " WHERE log_id = $1",
                log_id,
            )
        if row is None:
            raise FatalError("the database has no head for this ledger")
        return head_of(row)

    async def leaves(self, log_id: LogId, start: int, stop: int) -> list[bytes]:
        """Leaves of entries in [start, stop), in order."""
        with translated():
            rows = await self._pool.fetch(
                "SELECT leaf FROM entries WHERE log_id = $1 AND position >= $2"
                " AND position < $3 ORDER BY position",
                log_id,
                start,
                stop,
            )
        return [row[0] for row in rows]

    async def tile(
        self, log_id: LogId, level: int, number: int, width: int
    ) -> list[Hash]:
        """The first `width` hashes of a tile; `width` hashes must exist."""
        with translated():
            return await read_tile(self._pool, log_id, level, number, width)

    async def tile_nodes(
        self,
        log_id: LogId,
        level: int,
        number: int,
        inside: Sequence[tuple[int, int]],
    ) -> list[Hash]:
        """Nodes of a full tile: (level within, 0 to 7; number within) of each."""
        # Row 0 stands in `hashes`; row r > 0 begins after 256 - 2**(9 - r) others.
        places = [
            32 * (place if row == 0 else TILE_WIDTH - (TILE_WIDTH >> row - 1) + place)
            for row, place in inside
        ]
        with translated():
            found = await self._pool.fetchval(
                "SELECT array_agg(substring(CASE WHEN u.r = 0 THEN t.hashes"
                " ELSE t.nodes END FROM u.p + 1 FOR 32) ORDER BY u.n)"
                " FROM tiles t, unnest($4::int[], $5::int[]) WITH ORDINALITY u(r, p, n)"
                " WHERE t.log_id = $1 AND t.level = $2 AND t.number = $3",
                log_id,
                level,
                number,
                [row for row, _ in inside],
                places,
            )
        if found is None:
            raise FatalError(
                f"tile {level}/{number} is missing: run `counterfoil fsck`"
            )
        return [Hash(node) for node in found]

    async def record_leaves(
        self, log_id: LogId, after: int, limit: int
    ) -> list[tuple[int, bytes]]:
        """(index, leaf) of the first entries that are not decisions, past `after`."""
        with translated():
            rows = await self._pool.fetch(
                "SELECT e.position, e.leaf FROM records r JOIN entries e"
                " ON e.log_id = r.log_id AND e.position = r.position"
                " WHERE r.log_id = $1 AND r.position > $2 ORDER BY r.position LIMIT $3",
                log_id,
                after,
                limit,
            )
        return [(row[0], row[1]) for row in rows]

    async def find_record(self, log_id: LogId, record_id: str) -> int | None:
        """The index of an act by its id, or None."""
        with translated():
            index = await self._pool.fetchval(
                "SELECT position FROM records WHERE log_id = $1 AND id = $2",
                log_id,
                record_id,
            )
        return index if isinstance(index, int) else None

    async def find_decision(
        self, log_id: LogId, decision_id: str
    ) -> DecisionRow | None:
        """Where a decision stands, or None."""
        with translated():
            row = await self._pool.fetchrow(
                "SELECT position, id::text, time_s, system FROM decisions"
                " WHERE log_id = $1 AND id = $2",
                log_id,
                decision_id,
            )
        return None if row is None else DecisionRow(*row)

    async def decisions(
        self,
        log_id: LogId,
        *,
        system: str | None,
        since_s: int,
        until_s: int,
        after: int,
        size: int,
        limit: int,
    ) -> list[DecisionRow]:
        """Decisions with since ≤ time < until and after < index < size, by index."""
        with translated():
            rows = await self._pool.fetch(
                "SELECT d.position, d.id::text, d.time_s, d.system FROM decisions d"
                " WHERE log_id = $1 AND ($2::text IS NULL OR system = $2)"
                " AND time_s >= $3 AND time_s < $4 AND position > $5 AND position < $6"
                " ORDER BY position LIMIT $7",
                log_id,
                system,
                since_s,
                until_s,
                after,
                size,
                limit,
            )
        return [DecisionRow(*row) for row in rows]

    async def vault_row(self, log_id: LogId, index: int) -> VaultRow | None:
        """The private part of the decision at `index`; None when erased."""
        with translated():
            row = await self._pool.fetchrow(
                f"SELECT {', '.join(VaultRow._fields)} FROM vault"  # noqa: S608 -- names
                " WHERE log_id = $1 AND position = $2",
                log_id,
                index,
            )
        return None if row is None else VaultRow(*row)

    async def counters(self, log_id: LogId) -> dict[str, tuple[int, int]]:
        """(last seq, refusals) of every system that recorded or was refused."""
        with translated():
            rows = await self._pool.fetch(
                "SELECT system, seq, refused FROM counters WHERE log_id = $1", log_id
            )
        return {row[0]: (row[1], row[2]) for row in rows}

    # ---- tokens ---------------------------------------------------------------------

    async def token_system(self, log_id: LogId, token_hash: bytes) -> str | None:
        """The system whose live token hashes so, or None."""
        with translated():
            system = await self._pool.fetchval(
                "SELECT system FROM tokens WHERE log_id = $1 AND hash = $2"
                " AND revoked_at IS NULL",
                log_id,
                token_hash,
            )
        return system if isinstance(system, str) else None

    async def add_token(self, log_id: LogId, token_hash: bytes, system: str) -> None:
        """Keep a token's hash; the token itself is never stored."""
        with translated():
            await self._pool.execute(
                "INSERT INTO tokens (log_id, hash, system) VALUES ($1, $2, $3)",
                log_id,
                token_hash,
                system,
            )

    async def tokens(self, log_id: LogId) -> list[tuple[bytes, str, str, str | None]]:
        """(hash, system, created, revoked or None) of every token, oldest first.

        Times are RFC 3339 in UTC, to the second.
        """
        with translated():
            rows = await self._pool.fetch(
                "SELECT hash, system, to_char(created_at AT TIME ZONE 'UTC', $2),"
                " to_char(revoked_at AT TIME ZONE 'UTC', $2)"
                " FROM tokens WHERE log_id = $1 ORDER BY created_at, hash",
                log_id,
                _RFC_3339,
            )
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    async def revoke_tokens(self, log_id: LogId, hash_prefix: bytes) -> int:
        """Revoke the live tokens whose hash begins so; how many there were."""
        with translated():
            rows = await self._pool.fetch(
                "UPDATE tokens SET revoked_at = now() WHERE log_id = $1"
                " AND substring(hash FROM 1 FOR $3) = $2 AND revoked_at IS NULL"
                " RETURNING hash",
                log_id,
                hash_prefix,
                len(hash_prefix),
            )
        return len(rows)
