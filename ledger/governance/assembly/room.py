"""Proposals, open and closed, as a value. Sections: "proposals", "turnout".

section "proposals"  {key: proposal, as `format.format_proposal` writes it}
section "turnout"    {class: usual turnout in parts per million}
"""

from dataclasses import dataclass, field
from typing import Any

from immutables import Map

from ledger.governance.assembly.proposal import Proposal
from ledger.ids import Did


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """Proposals, open and closed.

    Attributes:
        proposals: by key, each for ever.
        revisions: every wording of an open proposal, and the id of a closed one, to the
            key. Derived.
        agenda: key of each open proposal to the earliest log time, in ms, at which
            something of it changes by itself. Derived.
        turnout_ppm: class to usual turnout, moved by quorate votes only.
        opened_ms: member to the log time of that member's newest proposal. Derived.
    """

    proposals: Map[str, Proposal] = field(default_factory=Map)
    revisions: Map[str, str] = field(default_factory=Map)
    agenda: Map[str, int] = field(default_factory=Map)
    turnout_ppm: Map[str, int] = field(default_factory=Map)
    opened_ms: Map[Did, int] = field(default_factory=Map)

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {"proposals": {}, "turnout": dict(self.turnout_ppm)}
