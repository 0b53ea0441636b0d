"""A ledger without a retention floor, people who ask for erasure, and its sweeps."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from api.signing import signed_act
from ledger.clock import Clock
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ErasureExecuted, ReceiptReissued
from ledger.ids import LeafIndex
from ledger.log.book import Book
from ledger.log.erased import ErasedFile
from ledger.log.pending import Outcome, Recorded
from ledger.log.sweep import Swept, sweep
from ledger.storage.snapshot import snapshot
from tests.world.desk import Desk
from tests.world.person import Person
from tests.world.service import decision

AT_ONCE = {"retention_floor_days": 0, "reissue_delay_s": 1}


class Holder(Person):
    """Somebody with a receipt, who acts at once."""

    async def act(self, desk: Desk, book: Book, name: str, **body: Any) -> Outcome:
        """Sign an act and send it."""
        now_ms = desk.clock.now_ms()
        act = await signed_act(book, self.key, act=name, body=body, now_ms=now_ms)
        return await desk.send(book, act)

    async def show(self, desk: Desk, book: Book, name: str, **body: Any) -> Recorded:
        """Sign an act that shows the receipt; it must be recorded."""
        receipt = self.shown((await book.reader.inclusion(self.index, None)).hashes)
        outcome = await self.act(desk, book, name, receipt=receipt, **body)
        assert isinstance(outcome, Recorded), outcome
        return outcome


def holder(book: Book, outcome: Outcome) -> Holder:
    """Whoever was given this receipt."""
    assert isinstance(outcome, Recorded), outcome
    assert outcome.secret is not None
    return Holder(
        book.ledger.genesis,
        outcome.id,
        int(outcome.index),
        outcome.leaf,
        outcome.secret,
    )


class Sweeps:
    """A desk and what a test asks of it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def file(self) -> ErasedFile:
        return ErasedFile(self.desk.keys / "commons" / "erased")

    async def people(self, book: Book, count: int, **changes: Any) -> list[Holder]:
        """So many decisions, each about somebody."""
        bodies = [decision(id=str(uuid4()), **changes) for _ in range(count)]
        return [holder(book, one) for one in await self.desk.record(book, *bodies)]

    async def ask(self, book: Book, people: Sequence[Holder]) -> None:
        """All of them ask for erasure."""
        for one in people:
            await one.show(self.desk, book, "erasure.ask")

    async def sweep(self, book: Book, **changes: Any) -> Swept | None:
        return await sweep(
            book,
            **{
                "count_epochs": lambda: self.epochs(book),
                "clock": self.desk.clock,
                "backup_retention_days": 7,
                **changes,
            },
        )

    async def epochs(self, book: Book) -> Mapping[int, int]:
        async with snapshot(book.store._dsn) as moment:
            return await moment.epochs(self.desk.row.log_id)

    async def held(self, dsn: str = "") -> list[str]:
        """Decisions that have a row in the vault."""
        rows = await self.rows(
            "SELECT d.id::text FROM vault v JOIN decisions d USING (log_id, position)",
            dsn=dsn,
        )
        return sorted(row[0] for row in rows)

    async def rows(self, query: str, *arguments: Any, dsn: str = "") -> list[Any]:
        connection = await asyncpg.connect(dsn or self.desk.database)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def entries(
        self, book: Book, kind: type[ErasureExecuted | ReceiptReissued]
    ) -> list[tuple[str, ...]]:
        """The decisions of each such entry, in the log's order."""
        found: list[tuple[str, ...]] = []
        for index in range(book.reader.size()):
            entry = decode_entry(await book.reader.entry(LeafIndex(index)))
            if isinstance(entry, kind):
                found.append(tuple(entry.decisions))
        return found

    async def erased(self, book: Book) -> list[tuple[str, ...]]:
        return await self.entries(book, ErasureExecuted)


@asynccontextmanager
async def sweeps(
    database: str, folder: Path, clock: Clock | None = None
) -> AsyncIterator[Sweeps]:
    async with Desk(database, folder, clock, AT_ONCE) as desk:
        yield Sweeps(desk)
