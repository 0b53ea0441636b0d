"""Replays the entries, as anybody could, and says which of them the rules did not allow.

For each entry, in order:

    (1) form       its bytes are canonical and of their type's form
    (2) place      entry 0 founds this log, no other does; names of ledger and genesis
    (3) counts     a system's seq and an actor's seq are gapless, refusals never fall
    (4) signature  an act's is its actor's; a deployer's is of a key of the system
    (5) rule       `decide` would have allowed the act in the state before it
    (6) state      `evolve`; at the published size the roots are compared

What needs the whole log (names that stand twice, what actors saw) is noted here and
looked at by `verify` when all has been read. Imports no code that writes.
"""

from ledger.audit.compare import difference
from ledger.audit.counts import Count
from ledger.audit.duplicates import Names
from ledger.audit.opening import Published
from ledger.audit.report import Report, number
from ledger.audit.rules import fault_of_rules
from ledger.audit.sweeps import check_lateness, faults_of_erasure
from ledger.canonical import format_base64url
from ledger.entries.act import check_act
from ledger.entries.codec import decode_entry
from ledger.entries.entry import (
    ActRecorded,
    DecisionRecorded,
    Entry,
    ErasureExecuted,
    Founded,
    ReceiptReissued,
    TimePassed,
)
from ledger.entries.statement import check_statement_signature
from ledger.errors import CounterfoilError, MalformedError
from ledger.governance.decide import decide
from ledger.governance.evolve import evolve
from ledger.governance.passing import is_due, tick
from ledger.governance.safeguards.ruleset import NO_RULE_SET
from ledger.governance.state import EMPTY, State
from ledger.governance.systems.system import ACTIVE, System
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.merkle.checkpoint import Checkpoint, Verified, open_checkpoint
from ledger.merkle.note import VerifierKey, format_vkey


