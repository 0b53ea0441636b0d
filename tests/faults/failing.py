"""A write session that fails where it is told to: before the call happens, or after."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ledger.errors import CounterfoilError, UnavailableError, UnknownOutcomeError
from ledger.ids import Hash
from ledger.storage.port import Locked, NewEntries, VaultRow, WriteSession

LOST: Final = "lost"  # the call never reached the database
KEPT: Final = "kept"  # it did, and only its answer was lost


@dataclass(slots=True)
class Faults:
    """What fails next; each fault happens once, in the order given.

    Attributes:
        planned: (verb, LOST or KEPT, the error raised).
        away: how many of the next connections are refused, after the first fault.
        refuses: the error of each refused connection.
        happened: what failed so far.
    """

    planned: list[tuple[str, str, CounterfoilError]] = field(default_factory=list)
    away: int = 0
    refuses: CounterfoilError | None = None
    happened: list[tuple[str, str]] = field(default_factory=list)

    def plan(
        self, verb: str, fate: str, error: CounterfoilError | None = None
    ) -> "Faults":
        commits = verb in {"commit", "write"}
        usual = UnknownOutcomeError if commits else UnavailableError
        self.planned.append((verb, fate, error or usual(f"{verb} {fate}")))
        return self

    def due(self, verb: str, fate: str) -> CounterfoilError | None:
        if self.planned and self.planned[0][:2] == (verb, fate):
            self.happened.append((verb, fate))
            return self.planned.pop(0)[2]
        return None

    def wrap(self, session: WriteSession) -> WriteSession:
        """What `Desk.open` puts around each session; raises as a lost server would."""
        if self.happened and self.away:
            self.away -= 1
            raise self.refuses or UnavailableError("nobody answers")
        return FailingSession(session, self)


class FailingSession:
    """A real session behind faults; keeps the protocol's promises otherwise."""

    def __init__(self, session: WriteSession, faults: Faults) -> None:
        self._session = session
        self._faults = faults

    async def _fail(self, verb: str, fate: str) -> None:
        error = self._faults.due(verb, fate)
        if error is not None:
            # As the server does when a connection is gone: what is open is dropped.
            await self._session.close()
            raise error

    async def marks(
        self, tags: Sequence[str], contest_keys: Sequence[str]
    ) -> tuple[set[str], set[str]]:
        return await self._session.marks(tags, contest_keys)

    async def lock(
        self, systems: Sequence[str], ids: Sequence[str], retry_keys: Sequence[bytes]
    ) -> Locked:
        await self._fail("lock", LOST)
        locked = await self._session.lock(systems, ids, retry_keys)
        await self._fail("lock", KEPT)
        return locked

    async def append(self, new: NewEntries) -> None:
        await self._fail("append", LOST)
        await self._session.append(new)
        await self._fail("append", KEPT)

    async def write(
        self, new: NewEntries, ids: Sequence[str], retry_keys: Sequence[bytes]
    ) -> bool:
        await self._fail("write", LOST)
        written = await self._session.write(new, ids, retry_keys)
        await self._fail("write", KEPT)
        return written

    async def commit(self) -> None:
        await self._fail("commit", LOST)
        await self._session.commit()
        await self._fail("commit", KEPT)

    async def leaf_hashes(self, start: int, stop: int) -> list[Hash]:
        await self._fail("leaf_hashes", LOST)
        return await self._session.leaf_hashes(start, stop)

    async def tile(self, level: int, number: int, width: int) -> list[Hash]:
        await self._fail("tile", LOST)
        return await self._session.tile(level, number, width)

    async def records(self, after: int) -> list[tuple[int, bytes]]:
        await self._fail("records", LOST)
        return await self._session.records(after)

    async def known(
        self, indexes: Sequence[int]
    ) -> dict[int, tuple[bytes, VaultRow | None]]:
        await self._fail("known", LOST)
        return await self._session.known(indexes)

    async def rollback(self) -> None:
        await self._session.rollback()

    async def close(self) -> None:
        await self._session.close()
