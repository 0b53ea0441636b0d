"""The state of a community: what replaying its entries gives, and nothing else.

    root    = SHA-256(JCS {section: hex(SHA-256(JCS of that section))})
    section "community"  {"ledger", "origin", "genesis", "vkeys", "founders",
                          "parameters", "log_time"}
    section "systems"    {system: {"name", "operator", …, "status", "registered_by"}}

Empty sections are left out. Decisions move no section: `seq` and `refused`, of systems
and of actors, are outside the root (CONTRACT). `log_time` is that of the last entry that
carries one. A state is a value: `evolve` makes a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ledger.canonical import jcs
from ledger.entries.moment import format_log_time
from ledger.ids import Did, LedgerName, SystemId

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """What founding fixed.

    Attributes:
        ledger: its name.
        origin: of its checkpoints.
        genesis: base64url of entry 0's leaf hash.
        vkeys: the log's verifier keys.
        founders: the only ones who may act, in this version.
        parameters: the community's own numbers.
    """

    ledger: LedgerName
    origin: str
    genesis: str
    vkeys: tuple[str, ...]
    founders: tuple[Did, ...]
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The governance state after some number of entries.

    Attributes:
        community: None before entry 0.
        log_time_ms: that of the last entry that carries one.
        systems: by id.
        sequences: each actor's last seq; outside the root.
    """

    community: Community | None = None
    log_time_ms: int = 0
    systems: Mapping[SystemId, System] = field(default_factory=dict)
    sequences: Mapping[Did, int] = field(default_factory=dict)

    def sections(self) -> dict[str, dict[str, Any]]:
        """The parts that the root covers, as JSON; empty ones left out."""
        found: dict[str, dict[str, Any]] = {}
        if self.community is not None:
            found["community"] = {
                "ledger": self.community.ledger,
                "origin": self.community.origin,
                "genesis": self.community.genesis,
                "vkeys": list(self.community.vkeys),
                "founders": list(self.community.founders),
                "parameters": dict(self.community.parameters),
                "log_time": format_log_time(self.log_time_ms),
            }
        if self.systems:
            found["systems"] = {id_: s.public() for id_, s in self.systems.items()}
        return found

    def section_hashes(self) -> dict[str, str]:
        """Each section's name to the hex of SHA-256(JCS of it)."""
        return {
            name: sha256(jcs(section)).hexdigest()
            for name, section in self.sections().items()
        }

    def root(self) -> str:
        """Hex of SHA-256(JCS of `section_hashes`)."""
        return sha256(jcs(self.section_hashes())).hexdigest()


EMPTY = State()
