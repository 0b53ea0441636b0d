"""What an audit found: sentences with a place and a consequence, for people and programs.

entry 4,211 is not what the checkpoint signed: whoever holds its receipt can prove it
"""

from dataclasses import dataclass, field
from typing import Any, Final

from ledger.canonical import format_base64
from ledger.ids import Hash
from ledger.limits import AUDIT_FINDINGS_MAX

# Stable names of the kinds of finding, for programs; they never change.
KINDS: Final = (
    "bundle",  # a bundle is missing, cut short, or has another number of entries
    "checkpoint",  # it does not parse, or is not signed by the log
    "duplicate",  # an id, subject_tag or contest_key stands twice
    "entry",  # an entry is not what the checkpoint signed
    "form",  # an entry is not in the ledger's form
    "founding",  # entry 0 does not found this log
    "history",  # it does not continue the earlier checkpoint
    "keys",  # the published keys do not parse, or are not the log's
    "late",  # the ledger owes somebody an erasure that was due days ago
    "root",  # the entries do not lead to the signed root
    "rule",  # an entry that the state before it does not allow
    "seen",  # an actor saw another history
    "seq",  # a gap or a repetition in a count
    "signature",  # an act's or a deployer's signature does not hold
    "stale",  # the checkpoint is smaller than one already seen
    "state",  # the published state is not what the entries give
    "tile",  # a tile is missing or is not the hashes of its entries
    "time",  # log time stands still or goes back
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    Attributes:
        kind: one of `KINDS`.
        index: the entry's, where one entry is meant.
        sentence: place, fact and consequence.
    """

    kind: str
    index: int | None
    sentence: str


@dataclass(slots=True)
class Report:
    """The outcome of one audit; filled by the audit, read by everybody else.

    Attributes:
        origin: the log's name; empty until a checkpoint is opened.
        size: how many entries the checkpoint signs.
        root: the root it signs; None until one is opened.
        counterfoil: whether the entries are Counterfoil's; otherwise the tree only was
            checked.
        complete: whether everything was looked at.
        checkpoint: the signed note itself, once it is opened.
        counts: checks made, by what was checked.
        notes: what a reader should know and is no fault.
        findings: in the order found, at most 1,000.
        more: findings beyond those.
    """

    origin: str = ""
    size: int = 0
    root: Hash | None = None
    counterfoil: bool = True
    complete: bool = False
    checkpoint: bytes | None = None
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    def find(self, kind: str, sentence: str, index: int | None = None) -> None:
        """Adds a finding, or counts it when there are 1,000 already."""
        if len(self.findings) < AUDIT_FINDINGS_MAX:
            self.findings.append(Finding(kind, index, sentence))
        else:
            self.more += 1

    def count(self, what: str, number: int = 1) -> None:
        """Adds to the checks made."""
        self.counts[what] = self.counts.get(what, 0) + number

    @property
    def checks(self) -> int:
        """How many checks were made in all."""
        return sum(self.counts.values())

    @property
    def held(self) -> bool:
        """Whether everything was looked at and nothing found."""
        return self.complete and not self.findings


def number(value: int) -> str:
    """A number as people read it: 4,211."""
    return f"{value:,}"


def places(first: int, after: int) -> str:
    """`entry 7` or `entries 7 to 9`."""
    if after - first == 1:
        return f"entry {number(first)}"
    return f"entries {number(first)} to {number(after - 1)}"


def summary(report: Report) -> str:
    """One line: how much was checked, and how much was found."""
    total = len(report.findings) + report.more
    found = f"{number(total)} finding{'' if total == 1 else 's'}"
    if report.root is None:
        return f"no entry could be checked, {found}"
    entries = "entry" if report.size == 1 else "entries"
    cut = "" if report.complete else "stopped early, "
    return (
        f"{number(report.size)} {entries}, root {report.root.hex()[:8]}…, "
        f"{number(report.checks)} checks, {cut}{found}"
    )


def format_text(report: Report) -> str:
    """The report for a terminal: a line a finding, then the summary."""
    lines = [f"✗ {finding.sentence}" for finding in report.findings]
    if report.more:
        lines.append(f"✗ and {number(report.more)} more")
    lines.append(f"{'✓' if report.held else '✗'} {summary(report)}")
    return "".join(line + "\n" for line in lines)


def as_json(report: Report) -> dict[str, Any]:
    """The report for a program."""
    return {
        "held": report.held,
        "complete": report.complete,
        "origin": report.origin,
        "size": report.size,
        "root": None if report.root is None else format_base64(report.root),
        "counterfoil": report.counterfoil,
        "checks": report.checks,
        "counts": dict(sorted(report.counts.items())),
        "notes": list(report.notes),
        "findings": [
            {
                "kind": finding.kind,
                "index": finding.index,
                "sentence": finding.sentence,
            }
            for finding in report.findings
        ],
        "more": report.more,
    }
