"""A dry run over a ledger's own past decisions, private fields included; operator's only.

Reads the database at one moment while `serve` goes on, in chunks; writes nothing. Of
what it reads, counts and decisions' ids come out, and no value.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

from ledger.entries.codec import decode_entry
from ledger.entries.decision import open_sealed
from ledger.entries.entry import DecisionRecorded
from ledger.errors import CounterfoilError
from ledger.governance.safeguards.dry import DryRun
from ledger.governance.safeguards.recheck import values_of
from ledger.ids import LogId
from ledger.log.vault import Vault
from ledger.storage.snapshot import Snapshot

Progress = Callable[[int, int], None]


async def dry_run(
    moment: Snapshot,
    log_id: LogId,
    vault: Vault | None,
    run: DryRun,
    progress: Progress = lambda _done, _all: None,
) -> None:
    """Hold every decision of a ledger against the rules of `run`.

    Args:
        moment: the database as it is now.
        log_id: the ledger's.
        vault: opens what this ledger sealed; None: only the leaves are read.
        run: takes the decisions in; public rules need no vault.
        progress: (entries read, entries there are).
    """
    size = int((await moment.head(log_id)).size)
    rows = _flat(moment.vault(log_id, sealed=True)) if vault is not None else None
    row = await anext(rows, None) if rows is not None else None
    async for position, _, leaf in _flat(moment.entries(log_id)):
        entry = decode_entry(leaf)
        if isinstance(entry, DecisionRecorded):
            while rows is not None and row is not None and row[0] < position:
                row = await anext(rows, None)
            own = row is not None and row[0] == position and entry.signature is None
            run.take(entry, _fields(vault, entry, row) if own else None)
        if position % 1_000 == 0:
            progress(position, size)
    progress(size, size)


async def _flat(chunks: AsyncIterator[list[Any]]) -> AsyncIterator[Any]:
    async for chunk in chunks:
        for row in chunk:
            yield row


def _fields(
    vault: Vault | None, entry: DecisionRecorded, row: Any
) -> dict[str, Any] | None:
    """What the sealed part discloses; None where it does not open: `fsck` says why."""
    assert vault is not None  # noqa: S101 -- rows are read with a vault only
    try:
        secret = vault.unwrap(row[1], row[2])
        return values_of(open_sealed(secret, entry.statement_jcs, row[3]))
    except CounterfoilError:
        return None
