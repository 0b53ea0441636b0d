"""The wrapped keys of a table, for turning what wraps them.

Three tables hold keys: the vault's decisions by position, texts by digest, cases' parts
by hash. In each a row's `wrapped` is under the key encryption key of its `epoch`.
"""

from collections.abc import Sequence
from typing import Final, Generic, Literal, TypeVar

import asyncpg

from ledger.ids import LogId
from ledger.storage.session import translated

Name = TypeVar("Name", int, bytes)
Table = Literal["vault", "texts", "case_parts"]
# Of each table: what names its rows, and that column's type.
_COLUMNS: Final[dict[Table, tuple[str, str]]] = {
    "vault": ("position", "bigint"),
    "texts": ("digest", "bytea"),
    "case_parts": ("part", "bytea"),
}


class WrappedKeys(Generic[Name]):
    """The keys of one table, for any number of logs.

    Attributes:
        before: a name that comes before every row's.
    """

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", table: Table, before: Name
    ) -> None:
        """Shares the store's pool."""
        self._pool = pool
        self.before: Name = before
        name, kind = _COLUMNS[table]
        self._read = (
            f"SELECT {name}, epoch, wrapped FROM {table} WHERE log_id = $1"  # noqa: S608 -- names of ours
            f" AND epoch = ANY($2) AND {name} > $3 ORDER BY {name} LIMIT $4"
        )
        self._write = (
            f"UPDATE {table} t SET epoch = $2, wrapped = u.w"  # noqa: S608 -- likewise
            f" FROM unnest($3::{kind}[], $4::bytea[]) u(n, w)"
            f" WHERE t.log_id = $1 AND t.{name} = u.n AND t.epoch < $2"
        )

    async def wrapped_keys(
        self, log_id: LogId, *, epochs: Sequence[int], after: Name, limit: int
    ) -> Sequence[tuple[Name, int, bytes]]:
        """(name, epoch, wrapped) of rows under one of `epochs`, past `after`, in order."""
        with translated():
            rows = await self._pool.fetch(self._read, log_id, epochs, after, limit)
        return [(row[0], row[1], row[2]) for row in rows]

    async def rewrap(
        self, log_id: LogId, epoch: int, keys: Sequence[tuple[Name, bytes]]
    ) -> None:
        """Replace wrapped keys by the same keys under `epoch`, where it is newer."""
        names = [name for name, _ in keys]
        wrapped = [key for _, key in keys]
        with translated():
            await self._pool.execute(self._write, log_id, epoch, names, wrapped)
