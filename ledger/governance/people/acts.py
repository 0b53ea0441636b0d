"""What people do about themselves and each other, one row an act."""

from typing import Any, Final

from ledger.governance.kinds import ActKind
from ledger.governance.people import (
    admission,
    bodies,
    delegation,
    departure,
    keys,
    passkeys,
    recovery,
    roles,
)
from ledger.governance.people.rights import anybody, check_founder, check_member

ACTS: Final[dict[str, ActKind[Any]]] = {  # names never change
    "member.apply": ActKind(
        who=anybody,
        read=bodies.read_application,
        check=admission.check_apply,
        apply=admission.apply_apply,
    ),
    "application.withdraw": ActKind(
        who=anybody,
        read=bodies.read_nothing,
        check=admission.check_withdraw,
        apply=admission.apply_withdraw,
    ),
    "member.vouch": ActKind(
        who=check_member,
        read=bodies.read_applicant,
        check=admission.check_vouch,
        apply=admission.apply_vouch,
    ),
    "vouch.withdraw": ActKind(
        who=check_member,
        read=bodies.read_applicant,
        check=admission.check_withdraw_vouch,
        apply=admission.apply_withdraw_vouch,
    ),
    "member.admit": ActKind(
        who=check_founder,
        read=bodies.read_applicant,
        check=admission.check_founder_admits,
        apply=admission.apply_founder_admits,
    ),
    "member.exit": ActKind(
        who=check_member,
        read=bodies.read_nothing,
        check=departure.check_exit,
        apply=departure.apply_exit,
    ),
    "key.add": ActKind(
        who=check_member,
        read=bodies.read_proven_key,
        check=keys.check_add,
        apply=keys.apply_add,
    ),
    "key.rotate": ActKind(
        who=check_member,
        read=bodies.read_proven_key,
        check=keys.check_add,
        apply=keys.apply_rotate,
    ),
    "key.revoke": ActKind(
        who=check_member,
        read=bodies.read_key,
        check=keys.check_revoke,
        apply=keys.apply_revoke,
    ),
    "recovery.set": ActKind(
        who=check_member,
        read=bodies.read_contacts,
        check=recovery.check_set,
        apply=recovery.apply_set,
    ),
    "recovery.approve": ActKind(
        who=check_member,
        read=bodies.read_approval,
        check=recovery.check_approve,
        apply=recovery.apply_approve,
    ),
    "recovery.stop": ActKind(
        who=check_member,
        read=bodies.read_nothing,
        check=recovery.check_stop,
        apply=recovery.apply_stop,
    ),
    "passkey.enroll": ActKind(
        who=check_member,
        read=passkeys.read_enrolment,
        check=passkeys.check_enroll,
        apply=passkeys.apply_enroll,
    ),
    "passkey.revoke": ActKind(
        who=check_member,
        read=passkeys.read_credential,
        check=passkeys.check_revoke,
        apply=passkeys.apply_revoke,
    ),
    "delegation.set": ActKind(
        who=check_member,
        read=bodies.read_delegation,
        check=delegation.check_set,
        apply=delegation.apply_set,
    ),
    "delegation.revoke": ActKind(
        who=check_member,
        read=bodies.read_scope,
        check=delegation.check_revoke,
        apply=delegation.apply_revoke,
    ),
    "role.resign": ActKind(
        who=check_member,
        read=bodies.read_role,
        check=roles.check_resign,
        apply=roles.apply_resign,
    ),
}
