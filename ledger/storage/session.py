"""The write session on PostgreSQL: four round trips a batch, on one connection."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import asyncpg

from ledger.errors import FatalError, UnavailableError, UnknownOutcomeError
from ledger.ids import Hash, LogId, TreeSize
from ledger.limits import TILE_WIDTH
from ledger.storage.erasure import erase, note
from ledger.storage.port import (
    DecisionRow,
    Head,
    Locked,
    NewEntries,
    RecordRow,
    TileRow,
    VaultRow,
)

LOCK_TIMEOUT_MS: Final = 10_000  # ms; a writer that waits longer answers 503
COMMAND_TIMEOUT_S: Final = 30  # seconds; a database that is silent longer is away
COPY_ROWS_MIN: Final = 64  # rows; below it one unnest statement is cheaper than COPY

_LOCK = "SELECT * FROM lock_head($1, $2, $3, $4)"


def _append(arguments: int) -> str:
    return f"SELECT append_batch({', '.join(f'${n + 1}' for n in range(arguments))})"


_APPEND = _append(26)
_APPEND_RECORDS = _append(28)  # with ids of entries that are no decisions
_HEAD = """
WITH c AS (
  INSERT INTO counters (log_id, system, seq, refused)
  SELECT $1::integer, s, q, r
  FROM unnest($6::text[], $7::bigint[], $8::bigint[]) u(s, q, r)
  ON CONFLICT (log_id, system) DO UPDATE
    SET seq = excluded.seq, refused = excluded.refused
)
UPDATE heads SET version = version + 1, size = $2::bigint, nodes = $3::bytea,
                 log_time_ms = $4::bigint, last_record = $5::bigint
