"""What a sweep's entry does to the vault: statements inside whoever's transaction.

A decision's row leaves with its ciphertext, wrapped K, handle, retry key and
fingerprint. Texts and parts of acts about it stay as empty rows, so that nobody who kept
a copy brings them back.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from ledger.ids import LogId

_ROWS: Final = (
    "DELETE FROM vault v USING decisions d"
    " WHERE d.log_id = $1 AND d.id = ANY ($2::uuid[])"
    " AND v.log_id = $1 AND v.position = d.position"
)
_TEXTS: Final = (
    "UPDATE texts t SET epoch = NULL, wrapped = NULL, sealed = NULL FROM records r"
    " WHERE r.log_id = $1 AND r.id = ANY ($2::text[])"
    " AND t.log_id = $1 AND t.position = r.position AND t.sealed IS NOT NULL"
)
_PARTS: Final = (
    "UPDATE case_parts SET epoch = NULL, wrapped = NULL, sealed = NULL"
    " WHERE log_id = $1 AND contest = ANY ($2::text[]) AND sealed IS NOT NULL"
)


class Executor(Protocol):
    """A connection, of a pool or not."""

    async def execute(self, query: str, *arguments: object) -> str:
        """Run a statement; what PostgreSQL says of it, as `DELETE 3`."""
        ...


async def erase(
    connection: Executor,
    log_id: LogId,
    decisions: Sequence[str],
    acts: Sequence[str],
) -> int:
    """Erase decisions' rows, and what acts' texts and parts hold; how many there were."""
    done = _count(await connection.execute(_ROWS, log_id, decisions))
    if acts:
        done += _count(await connection.execute(_TEXTS, log_id, acts))
        done += _count(await connection.execute(_PARTS, log_id, acts))
    return done


async def note(
    connection: Executor,
    log_id: LogId,
    requests: Sequence[str],
    noted_ms: int,
) -> None:
    """Mark requests as told by the entry of this log time, in its own transaction."""
    await connection.execute(
        "UPDATE reissues SET noted_ms = $3 WHERE log_id = $1 AND id = ANY ($2::uuid[])",
        log_id,
        requests,
        noted_ms,
    )


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])
