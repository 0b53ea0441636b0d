"""Receipts asked for again: their deployer finds a person's decisions by its own reference.

    ask     → waits        kept with the handle of the reference, which is not kept itself
    sweep   → noted        one entry names the decisions of all that wait, by id, sorted
    delay   → ready        who has a receipt of one of them has seen it there, and may have
                           stopped it (`reissue.stop`)
    30 days → gone         the row is dropped

Only the decisions of the token's own system are found, and only those that were noted:
what is recorded later needs a request of its own. Of a decision that its deployer sealed
there is no K here to give. Nothing joins the decisions of one request in public, beyond
their standing in one list with all others of that sweep.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import uuid4

from ledger.clock import Clock
from ledger.errors import NotFoundError, RejectedError
from ledger.governance.cases.kept import Reissue as NotedReissue
from ledger.governance.parameters import period_ms
from ledger.governance.state import State
from ledger.ids import DecisionId, SystemId
from ledger.limits import (
    NAMED_DECISIONS_MAX,
    REISSUE_KEPT_MS,
    REISSUES_SYSTEM_MAX,
)
from ledger.log.batch import NO_SECRET
from ledger.log.identity import Ledger
from ledger.log.intake import Intake
from ledger.log.pending import Recorded
from ledger.log.projection import Projection
from ledger.log.vault import Vault
from ledger.storage.postgres import PostgresStore
from ledger.storage.reissues import ReissueRow

Status = Literal["waiting", "ready", "stopped", "nothing"]
NOTED_AT_ONCE: Final = 1_000  # requests read at a time; a sweep takes as many turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Reissue:
    """Where a request stands.

    Attributes:
        available_ms: when the links are given; None until an entry names it.
        receipts: (decision, K) of each; empty before.
    """

    status: Status
    available_ms: int | None
    receipts: Sequence[tuple[str, bytes]]


class Reissues:
    """The requests of one ledger."""

    def __init__(
        self,
        ledger: Ledger,
        store: PostgresStore,
        vault: Vault,
        projection: Projection,
        clock: Clock,
    ) -> None:
        """`vault` makes handles and unwraps K."""
        self._log_id = ledger.log_id
        self._table = store.reissues
        self._vault = vault
        self._projection = projection
        self._clock = clock

    async def ask(self, system: str, reference: str) -> str:
        """Keep a request for a system's decisions about a person; its id.

        Raises:
            RejectedError: `too-many-reissues`; nothing was kept.
            UnavailableError: the database does not answer.
        """
        state = (await self._projection.refreshed()).state
        operator = state.systems[SystemId(system)].operator
        row = ReissueRow(
            id=str(uuid4()),
            system=system,
            handle=self._vault.handle(operator, reference),
            asked_ms=self._clock.now_ms(),
            noted_ms=None,
        )
        if not await self._table.add(self._log_id, row, kept_max=REISSUES_SYSTEM_MAX):
            raise RejectedError(
                "too-many-reissues",
                f"the system has {REISSUES_SYSTEM_MAX:,} requests that are not settled",
            )
        return row.id

    async def find(self, system: str, request_id: str) -> Reissue:
        """Where a system's own request stands.

        Raises:
            NotFoundError: no such request of this system, or it is gone.
            UnavailableError: the database does not answer.
        """
        row = await self._table.find(self._log_id, system, request_id)
        if row is None:
            raise NotFoundError("not-found", "this system has no such request")
        if row.handle is None:
            return Reissue(status="nothing", available_ms=None, receipts=())
        if row.noted_ms is None:
            return Reissue(status="waiting", available_ms=None, receipts=())
        state = (await self._projection.refreshed()).state
        return await self._noted(state, row, row.handle, row.noted_ms)

    async def _noted(
        self, state: State, row: ReissueRow, handle: bytes, noted_ms: int
    ) -> Reissue:
        held = await self._table.secrets(
            self._log_id, row.system, handle, limit=NAMED_DECISIONS_MAX
        )
        noted = [(one, noted_then(state, one.id, noted_ms)) for one in held]
        told = [(one, reissue) for one, reissue in noted if reissue is not None]
        if not told:
            return Reissue(status="nothing", available_ms=None, receipts=())
        due_ms = max(reissue.due_ms for _, reissue in told)
        going = [one for one, reissue in told if reissue.stopped_ms is None]
        if not going:
            return Reissue(status="stopped", available_ms=None, receipts=())
        if self._clock.now_ms() < due_ms:
            return Reissue(status="waiting", available_ms=due_ms, receipts=())
        receipts = [
            (one.id, self._vault.unwrap(one.epoch, one.wrapped)) for one in going
        ]
        return Reissue(status="ready", available_ms=due_ms, receipts=receipts)

    # ---- the sweep -------------------------------------------------------------------

    async def sweep(self, intake: Intake) -> int:
        """Drop what was answered long ago, and note what waits; how many requests.

        Raises:
            CounterfoilError: the writer does not take it; the rest waits on.
        """
        state = (await self._projection.refreshed()).state
        now_ms = self._clock.now_ms()
        own = {} if state.community is None else state.community.parameters
        delay_ms = period_ms(own, "reissue_delay_s")
        await self._table.tidy(
            self._log_id,
            noted_before_ms=now_ms - delay_ms - REISSUE_KEPT_MS,
            asked_before_ms=now_ms - REISSUE_KEPT_MS,
        )
        done = 0
        while rows := await self._table.waiting(self._log_id, limit=NOTED_AT_ONCE):
            found = [(row, await self._decisions(row)) for row in rows]
            nothing = [row.id for row, its in found if not its]
            await self._table.drop_handles(self._log_id, nothing)
            for requests, decisions in _entries([one for one in found if one[1]]):
                outcome = await intake.note_reissue(sorted(decisions), requests)
                if not isinstance(outcome, Recorded):
                    raise outcome
                done += len(requests)
        return done

    async def _decisions(self, row: ReissueRow) -> set[DecisionId]:
        """The newest of them; those whose K is here."""
        if row.handle is None:
            return set()
        held = await self._table.secrets(
            self._log_id, row.system, row.handle, limit=NAMED_DECISIONS_MAX
        )
        return {
            one.id
            for one in held
            if self._vault.unwrap(one.epoch, one.wrapped) != NO_SECRET
        }


def noted_then(
    state: State, decision: DecisionId, noted_ms: int
) -> NotedReissue | None:
    """The one that this request made, or joined while it waited."""
    noted = state.cases.reissues.get(decision, ())
    before = [one for one in noted if one.noted_ms <= noted_ms]
    return before[-1] if before else None


def _entries(
    found: Sequence[tuple[ReissueRow, set[DecisionId]]],
) -> Iterator[tuple[list[str], set[DecisionId]]]:
    """Requests put together, as many as one entry can tell: (their ids, decisions)."""
    requests: list[str] = []
    decisions: set[DecisionId] = set()
    for row, its in found:
        if requests and len(decisions | its) > NAMED_DECISIONS_MAX:
            yield requests, decisions
            requests, decisions = [], set()
        requests.append(row.id)
        decisions |= its
    if requests:
        yield requests, decisions
