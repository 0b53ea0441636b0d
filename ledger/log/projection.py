"""The governance state in this process's memory: a replay, brought up to the head."""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.entries.codec import decode_entry
from ledger.governance.admit import Admitted, admit
from ledger.governance.evolve import evolve
from ledger.governance.state import EMPTY, State
from ledger.ids import DecisionId, LeafIndex, SystemId
from ledger.log.identity import Ledger
from ledger.log.pending import Validated
from ledger.storage.port import WriteSession
from ledger.storage.postgres import PostgresStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """A state, and the index of the last entry it is the replay of; -1 before any."""

    state: State
    last_record: int


class Projection:
    """This process's newest state; only ever moves forward."""

    def __init__(self, ledger: Ledger, store: PostgresStore) -> None:
        """Knows nothing until `refresh`."""
        self._ledger = ledger
        self._store = store
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

    def adopt(self, projected: Projected) -> None:
        """Move to a state whose entries are committed."""
        if projected.last_record > self.current.last_record:
            self.current = projected

    async def catch_up(self, session: WriteSession) -> None:
        """Replay what others wrote, under the head's lock."""
        self._replay(await session.records(self.current.last_record))

    async def refresh(self) -> bool:
        """Replay what others wrote, if anything; whether there was.

        Raises:
            UnavailableError: the database does not answer.
        """
        before = self.current.last_record
        log_id = self._ledger.log_id
        if (await self._store.head(log_id)).last_record > before:
            self._replay(await self._store.record_leaves(log_id, before), before)
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
        state, last = self.current.state, self.current.last_record
        for index, leaf in rows:
            state = evolve(state, decode_entry(leaf), LeafIndex(index))
            last = index
        self.adopt(Projected(state=state, last_record=last))
