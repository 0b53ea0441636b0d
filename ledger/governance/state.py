"""The state of a community: what replaying its entries gives, and nothing else.

    root    = SHA-256(JCS {section: hex(SHA-256(JCS of that section))})
    section "community"  {"ledger", "origin", "genesis", "vkeys", "founders",
                          "parameters", "log_time"}
    section "systems"    {system: {"name", "operator", …, "status", "registered_by"}}

Each room (`people`, `assembly`, …) is a value with sections of its own, written in its
module. Empty sections are left out. Decisions move no section: `seq` and `refused`, of
systems and of actors, are outside the root (CONTRACT). `log_time` is that of the last
entry that carries one. A state is a value: `evolve` makes a new one, and large maps are
persistent (`immutables.Map`), so that a change costs the logarithm of their size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from immutables import Map

from ledger.canonical import jcs
from ledger.entries.moment import format_log_time
from ledger.errors import FatalError
from ledger.governance.assembly.room import Assembly
from ledger.governance.cases.room import Cases
from ledger.governance.commons.room import Commons
from ledger.governance.people.room import People
from ledger.governance.safeguards.room import Safeguards
from ledger.governance.systems.room import Emergencies
from ledger.governance.systems.system import System
from ledger.governance.talk.room import Talk
from ledger.ids import Did, LedgerName, SystemId


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """What founding fixed, and the community's own numbers.

    Attributes:
        ledger: its name.
        origin: of its checkpoints.
        genesis: base64url of entry 0's leaf hash.
        vkeys: the log's verifier keys.
        founders: who may act first.
        founded_ms: log time of entry 0; outside the root, which has the entry itself.
        parameters: the community's own numbers.
    """

    ledger: LedgerName
    origin: str
    genesis: str
    vkeys: tuple[str, ...]
    founders: tuple[Did, ...]
    founded_ms: int
    parameters: Mapping[str, Any]

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "ledger": self.ledger,
            "origin": self.origin,
            "genesis": self.genesis,
            "vkeys": list(self.vkeys),
            "founders": list(self.founders),
            "parameters": dict(self.parameters),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The governance state after some number of entries.

    Attributes:
        community: None before entry 0.
        log_time_ms: that of the last entry that carries one.
        systems: by id.
        emergencies: calls to suspend them, and when suspensions lapse.
        people, assembly, safeguards, talk, commons, cases: the rooms.
        sequences: each actor's last seq; outside the root.
    """

    community: Community | None = None
    log_time_ms: int = 0
    systems: Map[SystemId, System] = field(default_factory=Map)
    emergencies: Emergencies = field(default_factory=Emergencies)
    people: People = field(default_factory=People)
    assembly: Assembly = field(default_factory=Assembly)
    safeguards: Safeguards = field(default_factory=Safeguards)
    talk: Talk = field(default_factory=Talk)
    commons: Commons = field(default_factory=Commons)
    cases: Cases = field(default_factory=Cases)
    sequences: Map[Did, int] = field(default_factory=Map)

    def sections(self) -> dict[str, dict[str, Any]]:
        """The parts that the root covers, as JSON; empty ones left out."""
        found: dict[str, dict[str, Any]] = {}
        if self.community is not None:
            found["community"] = {
                **self.community.public(),
                "log_time": format_log_time(self.log_time_ms),
            }
        found["systems"] = {id_: s.public() for id_, s in self.systems.items()}
        for room in (
            self.emergencies,
            self.people,
            self.assembly,
            self.safeguards,
            self.talk,
            self.commons,
            self.cases,
        ):
            found.update(room.sections())
        return {name: section for name, section in found.items() if section}

    def section_hashes(self) -> dict[str, str]:
        """Each section's name to the hex of SHA-256(JCS of it)."""
        return {
            name: sha256(jcs(section)).hexdigest()
            for name, section in self.sections().items()
        }

    def root(self) -> str:
        """Hex of SHA-256(JCS of `section_hashes`)."""
        return sha256(jcs(self.section_hashes())).hexdigest()


def parameters_of(state: State) -> Mapping[str, Any]:
    """The community's own numbers; defaults hold where they say nothing.

    Raises:
        FatalError: there is no entry 0 yet.
    """
    if state.community is None:
        raise FatalError("a community has no numbers before entry 0")
    return state.community.parameters


EMPTY = State()
