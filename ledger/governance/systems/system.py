"""An AI system, as the community registered it."""

from dataclasses import dataclass
from typing import Any

from ledger.ids import Did, SystemId

ACTIVE = "active"  # never changes; the community may later suspend or retire a system


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """An AI system that the community registered.

    Attributes:
        id: its code, in every decision's source.
        name: for people.
        operator: who answers for it; its own secret key joins decisions in the vault.
        impact_level: "I" to "IV".
        domain: a code, as "credit".
        jurisdiction: a code, as "SE".
        profile: "sealed" or "open".
        outcomes: codes; with profile "open" the only ones a decision may have.
        versions: in order of registration; the last is the newest.
        keys: did:keys that may sign its statements.
        status: "active".
        registered_by: the id of the act.
    """

    id: SystemId
    name: str
    operator: str
    impact_level: str
    domain: str
    jurisdiction: str
    profile: str
    outcomes: tuple[str, ...]
    versions: tuple[str, ...]
    keys: tuple[Did, ...]
    status: str
    registered_by: str

    def public(self) -> dict[str, Any]:
        """As JSON, without the id, which is the name it stands under."""
        return {
            "name": self.name,
            "operator": self.operator,
            "impact_level": self.impact_level,
            "domain": self.domain,
            "jurisdiction": self.jurisdiction,
            "profile": self.profile,
            "outcomes": list(self.outcomes),
            "versions": list(self.versions),
            "keys": list(self.keys),
            "status": self.status,
            "registered_by": self.registered_by,
        }
