"""What people hold beside membership: applications, roles, recoveries, delegations.

    application   {"since_ms", "applied_ms", "vouches": {did: time_ms}}
    appointment   {"from_ms", "until_ms", "appointed_by"}
    recovery      {"contacts": [did], "threshold", "approvals": {contact: key},
                   "key", "due_ms"}
    delegation    {"to", "scope", "index", "from_ms", "until_ms", "ended_ms", "reason"}

Whether an application, a term or a delegation has lapsed is told from log time and is
never stored. `applied_ms` is null while somebody is only invited; `key` and `due_ms` are
null until enough contacts agree on one key; `ended_ms` is null while a delegation stands.
"""

from dataclasses import asdict, dataclass
from typing import Any

from ledger.ids import Did


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Somebody who wants to belong, or is invited to.

    Attributes:
        applicant: the key they apply with; an earlier member's id.
        since_ms: log time of the first of application and vouches.
        applied_ms: log time of their own signature; None while they are only invited.
        vouches: members who signed for them, each with the log time.
    """

    applicant: Did
    since_ms: int
    applied_ms: int | None = None
    vouches: tuple[tuple[Did, int], ...] = ()

    def public(self) -> dict[str, Any]:
        """As JSON, without the applicant, the name it stands under."""
        return {
            "since_ms": self.since_ms,
            "applied_ms": self.applied_ms,
            "vouches": dict(self.vouches),
        }


def application_from(applicant: Did, public: dict[str, Any]) -> Application:
    """The application whose `public()` this is."""
    vouches = sorted(public["vouches"].items(), key=lambda vouch: (vouch[1], vouch[0]))
    return Application(
        applicant=applicant,
        since_ms=public["since_ms"],
        applied_ms=public["applied_ms"],
        vouches=tuple((Did(did), time_ms) for did, time_ms in vouches),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A member's term in a role.

    Attributes:
        from_ms: log time of appointment.
        until_ms: when the term ends by itself.
        appointed_by: the id of the proposal.
    """

    from_ms: int
    until_ms: int
    appointed_by: str

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Who may together give a member a new key, and what they have agreed so far.

    Attributes:
        contacts: members whom the member trusts with this.
        threshold: how many of them it takes.
        approvals: what each approves now, in order of the contacts' ids.
        key: the key that enough of them approve; None before.
        due_ms: when it becomes the member's only key, unless stopped; None before.
    """

    contacts: tuple[Did, ...]
    threshold: int
    approvals: tuple[tuple[Did, Did], ...] = ()
    key: Did | None = None
    due_ms: int | None = None

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "contacts": list(self.contacts),
            "threshold": self.threshold,
            "approvals": dict(self.approvals),
            "key": self.key,
            "due_ms": self.due_ms,
        }


def recovery_from(public: dict[str, Any]) -> Recovery:
    """The recovery whose `public()` this is."""
    return Recovery(
        contacts=tuple(Did(did) for did in public["contacts"]),
        threshold=public["threshold"],
        approvals=tuple(
            (Did(contact), Did(key))
            for contact, key in sorted(public["approvals"].items())
        ),
        key=None if public["key"] is None else Did(public["key"]),
        due_ms=public["due_ms"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """A member's vote, carried by another until their own ballot says otherwise.

    Attributes:
        to: the member who carries it.
        scope: "all", a class of proposals, or "system:<id>".
        index: of the entry that set it: what the order of delegations is.
        from_ms: log time from which it stands.
        until_ms: log time at which it ends by itself.
        ended_ms: log time at which it was revoked or replaced; None while it was not.
        reason: digest of what the member says about it, or None.
    """

    to: Did
    scope: str
    index: int
    from_ms: int
    until_ms: int
    ended_ms: int | None = None
    reason: str | None = None

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)
