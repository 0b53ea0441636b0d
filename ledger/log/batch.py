"""One batch put in order: sequence numbers, leaves, tree; computed under the lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Final
from uuid import uuid4

from ledger.entries.codec import encode_entry
from ledger.entries.decision import SealedDecision, leaf_of, seal_results
from ledger.entries.entry import Entry, ErasureExecuted, TimePassed
from ledger.entries.moment import parse_utc
from ledger.errors import (
    ConflictError,
    CounterfoilError,
    RejectedError,
    RuleRefusedError,
    VerificationError,
)
from ledger.governance.admit import check_still, judge
from ledger.governance.decide import decide_on
from ledger.governance.evolve import evolve
from ledger.governance.passing import is_due
from ledger.governance.safeguards.ruleset import Verdict
from ledger.governance.state import State
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.limits import TIME_PASSED_SYSTEMS_MAX
from ledger.log.entropy import fresh
from ledger.log.erasing import acts_about, own_entry
from ledger.log.identity import Ledger
from ledger.log.pending import (
    Pending,
    PendingAct,
    PendingDecision,
    PendingOwn,
    PendingReissue,
    Recorded,
)
from ledger.log.projection import Projected
from ledger.log.release import Release
from ledger.log.vault import Vault
from ledger.merkle.frontier import Extension, Frontier, extend
from ledger.merkle.hashing import hash_leaf
from ledger.storage.port import (
    DecisionRow,
    Head,
    NewEntries,
    RecordRow,
    VaultRow,
)

# Wrapped in the place of a K that only the sealing client has.
NO_SECRET: Final = bytes(32)

# What a waiter is told once the batch is released: its id, index, leaf and secret.
Accepted = tuple[Pending, str, LeafIndex, bytes, bytes | None]
Counters = dict[str, tuple[int, int]]  # system: (last seq, refusals)


@lru_cache(maxsize=1024)
def _seconds(time: str) -> int:
    return parse_utc(time) // 1000


@dataclass(slots=True, kw_only=True)
class Plan:
    """A batch ready to be written, and the answers it will give.

    Attributes:
        new: the rows; its tiles are read and added by the writer.
        extension: the tree after the batch, with the proofs of its entries.
        projected: the state after the batch; adopted once it is committed.
        counters: of its systems, after it.
        told: the refusals of systems that entries are known to tell, after it.
        sweeps: whether the ledger's sweep asked for any of it.
    """

    new: NewEntries
    extension: Extension
    projected: Projected
    counters: Counters
    told: Mapping[str, int]
    sweeps: bool = False
    accepted: list[Accepted] = field(default_factory=list)
    refused: list[tuple[Pending, CounterfoilError]] = field(default_factory=list)

    def answer(self, release: Release) -> None:
        """Answer every waiter; only after the head is released."""
        for pending, entry_id, index, leaf, secret in self.accepted:
            recorded = Recorded(
                id=entry_id, index=index, leaf=leaf, secret=secret, release=release
            )
            verdict = pending.verdict
            if verdict is not None and verdict.answer != b"[]":
                recorded = replace(
                    recorded, status=verdict.status, safeguards=verdict.answer
                )
            pending.put(recorded)
        self.refuse()

    def refuse(self) -> None:
        """Answer those that were refused."""
        for pending, error in self.refused:
            pending.put(error)


class _Draft:
    """The batch under construction."""

    def __init__(
        self,
        ledger: Ledger,
        vault: Vault,
        projected: Projected,
        head: Head,
        counters: Counters,
        now_ms: int,
        told: Mapping[str, int],
    ) -> None:
        self.told = told
        self.ledger = ledger
        self.vault = vault
        self.now_ms = now_ms
        # One log time for the whole batch; only acts and the ledger's own entries
        # carry it, so only they move it.
        self.log_time_ms = max(now_ms, head.log_time_ms + 1)
        self.log_time_used = False
        self.state = projected.state
        self.last_record = projected.last_record
        self.counters = dict(counters)
        self.next = int(head.size)
        self.leaves: list[bytes] = []
        self.decisions: list[DecisionRow] = []
        self.vault_rows: list[VaultRow] = []
        self.records: list[RecordRow] = []
        self.sweeps = False
        self.erased: list[str] = []
        self.emptied: list[str] = []
        self.noted: list[str] = []
        self.accepted: list[Accepted] = []
        self.refused: list[tuple[Pending, CounterfoilError]] = []

    def add(self, pending: Pending) -> None:
        try:
            if isinstance(pending, PendingDecision):
                self._add_decision(pending)
            elif isinstance(pending, PendingAct):
                self._add_act(pending)
            else:
                self._add_own(pending)
        except (RejectedError, VerificationError) as error:
            self.refused.append((pending, error))

    def pass_time(self) -> None:
        """What is due by time comes before all that the batch brings."""
        if is_due(self.state, self.log_time_ms):
            passed = self._passed()
            self._record(passed, evolve(self.state, passed, LeafIndex(self.next)))

    def _passed(self) -> TimePassed:
        changed = {
            system: refused
            for system, (_, refused) in sorted(self.counters.items())
            if refused > self.told.get(system, 0)
        }
        refused = dict(islice(changed.items(), TIME_PASSED_SYSTEMS_MAX))
        # The checkpoint is the newest cosigned one: null while there are no witnesses.
        return TimePassed(
            id=str(uuid4()),
            ledger=self.ledger.name,
            time_ms=self.log_time_ms,
            checkpoint=None,
            refused=refused,
        )

    def _add_act(self, pending: PendingAct) -> None:
        made = decide_on(
            self.state,
            pending.act,
            time_ms=self.log_time_ms,
            size=TreeSize(self.next),
            seen_holds=pending.seen_holds,
            passed=self._passed() if is_due(self.state, self.log_time_ms) else None,
        )
        for entry, state in made:
            told = None if isinstance(entry, TimePassed) else pending
            self._record(entry, state, told)

    def _add_own(self, pending: PendingOwn) -> None:
        self.sweeps = True
        entry = own_entry(
            self.state, pending, ledger=self.ledger.name, time_ms=self.log_time_ms
        )
        if isinstance(entry, ErasureExecuted):
            self.erased.extend(entry.decisions)
            self.emptied.extend(acts_about(self.state, entry.decisions))
        elif isinstance(pending, PendingReissue):
            self.noted.extend(pending.requests)
        state = evolve(self.state, entry, LeafIndex(self.next))
        self._record(entry, state, pending)

    def _record(
        self,
        entry: Entry,
        state: State,
        pending: PendingAct | PendingOwn | None = None,
    ) -> None:
        """Take in an entry, with the state after it."""
        index, self.state = LeafIndex(self.next), state
        self.last_record, self.log_time_used = index, True
        self.records.append(RecordRow(index, entry.id))
        leaf = encode_entry(entry)
        if isinstance(entry, TimePassed):
            self.told = {**self.told, **entry.refused}
        if pending is None:  # the ledger's own: nobody waits for it
            self.leaves.append(leaf)
            self.next += 1
        else:
            self._take(pending, entry.id, leaf, None)

    def _add_decision(self, pending: PendingDecision) -> None:
        sealed, verdict = pending.sealed, pending.verdict
        if pending.refusal is not None or sealed is None or verdict is None:
            raise self._refusal(pending)
        if pending.admitted_at != self.last_record:
            sealed, verdict = self._ask_again(pending, sealed, verdict)
        system = sealed.system
        seq, refused = self.counters[system]
        leaf = leaf_of(
            self.ledger.name,
            sealed,
            seq=seq + 1,
            rules=verdict.rules,
            results=verdict.public,
            refused=refused,
        )
        self.counters[system] = (seq + 1, refused)
        index, secret = self.next, sealed.secret
        time_s = _seconds(sealed.time)
        self.decisions.append(DecisionRow(index, sealed.id, time_s, system))
        self.vault_rows.append(
            VaultRow(
                index,
                self.now_ms,
                self.vault.epoch,
                self.vault.wrap(secret or NO_SECRET),
                pending.handle,
                pending.retry_key,
                pending.fingerprint,
                sealed.sealed,
            )
        )
        self._take(pending, sealed.id, leaf, secret)

    def _refusal(self, pending: PendingDecision) -> RejectedError:
        """Its answer; a rule's refusal is counted first, if the rule still stands."""
        refusal = pending.refusal
        if not isinstance(refusal, RuleRefusedError):
            return refusal or RejectedError("rejected", "it was not admitted")
        if pending.rules != self.state.safeguards.rule_set.hash:
            return ConflictError("rules-changed", "another rule set is now in force")
        seq, refused = self.counters[pending.system]
        self.counters[pending.system] = (seq, refused + 1)
        return refusal

    def _ask_again(
        self, pending: PendingDecision, sealed: SealedDecision, verdict: Verdict
    ) -> tuple[SealedDecision, Verdict]:
        """The state moved since it was admitted: what is it now, and under what rules."""
        submission, fields = pending.submission, pending.fields
        assert submission is not None  # noqa: S101 -- it stands beside sealed
        check_still(self.state, submission)
        if fields is None:
            if verdict.rules != self.state.safeguards.rule_set.hash:
                raise ConflictError("other-rules", "another rule set is now in force")
            return sealed, verdict
        again = judge(self.state, submission, fields)
        pending.rules, pending.verdict = again.rules, again
        try:
            again.check()
        except RuleRefusedError as refusal:
            pending.refusal = refusal
            raise self._refusal(pending) from None
        if again.sealed != verdict.sealed:
            genesis, ((_, entropy),) = self.ledger.genesis, fresh(1)
            sealed = seal_results(genesis, submission, sealed, again.sealed, entropy)
        return sealed, again

    def _take(
        self, pending: Pending, entry_id: str, leaf: bytes, secret: bytes | None
    ) -> None:
        index = LeafIndex(self.next)
        self.leaves.append(leaf)
        self.next += 1
        self.accepted.append((pending, entry_id, index, leaf, secret))


