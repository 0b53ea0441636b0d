"""The service's daily sweep: each process looks now and then, and one of all sweeps."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final

from api.books import Books
from api.metrics import Counts, key
from ledger.clock import Clock
from ledger.errors import CounterfoilError
from ledger.ids import LogId
from ledger.log.book import Book
from ledger.log.sweep import Swept, sweep
from ledger.storage.snapshot import snapshot

LOOK_S: Final = 30.0  # seconds between looks at whether a ledger is due


class Sweeper:
    """Sweeps every open ledger when it is due."""

    def __init__(
        self,
        books: Books,
        *,
        dsn: str,
        clock: Clock,
        every_s: int,
        backup_retention_days: int,
        log: Any,
    ) -> None:
        """`every_s`: seconds between two sweeps of a ledger."""
        self._books = books
        self._dsn = dsn
        self._clock = clock
        self._every_s = every_s
        self._backup_retention_days = backup_retention_days
        self._log = log
        self._task: asyncio.Task[None] | None = None
        self._counts: Counts = {}

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run(), name="sweeper")

    async def close(self) -> None:
        """Stop; a sweep under way is left, and the next one goes on with it."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def counts(self) -> Counts:
        """What this process has swept."""
        return dict(self._counts)

    async def _run(self) -> None:
        while True:
            for book in list(self._books.open.values()):
                await self._sweep(book)
            await asyncio.sleep(min(LOOK_S, self._every_s))

    async def _sweep(self, book: Book) -> None:
        if book.sequencer.refusal is not None:
            return
        name = book.ledger.name
        try:
            swept = await sweep(
                book,
                count_epochs=lambda: self._epochs(book.ledger.log_id),
                clock=self._clock,
                backup_retention_days=self._backup_retention_days,
                every_s=self._every_s,
            )
        except CounterfoilError as error:
            self._count("counterfoil_sweeps_failed_total", name, 1)
            self._log.error("sweep_failed", ledger=name, reason=str(error))
        except Exception as error:  # noqa: BLE001 -- ours; the next look tries again
            self._count("counterfoil_sweeps_failed_total", name, 1)
            self._log.error("sweep_broke", ledger=name, error=type(error).__name__)
        else:
            if swept is not None:
                self._told(name, swept)

    def _told(self, name: str, swept: Swept) -> None:
        self._count("counterfoil_sweeps_total", name, 1)
        self._count("counterfoil_erasures_total", name, swept.erased)
        self._count("counterfoil_reissues_noted_total", name, swept.noted)
        missing = key("counterfoil_key_epochs_missing", ledger=name)
        self._counts[missing] = len(swept.missing)
        self._log.info(
            "swept",
            ledger=name,
            erased=swept.erased,
            again=swept.again,
            noted=swept.noted,
            epoch=swept.epoch,
            turned=swept.turned,
            rewrapped=swept.rewrapped,
            destroyed=swept.destroyed,
            missing=swept.missing,
        )

    def _count(self, name: str, ledger: str, more: int) -> None:
        sample = key(name, ledger=ledger)
        self._counts[sample] = self._counts.get(sample, 0) + more

    async def _epochs(self, log_id: LogId) -> Mapping[int, int]:
        async with snapshot(self._dsn) as moment:
            return await moment.epochs(log_id)
