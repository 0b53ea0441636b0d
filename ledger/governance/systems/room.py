"""Emergencies of AI systems, as a value. Section: "emergencies".

    {system: {"signers": {member: {"time_ms", "reason"}}, "rest_until_ms"}}

Signatures are kept until newer ones replace them; which still count depends on the time
and is not stored. `rest_until_ms` is null until the system was suspended so once; before
that log time it cannot be again. The systems themselves are `State.systems`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from immutables import Map

from ledger.governance.systems.system import System, system_from
from ledger.ids import Did, SystemId


class Signature(NamedTuple):
    """One member's call for an emergency suspension."""

    time_ms: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Who calls for a system's suspension, and until when none is possible.

    Attributes:
        signers: by member.
        rest_until_ms: log time; None before the first emergency suspension.
    """

    signers: Map[Did, Signature] = field(default_factory=Map)
    rest_until_ms: int | None = None

    def public(self) -> dict[str, Any]:
        """As JSON, without the system, which is the name it stands under."""
        return {
            "signers": {did: s._asdict() for did, s in self.signers.items()},
            "rest_until_ms": self.rest_until_ms,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergencies:
    """All of them.

    Attributes:
        by_system: those there were or are calls for.
        lapses: (log time, system), in order, of every emergency suspension in force;
            repeats `System.lapses_ms`, to be found quickly.
    """

    by_system: Map[SystemId, Emergency] = field(default_factory=Map)
    lapses: tuple[tuple[int, SystemId], ...] = ()

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {"emergencies": {id_: e.public() for id_, e in self.by_system.items()}}


def systems_from(sections: Mapping[str, Mapping[str, Any]]) -> Map[SystemId, System]:
    """The systems of section "systems"."""
    found = sections.get("systems", {})
    return Map(
        {SystemId(id_): system_from(SystemId(id_), s) for id_, s in found.items()}
    )


def from_sections(sections: Mapping[str, Mapping[str, Any]]) -> Emergencies:
    """The emergencies whose `sections()` these are, among others."""
    by_system = {
        SystemId(id_): Emergency(
            signers=Map(
                {Did(did): Signature(**s) for did, s in public["signers"].items()}
            ),
            rest_until_ms=public["rest_until_ms"],
        )
        for id_, public in sections.get("emergencies", {}).items()
    }
    lapses = sorted(
        (system["lapses_ms"], SystemId(id_))
        for id_, system in sections.get("systems", {}).items()
        if "lapses_ms" in system
    )
    return Emergencies(by_system=Map(by_system), lapses=tuple(lapses))
