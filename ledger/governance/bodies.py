"""The bodies of acts, one reader each: what an act says, checked and typed.

    system.register   {"system", "name", "operator", "impact_level": "I|II|III|IV",
                       "domain", "jurisdiction", "profile": "sealed|open",
                       "outcomes": [code], "versions": [version], "keys": [did:key]}
    system.version    {"system", "version"}

Every member stands in every body. Names of acts and members never change. A body says
nothing about the state: whether the system exists is `decide`'s.
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger.entries.act import Act
from ledger.entries.statement import PROFILES
from ledger.errors import RejectedError
from ledger.governance.state import ACTIVE, System
from ledger.ids import SystemId, is_code, is_version
from ledger.keys import is_did_key
from ledger.limits import LIST_ITEMS_MAX, NAME_CHARS_MAX

SYSTEM_REGISTER: Final = "system.register"
SYSTEM_VERSION: Final = "system.version"
IMPACT_LEVELS: Final = ("I", "II", "III", "IV")  # never change


@dataclass(frozen=True, slots=True)
class VersionOf:
    """A further version of a system."""

    system: SystemId
    version: str


def _refuse(expected: str) -> RejectedError:
    return RejectedError("invalid-act", f"the act's body is refused: {expected}")


def _check_members(body: dict[str, Any], names: set[str]) -> None:
    if body.keys() != names:
        raise _refuse(f"its members are {', '.join(sorted(names))}, all, and no other")


def _system_id(body: dict[str, Any]) -> SystemId:
    """A code that can also stand in a path: not `.` and not `..`."""
    value = body["system"]
    if type(value) is not str or not is_code(value) or value in {".", ".."}:
        raise _refuse("system is a code, 1 to 64 of A-Z a-z 0-9 . _ -")
    return SystemId(value)


def _check_texts(body: dict[str, Any]) -> None:
    for name in ("name", "operator"):
        text = body[name]
        if (
            type(text) is not str
            or not 1 <= len(text) <= NAME_CHARS_MAX
            or not text.isprintable()
        ):
            raise _refuse(f"{name} is 1 to {NAME_CHARS_MAX} printable characters")
    for name in ("domain", "jurisdiction"):
        if type(body[name]) is not str or not is_code(body[name]):
            raise _refuse(f"{name} is a code, 1 to 64 of A-Z a-z 0-9 . _ -")
    for name, choices in (("impact_level", IMPACT_LEVELS), ("profile", PROFILES)):
        if type(body[name]) is not str or body[name] not in choices:
            raise _refuse(f"{name} is one of {', '.join(choices)}")


def _check_lists(body: dict[str, Any]) -> None:
    for name, is_item in (
        ("outcomes", is_code),
        ("versions", is_version),
        ("keys", is_did_key),
    ):
        items = body[name]
        if (
            type(items) is not list
            or len(items) > LIST_ITEMS_MAX
            or not all(type(item) is str and is_item(item) for item in items)
            or len(set(items)) != len(items)
        ):
            raise _refuse(f"{name} is a list of up to {LIST_ITEMS_MAX}, each once")
    if body["profile"] == "open" and not body["outcomes"]:
        raise _refuse("outcomes names at least one code where profile is open")


def read_system(act: Act) -> System:
    """The system that a `system.register` registers.

    Raises:
        RejectedError: `invalid-act`: a body of another form.
    """
    body = act.body
    _check_members(
        body,
        {
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
        },
    )
    system = _system_id(body)
    _check_texts(body)
    _check_lists(body)
    return System(
        id=system,
        name=body["name"],
        operator=body["operator"],
        impact_level=body["impact_level"],
        domain=body["domain"],
        jurisdiction=body["jurisdiction"],
        profile=body["profile"],
        outcomes=tuple(body["outcomes"]),
        versions=tuple(body["versions"]),
        keys=tuple(body["keys"]),
        status=ACTIVE,
        registered_by=act.id,
    )


def read_version(act: Act) -> VersionOf:
    """The version that a `system.version` registers.

    Raises:
        RejectedError: `invalid-act`: a body of another form.
    """
    _check_members(act.body, {"system", "version"})
    system, version = _system_id(act.body), act.body["version"]
    if type(version) is not str or not is_version(version):
        raise _refuse("version is 1 to 64 of A-Z a-z 0-9 . _ + -")
    return VersionOf(system, version)
