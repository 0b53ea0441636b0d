"""An AI system, as the community registered it.

{"name", "operator", "impact_level", "domain", "jurisdiction", "profile",
"outcomes": [code], "versions": [version], "keys": [did:key], "status",
"registered_by", and where they are set: "overseers": [did:key], "review_days",
"recourse_days", "status_by", "status_reason", "lapses_ms"}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.ids import Did, SystemId

# Never change. Only an active system's decisions are recorded; a retired one stays so.
ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
RETIRED: Final = "retired"


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
        status: "active", "suspended" or "retired".
        registered_by: the id of the proposal, or of the founder's act.
        overseers: people whose keys may confirm what a rule holds back.
        review_days: within which a contested decision is reviewed; None: not set.
        recourse_days: within which a person may contest; None: not set.
        status_by: the proposal or act that set the status; "" while nothing did.
        status_reason: a code or a digest; "" likewise.
        lapses_ms: log time at which an emergency suspension ends by itself.
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
    overseers: tuple[Did, ...] = ()
    review_days: int | None = None
    recourse_days: int | None = None
    status_by: str = ""
    status_reason: str = ""
    lapses_ms: int | None = None

    def public(self) -> dict[str, Any]:
        """As JSON, without the id, which is the name it stands under."""
        found: dict[str, Any] = {
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
        # Left out where not set, so that a system that never had one keeps its bytes.
        if self.overseers:
            found["overseers"] = list(self.overseers)
        for name in ("review_days", "recourse_days", "lapses_ms"):
            if getattr(self, name) is not None:
                found[name] = getattr(self, name)
        if self.status_by:
            found["status_by"] = self.status_by
            found["status_reason"] = self.status_reason
        return found


def system_from(id_: SystemId, public: Mapping[str, Any]) -> System:
    """The system whose `public()` this is."""
    lists = {
        name: tuple(public.get(name, ()))
        for name in ("outcomes", "versions", "keys", "overseers")
    }
    return System(id=id_, **{**public, **lists})