class Replay:
    """The entries so far, replayed.

    Attributes:
        seen: tree size to (root, index of the entry that says it was seen).
        reissued: decision to the first entry that names its receipt as asked for again.
    """

    def __init__(
        self,
        report: Report,
        names: Names,
        *,
        checkpoint: Checkpoint,
        signed_by: tuple[Verified, ...],
        published: Published | None,
    ) -> None:
        """`signed_by`: whose signatures hold on the checkpoint."""
        self.seen: dict[int, tuple[bytes, int]] = {}
        self.reissued: dict[str, int] = {}
        self._report = report
        self._names = names
        self._checkpoint = checkpoint
        self._vkeys: list[VerifierKey] = [item.vkey for item in signed_by]
        self._published = published
        self._state: State = EMPTY
        self._rules = NO_RULE_SET
        self._ledger = ""
        self._genesis = ""
        self._counts: dict[str, Count] = {}
        self._decisions = 0
        self._lifted_ms = 0  # log time at which legal holds last changed
        self._whole = True

    def take(self, index: LeafIndex, leaf: bytes, leaf_hash: Hash) -> None:
        """Replays one entry; findings go into the report."""
        try:
            entry = decode_entry(leaf)  # (1)
        except MalformedError as error:
            self._refuse_form(index, error)
            self.skip()
        else:
            if type(entry) is DecisionRecorded and index:
                self._take_decision(index, entry)
            else:
                self._take_other(index, entry, leaf_hash)
        if self._published is not None and self._published.size == index + 1:
            self._compare_state(self._published)  # (6)

    def skip(self) -> None:
        """Entries that could not be read: counts begin anew, the state is unknown."""
        self._whole = False
        for count in self._counts.values():
            count.seq = None

    def finish(self) -> None:
        """Adds the counts of what was replayed."""
        if not self._whole:  # a decision that is named may be one that was not read
            self.reissued.clear()
        else:
            check_lateness(self._state, self._lifted_ms, self._report)
        self._report.count("decisions", self._decisions)

    def _refuse_form(self, index: int, error: MalformedError) -> None:
        self._report.count("forms")
        if index == 0:
            self._report.find(
                "founding",
                f"entry 0 does not found a ledger ({error}): nothing says whose log "
                "this is",
                0,
            )
        else:
            self._report.find(
                "form",
                f"entry {number(index)} is not in the ledger's form ({error}): no "
                "verifier will read it as a decision or an act",
                index,
            )

    # ---- decisions ------------------------------------------------------------

    def _take_decision(self, index: LeafIndex, entry: DecisionRecorded) -> None:
        statement = entry.statement
        self._decisions += 1
        self._names.add(
            index, (statement.id, statement.subject_tag, statement.contest_key)
        )
        count = self._counts.get(statement.system)
        if count is None:
            system = self._state.systems.get(statement.system)
            count = self._counts[statement.system] = Count(system)
            if not self._whole:
                count.seq = None
        if statement.genesis != self._genesis or entry.ledger != self._ledger:  # (2)
            self._find(index, "rule", "was made for another ledger")
        if count.seq is not None and entry.seq != count.seq + 1:  # (3)
            self._find(
                index,
                "seq",
                f"is number {number(entry.seq)} of system {statement.system} where "
                f"{number(count.seq + 1)} is due: one was dropped or counted twice",
            )
        count.seq = entry.seq
        if entry.refused != count.refused:
            self._take_refused(index, statement.system, count, entry.refused)
        if (
            statement.version not in count.versions
            or statement.profile != count.profile
            or entry.rules != self._rules.hash
            or self._rules.rules
            or entry.results
            or statement.outcome is not None
            or entry.signature is not None
        ):
            self._check_against_system(index, entry, count.system)

    def _take_refused(self, index: int, name: str, count: Count, refused: int) -> None:
        if refused < count.refused:
            self._find(
                index,
                "seq",
                f"says {number(refused)} refusals of system {name} where there were "
                f"{number(count.refused)} already: refusals were hidden",
            )
        count.refused = refused

    def _check_against_system(
        self, index: int, entry: DecisionRecorded, system: System | None
    ) -> None:
        statement = entry.statement
        if system is None:
            if self._whole:
                name = statement.system
                self._find(
                    index, "rule", f"is of system {name}, which nobody registered"
                )
            return
        if system.status != ACTIVE:
            self._find(
                index, "rule", f"was recorded while its system was {system.status}"
            )
        if statement.profile != system.profile:
            self._find(index, "rule", "has another profile than its system")
        self._check_rules(index, entry, system)
        if statement.version is not None and statement.version not in system.versions:
            self._find(index, "rule", "names a version that nobody registered")
        outcome = statement.outcome
        if outcome is not None and outcome["code"] not in system.outcomes:
            self._find(index, "rule", "has an outcome that is not its system's")
        if entry.signature is not None:
            self._check_deployer(index, entry, system)

    def _check_rules(self, index: int, entry: DecisionRecorded, of: System) -> None:
        fault = fault_of_rules(self._rules, of, entry) if self._whole else None
        if fault is not None:
            self._find(index, "rule", fault)

    def _check_deployer(
        self, index: int, entry: DecisionRecorded, system: System
    ) -> None:
        assert entry.keyid is not None  # noqa: S101 -- stands with the signature
        assert entry.signature is not None  # noqa: S101 -- the caller looked
        self._report.count("signatures")
        try:  # (4)
            check_statement_signature(entry.keyid, entry.statement_jcs, entry.signature)
        except CounterfoilError:
            self._find(
                index,
                "signature",
                "carries a deployer's signature that does not hold: the deployer can "
                "deny it",
            )
        if entry.keyid not in system.keys:
            self._find(
                index, "signature", "is signed by a key that is not its system's"
            )

    # ---- what is not a decision --------------------------------------------------

    def _take_other(self, index: LeafIndex, entry: Entry, leaf_hash: Hash) -> None:
        self._report.count("forms")
        match entry:
            case Founded():
                self._names.add(index, (entry.id,))
                self._take_founding(index, entry, leaf_hash)
            case ActRecorded():
                self._names.add(index, (entry.act.id,))
                self._check_place(index, entry.ledger, entry.time_ms)
                self._take_act(index, entry)
            case TimePassed():
                self._names.add(index, (entry.id,))
                self._check_place(index, entry.ledger, entry.time_ms)
                self._take_time_passed(index, entry)
            case ErasureExecuted() | ReceiptReissued():
                self._names.add(index, (entry.id,))
                self._check_place(index, entry.ledger, entry.time_ms)
                self._take_sweep(index, entry)
            case DecisionRecorded():
                self._find(index, "founding", "is a decision and founds no ledger")
        self._evolve(entry, index)

    def _take_founding(self, index: int, entry: Founded, leaf_hash: Hash) -> None:
        if index:
            self._find(index, "founding", "founds the ledger a second time")
            return
        self._ledger = entry.ledger
        self._genesis = format_base64url(leaf_hash)
        if entry.origin != self._checkpoint.origin:  # (2)
            self._find(
                index,
                "founding",
                f"founds {entry.origin} where the checkpoint is of "
                f"{self._checkpoint.origin}: the checkpoint is another log's",
            )
        elif not {format_vkey(vkey) for vkey in self._vkeys}.intersection(entry.vkeys):
            self._find(
                index,
                "founding",
                "names other keys than the one that signs the checkpoint: it is not "
                "the founders' log that signs",
            )

    def _check_place(self, index: int, ledger: str, time_ms: int) -> None:
        if ledger != self._ledger:
            self._find(index, "rule", "was made for another ledger")
        if time_ms < self._state.log_time_ms:
            self._find(
                index,
                "time",
                "has a log time before that of an earlier entry: deadlines counted "
                "from it are not to be trusted",
            )

    def _take_act(self, index: LeafIndex, entry: ActRecorded) -> None:
        act = entry.act
        self._report.count("signatures")
        try:  # (4)
            check_act(act)
        except CounterfoilError:
            self._find(
                index,
                "signature",
                f"is an act that {act.actor} did not sign: somebody acted in that name",
            )
        if self._whole:
            self._decide(index, entry)
        self._see(act.seen_size, act.seen_root, index)

    def _decide(self, index: LeafIndex, entry: ActRecorded) -> None:
        self._report.count("rules")
        if self._state.community is None:
            return
        state = self._on_time(index, entry.time_ms)
        try:  # (3) (5); what the actor saw is looked at in the end
            decide(
                state,
                entry.act,
                time_ms=entry.time_ms,
                size=TreeSize(index),
                seen_holds=True,
            )
        except CounterfoilError as error:
            named = getattr(error, "kind", "signature")  # a passkey's failure has none
            kind = {"seq-used": "seq", "signature": named}.get(named, "rule")
            self._find(index, kind, f"is an act that was to be refused: {error}")

    def _on_time(self, index: int, time_ms: int) -> State:
        """The state at that time; what no entry before says had passed is a finding."""
        if not is_due(self._state, time_ms):
            return self._state
        self._find(
            index,
            "time",
            "comes after something was due, and no entry before it says that time "
            "had passed: a deadline was missed",
        )
        return tick(self._state, time_ms)

    def _take_sweep(
        self, index: LeafIndex, entry: ErasureExecuted | ReceiptReissued
    ) -> None:
        if not self._whole or self._state.community is None:
            return
        self._report.count("rules")
        state = self._on_time(index, entry.time_ms)
        if isinstance(entry, ErasureExecuted):
            for told in faults_of_erasure(state, entry):
                self._find(index, "rule", told)
            return
        for decision in entry.decisions:
            self.reissued.setdefault(decision, int(index))

    def _see(self, size: int, root: bytes, index: int) -> None:
        known = self.seen.setdefault(size, (root, index))
        if known[0] != root:
            self._find(
                index,
                "seen",
                f"saw another tree of {number(size)} entries than entry "
                f"{number(known[1])} did: two histories were shown",
            )

    def _take_time_passed(self, index: int, entry: TimePassed) -> None:
        for name, refused in entry.refused.items():
            count = self._counts.get(name)
            if count is None:
                system = self._state.systems.get(name)  # type: ignore[call-overload] # a text is looked up
                count = self._counts[name] = Count(system)
            self._take_refused(index, name, count, refused)
        if entry.checkpoint is None:
            return
        self._report.count("signatures")
        try:
            carried, _ = open_checkpoint(entry.checkpoint.encode(), self._vkeys)
        except (CounterfoilError, UnicodeEncodeError):
            self._find(index, "signature", "carries a checkpoint that does not hold")
            return
        if carried.size > index:
            self._find(index, "signature", "carries a checkpoint from its own future")
        else:
            self._see(carried.size, carried.root, index)

    # ---- the state ------------------------------------------------------------

    def _evolve(self, entry: Entry, index: LeafIndex) -> None:
        before, holds = self._state.systems, self._state.cases.legal_holds
        self._state = evolve(self._state, entry, index)
        if self._state.cases.legal_holds is not holds:
            self._lifted_ms = self._state.log_time_ms
        self._rules = self._state.safeguards.rule_set
        if self._state.systems is before:
            return
        for name, system in self._state.systems.items():
            count = self._counts.get(name)
            if count is None:
                count = self._counts[name] = Count(system)
            count.register(system)

    def _compare_state(self, published: Published) -> None:
        if not self._whole:
            self._report.notes.append(
                "the published state was not compared: not every entry could be read"
            )
            return
        self._report.count("states")
        told = difference(self._state, published)
        if told is not None:
            self._report.find("state", told)

    def _find(self, index: int, kind: str, told: str) -> None:
        self._report.find(kind, f"entry {number(index)} {told}", index)
