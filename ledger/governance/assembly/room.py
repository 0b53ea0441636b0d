"""Proposals, open and closed, as a value. Sections: "proposals", "turnout", "receipts".

    section "proposals"  {key: proposal, as `formats.format_proposal` writes it}
    section "turnout"    {class: usual turnout in parts per million}
    section "receipts"   {"records": n, "marks": [[log time in ms, index, records], …]}

A *record* is an entry that is not a decision. The marks say where the log stood at the
first record of each day, as far back as objections reach: between two of them lie
(difference of indexes) - (difference of records) decisions. So decisions move nothing
here, and yet a share of them can be told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from immutables import Map

from ledger.governance.assembly.formats import format_proposal, read_proposal
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.assembly.status import due_ms
from ledger.governance.changed import changed
from ledger.governance.people.electorate import electorate
from ledger.governance.people.room import People
from ledger.ids import Did
from ledger.limits import OBJECTION_WINDOW_MS

_DAY_MS: Final = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the log stood at the first record of a day."""

    time_ms: int
    index: int
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """Proposals, open and closed.

    Attributes:
        proposals: by key, each for ever.
        revisions: the present wording of each proposal, to its key. Derived.
        agenda: key of each open proposal to when something of it is due. Derived.
        next_ms: the earliest of the agenda. Derived.
        turnout_ppm: class to usual turnout, moved by quorate votes only.
        opened_ms: member to the log time of that member's newest proposal. Derived.
        records: how many records there are.
        marks: see the module.
    """

    proposals: Map[str, Proposal] = field(default_factory=Map)
    revisions: Map[str, str] = field(default_factory=Map)
    agenda: Map[str, int] = field(default_factory=Map)
    next_ms: int | None = None
    turnout_ppm: Map[str, int] = field(default_factory=Map)
    opened_ms: Map[Did, int] = field(default_factory=Map)
    records: int = 0
    marks: tuple[Mark, ...] = ()

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        marks = [[m.time_ms, m.index, m.records] for m in self.marks]
        return {
            "proposals": {
                key: format_proposal(one) for key, one in self.proposals.items()
            },
            "turnout": dict(self.turnout_ppm),
            "receipts": (
                {"records": self.records, "marks": marks} if self.records else {}
            ),
        }

    def put(self, proposal: Proposal) -> "Assembly":
        """With a proposal as it now is."""
        key, due = proposal.key, due_ms(proposal)
        agenda, next_ms = self.agenda, self.next_ms
        if agenda.get(key) != due:
            agenda = agenda.delete(key) if due is None else agenda.set(key, due)
            next_ms = min(agenda.values(), default=None)
        revisions, before = self.revisions, self.proposals.get(key)
        if before is None or before.revision != proposal.revision:
            if before is not None:
                revisions = revisions.delete(before.revision)
            revisions = revisions.set(proposal.revision, key)
        return changed(
            self,
            proposals=self.proposals.set(key, proposal),
            revisions=revisions,
            agenda=agenda,
            next_ms=next_ms,
        )

    def record(self, time_ms: int, index: int) -> "Assembly":
        """With one record more, at `index`."""
        return self.record_all([(time_ms, index)])

    def record_all(self, places: Sequence[tuple[int, int]]) -> "Assembly":
        """With these records more, each at (log time in ms, index), in order."""
        marks = self.marks
        for records, (time_ms, index) in enumerate(places, self.records):
            if not marks or time_ms // _DAY_MS != marks[-1].time_ms // _DAY_MS:
                # The last mark before the window stays: a window begins there.
                start_ms = time_ms - OBJECTION_WINDOW_MS
                old = sum(mark.time_ms <= start_ms for mark in marks)
                marks = (*marks[max(old - 1, 0) :], Mark(time_ms, index, records))
        return changed(self, records=self.records + len(places), marks=marks)

    def receipts(self, time_ms: int, index: int) -> tuple[int, int]:
        """Where the 90 days before an act at `index` begin, and the decisions since."""
        earlier = [m for m in self.marks if m.time_ms <= time_ms - OBJECTION_WINDOW_MS]
        mark = earlier[-1] if earlier else next(iter(self.marks), Mark(0, 0, 0))
        return mark.index, (index - mark.index) - (self.records - mark.records)


def from_sections(
    sections: Mapping[str, Mapping[str, Any]], people: People
) -> Assembly:
    """The assembly whose `sections()` these are; `people` are those of the same state."""
    receipts = sections.get("receipts", {})
    assembly = Assembly(
        turnout_ppm=Map(sections.get("turnout", {})),
        records=receipts.get("records", 0),
        marks=tuple(Mark(*mark) for mark in receipts.get("marks", ())),
    )
    opened: dict[Did, int] = {}
    for key, value in sections.get("proposals", {}).items():
        proposal = read_proposal(key, value)
        if proposal.vote is not None:
            vote = proposal.vote
            voters = electorate(people, vote.snapshot_ms, vote.parameters)
            proposal = replace(proposal, vote=replace(vote, electorate=voters))
        assembly = assembly.put(proposal)
        by = proposal.proposer
        opened[by] = max(opened.get(by, 0), proposal.opened_ms)
    return replace(assembly, opened_ms=Map(opened))
