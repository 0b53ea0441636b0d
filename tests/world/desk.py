"""One ledger on a real database, opened by any number of writers in this process.

    async with Desk(database, tmp_path) as desk:
        book = await desk.open()                    # a writer, as a process would have
        told = await desk.record(book, decision(id=…))
        await desk.check()                          # the oracle, over all that was told

A desk keeps every checkpoint that any of its writers ever signed, released or not, and
everything any of them acknowledged: what the oracle then holds the log to.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from api.first import EXAMPLE_SYSTEM
from api.signing import signed_act
from ledger.clock import Clock, SystemClock
from ledger.entries.act import Act
from ledger.errors import CounterfoilError
from ledger.ids import LedgerName
from ledger.keys import SigningKey
from ledger.log.book import Book
from ledger.log.founding import found
from ledger.log.keyring import Keyring
from ledger.log.pending import DecisionRequest, Outcome, Recorded
from ledger.merkle.checkpoint import Checkpoint
from ledger.storage.port import LogRow, WriteSession
from ledger.storage.postgres import PostgresStore
from schemas.decision import parse_decision
from tests.world.oracle import Acknowledged, examine

FOUNDER = SigningKey(b"\7" * 32)
Wrap = Callable[[WriteSession], WriteSession]


class Events:
    """A log that keeps its events."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def bind(self, **_: Any) -> Self:
        return self

    def __getattr__(self, _level: str) -> Callable[..., None]:
        return lambda event, **values: self.seen.append((event, values))


class BookPublic:
    """What the reader of a book serves to anybody."""

    def __init__(self, book: Book) -> None:
        self._reader = book.reader

    async def checkpoint(self) -> bytes:
        return self._reader.newest()[1]

    async def tile(self, level: int, number: int, width: int) -> bytes:
        return await self._reader.tile(level, number, width)

    async def bundle(self, number: int, width: int) -> bytes:
        return await self._reader.bundle(number, width)


class Desk:
    """A ledger, its keys, its writers, and what they said."""

    def __init__(
        self,
        database: str,
        folder: Path,
        clock: Clock | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        self.database = database
        self.parameters = dict(parameters or {})
        self.keys = folder / "keys"
        self.clock = clock or SystemClock()
        self.log = Events()
        self.notes: list[bytes] = []
        self.acknowledged: dict[str, Acknowledged] = {}
        self.secrets: dict[str, bytes] = {}
        self.books: list[Book] = []
        self.row: LogRow

    async def __aenter__(self) -> Self:
        store = await PostgresStore.connect(self.database)
        self.row = await found(
            store,
            Keyring(self.keys / "commons"),
            name=LedgerName("commons"),
            origin="ledger.example/commons",
            founders=[FOUNDER.did],
            parameters=self.parameters,
            clock=self.clock,
        )
        await store.close()
        book = await self.open()
        await self.act(book, "system.register", EXAMPLE_SYSTEM)
        await self.close_book(book)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for book in list(self.books):
            await self.close_book(book)

    # ---- writers --------------------------------------------------------------------

    async def wire(self, *, wrap: Wrap | None = None, database: str = "") -> Book:
        """A writer that has not started; `wrap` goes around each of its sessions."""
        store = await PostgresStore.connect(database or self.database)
        book = Book.wire(
            self.row,
            store=store,
            keys_folder=self.keys,
            tiles_folder=None,
            clock=self.clock,
            log=self.log,
        )
        sign = book.guard._sign

        def keep(checkpoint: Checkpoint) -> bytes:
            note = sign(checkpoint)
            self.notes.append(note)
            return note

        book.guard._sign = keep
        if wrap is not None:
            around = wrap
            open_session = book.sequencer._open_session

            async def wrapped() -> WriteSession:
                session: WriteSession = await open_session()
                try:
                    return around(session)
                except CounterfoilError:
                    await session.close()
                    raise

            book.sequencer._open_session = wrapped
        self.books.append(book)
        return book

    async def open(self, *, wrap: Wrap | None = None, database: str = "") -> Book:
        book = await self.wire(wrap=wrap, database=database)
        await book.start()
        return book

    async def close_book(self, book: Book) -> None:
        self.books.remove(book)
        await book.close()
        await book.store.close()

    async def kill(self, book: Book) -> None:
        """As SIGKILL would: nothing more is written, answered or signed by it."""
        self.books.remove(book)
        for task in book.sequencer._tasks:
            task.cancel()
        if book.projection._keeper is not None:
            book.projection._keeper.cancel()
        if book.sequencer._session is not None:
            await book.sequencer._session.close()
        await book.store.close()

    # ---- clients --------------------------------------------------------------------

    async def record(
        self, book: Book, *bodies: Mapping[str, Any], key: bytes | None = None
    ) -> list[Outcome]:
        """What each decision's client is told; an acknowledged one is kept for `check`."""
        requests = [request_of(body, key) for body in bodies]
        try:
            outcomes: Sequence[Outcome] = await book.record(requests)
        except CounterfoilError as error:
            outcomes = [error] * len(requests)
        for outcome in outcomes:
            self._keep(outcome)
        return list(outcomes)

    async def act(self, book: Book, name: str, body: dict[str, Any]) -> Outcome:
        return await self.send(book, await self.sign(book, name, body))

    async def sign(self, book: Book, name: str, body: dict[str, Any]) -> Act:
        now_ms = self.clock.now_ms()
        return await signed_act(book, FOUNDER, act=name, body=body, now_ms=now_ms)

    async def send(self, book: Book, act: Act) -> Outcome:
        """What an act's sender is told."""
        try:
            outcome: Outcome = await book.act(act)
        except CounterfoilError as error:
            outcome = error
        self._keep(outcome)
        return outcome

    def _keep(self, outcome: Outcome) -> None:
        if not isinstance(outcome, Recorded):
            return
        told = Acknowledged(outcome.index, outcome.leaf)
        # No acknowledgement without a checkpoint that covers it.
        newest = self.books[0].guard.newest()
        assert newest is not None
        assert newest[0].size > outcome.index, "acknowledged and not covered"
        assert self.acknowledged.setdefault(outcome.id, told) == told
        if outcome.secret is not None:
            assert self.secrets.setdefault(outcome.id, outcome.secret) == outcome.secret

    # ---- the oracle -----------------------------------------------------------------

    async def check(self) -> None:
        """Everything that was ever told or signed holds, by the oracle's own means."""
        book = await self.open()
        head = await book.store.head(self.row.log_id)
        assert book.reader.size() == head.size, "a committed head is not signed"
        findings = await examine(
            BookPublic(book),
            json.loads(book.keys)["vkeys"][0],
            acknowledged=self.acknowledged,
            notes=self.notes,
        )
        await self.close_book(book)
        assert findings == []

    async def size(self) -> int:
        """Entries that are committed, signed or not."""
        store = await PostgresStore.connect(self.database)
        try:
            return int((await store.head(self.row.log_id)).size)
        finally:
            await store.close()


def request_of(body: Mapping[str, Any], key: bytes | None = None) -> DecisionRequest:
    """A decision as the service hands it to the writer."""
    data = json.dumps(body).encode()
    return DecisionRequest(
        read=partial(parse_decision, data),
        idempotency_key=key,
        body_bytes=len(data),
    )


def told(outcome: Outcome) -> bool | None:
    """`recorded` as the wire would say it."""
    return True if isinstance(outcome, Recorded) else outcome.recorded
