"""The rows that derive from entries alone: what a projection must hold, entry by entry.

    decision     a row of `decisions`; its system's counter
    act, time    a row of `records`; log time
    founding     a row of `records` under the ledger's genesis; log time

`fsck` compares the store with them, a rebuild and a recovery write them.
"""

from dataclasses import dataclass, field

from ledger.entries.entry import DecisionRecorded, Entry
from ledger.entries.moment import parse_utc
from ledger.errors import VerificationError
from ledger.ids import LeafIndex
from ledger.storage.port import DecisionRow, RecordRow


@dataclass(slots=True, kw_only=True)
class Derived:
    """What the entries so far give; `take` moves it on.

    Attributes:
        counters: system to (last seq, refusals as of its last leaf).
        log_time_ms: that of the last entry that carries one.
        last_record: index of the newest entry that is not a decision; -1 before any.
    """

    genesis: str
    counters: dict[str, tuple[int, int]] = field(default_factory=dict)
    log_time_ms: int = 0
    last_record: int = -1

    def take(self, index: LeafIndex, entry: Entry) -> DecisionRow | RecordRow:
        """The row of the entry at `index`, the next one."""
        if isinstance(entry, DecisionRecorded):
            system = entry.statement.system
            self.counters[system] = (entry.seq, entry.refused)
            time_s = parse_utc(entry.time) // 1000
            return DecisionRow(index, entry.id, time_s, system)
        self.last_record = index
        self.log_time_ms = entry.time_ms
        return RecordRow(index, entry.id if index else self.genesis)

    def check_seq(self, entry: DecisionRecorded) -> None:
        """That the decision is its system's next; call before `take`.

        Raises:
            VerificationError: a gap or a repetition.
        """
        system = entry.statement.system
        expected = self.counters.get(system, (0, 0))[0] + 1
        if entry.seq != expected:
            raise VerificationError(
                f"it is number {entry.seq:,} of its system, and {expected:,} is next"
            )
