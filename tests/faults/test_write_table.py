"""Each call of the write transaction, lost or kept, and what everybody is then told.

For every row: what the waiters hear, whether the batch is in the log, whether the writer
goes on. Then, for every row: the retry with the same ids gets one and the same receipt,
and the oracle finds a log without gap, repetition or second history.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest

from ledger.entries import decision as decision_entry
from ledger.entries.act import Act
from ledger.entries.decision import Entropy, SealedDecision, Submission
from ledger.errors import (
    BehindReleasedError,
    CounterfoilError,
    FatalError,
    UnavailableError,
)
from ledger.limits import TILE_WIDTH
from ledger.log import intake, outcome, sequencer
from ledger.log.book import Book
from ledger.log.pending import Outcome, Recorded
from tests.faults.failing import KEPT, LOST, Faults
from tests.world.desk import Desk, told
from tests.world.service import decision

pytestmark = pytest.mark.postgres

DISK_FULL = UnavailableError("the database is out of room", retry_after_s=10)
BROKEN = FatalError("the database already holds rows past its own head")
BEHIND = BehindReleasedError("the ledger refuses to sign")


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk(database, tmp_path) as desk:
        yield desk


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "RESOLVE_TRIES", 2)
    monkeypatch.setattr(intake, "SEAL_CHUNK", 512)  # one request, one batch


class Work(Protocol):
    """Something a client sends, and sends again."""

    async def prepare(self, desk: Desk, book: Book) -> None: ...

    async def send(self, desk: Desk, book: Book) -> list[Outcome]: ...


class Decisions:
    """Decisions with ids of their own, sent in one request."""

    def __init__(self, count: int) -> None:
        self._bodies = [decision(id=str(uuid4())) for _ in range(count)]

    async def prepare(self, desk: Desk, book: Book) -> None:
        pass

    async def send(self, desk: Desk, book: Book) -> list[Outcome]:
        return await desk.record(book, *self._bodies)


class OneAct:
    """A version of the system, registered by the founder."""

    _act: Act

    async def prepare(self, desk: Desk, book: Book) -> None:
        version = f"v{uuid4().hex[:8]}"
        body: dict[str, Any] = {"system": "example", "version": version}
        self._act = await desk.sign(book, "system.version", body)

    async def send(self, desk: Desk, book: Book) -> list[Outcome]:
        return [await desk.send(book, self._act)]


class Keyed:
    """A decision with an Idempotency-Key and no id."""

    def __init__(self) -> None:
        self._body = decision()
        self._key = uuid4().bytes

    async def prepare(self, desk: Desk, book: Book) -> None:
        pass

    async def send(self, desk: Desk, book: Book) -> list[Outcome]:
        return await desk.record(book, self._body, key=self._key)


# 300 go by COPY and complete a tile; 3 go by one statement.
WORK: dict[str, Callable[[], Work]] = {
    "three": lambda: Decisions(3),
    "tile": lambda: Decisions(300),
    "keyed": Keyed,
    "act": OneAct,
}


@dataclass(frozen=True)
class Row:
    """What fails, and what must follow.

    Attributes:
        told: `recorded`, for every waiter.
        recorded: whether the batch is in the log afterwards.
        stops: whether the writer refuses from then on.
        warm: whether the writer's last batch is the head, so that it takes the short way.
    """

    name: str
    fault: Sequence[tuple[str, str]]
    told: bool | None
    recorded: bool
    error: CounterfoilError | None = None
    away: int = 0
    refuses: CounterfoilError | None = None
    stops: bool = False
    warm: bool = False

    @property
    def work(self) -> list[str]:
        """What can go this way: the short one is for a few entries."""
        return ["three", "keyed", "act"] if self.warm else list(WORK)


TABLE = [
    Row("lock-lost", [("lock", LOST)], told=False, recorded=False),
    Row("lock-kept", [("lock", KEPT)], told=False, recorded=False),
    Row("append-lost", [("append", LOST)], told=False, recorded=False),
    Row("append-kept", [("append", KEPT)], told=False, recorded=False),
    Row("disk-full", [("append", LOST)], told=False, recorded=False, error=DISK_FULL),
    Row(
        "store-disagrees", [("append", LOST)],
        told=False, recorded=False, error=BROKEN, stops=True,
    ),
    Row("commit-lost", [("commit", LOST)], told=False, recorded=False),
    Row("commit-kept", [("commit", KEPT)], told=True, recorded=True),
    Row("commit-lost-away", [("commit", LOST)], told=None, recorded=False, away=2),
    Row("commit-kept-away", [("commit", KEPT)], told=None, recorded=True, away=2),
    Row("commit-kept-once-away", [("commit", KEPT)], told=True, recorded=True, away=1),
    Row(
        "commit-kept-then-lock-lost", [("commit", KEPT), ("leaf_hashes", LOST)],
        told=True, recorded=True,
    ),
    # Nobody looked whether it was written, so nobody may say that it was not.
    Row(
        "commit-kept-fatal", [("commit", KEPT)],
        told=None, recorded=True, away=1, refuses=BEHIND, stops=True,
    ),
    Row("write-lost", [("write", LOST)], told=False, recorded=False, warm=True),
    Row("write-kept", [("write", KEPT)], told=True, recorded=True, warm=True),
    Row(
        "write-disk-full", [("write", LOST)],
        told=False, recorded=False, error=DISK_FULL, warm=True,
    ),
    Row(
        "write-lost-away", [("write", LOST)],
        told=None, recorded=False, away=2, warm=True,
    ),
    Row(
        "write-kept-away", [("write", KEPT)],
        told=None, recorded=True, away=2, warm=True,
    ),
    Row(
        "write-kept-fatal", [("write", KEPT)],
        told=None, recorded=True, away=1, refuses=BEHIND, stops=True, warm=True,
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
async def test_a_call_that_fails(desk: Desk, row: Row) -> None:
    for name in row.work:
        await _fail_once(desk, row, name)
    await desk.check()


async def _fail_once(desk: Desk, row: Row, name: str) -> None:
    faults = Faults(away=row.away, refuses=row.refuses)
    book = await desk.open(wrap=faults.wrap)
    sent = WORK[name]()
    await sent.prepare(desk, book)
    for _ in range(3 if row.warm else 0):
        await desk.record(book, decision())
    before = await desk.size()
    for verb, fate in row.fault:
        faults.plan(verb, fate, row.error)

    first = await sent.send(desk, book)

    assert faults.planned == [], f"{name}: a fault of the row did not happen"
    assert {told(one) for one in first} == {row.told}, name
    after = await desk.size()
    assert after == before + (len(first) if row.recorded else 0), name
    assert (book.sequencer.refusal is not None) is row.stops, name
    if row.stops:
        assert [told(one) for one in await desk.record(book, decision())] == [False]
        await desk.close_book(book)
        book = await desk.open()

    again = await sent.send(desk, book)

    assert {told(one) for one in again} == {True}, name
    indexes = [one.index for one in again if isinstance(one, Recorded)]
    assert sorted(indexes) == list(range(before, before + len(first))), name
    created = {one.created for one in again if isinstance(one, Recorded)}
    assert created == {not row.recorded}, name
    assert await desk.size() == before + len(first), name
    await desk.close_book(book)


async def test_acts_one_by_one_over_the_end_of_a_tile(desk: Desk) -> None:
    faults = Faults()
    book = await desk.open(wrap=faults.wrap)
    await desk.record(book, *[decision() for _ in range(TILE_WIDTH - 6)])
    acts = [OneAct() for _ in range(8)]
    for one in acts:
        await one.prepare(desk, book)
        assert [told(outcome) for outcome in await one.send(desk, book)] == [True]
    assert await desk.size() > TILE_WIDTH
    # The same again, warm: found, not written a second time.
    size = await desk.size()
    for one in acts:
        (outcome,) = await one.send(desk, book)
        assert isinstance(outcome, Recorded)
        assert not outcome.created
    assert await desk.size() == size
    await desk.check()


async def test_what_was_retried_and_what_was_not_share_a_batch(desk: Desk) -> None:
    """A retry in a batch that is then lost was recorded; the new one was not."""
    faults = Faults()
    book = await desk.open(wrap=faults.wrap)
    old, new = decision(id=str(uuid4())), decision(id=str(uuid4()))
    await desk.record(book, old)
    faults.plan("append", KEPT)

    first = await desk.record(book, old, new)
    again = await desk.record(book, old, new)

    assert [told(one) for one in first] == [True, False]
    assert [told(one) for one in again] == [True, True]
    await desk.check()


async def test_the_other_clients_of_a_lost_batch_are_told_too(desk: Desk) -> None:
    faults = Faults().plan("append", LOST)
    book = await desk.open(wrap=faults.wrap)

    first = await desk.record(book, *[decision() for _ in range(5)])
    later = await desk.record(book, *[decision() for _ in range(5)])

    assert [told(one) for one in first] == [False] * 5
    assert [told(one) for one in later] == [True] * 5
    await desk.check()


async def test_a_defect_in_the_writer_answers_everybody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error nobody foresaw: unknown to the waiters, and the next batch is written."""
    book = await desk.open()

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(sequencer, "plan", broken)
        first = await desk.record(book, decision(), decision())
    again = await desk.record(book, decision())

    assert [told(one) for one in first] == [None, None]
    assert [told(one) for one in again] == [True]
    await desk.check()


async def test_a_decision_that_cannot_be_sealed_fails_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await desk.open()
    poison = decision(id=str(uuid4()))
    seal = decision_entry.seal

    def broken(
        genesis: str, submission: Submission, entropy: Entropy
    ) -> SealedDecision:
        if submission.id == poison["id"]:
            raise ZeroDivisionError
        return seal(genesis, submission, entropy)

    with monkeypatch.context() as patch:
        patch.setattr(intake, "seal", broken)
        first = await desk.record(book, decision(), poison, decision())
    again = await desk.record(book, poison)

    assert [told(one) for one in first] == [True, False, True]
    assert [told(one) for one in again] == [True]
    await desk.check()
