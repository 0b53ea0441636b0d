"""CONTRACT, idempotency where time passes or the private part is gone: no server waits."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from ledger.errors import ErasedError
from ledger.log.pending import Recorded
from schemas.problems import problem_for
from tests.world.desk import Desk
from tests.world.service import decision

pytestmark = pytest.mark.postgres

DAY_MS = 24 * 3600 * 1000
START_MS = 1_795_341_600_000  # 2026-11-22T10:00:00Z
DECIDED_AT = "2026-11-22T09:59:00Z"


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.ms = START_MS

    def now_ms(self) -> int:
        return self.ms

    def monotonic_s(self) -> float:
        return self.ms / 1000


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
async def desk(database: str, tmp_path: Path, clock: Hands) -> AsyncIterator[Desk]:
    async with Desk(database, tmp_path, clock) as desk:
        yield desk


async def test_a_retry_has_the_secret_for_a_day(desk: Desk, clock: Hands) -> None:
    book = await desk.open()
    made = decision(id=str(uuid4()), decided_at=DECIDED_AT)
    (first,) = await desk.record(book, made, key=b"k")
    assert isinstance(first, Recorded)
    assert first.created
    assert first.secret is not None

    for later_ms, secret in ((DAY_MS - 1, first.secret), (DAY_MS, None)):
        clock.ms = START_MS + later_ms
        for key in (None, b"k"):
            (again,) = await desk.record(book, made, key=key)
            assert isinstance(again, Recorded)
            assert not again.created
            assert (again.index, again.leaf) == (first.index, first.leaf)
            assert again.secret == secret


async def test_a_retry_long_after_is_still_a_retry(desk: Desk, clock: Hands) -> None:
    """Its `decided_at` is too old to be recorded by now, and it was recorded."""
    book = await desk.open()
    made = decision(id=str(uuid4()), decided_at=DECIDED_AT)
    (first,) = await desk.record(book, made)
    assert isinstance(first, Recorded)

    clock.ms += 31 * DAY_MS
    (again,) = await desk.record(book, made)

    assert isinstance(again, Recorded)
    assert again.index == first.index
    assert again.secret is None


async def test_a_retry_after_erasure_is_410(desk: Desk) -> None:
    book = await desk.open()
    made = decision(id=str(uuid4()), decided_at=DECIDED_AT)
    (first,) = await desk.record(book, made)
    assert isinstance(first, Recorded)
    connection = await asyncpg.connect(desk.database)
    await connection.execute("DELETE FROM vault WHERE position = $1", first.index)
    await connection.close()

    (again,) = await desk.record(book, made)

    assert isinstance(again, ErasedError)
    assert problem_for(again).status == 410
