"""Receipts asked for by whoever proved the identifier their deployers know them by.

The identifier is what the deployers give as `subject.ref`: with each deployer's own key
it gives the handle under which the vault joins its decisions. It is held for the length
of one call. The requests are those that deployers make (ledger/log/reissues.py), and
wait as theirs do: an entry that names no one, the community's delay, a page on which who
holds the receipt can stop it.

Asking again is how the links are fetched: a request that stands is found, and a new one
is made only for decisions that none of them tells. One that was stopped is not made
again while it is remembered.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from ledger.clock import Clock
from ledger.errors import RejectedError
from ledger.governance.state import State
from ledger.limits import NAMED_DECISIONS_MAX, REISSUES_SYSTEM_MAX
from ledger.log.batch import NO_SECRET
from ledger.log.identity import Ledger
from ledger.log.projection import Projection
from ledger.log.reissues import Status, noted_then
from ledger.log.vault import Vault
from ledger.storage.postgres import PostgresStore
from ledger.storage.reissues import ReissueRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Where the receipts of somebody stand.

    Attributes:
        status: `ready` where any is.
        more: whether some wait beside those that are ready.
        available_ms: when the last of those that wait are ready; None until an entry
            names them all.
        receipts: (decision, K) of those that are ready.
    """

    status: Status
    more: bool
    available_ms: int | None
    receipts: Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class _Found:
    """What was found so far, over systems."""

    ready: list[tuple[str, bytes]] = field(default_factory=list)
    due_ms: list[int] = field(default_factory=list)  # of those that wait, noted
    untold: bool = False
    stopped: bool = False

    def told(self) -> Proven:
        waits = self.untold or bool(self.due_ms)
        status: Status = "nothing"
        if self.ready:
            status = "ready"
        elif waits:
            status = "waiting"
        elif self.stopped:
            status = "stopped"
        return Proven(
            status=status,
            more=waits and bool(self.ready),
            available_ms=None if self.untold else max(self.due_ms, default=None),
            receipts=self.ready,
        )


class ProvenReissues:
    """What people ask of one ledger for themselves."""

    def __init__(
        self,
        ledger: Ledger,
        store: PostgresStore,
        vault: Vault,
        projection: Projection,
        clock: Clock,
    ) -> None:
        """`vault` makes the handles and unwraps K."""
        self._log_id = ledger.log_id
        self._table = store.reissues
        self._vault = vault
        self._projection = projection
        self._clock = clock

    async def ask(
        self, identifier: str, systems: Collection[str] | None = None
    ) -> Proven:
        """Ask for every receipt under `identifier`, or find what was asked before.

        `systems` are those whose deployers know people by that identifier; None: all.

        Raises:
            RejectedError: `too-many-reissues` of one system; of others some may stand.
            UnavailableError: the database does not answer; likewise.
        """
        state = (await self._projection.refreshed()).state
        pairs = [
            (name, self._vault.handle(system.operator, identifier))
            for name, system in sorted(state.systems.items())
            if systems is None or name in systems
        ]
        found = _Found()
        for name, handle in await self._table.joined(self._log_id, pairs):
            await self._one(state, name, handle, found)
        return found.told()

    async def _one(
        self, state: State, system: str, handle: bytes, found: _Found
    ) -> None:
        rows = await self._table.of_handle(self._log_id, system, handle)
        noted = sorted(row.noted_ms for row in rows if row.noted_ms is not None)
        now_ms, untold = self._clock.now_ms(), False
        for one in await self._table.secrets(
            self._log_id, system, handle, limit=NAMED_DECISIONS_MAX
        ):
            secret = self._vault.unwrap(one.epoch, one.wrapped)
            if secret == NO_SECRET:
                continue
            told = [noted_then(state, one.id, noted_ms) for noted_ms in noted]
            due = [re.due_ms for re in told if re and re.stopped_ms is None]
            if any(due_ms <= now_ms for due_ms in due):
                found.ready.append((one.id, secret))
            elif due:
                found.due_ms.append(min(due))
            elif any(told):
                found.stopped = True
            else:
                untold = True
        found.untold |= untold
        # One that no entry tells yet will tell whatever is there by then.
        if untold and all(row.noted_ms is not None for row in rows):
            await self._add(system, handle)

    async def _add(self, system: str, handle: bytes) -> None:
        row = ReissueRow(
            id=str(uuid4()),
            system=system,
            handle=handle,
            asked_ms=self._clock.now_ms(),
            noted_ms=None,
        )
        if not await self._table.add(self._log_id, row, kept_max=REISSUES_SYSTEM_MAX):
            raise RejectedError(
                "too-many-reissues",
                f"a system has {REISSUES_SYSTEM_MAX:,} requests that are not settled",
            )
