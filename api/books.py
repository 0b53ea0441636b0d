"""The ledgers of this process: opened at start, or when first asked for."""

import asyncio
from pathlib import Path
from typing import Any, Final

from ledger.clock import Clock
from ledger.errors import CounterfoilError, FatalError, NotFoundError
from ledger.log.book import Book
from ledger.storage.port import LogRow
from ledger.storage.postgres import PostgresStore

NO_WITNESS: Final = (
    "nobody else signs this log's checkpoints yet: a history shown to one person only, "
    "or a restore of keys and database together, could go unseen"
)
LOOK_AGAIN_S: Final = 1.0  # seconds before an unknown name is looked up again


class Books:
    """Every open ledger, by name."""

    def __init__(
        self,
        *,
        store: PostgresStore,
        keys_dir: Path,
        tiles_dir: Path | None,
        clock: Clock,
        log: Any,
    ) -> None:
        """Opens nothing yet."""
        self._store = store
        self._keys_dir = keys_dir
        self._tiles_dir = tiles_dir
        self._clock = clock
        self._log = log
        self.open: dict[str, Book] = {}
        self._looked_s = float("-inf")
        self._looking = asyncio.Lock()

    async def start(self) -> None:
        """Open every ledger of the database.

        A ledger that refuses to sign is open for reading, and says so.

        Raises:
            FatalError: a key file is missing or unreadable.
        """
        for row in await self._store.logs():
            await self._open(row)

    async def _open(self, row: LogRow) -> None:
        book = Book.wire(
            row,
            store=self._store,
            keys_folder=self._keys_dir,
            tiles_folder=self._tiles_dir,
            clock=self._clock,
            log=self._log,
        )
        try:
            await book.start()
        except FatalError as error:
            book.sequencer.refusal = error
            self._log.critical("refuses_to_sign", ledger=row.name, reason=str(error))
        self.open[row.name] = book
        self._log.warning("no_witness", ledger=row.name, meaning=NO_WITNESS)

    async def get(self, name: str) -> Book:
        """The ledger `name`; one founded since the start is opened now.

        Raises:
            NotFoundError: there is none.
        """
        book = self.open.get(name)
        if book is None:
            await self._look()
            book = self.open.get(name)
        if book is None:
            raise NotFoundError("unknown-ledger", "no ledger of this name")
        return book

    async def _look(self) -> None:
        async with self._looking:
            now_s = self._clock.monotonic_s()
            if now_s - self._looked_s < LOOK_AGAIN_S:
                return
            self._looked_s = now_s
            for row in await self._store.logs():
                if row.name not in self.open:
                    try:
                        await self._open(row)
                    except CounterfoilError as error:
                        self._log.error(
                            "ledger_not_open", ledger=row.name, why=str(error)
                        )

    async def close(self) -> None:
        """Write and answer what waits, then close every ledger."""
        async with asyncio.TaskGroup() as group:
            for book in self.open.values():
                group.create_task(book.close())
