"""What is said about AI systems, read and typed.

    system.register   {"system", "name", "operator", "impact_level": "I|II|III|IV",
                       "domain", "jurisdiction", "profile": "sealed|open",
                       "outcomes": [code], "versions": [version], "keys": [did:key]}
    system.version    {"system", "version"}

Names of acts and members never change. A body says nothing about the state: whether the
system exists is `check`'s.
"""

from dataclasses import dataclass
from typing import Final

from ledger.entries.statement import PROFILES
from ledger.governance.body import (
    Body,
    check_members,
    read_choice,
    read_code,
    read_list,
    read_system_id,
    read_text,
    refuse,
)
from ledger.governance.systems.system import ACTIVE, System
from ledger.ids import SystemId, is_code, is_version
from ledger.keys import is_did_key

IMPACT_LEVELS: Final = ("I", "II", "III", "IV")  # never change


@dataclass(frozen=True, slots=True)
class VersionOf:
    """A further version of a system."""

    system: SystemId
    version: str


def read_system(body: Body) -> System:
    """The system that a `system.register` registers; who registered it is not said.

    Raises:
        RejectedError: `invalid-act`: a body of another form.
    """
    check_members(
        body,
        (
            "system",
            "name",
            "operator",
            "impact_level",
            "domain",
            "jurisdiction",
            "profile",
            "outcomes",
            "versions",
            "keys",
        ),
    )
    system = System(
        id=read_system_id(body),
        name=read_text(body, "name"),
        operator=read_text(body, "operator"),
        impact_level=read_choice(body, "impact_level", IMPACT_LEVELS),
        domain=read_code(body, "domain"),
        jurisdiction=read_code(body, "jurisdiction"),
        profile=read_choice(body, "profile", PROFILES),
        outcomes=read_list(body, "outcomes", is_code),
        versions=read_list(body, "versions", is_version),
        keys=read_list(body, "keys", is_did_key),  # type: ignore[arg-type] # did:keys
        status=ACTIVE,
        registered_by="",
    )
    if system.profile == "open" and not system.outcomes:
        raise refuse("outcomes names at least one code where profile is open")
    return system


def read_version(body: Body) -> VersionOf:
    """The version that a `system.version` registers.

    Raises:
        RejectedError: `invalid-act`: a body of another form.
    """
    check_members(body, ("system", "version"))
    version = body["version"]
    if type(version) is not str or not is_version(version):
        raise refuse("version is 1 to 64 of A-Z a-z 0-9 . _ + -")
    return VersionOf(read_system_id(body), version)
