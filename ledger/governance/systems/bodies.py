"""What is said about AI systems, read and typed.

    system.register   {"system", "name", "operator", "impact_level": "I|II|III|IV",
                       "domain", "jurisdiction", "profile": "sealed|open",
                       "outcomes": [code], "versions": [version], "keys": [did:key]}
                       and at will, as below: "overseers", "review_days",
                       "recourse_days"
    system.version    {"system", "version"}
    system.suspend, system.reinstate, system.retire, system.suspend_emergency
                      {"system", "reason": a code, or a digest in base64url}
    system.profile    {"system", "profile": "sealed|open", "outcomes": [code]}
    system.deadlines  {"system", "review_days", "recourse_days"}: null takes one away
    system.overseers  {"system", "overseers": [did:key]}: all of them
    system.keys       {"system", "add": [did:key], "remove": [did:key]}

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
    read_integer,
    read_list,
    read_system_id,
    read_text,
    refuse,
)
from ledger.governance.systems.system import ACTIVE, System
from ledger.ids import Did, SystemId, is_code, is_version
from ledger.keys import is_did_key
from ledger.limits import DEADLINE_DAYS_MAX, SYSTEM_KEYS_MAX, SYSTEM_OVERSEERS_MAX

IMPACT_LEVELS: Final = ("I", "II", "III", "IV")  # never change


@dataclass(frozen=True, slots=True)
class VersionOf:
    """A further version of a system."""

    system: SystemId
    version: str


@dataclass(frozen=True, slots=True)
class StatusOf:
    """That a system is suspended, reinstated or retired, and why."""

    system: SystemId
    reason: str


@dataclass(frozen=True, slots=True)
class ProfileOf:
    """How much of a system's decisions is public."""

    system: SystemId
    profile: str
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeadlinesOf:
    """Days within which a system's decisions are reviewed, and may be contested."""

    system: SystemId
    review_days: int | None
    recourse_days: int | None


@dataclass(frozen=True, slots=True)
class OverseersOf:
    """The people who may confirm what a rule holds back of a system."""

    system: SystemId
    overseers: tuple[Did, ...]


@dataclass(frozen=True, slots=True)
class KeysOf:
    """Keys that may, and may no longer, sign a system's statements."""

    system: SystemId
    add: tuple[Did, ...]
    remove: tuple[Did, ...]


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
        ("overseers", "review_days", "recourse_days"),
    )
    deadlines = {"review_days": None, "recourse_days": None, **body}
    return System(
        id=read_system_id(body),
        name=read_text(body, "name"),
        operator=read_text(body, "operator"),
        impact_level=read_choice(body, "impact_level", IMPACT_LEVELS),
        domain=read_code(body, "domain"),
        jurisdiction=read_code(body, "jurisdiction"),
        profile=read_choice(body, "profile", PROFILES),
        outcomes=_read_outcomes(body),
        versions=read_list(body, "versions", is_version),
        keys=_read_keys(body, "keys", SYSTEM_KEYS_MAX),
        status=ACTIVE,
        registered_by="",
        overseers=_read_keys(
            {"overseers": [], **body}, "overseers", SYSTEM_OVERSEERS_MAX
        ),
        review_days=_read_days(deadlines, "review_days"),
        recourse_days=_read_days(deadlines, "recourse_days"),
    )


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


def read_status(body: Body) -> StatusOf:
    """Of `system.suspend`, `reinstate`, `retire` and `suspend_emergency`.

    Raises:
        RejectedError: `invalid-act`: a body of another form.
    """
    check_members(body, ("system", "reason"))
    return StatusOf(read_system_id(body), read_code(body, "reason"))


def read_profile(body: Body) -> ProfileOf:
    """Of `system.profile`.

    Raises:
        RejectedError: `invalid-act`: a body of another form.
    """
    check_members(body, ("system", "profile", "outcomes"))
    profile = read_choice(body, "profile", PROFILES)
    return ProfileOf(read_system_id(body), profile, _read_outcomes(body))


def read_deadlines(body: Body) -> DeadlinesOf:
    """Of `system.deadlines`.

    Raises:
        RejectedError: `invalid-act`: a body of another form.
    """
    check_members(body, ("system", "review_days", "recourse_days"))
    return DeadlinesOf(
        read_system_id(body),
        _read_days(body, "review_days"),
        _read_days(body, "recourse_days"),
    )


def read_overseers(body: Body) -> OverseersOf:
    """Of `system.overseers`.

    Raises:
        RejectedError: `invalid-act`: a body of another form.
    """
    check_members(body, ("system", "overseers"))
    return OverseersOf(
        read_system_id(body), _read_keys(body, "overseers", SYSTEM_OVERSEERS_MAX)
    )


def read_keys(body: Body) -> KeysOf:
    """Of `system.keys`.

    Raises:
        RejectedError: `invalid-act`: a body of another form, or one that changes
            nothing or says two things of one key.
    """
    check_members(body, ("system", "add", "remove"))
    found = KeysOf(
        read_system_id(body),
        _read_keys(body, "add", SYSTEM_KEYS_MAX),
        _read_keys(body, "remove", SYSTEM_KEYS_MAX),
    )
    if not {*found.add, *found.remove} or {*found.add} & {*found.remove}:
        raise refuse("add and remove name at least one key, and no key in both")
    return found


def _read_outcomes(body: Body) -> tuple[str, ...]:
    outcomes = read_list(body, "outcomes", is_code)
    if body["profile"] == "open" and not outcomes:
        raise refuse("outcomes names at least one code where profile is open")
    return outcomes


def _read_keys(body: Body, name: str, most: int) -> tuple[Did, ...]:
    return tuple(Did(key) for key in read_list(body, name, is_did_key, most))


def _read_days(body: Body, name: str) -> int | None:
    if body[name] is None:
        return None
    return read_integer(body, name, 1, DEADLINE_DAYS_MAX)
