"""No room left: for PostgreSQL, as it says so itself, and for the released head."""

import contextlib
import resource
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from ledger.errors import UnavailableError, UnknownOutcomeError
from ledger.log.pending import Recorded
from tests.world.desk import Desk, told
from tests.world.service import decision

pytestmark = pytest.mark.postgres

# What PostgreSQL raises, word for word and code for code, when a file cannot grow.
FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'could not extend file "base/5/1": No space left on device'
    USING ERRCODE = 'disk_full', HINT = 'Check free disk space.';
END $$;
CREATE TRIGGER no_room BEFORE INSERT ON vault
  FOR EACH STATEMENT EXECUTE FUNCTION no_room();
"""
ROOM = "DROP TRIGGER no_room ON vault; DROP FUNCTION no_room"


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk(database, tmp_path) as desk:
        yield desk


@pytest.mark.parametrize("count", [1, 3, 300])
async def test_a_database_without_room_records_nothing(
    desk: Desk, owner_database: str, count: int
) -> None:
    """By one statement, after the writer's own last batch, and by COPY."""
    book = await desk.open()
    if count == 1:  # so that the next goes the short way
        for _ in range(3):
            await desk.record(book, decision())
    before = await desk.size()
    bodies = [decision(id=str(uuid4())) for _ in range(count)]
    owner = await asyncpg.connect(owner_database)
    await owner.execute(FULL)

    first = await desk.record(book, *bodies)

    assert {told(one) for one in first} == {False}
    assert all(isinstance(one, UnavailableError) for one in first)
    assert "out of room" in str(first[0])
    assert await desk.size() == before
    await owner.execute(ROOM)
    await owner.close()
    again = await desk.record(book, *bodies)
    assert all(isinstance(one, Recorded) and one.created for one in again)
    assert book.sequencer.refusal is None
    await desk.check()


@contextlib.contextmanager
def nothing_can_be_written() -> Iterator[None]:
    """No file of this process can be written to, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_head_that_finds_no_room_beside_the_keys_is_not_shown(
    desk: Desk,
) -> None:
    book = await desk.open()
    body = decision(id=str(uuid4()))
    before = book.reader.size()

    with nothing_can_be_written():
        first = await desk.record(book, body)

    assert isinstance(first[0], UnknownOutcomeError)
    assert book.reader.size() == before
    again = (await desk.record(book, body))[0]
    assert isinstance(again, Recorded)
    assert not again.created
    await desk.check()
