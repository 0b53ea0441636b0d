"""A sweep that dies at any of its steps: the next one ends what it began, and no more.

For every row: a process sweeps, and is killed there. Another starts, as the service does,
and sweeps. Then each erasure stands in the log once, the vault has none of their rows and
all others, the file beside the keys says the same, every K that is left unwraps, and the
oracle is content.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import CounterfoilError
from ledger.log import outcome, rotation, vault
from ledger.log.book import Book
from ledger.log.erased import ErasedFile
from ledger.log.head import HeadGuard
from ledger.log.intake import Intake
from ledger.log.keyring import Keyring
from ledger.storage.sweeps import SweepStore
from ledger.storage.wrapped_keys import WrappedKeys
from tests.faults.failing import KEPT, LOST, Faults
from tests.log.sweeping import Holder, Sweeps, sweeps

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "RESOLVE_TRIES", 1)
    monkeypatch.setattr(vault, "LOOK_S", 0.05)
    monkeypatch.setattr(rotation, "SEEN_S", 0.1)


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[Sweeps]:
    async with sweeps(database, tmp_path) as world:
        yield world


class KilledError(Exception):
    """The process ends here."""


# What is called, and whether the process dies before or after it did its work.
STEPS: dict[str, tuple[type, str]] = {
    "turn-taken": (SweepStore, "turn"),
    "asked": (Intake, "erase"),
    "ids-kept": (ErasedFile, "align"),
    "released": (HeadGuard, "keep"),
    "erased-again": (SweepStore, "erase_again"),
    "key-made": (Keyring, "add_wrapping_key"),
    "rewrapped": (WrappedKeys, "rewrap"),
    "destroyed": (Keyring, "destroy_wrapping_key"),
    "noted": (SweepStore, "note"),
}
WHEN = ("before", "after")


def dying(call: Callable[..., Any], when: str) -> Callable[..., Any]:
    """`call`, and then, or instead, the end."""

    def die(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            raise KilledError
        done = call(*arguments, **named)
        if isinstance(done, Awaitable):
            return _die_after(done)
        raise KilledError

    return die


async def _die_after(work: Awaitable[Any]) -> None:
    await work
    raise KilledError


class Toll:
    """Whose part is gone and whose is not, over all that one ledger went through."""

    def __init__(self, world: Sweeps) -> None:
        self.world = world
        self.gone: list[Holder] = []
        self.stay: list[Holder] = []

    async def ask(self, book: Book, gone: int = 3, stay: int = 2) -> None:
        """So many ask for erasure, and so many do not."""
        asked = await self.world.people(book, gone)
        self.gone += asked
        self.stay += await self.world.people(book, stay)
        await self.world.ask(book, asked)

    async def end(self, place: str) -> None:
        """The next process starts and sweeps; it is as if nobody had died."""
        world = self.world
        book = await world.desk.open()
        await world.sweep(book, backup_retention_days=0, turn_now=True)

        ids = sorted(one.id for one in self.gone)
        erased = [one for entry in await world.erased(book) for one in entry]
        assert sorted(erased) == ids, place
        assert await world.held() == sorted(one.id for one in self.stay), place
        assert world.file.ids() == set(ids), place
        keyring = Keyring(world.desk.keys / "commons")
        assert list(await world.epochs(book)) == keyring.epochs(), place
        keys = keyring.vault()
        rows = await world.rows(
            "SELECT d.id::text, v.epoch, v.wrapped FROM vault v"
            " JOIN decisions d USING (log_id, position)"
        )
        opened = {row[0]: keys.unwrap(row[1], row[2]) for row in rows}
        assert opened == {one.id: one.secret for one in self.stay}, place
        await world.desk.close_book(book)


@pytest.mark.parametrize("when", WHEN)
async def test_killed(
    world: Sweeps, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    toll = Toll(world)
    for step, (owner, name) in STEPS.items():
        book = await world.desk.open()
        await toll.ask(book)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, dying(getattr(owner, name), when))
            with pytest.raises((KilledError, CounterfoilError)):
                await world.sweep(book, backup_retention_days=0, turn_now=True)
            await world.desk.kill(book)

        await toll.end(f"{step} {when}")
    await world.desk.check()


@pytest.mark.parametrize("away", [0, 3], ids=["for-a-moment", "for-good"])
async def test_the_database_goes_away(world: Sweeps, away: int) -> None:
    """For a moment, and the process goes on; or for good, and it is killed."""
    toll = Toll(world)
    for verb in ("lock", "append", "commit"):
        for fate in (LOST, KEPT):
            faults = Faults(away=away)
            book = await world.desk.open(wrap=faults.wrap)
            await toll.ask(book)
            faults.plan(verb, fate)

            with contextlib.suppress(CounterfoilError):
                await world.sweep(book)
            assert faults.planned == [], verb
            await (world.desk.kill(book) if away else world.desk.close_book(book))

            await toll.end(f"{verb} {fate}")
    await world.desk.check()


async def test_withdrawn_after_the_crash_is_taken_back(world: Sweeps) -> None:
    """Its id was kept, its batch was lost, and then the person changed their mind."""
    faults = Faults()
    book = await world.desk.open(wrap=faults.wrap)
    one, other = await world.people(book, 2)
    await world.ask(book, [one, other])
    faults.plan("append", LOST)
    with pytest.raises(CounterfoilError):
        await world.sweep(book)
    assert world.file.ids() == {one.id, other.id}
    await one.act(world.desk, book, "erasure.withdraw", decision=one.id)

    await world.sweep(book)

    assert world.file.ids() == {other.id}
    toll = Toll(world)
    toll.gone, toll.stay = [other], [one]
    await toll.end("withdrawn")


async def test_only_settled_at_the_start(world: Sweeps) -> None:
    """What a dead process had begun is done before the next one serves anybody."""
    faults = Faults()
    book = await world.desk.open(wrap=faults.wrap)
    gone = await world.people(book, 2)
    await world.ask(book, gone)
    faults.plan("append", KEPT)
    with pytest.raises(CounterfoilError):
        await world.sweep(book)
    await world.desk.kill(book)
    assert len(await world.held()) == 2

    book = await world.desk.open()

    assert await world.held() == []
    assert await world.erased(book) == [tuple(sorted(one.id for one in gone))]
