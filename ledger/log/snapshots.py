r"""Keeping the governance state, and reading it back at the next start.

    digest = SHA-256("counterfoil/v1/snapshot\0" ‖ JCS {"genesis", "position",
             "leaf_hash": hex, "made_by"} ‖ state)

A kept state is used only if (1) this very code made it, (2) its digest holds, for this
ledger's genesis, (3) the log's entry at its position has its leaf hash, and (4) it reads
back to its own root. Otherwise it is thrown away and every entry is replayed. It is
believed no more than the entries beside it in the same database: who can rewrite that
database can mislead this process about both, and an auditor finds it from the tiles.
"""

import asyncio
import zlib
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

import ledger
from ledger.canonical import jcs
from ledger.errors import MalformedError
from ledger.governance.snapshot import format_snapshot, parse_snapshot
from ledger.governance.state import State
from ledger.ids import Hash, LogId
from ledger.limits import SNAPSHOT_BYTES_MAX
from ledger.log.identity import Ledger
from ledger.log.uncollected import uncollected
from ledger.storage.state_snapshots import SnapshotRow

_DOMAIN: Final = b"counterfoil/v1/snapshot\0"
_QUICK: Final = 1  # zlib's level: a third of the size for a tenth of the time
# What a state is the outcome of; the rest of the code cannot change it.
_MAKERS: Final = ("governance", "entries", "merkle")


@cache
def made_by() -> str:
    """Hex of SHA-256 over the code that makes a state; "" where it cannot be read.

    So a state that an older evolve made is never taken for what this one would make,
    and nobody has to remember to count a version up.
    """
    root = Path(ledger.__file__).parent
    files = sorted(
        (
            *root.glob("*.py"),
            *(f for name in _MAKERS for f in (root / name).rglob("*.py")),
        )
    )
    parts = [
        (file.relative_to(root).as_posix(), sha256(file.read_bytes()).hexdigest())
        for file in files
    ]
    return sha256(jcs([list(part) for part in parts])).hexdigest() if parts else ""


class Table(Protocol):
    """Where states are kept: at most one a ledger; `storage.state_snapshots` is one."""

    async def leaf_hash(self, log_id: LogId, position: int) -> Hash | None:
        """The hash of an entry of the log, or None where there is none."""
        ...

    async def newest(self, log_id: LogId) -> SnapshotRow | None:
        """The kept state, or None."""
        ...

    async def keep(self, log_id: LogId, row: SnapshotRow) -> None:
        """Replace an older one; a newer one of the same code stays."""
        ...

    async def drop(self, log_id: LogId, digest: bytes) -> None:
        """Remove the one of this digest, if it still is there."""
        ...


class Snapshots:
    """The kept state of one ledger."""

    def __init__(self, identity: Ledger, store: Table) -> None:
        """Touches nothing yet."""
        self._ledger = identity
        self._store = store

    async def newest(self) -> tuple[State, int] | None:
        """The kept state and the index of its last entry; None where there is none.

        Raises:
            MalformedError: there was one that cannot be used; it was thrown away.
            UnavailableError: the database does not answer.
        """
        row = await self._store.newest(self._ledger.log_id)
        if row is None:
            return None
        try:
            state = await self._open(row)
        except MalformedError:
            await self._store.drop(self._ledger.log_id, row.digest)
            raise
        return state, row.position

    async def _open(self, row: SnapshotRow) -> State:
        if row.made_by != made_by() or not row.made_by:  # (1)
            raise MalformedError("other code made it")
        if row.digest != self._digest(row):  # (2)
            raise MalformedError("its digest does not hold")
        found = await self._store.leaf_hash(self._ledger.log_id, row.position)
        if found != row.leaf_hash:  # (3)
            raise MalformedError("the log has another entry at its position")
        # A large state takes a while: not in the loop.
        return await asyncio.to_thread(_unpack, row.state)  # (4)

    async def keep(self, state: State, position: int) -> bool:
        """Keep `state`, that after the entry at `position`; whether it was kept.

        Raises:
            UnavailableError: the database does not answer; nothing changed.
        """
        leaf_hash = await self._store.leaf_hash(self._ledger.log_id, position)
        if leaf_hash is None or not made_by():
            return False
        packed = await asyncio.to_thread(_pack, state)
        if packed is None:
            return False
        row = SnapshotRow(position, leaf_hash, made_by(), b"", packed)
        await self._store.keep(
            self._ledger.log_id, row._replace(digest=self._digest(row))
        )
        return True

    def _digest(self, row: SnapshotRow) -> bytes:
        of = {
            "genesis": self._ledger.genesis,
            "position": row.position,
            "leaf_hash": row.leaf_hash.hex(),
            "made_by": row.made_by,
        }
        return sha256(_DOMAIN + jcs(of) + row.state).digest()


def _pack(state: State) -> bytes | None:
    data = format_snapshot(state)
    return zlib.compress(data, _QUICK) if len(data) <= SNAPSHOT_BYTES_MAX else None


def _unpack(packed: bytes) -> State:
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(packed, SNAPSHOT_BYTES_MAX)
    except zlib.error as error:
        raise MalformedError("a snapshot that does not unpack") from error
    if not unpacking.eof or unpacking.unused_data:
        raise MalformedError("a snapshot that is cut, or too large")
    with uncollected():
        return parse_snapshot(data)
