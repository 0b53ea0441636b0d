"""The writer of one log in one process: lock, append, commit, sign, answer.

    (1) take what the intake sealed
    (2) lock the head row, read under the lock what the batch needs
    (3) refuse a head behind what was ever released
    (4) put the batch in order: sequence numbers, leaves, tree; keep the ids it erases
    (5) append and commit                      -- after this a crash loses no answer
    (6) sign the committed head, keep it as released
    (7) answer every waiter

A small batch on top of our own last one knows all that (2) would read, so it does (2)
and (5) in one round trip; if anybody wrote in between, it writes nothing, and goes the
long way. Any number of processes and hosts run this on one database: the lock lets one
in at a time.

Each step's failure has one meaning: before (5) nothing was recorded; (5) unanswered is
unknown until the head is read again under its lock; after (5) the entries stand, and
whoever writes next signs them. (6) and (7) are `releaser`'s, while the next batch is
written.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from ledger.clock import Clock
from ledger.errors import (
    CounterfoilError,
    FatalError,
    UnavailableError,
    UnknownOutcomeError,
)
from ledger.governance.passing import due
from ledger.limits import BATCH_ENTRIES_MAX, TILE_WIDTH, TIME_PASSED_LATE_MS
from ledger.log.batch import Counters, Plan, plan
from ledger.log.erased import ErasedFile
from ledger.log.erasing import executed
from ledger.log.head import HeadGuard
from ledger.log.identity import Ledger
from ledger.log.intake import Intake
from ledger.log.outcome import was_written
from ledger.log.pending import Pending, PendingDecision
from ledger.log.projection import Projection
from ledger.log.releaser import Releaser
from ledger.log.retries import Retries, may_repeat, needs_lock, refuse_used_marks
from ledger.log.tiles import completed_tiles
from ledger.log.vault import Vault
from ledger.storage.port import Head, WriteSession

TEND_PERIOD_S: Final = 1.0  # seconds between looks at the head when nothing is written
SHORT_ENTRIES_MAX: Final = 64  # entries in one round trip; beyond, COPY is cheaper


class Sequencer:
    """Writes one log, from what its `intake` holds."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        vault: Vault,
        guard: HeadGuard,
        projection: Projection,
        erased: ErasedFile,
        open_session: Callable[[], Awaitable[WriteSession]],
        clock: Clock,
        log: Any,
    ) -> None:
        """`open_session` opens a fresh session; the rest is shared with the readers."""
        self._ledger = ledger
        self._vault = vault
        self._guard = guard
        self._projection = projection
        self._erased = erased
        self._open_session = open_session
        self._clock = clock
        self._log = log
        self._retries = Retries(vault, projection)
        self._session: WriteSession | None = None  # owner: the writer
        # What our last batch left: (head, counters of its systems). None: not known, or
        # another process writes too, and guessing would only cost a round trip.
        self._own: tuple[Head, Counters] | None = None
        self._told: Mapping[
            str, int
        ] = {}  # refusals that time.passed told; owner: the writer
        self._last_version = -1  # the head our last batch made
        self._alone = False  # whether nobody wrote between our last two batches
        self._releaser = Releaser(guard, log)
        self._tasks: list[asyncio.Task[None]] = []
        self.intake = Intake(
            ledger.genesis, vault=vault, projection=projection, clock=clock
        )
        self.batches = 0
        self.entries = 0

    async def start(self) -> None:
        """Verify the head, sign it if nobody has, and begin to write.

        Raises:
            FatalError: the database is behind what was released; nothing is signed.
            UnavailableError: it does not answer.
        """
        await self._tend()
        self._tasks = [
            asyncio.create_task(self.intake.seal_forever(), name="sealer"),
            asyncio.create_task(self._write_forever(), name="writer"),
            asyncio.create_task(self._releaser.run(), name="releaser"),
        ]

    async def close(self) -> None:
        """Write what waits, answer it, stop."""
        self.intake.close()
        for task in self._tasks:
            await task
        await self._drop_session()

    @property
    def refusal(self) -> FatalError | None:
        """Why the ledger does not sign, if it refuses to."""
        return self.intake.refusal

    @refusal.setter
    def refusal(self, error: FatalError) -> None:
        self.intake.refusal = error

    # ---- the loop -------------------------------------------------------------------

    async def _write_forever(self) -> None:
        intake = self.intake
        while True:
            try:
                async with asyncio.timeout(TEND_PERIOD_S):
                    await intake.ready.wait()
            except TimeoutError:
                await self._tend_quietly()
                continue
            intake.ready.clear()
            while intake.sealed:
                await self._write_one()
            if intake.closing and intake.empty:
                self._releaser.close()
                return

    async def _write_one(self) -> None:
        """One batch, whatever happens: every one of its waiters is answered."""
        sealed = self.intake.sealed
        taken: list[Pending] = []  # (1)
        while sealed and len(taken) < BATCH_ENTRIES_MAX:
            taken.append(sealed.popleft())
        batch, later = self._retries.apart(taken)
        sealed.extendleft(reversed(later))
        started = self._clock.monotonic_s()
        try:
            await self._write(batch)
        except CounterfoilError as error:
            await self._fail(batch, error)
        except Exception as error:  # noqa: BLE001 -- a defect of ours must not hang waiters
            # Not fatal: one poisonous request must not stop everybody else's.
            name = type(error).__name__
            failure = UnknownOutcomeError(f"the writer failed ({name})")
            await self._fail(batch, failure)
            self._log.exception("writer_failed")
        self._log.debug(
            "batch_written",
            entries=len(batch),
            ms=round((self._clock.monotonic_s() - started) * 1000, 1),
        )

    async def _fail(self, batch: Sequence[Pending], error: CounterfoilError) -> None:
        await self._drop_session()
        if isinstance(error, FatalError):
            self.refusal = error
        self._log.warning("batch_failed", error=str(error), entries=len(batch))
        for pending in batch:
            pending.put(error)

    # ---- one batch ------------------------------------------------------------------

    async def _write(self, batch: list[Pending]) -> None:
        session = await self._ready_session()
        done = await self._write_short(session, batch)
        if done is None:
            done = await self._write_locked(session, batch)
        if done.new.empty:
            done.refuse()
            return
        # Point of no return: the batch is durable. A crash from here on loses no entry;
        # the next writer signs this head or a later one.
        self._own = (done.new.head, done.counters) if self._alone else None
        self._last_version, self._told = done.new.head.version, done.told
        if not done.new.leaves:  # refusals were counted; the head's tree is the same
            done.refuse()
            return
        self._projection.adopt(done.projected, len(done.new.records))
        self.batches += 1
        self.entries += len(done.new.leaves)
        self._releaser.add(done)  # (6), (7)

    async def _write_short(
        self, session: WriteSession, batch: Sequence[Pending]
    ) -> Plan | None:
        """Steps (2) to (5) in one round trip, if the head is still our own last one."""
        if self._own is None or len(batch) > SHORT_ENTRIES_MAX:
            return None
        head, counters = self._own
        state = self._projection.current.state
        if (
            any(needs_lock(pending, state) for pending in batch)
            or self._overdue_ms(head.log_time_ms) >= 0  # an entry of our own
            # (3) A head that another process released since is no reason to refuse: only
            # what is read under the lock may be.
            or self._guard.is_overtaken(head)
            or _fills_a_tile(head, len(batch))
            or not _systems(batch) <= counters.keys()
        ):
            return None
        done = self._plan(head, counters, batch)
        # An act may bring an entry more: that time has passed.
        if done.new.empty or _fills_a_tile(head, len(done.new.leaves)):
            return None
        ids, keys = self._retries.asked(batch)
        try:
            if await session.write(done.new, ids, keys):
                return done
        except UnknownOutcomeError:
            await self._resolve(done)
            return done
        self._own, self._alone = None, False
        return None

    async def _write_locked(self, session: WriteSession, batch: list[Pending]) -> Plan:
        """Steps (2) to (5) one by one, under the head's lock."""
        told = (
            self._projection.current.state.systems if self._overdue_ms(0) >= 0 else ()
        )
        systems = sorted(_systems(batch).union(told))
        ids, keys = self._retries.asked(batch)
        locked = await session.lock(systems, ids, keys)  # (2)
        self._alone = locked.head.version == self._last_version
        self._guard.check(locked.head)  # (3)
        self._join(batch, systems)
        if locked.head.last_record != self._projection.current.last_record:
            await self._projection.catch_up(session)
        if may_repeat(batch, locked, self._projection.current.state):
            # The writer that recorded it may not have lived to sign it, and nothing is
            # acknowledged before it is covered.
            await self._guard.release_committed(locked.head)
        left = await self._retries.answer(
            session, batch, locked, ids, keys, self._clock.now_ms()
        )
        left = await refuse_used_marks(session, left)
        pairs = zip(locked.seqs, locked.refused, strict=True)
        counters = dict(zip(systems, pairs, strict=True))
        done = self._plan(locked.head, counters, left)  # (4)
        if done.sweeps:
            # Point of no return for what it erases: a restore erases it again.
            erased = executed(done.projected.state)
            await asyncio.to_thread(self._erased.align, erased)
        if done.new.empty:
            await session.rollback()
            return done
        done.new.tiles = await completed_tiles(session, done.extension)
        await session.append(done.new)  # (5)
        try:
            await session.commit()
        except UnknownOutcomeError:
            await self._resolve(done)
        return done

    def _join(self, batch: list[Pending], systems: Sequence[str]) -> None:
        """Take along what was sealed while others held the lock.

        Only what needs nothing read under it: new decisions of the same systems.
        """
        sealed = self.intake.sealed
        while sealed and len(batch) < BATCH_ENTRIES_MAX:
            first = sealed[0]
            if (
                not isinstance(first, PendingDecision)
                or first.given_id is not None
                or first.retry_key is not None
                or first.system not in systems
            ):
                return
            batch.append(sealed.popleft())

    def _plan(self, head: Head, counters: Counters, batch: Sequence[Pending]) -> Plan:
        now_ms = self._clock.now_ms()
        if now_ms < head.log_time_ms:
            behind_ms = head.log_time_ms - now_ms
            self._log.warning("clock_behind_log_time", behind_ms=behind_ms)
        projected = self._projection.current
        ledger, vault, told = self._ledger, self._vault, self._told
        return plan(ledger, vault, projected, head, counters, batch, now_ms, told=told)

    async def _resolve(self, done: Plan) -> None:
        """Find out what became of a commit whose answer was lost.

        Raises:
            UnavailableError: the batch was not written; nothing was recorded.
            UnknownOutcomeError: the database did not come back in time, or unfit.
        """
        await self._drop_session()
        try:
            written = await was_written(
                done.new, ready=self._ready_session, drop=self._drop_session
            )
        except FatalError as error:
            # Nobody could look, so nobody may say that it was not recorded.
            self.refusal = error
            self._log.critical("refuses_to_sign", reason=str(error))
            raise UnknownOutcomeError(
                "the database came back unfit to be signed after a commit"
            ) from error
        if not written:
            raise UnavailableError("the database lost the batch before it was written")

    # ---- the connection and the head ---------------------------------------------------

    async def _ready_session(self) -> WriteSession:
        if self._session is None:
            session = await self._open_session()
            try:
                await self._guard.verify(session)
            except BaseException:
                await session.close()
                raise
            self._session = session
        return self._session

    async def _drop_session(self) -> None:
        self._own = None
        if self._session is not None:
            with contextlib.suppress(CounterfoilError):
                await self._session.close()
            self._session = None

    async def _tend(self) -> None:
        """Sign a committed head that nobody released, as after a crash.

        Raises:
            FatalError, UnavailableError: see `start`.
        """
        session = await self._ready_session()
        try:
            locked = await session.lock([], [], [])
            self._guard.check(locked.head)
            if locked.head.last_record != self._projection.current.last_record:
                await self._projection.catch_up(session)
            await session.rollback()
        except CounterfoilError:
            await self._drop_session()
            raise
        await self._guard.release_committed(locked.head)

    async def _tend_quietly(self) -> None:
        try:
            if self.refusal is None and await self._guard.untended():
                await self._tend()
            if self.refusal is None:
                await self._pass_time()
        except FatalError as error:
            self.refusal = error
            self._log.critical("refuses_to_sign", reason=str(error))
        except CounterfoilError as error:
            self._log.warning("database_away", error=str(error))

    async def _pass_time(self) -> None:
        """Record that time has passed, where something is due and nobody writes.

        Raises:
            CounterfoilError: as `_write`.
        """
        await self._projection.refresh()
        if self._overdue_ms(0) < TIME_PASSED_LATE_MS:
            return
        try:
            await self._write([])
        except CounterfoilError:
            await self._drop_session()
            raise

    def _overdue_ms(self, log_time_ms: int) -> int:
        """How long something has been due; negative when nothing is."""
        due_ms = due(self._projection.current.state)
        now_ms = max(self._clock.now_ms(), log_time_ms + 1)
        return now_ms - due_ms if due_ms is not None else -1


def _fills_a_tile(head: Head, entries: int) -> bool:
    return head.size % TILE_WIDTH + entries >= TILE_WIDTH


def _systems(batch: Sequence[Pending]) -> set[str]:
    """The systems of a batch's decisions."""
    return {p.system for p in batch if isinstance(p, PendingDecision)}