WHERE log_id = $1::integer
"""

MARK_LETTERS: Final = 11  # letters of 0004_marks.sql's indexes
CONTEST_SKIP: Final = 12  # letters of `did:key:z6Mk`, which all Ed25519 keys share
_TAG = 'substring(leaf FROM position(\'"subject_tag":"\'::bytea IN leaf) + 15 FOR 11)'
_CONTEST = (
    'substring(leaf FROM position(\'"contest_key":"\'::bytea IN leaf) + 27 FOR 11)'
)
_MARKS = (
    f"SELECT (SELECT array_agg({_TAG}) FROM entries WHERE log_id = $1"  # noqa: S608 -- constants
    f" AND {_TAG} = ANY ($2::bytea[])),"
    f" (SELECT array_agg({_CONTEST}) FROM entries WHERE log_id = $1"
    f" AND {_CONTEST} = ANY ($3::bytea[]))"
)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Querier: TypeAlias = "Connection | asyncpg.Pool[asyncpg.Record]"

# The last is what asyncpg says of a connection that died in the middle of a COPY.
_AWAY: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


@contextmanager
def translated() -> Iterator[None]:
    """Asyncpg's exceptions stop here; their texts may carry values, so none is kept.

    Raises:
        UnavailableError: connection, lock or resource; nothing was recorded.
        FatalError: a constraint says the store disagrees with its own head.
    """
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise FatalError(
            "the database already holds rows past its own head "
            f"({type(error).__name__} on {error.table_name or 'a table'}): "
            "run `counterfoil fsck`"
        ) from None
    except asyncpg.InsufficientResourcesError as error:
        raise UnavailableError(
            f"the database is out of room ({type(error).__name__})", retry_after_s=10
        ) from None
    except (*_AWAY, OSError, TimeoutError) as e:
        raise UnavailableError(
            f"the database did not answer ({type(e).__name__})"
        ) from None


def head_of(row: asyncpg.Record) -> Head:
    """The head in any row that carries its columns."""
    return Head(
        version=row["version"],
        size=TreeSize(row["size"]),
        nodes=row["nodes"],
        log_time_ms=row["log_time_ms"],
        last_record=row["last_record"],
    )


async def read_leaf_hashes(
    connection: Querier, log_id: LogId, start: int, stop: int
) -> list[Hash]:
    """Leaf hashes of entries in [start, stop), in order."""
    rows = await connection.fetch(
        "SELECT hash FROM entries WHERE log_id = $1 AND position >= $2"
        " AND position < $3 ORDER BY position",
        log_id,
        start,
        stop,
    )
    return [Hash(row[0]) for row in rows]


async def read_tile(
    connection: Querier, log_id: LogId, level: int, number: int, width: int
) -> list[Hash]:
    """The first `width` hashes of a tile: its row when full, else what lies below."""
    start = number * TILE_WIDTH
    if width == TILE_WIDTH:
        data = await connection.fetchval(
            "SELECT hashes FROM tiles WHERE log_id = $1 AND level = $2 AND number = $3",
            log_id,
            level,
            number,
        )
        if not isinstance(data, bytes):
            raise FatalError(
                f"tile {level}/{number} is missing: run `counterfoil fsck`"
            )
        return [Hash(data[at : at + 32]) for at in range(0, len(data), 32)]
    if level == 0:
        return await read_leaf_hashes(connection, log_id, start, start + width)
    rows = await connection.fetch(
        "SELECT root FROM tiles WHERE log_id = $1 AND level = $2"
        " AND number >= $3 AND number < $4 ORDER BY number",
        log_id,
        level - 1,
        start,
        start + width,
    )
    return [Hash(row[0]) for row in rows]


def _head_arguments(new: NewEntries) -> tuple[Any, ...]:
    counters, head = new.counters, new.head
    return (
        head.size,
        head.nodes,
        head.log_time_ms,
        head.last_record,
        list(counters),
        [seq for seq, _ in counters.values()],
        [refused for _, refused in counters.values()],
    )


class PostgresSession:
    """A `WriteSession` on one asyncpg connection; see the protocol for its promises."""

    def __init__(self, connection: Connection, log_id: LogId) -> None:
        """Takes over `connection`: nobody else may use it."""
        self._connection = connection
        self._log_id = log_id

    async def lock(
        self, systems: Sequence[str], ids: Sequence[str], retry_keys: Sequence[bytes]
    ) -> Locked:
        """Begin, take the head's lock, read under it."""
        with translated():
            await self._connection.execute("BEGIN")
            row = await self._connection.fetchrow(
                _LOCK, self._log_id, systems, ids, retry_keys
            )
        if row is None or row["size"] is None:
            raise FatalError("the database has no head for this ledger")
        return Locked(
            head=head_of(row),
            seqs=row["seqs"] or [],
            refused=row["refused"] or [],
            known_ids=row["known_ids"] or [],
            known_keys=row["known_keys"] or [],
        )

    async def write(
        self, new: NewEntries, ids: Sequence[str], retry_keys: Sequence[bytes]
    ) -> bool:
        """Lock, check, append and commit a small batch in one round trip."""
        try:
            with translated():
                return await self._append_by_statement(new, ids, retry_keys)
        except UnavailableError as error:
            # Silence is no refusal: it may commit while the client has given up on it.
            silent = isinstance(error.__context__, TimeoutError)
            if silent or self._connection.is_closed():
                raise UnknownOutcomeError(
                    "the database took the batch and did not answer it"
                ) from error
            raise

    async def append(self, new: NewEntries) -> None:
        """Write one batch, by one statement or by COPY, whichever is cheaper."""
        with translated():
            if new.tiles:
                await self._copy("tiles", TileRow._fields, new.tiles)
            if new.erased or new.emptied:
                await erase(self._connection, self._log_id, new.erased, new.emptied)
            if new.noted:
                noted_ms = new.head.log_time_ms
                await note(self._connection, self._log_id, new.noted, noted_ms)
            if len(new.leaves) >= COPY_ROWS_MIN:
                await self._append_by_copy(new)
            elif not await self._append_by_statement(new, [], []):
                raise FatalError("the head changed under its own lock")

    async def _append_by_statement(
        self, new: NewEntries, ids: Sequence[str], retry_keys: Sequence[bytes]
    ) -> bool:
        records = zip(*new.records, strict=True) if new.records else ()
        written = await self._connection.fetchval(
            _APPEND_RECORDS if new.records else _APPEND,
            self._log_id,
            new.version,
            ids,
            retry_keys,
            *_head_arguments(new),
            new.start,
            new.hashes,
            new.leaves,
            *(zip(*new.decisions, strict=True) if new.decisions else [()] * 4),
            *(zip(*new.vault, strict=True) if new.vault else [()] * 8),
            *records,
        )
        return written is True

    async def _append_by_copy(self, new: NewEntries) -> None:
        entries = zip(
            range(new.start, new.start + len(new.leaves)),
            new.hashes,
            new.leaves,
            strict=True,
        )
        await self._copy("entries", ("position", "hash", "leaf"), entries)
        if new.records:
            await self._copy("records", RecordRow._fields, new.records)
        await self._copy("decisions", DecisionRow._fields, new.decisions)
        await self._copy("vault", VaultRow._fields, new.vault)
        await self._connection.execute(_HEAD, self._log_id, *_head_arguments(new))

    async def _copy(self, table: str, columns: Sequence[str], rows: Any) -> None:
        log_id = self._log_id
        await self._connection.copy_records_to_table(
            table,
            columns=("log_id", *columns),
            records=[(log_id, *row) for row in rows],
        )

    async def marks(
        self, tags: Sequence[str], contest_keys: Sequence[str]
    ) -> tuple[set[str], set[str]]:
        """Those of each that some entry has."""
        heads = {tag[:MARK_LETTERS].encode(): tag for tag in tags}
        tails = {
            key[CONTEST_SKIP:][:MARK_LETTERS].encode(): key for key in contest_keys
        }
        with translated():
            row = await self._connection.fetchrow(
                _MARKS, self._log_id, list(heads), list(tails)
            )
        found = ([], []) if row is None else (row[0] or [], row[1] or [])
        return {heads[one] for one in found[0]}, {tails[one] for one in found[1]}

    async def leaf_hashes(self, start: int, stop: int) -> list[Hash]:
        """Leaf hashes of entries in [start, stop)."""
        with translated():
            return await read_leaf_hashes(self._connection, self._log_id, start, stop)

    async def tile(self, level: int, number: int, width: int) -> list[Hash]:
        """The first `width` hashes of a tile."""
        with translated():
            return await read_tile(self._connection, self._log_id, level, number, width)

    async def records(self, after: int) -> list[tuple[int, bytes]]:
        """(position, leaf) of entries that are not decisions, past `after`."""
        with translated():
            rows = await self._connection.fetch(
                "SELECT e.position, e.leaf FROM records r JOIN entries e"
                " ON e.log_id = r.log_id AND e.position = r.position"
                " WHERE r.log_id = $1 AND r.position > $2 ORDER BY r.position",
                self._log_id,
                after,
            )
        return [(row[0], row[1]) for row in rows]

    async def known(
        self, indexes: Sequence[int]
    ) -> dict[int, tuple[bytes, VaultRow | None]]:
        """Leaf and vault row of decisions at `indexes`; None where erased."""
        columns = ", ".join(f"v.{name}" for name in VaultRow._fields)
        with translated():
            rows = await self._connection.fetch(
                f"SELECT e.position, e.leaf, {columns} FROM entries e"  # noqa: S608 -- names
                " LEFT JOIN vault v ON v.log_id = e.log_id AND v.position = e.position"
                " WHERE e.log_id = $1 AND e.position = ANY($2::bigint[])",
                self._log_id,
                indexes,
            )
        return {
            row[0]: (row[1], None if row[2] is None else VaultRow(*row[2:]))
            for row in rows
        }

    async def commit(self) -> None:
        """Make the batch durable; an answer not seen is an unknown outcome."""
        try:
            with translated():
                await self._connection.execute("COMMIT")
        except UnavailableError as error:
            raise UnknownOutcomeError(
                "the database took the commit and did not answer it"
            ) from error

    async def rollback(self) -> None:
        """Drop the batch and the lock; never raises."""
        try:
            with translated():
                await self._connection.execute("ROLLBACK")
        except UnavailableError:
            await self.close()

    async def close(self) -> None:
        """Close the connection at once; the server drops what was under way."""
        self._connection.terminate()