def plan(
    ledger: Ledger,
    vault: Vault,
    projected: Projected,
    head: Head,
    counters: Counters,
    batch: Sequence[Pending],
    now_ms: int,
    *,
    told: Mapping[str, int],
) -> Plan:
    """Put a batch in order on top of a head; writes nothing.

    `counters` hold every system in the batch, as of that head; `now_ms` is the clock,
    read once for the batch; `told` the refusals that an entry was seen to tell.
    """
    draft = _Draft(ledger, vault, projected, head, counters, now_ms, told)
    draft.pass_time()
    for pending in batch:
        draft.add(pending)
    hashes: list[Hash] = [hash_leaf(leaf) for leaf in draft.leaves]
    extension = extend(Frontier.decode(head.size, head.nodes), hashes)
    new = NewEntries(
        start=LeafIndex(head.size),
        version=head.version,
        head=Head(
            version=head.version + 1,
            size=TreeSize(extension.frontier.size),
            nodes=extension.frontier.encode(),
            log_time_ms=(
                draft.log_time_ms if draft.log_time_used else head.log_time_ms
            ),
            last_record=draft.last_record,
        ),
        hashes=hashes,
        leaves=draft.leaves,
        decisions=draft.decisions,
        vault=draft.vault_rows,
        records=draft.records,
        erased=draft.erased,
        emptied=draft.emptied,
        noted=draft.noted,
        counters={
            system: count
            for system, count in draft.counters.items()
            if count != counters.get(system)
        },
    )
    return Plan(
        new=new,
        extension=extension,
        counters=draft.counters,
        told=draft.told,
        sweeps=draft.sweeps,
        projected=Projected(state=draft.state, last_record=draft.last_record),
        accepted=draft.accepted,
        refused=draft.refused,
    )
