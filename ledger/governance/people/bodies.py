r"""What is said about people, read and typed.

    member.apply        {"statement": "open-votes-are-public", "credential": null or
                         {"issuer": did, "sig": base64}}
    member.vouch        {"applicant"}                  member.admit  {"applicant"}
    vouch.withdraw      {"applicant"}                  application.withdraw  {}
    member.exit         {}                             member.remove {"member"}
    key.add             {"key", "proof": base64}       key.rotate    {"key", "proof"}
    key.revoke          {"key"}
    recovery.set        {"contacts": [did], "threshold"}
    recovery.approve    {"member", "key", "proof"}     recovery.stop {}
    passkey.enroll      {"credential", "public_key", "client_data",
                         "authenticator_data"}: base64url
    passkey.revoke      {"credential"}
    role.appoint        {"role", "member", "until"}    role.recall   {"role", "member"}
    role.resign         {"role"}
    delegation.set      {"to", "scope", "until", "reason": digest or null}
    delegation.revoke   {"scope"}

What is signed beside the act, each by an Ed25519 key:

    credential.sig = issuer's  on "counterfoil/v1/credential\0" ‖ JCS{"genesis", "member"}
    proof          = new key's on "counterfoil/v1/key\0" ‖ JCS{"genesis", "key", "member"}

Names and prefixes never change. A scope is "all", a class of proposals, or
"system:<id>"; `until` is RFC 3339 UTC.
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger.canonical import jcs, parse_base64, parse_base64url
from ledger.entries.moment import parse_utc
from ledger.errors import MalformedError
from ledger.governance.body import (
    Body,
    check_members,
    read_choice,
    read_integer,
    read_list,
    refuse,
)
from ledger.ids import Did, is_code
from ledger.keys import SIGNATURE_BYTES, is_did_key, parse_did_key, verify
from ledger.limits import RECOVERY_CONTACTS_MAX

STATEMENT: Final = "open-votes-are-public"
REVIEWER: Final = "reviewer"
AUDITOR: Final = "auditor"
GUARDIAN: Final = "guardian"
STEWARD: Final = "steward"
ROLES: Final = (REVIEWER, AUDITOR, GUARDIAN, STEWARD)

_CREDENTIAL: Final = b"counterfoil/v1/credential\0"
_KEY: Final = b"counterfoil/v1/key\0"
_TIME_CHARS_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Signed:
    """A did, and a signature that stands for it."""

    did: Did
    sig: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Who may recover, and how many it takes."""

    contacts: tuple[Did, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class Approval:
    """A new key for a member, with its proof."""

    member: Did
    key: Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleOf:
    """A role of a member; `until_ms` only where one is appointed."""

    role: str
    member: Did
    until_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrusted:
    """What `delegation.set` says."""

    to: Did
    scope: str
    until_ms: int
    reason: str | None


def credential_message(genesis: str, member: Did) -> bytes:
    """What an issuer signs for an applicant."""
    return _CREDENTIAL + jcs({"genesis": genesis, "member": member})


def key_message(genesis: str, member: Did, key: Did) -> bytes:
    """What a new key signs to be a member's."""
    return _KEY + jcs({"genesis": genesis, "key": key, "member": member})


def holds(signed: Signed, message: bytes) -> bool:
    """Whether the did's own key signed `message`."""
    return verify(parse_did_key(signed.did), message, signed.sig)


def read_nothing(body: Body) -> None:
    """An empty body."""
    check_members(body, ())


def read_did(body: Body, name: str) -> Did:
    """A `did:key`."""
    did = body[name]
    if not is_did_key(did):
        raise refuse(f"{name} is the did:key of an Ed25519 key")
    return Did(did)


def read_time(body: Body, name: str) -> int:
    """RFC 3339 UTC, as milliseconds since 1970."""
    text = body[name]
    if type(text) is str and len(text) <= _TIME_CHARS_MAX:
        try:
            return parse_utc(text)
        except MalformedError:
            pass
    raise refuse(f"{name} is a moment, as 2026-11-22T10:00:00Z")


def read_digest(body: Body, name: str) -> str | None:
    """A digest of 43 letters of base64url, or null."""
    digest = body[name]
    if digest is None:
        return None
    if type(digest) is str:
        try:
            parse_base64url(digest, length=32)
        except MalformedError:
            pass
        else:
            return digest
    raise refuse(f"{name} is null or a digest, base64url of 32 bytes")


def read_signature(body: Body, name: str) -> bytes:
    """An Ed25519 signature in base64."""
    text = body[name]
    if type(text) is str:
        try:
            sig = parse_base64(text)
        except MalformedError:
            sig = b""
        if len(sig) == SIGNATURE_BYTES:
            return sig
    raise refuse(f"{name} is the base64 of a signature's 64 bytes")


def read_application(body: Body) -> Signed | None:
    """The credential of a `member.apply`; None without."""
    check_members(body, ("statement", "credential"))
    read_choice(body, "statement", (STATEMENT,))
    credential: Any = body["credential"]
    if credential is None:
        return None
    if type(credential) is not dict or credential.keys() != {"issuer", "sig"}:
        raise refuse("credential is null or an object of issuer and sig")
    return Signed(read_did(credential, "issuer"), read_signature(credential, "sig"))


def read_applicant(body: Body) -> Did:
    """The applicant alone."""
    check_members(body, ("applicant",))
    return read_did(body, "applicant")


def read_member(body: Body) -> Did:
    """The member alone."""
    check_members(body, ("member",))
    return read_did(body, "member")


def read_key(body: Body) -> Did:
    """The key alone."""
    check_members(body, ("key",))
    return read_did(body, "key")


def read_proven_key(body: Body) -> Signed:
    """A new key and its proof."""
    check_members(body, ("key", "proof"))
    return Signed(read_did(body, "key"), read_signature(body, "proof"))


def read_contacts(body: Body) -> Contacts:
    """Contacts and how many it takes; no contacts and 0 to have none."""
    check_members(body, ("contacts", "threshold"))
    contacts = read_list(body, "contacts", is_did_key, RECOVERY_CONTACTS_MAX)
    least = min(2, len(contacts))
    if len(contacts) == 1:
        raise refuse("contacts are none, or two at least")
    threshold = read_integer(body, "threshold", least, len(contacts))
    return Contacts(contacts=tuple(map(Did, contacts)), threshold=threshold)


def read_approval(body: Body) -> Approval:
    """A contact's approval."""
    check_members(body, ("member", "key", "proof"))
    key = Signed(read_did(body, "key"), read_signature(body, "proof"))
    return Approval(read_did(body, "member"), key)


def read_role(body: Body) -> str:
    """A role alone."""
    check_members(body, ("role",))
    return read_choice(body, "role", ROLES)


def read_role_of(body: Body) -> RoleOf:
    """A role of a member."""
    check_members(body, ("role", "member"))
    return RoleOf(
        role=read_choice(body, "role", ROLES), member=read_did(body, "member")
    )


def read_appointment(body: Body) -> RoleOf:
    """A role of a member, and until when."""
    check_members(body, ("role", "member", "until"))
    return RoleOf(
        role=read_choice(body, "role", ROLES),
        member=read_did(body, "member"),
        until_ms=read_time(body, "until"),
    )


def read_scope(body: Body) -> str:
    """A scope alone."""
    check_members(body, ("scope",))
    return _scope(body)


def read_delegation(body: Body) -> Entrusted:
    """What `delegation.set` says."""
    check_members(body, ("to", "scope", "until", "reason"))
    return Entrusted(
        to=read_did(body, "to"),
        scope=_scope(body),
        until_ms=read_time(body, "until"),
        reason=read_digest(body, "reason"),
    )


def _scope(body: Body) -> str:
    scope = body["scope"]
    if type(scope) is str and is_code(scope.removeprefix("system:")):
        return scope
    raise refuse("scope is all, a class of proposals, or system: and a system's id")
