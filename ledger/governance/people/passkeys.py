r"""Passkeys, enrolled by a member's own key, that may then sign in its name.

    challenge of enrolment = SHA-256("counterfoil/v1/passkey\0" ‖ JCS{"genesis", "member"})

The relying party is the community's parameter `passkey_rp_id`; where that is empty, the
host that the log's origin begins with. A passkey keeps the one it was made for: a later
change of the parameter voids none. An act signed by a passkey names one of the member's
keys as its actor, and that key may not be revoked: the passkey stands in for it.
"""

from dataclasses import dataclass, replace
from hashlib import sha256

from ledger.canonical import format_base64url, jcs, parse_base64url
from ledger.entries.act import Act, check_passkey
from ledger.entries.webauthn import (
    CREATED,
    check_authenticator_data,
    check_client_data,
    check_origin,
    is_credential,
    is_host,
    read_attested,
    read_authenticator_data,
    read_client_data,
)
from ledger.errors import MalformedError, RejectedError, VerificationError
from ledger.governance.body import Body, check_members, refuse
from ledger.governance.kinds import Context
from ledger.governance.parameters import word_of
from ledger.governance.people.electorate import member_of
from ledger.governance.people.member import Passkey
from ledger.governance.people.rights import acting_member, community_of
from ledger.governance.state import Community, State
from ledger.ids import Did
from ledger.limits import MEMBER_PASSKEYS_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What `passkey.enroll` says."""

    credential: str
    public_key: bytes
    client_data: bytes
    authenticator_data: bytes


def rp_id_of(community: Community) -> str:
    """The host that passkeys of this community are made for; "" if it has none."""
    named = word_of(community.parameters, "passkey_rp_id")
    if named:
        return named
    host = community.origin.partition("/")[0].partition(":")[0].lower()
    return host if is_host(host) else ""


def enrolment_challenge(genesis: str, member: Did) -> bytes:
    """What a browser is asked to make a new passkey for."""
    message = jcs({"genesis": genesis, "member": member})
    return sha256(b"counterfoil/v1/passkey\0" + message).digest()


def check_signature(state: State, act: Act) -> None:
    """That a passkey which signed `act` is one that its actor enrolled.

    An act signed by the actor's own key was checked before (`check_act`).

    Raises:
        VerificationError: not enrolled, revoked, or it did not sign this act. Nothing
            was recorded, here and below.
    """
    if act.assertion is None:
        return
    member = member_of(state.people, act.actor)
    held = () if member is None else state.people.members[member].passkeys
    for passkey in held:
        if passkey.credential == act.assertion.credential and not passkey.revoked_ms:
            check_passkey(act, parse_base64url(passkey.public_key), passkey.rp_id)
            return
    raise VerificationError("signed by a passkey that the actor has not enrolled")


def read_enrolment(body: Body) -> Enrolment:
    """What `passkey.enroll` says.

    Raises:
        RejectedError: `invalid-act`.
    """
    names = ("credential", "public_key", "client_data", "authenticator_data")
    check_members(body, names)
    if not all(type(body[name]) is str for name in names):
        raise refuse("every member is base64url without padding")
    try:
        return Enrolment(
            credential=_credential(body),
            public_key=parse_base64url(body["public_key"]),
            client_data=read_client_data(body["client_data"]),
            authenticator_data=read_authenticator_data(body["authenticator_data"]),
        )
    except MalformedError as error:
        raise refuse(
            "client_data and authenticator_data are base64url of at most 2,048 bytes, "
            "and public_key is base64url"
        ) from error


def read_credential(body: Body) -> str:
    """The credential alone.

    Raises:
        RejectedError: `invalid-act`.
    """
    check_members(body, ("credential",))
    return _credential(body)


def _credential(body: Body) -> str:
    credential = body["credential"]
    if type(credential) is not str or not is_credential(credential):
        raise refuse("credential is a passkey's id, base64url without padding")
    return credential


def check_enroll(state: State, enrolment: Enrolment, context: Context) -> None:
    """That a browser made this passkey for this member, here.

    Raises:
        RejectedError: `passkey-refused`, `passkey-exists`, `too-many-passkeys`.
    """
    community = community_of(state)
    member = state.people.members[acting_member(state, context)]
    if any(held.credential == enrolment.credential for held in member.passkeys):
        raise RejectedError("passkey-exists", "the member enrolled this passkey before")
    if len(member.passkeys) >= MEMBER_PASSKEYS_MAX:
        raise RejectedError(
            "too-many-passkeys",
            f"a member has {MEMBER_PASSKEYS_MAX} passkeys over life",
        )
    rp_id = rp_id_of(community)
    if not rp_id:
        raise RejectedError(
            "passkey-refused",
            "the community names no host for passkeys, and its origin has none",
        )
    try:
        origin = check_client_data(
            enrolment.client_data,
            type_=CREATED,
            challenge=enrolment_challenge(community.genesis, member.id),
        )
        check_origin(origin, rp_id)
        check_authenticator_data(enrolment.authenticator_data, rp_id)
        credential, key = read_attested(enrolment.authenticator_data)
    except VerificationError as error:
        raise RejectedError("passkey-refused", str(error)) from error
    if format_base64url(credential) != enrolment.credential or (
        key != enrolment.public_key
    ):
        raise RejectedError(
            "passkey-refused",
            "the authenticator's data holds another credential or public key",
        )


def apply_enroll(state: State, enrolment: Enrolment, context: Context) -> State:
    """The member may sign with this passkey."""
    member = state.people.members[acting_member(state, context)]
    passkey = Passkey(
        credential=enrolment.credential,
        public_key=format_base64url(enrolment.public_key),
        rp_id=rp_id_of(community_of(state)),
        added_ms=context.time_ms,
    )
    passkeys = sorted(
        (*member.passkeys, passkey), key=lambda held: (held.added_ms, held.credential)
    )
    return replace(
        state, people=state.people.put(replace(member, passkeys=tuple(passkeys)))
    )


def check_revoke(state: State, credential: str, context: Context) -> None:
    """That the actor enrolled this passkey.

    Raises:
        RejectedError: `unknown-passkey`.
    """
    member = state.people.members[acting_member(state, context)]
    if not any(
        held.credential == credential and held.revoked_ms is None
        for held in member.passkeys
    ):
        raise RejectedError("unknown-passkey", "the actor has no such passkey enrolled")


def apply_revoke(state: State, credential: str, context: Context) -> State:
    """The passkey may sign no longer."""
    member = state.people.members[acting_member(state, context)]
    passkeys = tuple(
        held._replace(revoked_ms=context.time_ms)
        if held.credential == credential
        else held
        for held in member.passkeys
    )
    return replace(state, people=state.people.put(replace(member, passkeys=passkeys)))
