"""The governance state in this process's memory: a replay, brought up to the head.

The first look begins at the kept snapshot, if there is one that can be used; then, and
ever after, the entries past it are replayed. Now and then, and at the end, the state is
kept again, so that no start replays more than `SNAPSHOT_RECORDS` or so.
"""

import asyncio
import contextlib
import gc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.errors import MalformedError, UnavailableError
from ledger.governance.admit import Admitted, admit
from ledger.governance.replay import replay
from ledger.governance.state import EMPTY, State
from ledger.ids import DecisionId, SystemId
from ledger.limits import REPLAY_ROWS, SNAPSHOT_RECORDS
from ledger.log.identity import Ledger
from ledger.log.pending import Validated
from ledger.log.snapshots import Snapshots
from ledger.log.uncollected import uncollected
from ledger.storage.port import WriteSession
from ledger.storage.postgres import PostgresStore

KEEP_LOOK_S: Final = 10.0  # seconds between looks at whether enough has happened


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """A state, and the index of the last entry it is the replay of; -1 before any."""

    state: State
    last_record: int


class Projection:
    """This process's newest state; only ever moves forward."""

    def __init__(self, ledger: Ledger, store: PostgresStore, log: Any = None) -> None:
        """Knows nothing until `refresh`; `log` hears of snapshots thrown away."""
        self._ledger = ledger
        self._store = store
        self._log = log
        self._snapshots = Snapshots(ledger, store.snapshots)
        self._keeper: asyncio.Task[None] | None = None
        self._records = 0  # taken in since the state was kept
        self.current = Projected(state=EMPTY, last_record=-1)

    def admit(self, decision: Validated, new_id: DecisionId, now_ms: int) -> Admitted:
        """The submission to seal, by the newest state this process knows.

        Raises:
            RejectedError: as `governance.admit`; nothing was recorded.
        """
        return admit(
            self.current.state,
            decision.fields,
            decided_at_ms=decision.decided_at_ms,
            now_ms=now_ms,
            new_id=new_id,
        )

    def operator(self, system: SystemId) -> str:
        """Who answers for an admitted system."""
        return self.current.state.systems[system].operator

    def adopt(self, projected: Projected, records: int = 1) -> None:
        """Move to a state whose entries are committed, `records` of them no decisions."""
        if projected.last_record > self.current.last_record:
            self.current = projected
            self._records += records

    async def catch_up(self, session: WriteSession) -> None:
        """Replay what others wrote, under the head's lock."""
        self._replay(await session.records(self.current.last_record))

    async def refresh(self) -> bool:
        """Replay what others wrote, if anything; whether there was.

        Raises:
            UnavailableError: the database does not answer.
        """
        before = self.current.last_record
        head = await self._store.head(self._ledger.log_id)
        if before < 0 <= head.last_record:
            await self._begin(head.last_record)
        while (after := self.current.last_record) < head.last_record:
            rows = await self._store.record_leaves(
                self._ledger.log_id, after, REPLAY_ROWS
            )
            if not rows:
                break
            self._replay(rows, after)
        return self.current.last_record > before

    async def refreshed(self) -> Projected:
        """The state at the committed head."""
        await self.refresh()
        return self.current

    def _replay(
        self, rows: Sequence[tuple[int, bytes]], after: int | None = None
    ) -> None:
        if after is not None and after != self.current.last_record:
            return  # somebody else caught up meanwhile
        if rows:
            with uncollected():
                state = replay(self.current.state, rows)
            self.adopt(Projected(state=state, last_record=rows[-1][0]), len(rows))

    # ---- the kept state ---------------------------------------------------------------

    def start(self) -> None:
        """Begin to keep the state now and then."""
        self._keeper = asyncio.create_task(self._keep_forever(), name="keeper")

    async def close(self) -> None:
        """Stop, and keep the state as it is now; without it the next start replays."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        with contextlib.suppress(UnavailableError):
            await self.keep()

    async def keep(self) -> bool:
        """Keep the newest state, unless it is kept already; whether it was.

        Raises:
            UnavailableError: the database does not answer; what was kept before stands.
        """
        if not self._records:
            return False
        current, records, self._records = self.current, self._records, 0
        try:
            return await self._snapshots.keep(current.state, current.last_record)
        except UnavailableError:
            self._records += records
            raise

    async def _keep_forever(self) -> None:
        while True:
            await asyncio.sleep(KEEP_LOOK_S)
            if self._records >= SNAPSHOT_RECORDS:
                with contextlib.suppress(UnavailableError):  # tried again when due
                    await self.keep()

    async def _begin(self, last_record: int) -> None:
        try:
            kept = await self._snapshots.newest()
        except MalformedError as error:
            if self._log is not None:
                self._log.warning("snapshot_thrown_away", reason=str(error))
            return
        if kept is not None and self.current.last_record < kept[1] <= last_record:
            self.current = Projected(state=kept[0], last_record=kept[1])
            # It lives as long as the process and holds no cycles: a collector that walks
            # through it again and again, in the writer's pauses too, finds nothing.
            gc.freeze()
