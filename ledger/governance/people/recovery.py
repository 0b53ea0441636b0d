"""Recovery of a member who lost their keys, by people they named before.

    recovery.set      the member names contacts, and how many of them it takes
    recovery.approve  a contact names the new key, which proves that it is held
    …                 enough of them on one key: a delay begins, for all to see
    recovery.stop     the member, by any key they still have
    time passes       the new key is the member's only one; passkeys are revoked too

A thief who has the key can stop this as the owner can, because nobody can tell them
apart; then the community's vote removes the member, who applies anew and is voted in.
"""

from dataclasses import replace

from ledger.errors import ForbiddenError, RejectedError
from ledger.governance.kinds import Context
from ledger.governance.parameters import period_ms
from ledger.governance.people.bodies import Approval, Contacts
from ledger.governance.people.held import Recovery
from ledger.governance.people.keys import check_new_key, with_key, without_keys
from ledger.governance.people.rights import acting_member, community_of
from ledger.governance.people.room import People
from ledger.governance.state import State
from ledger.ids import Did


def check_set(state: State, contacts: Contacts, context: Context) -> None:
    """That the contacts are other members, and that no recovery runs.

    Raises:
        RejectedError: `unknown-member`, `recovery-runs`. Nothing was recorded, here and
            below.
    """
    member = acting_member(state, context)
    for contact in contacts.contacts:
        found = state.people.members.get(contact)
        if contact == member or found is None or not found.belongs:
            raise RejectedError(
                "unknown-member", "contacts are other present members, by their ids"
            )
    recovery = state.people.recoveries.get(member)
    if recovery is not None and recovery.approvals:
        raise RejectedError(
            "recovery-runs", "contacts have approved a key: stop that recovery first"
        )


def apply_set(state: State, contacts: Contacts, context: Context) -> State:
    """These are the contacts."""
    recovery = None
    if contacts.contacts:
        recovery = Recovery(contacts=contacts.contacts, threshold=contacts.threshold)
    member = acting_member(state, context)
    return replace(state, people=state.people.put_recovery(member, recovery))


def check_approve(state: State, approval: Approval, context: Context) -> None:
    """That the actor is a contact, and the key may become the member's.

    Raises:
        ForbiddenError: `forbidden`: not a contact of this member.
        RejectedError: `recovery-runs`, `already-approved`, or as `check_new_key`.
    """
    contact = acting_member(state, context)
    recovery = state.people.recoveries.get(approval.member)
    if recovery is None or contact not in recovery.contacts:
        raise ForbiddenError(
            "forbidden", "the actor is not among the contacts that this member named"
        )
    if recovery.due_ms is not None:
        raise RejectedError(
            "recovery-runs", "enough contacts have approved a key: its delay runs"
        )
    if dict(recovery.approvals).get(contact) == approval.key.did:
        raise RejectedError(
            "already-approved", "this contact approves this key already"
        )
    check_new_key(state, approval.member, approval.key)


def apply_approve(state: State, approval: Approval, context: Context) -> State:
    """The contact approves this key, and no other; the last one begins the delay."""
    contact = acting_member(state, context)
    people, key = state.people, approval.key.did
    recovery = people.recoveries[approval.member]
    approvals = {**dict(recovery.approvals), contact: key}
    changed = replace(recovery, approvals=tuple(sorted(approvals.items())))
    agreed = sum(
        approved == key and people.members[by].belongs
        for by, approved in approvals.items()
    )
    if agreed >= recovery.threshold:
        delay_ms = period_ms(community_of(state).parameters, "recovery_s")
        changed = replace(changed, key=key, due_ms=context.time_ms + delay_ms)
    return replace(state, people=people.put_recovery(approval.member, changed))


def check_stop(state: State, _: None, context: Context) -> None:
    """That a recovery of the actor's keys runs.

    Raises:
        RejectedError: `no-recovery`.
    """
    recovery = state.people.recoveries.get(acting_member(state, context))
    if recovery is None or not recovery.approvals:
        raise RejectedError("no-recovery", "no contact has approved a key")


def apply_stop(state: State, _: None, context: Context) -> State:
    """No contact has approved a key."""
    member = acting_member(state, context)
    recovery = _afresh(state.people.recoveries[member])
    return replace(state, people=state.people.put_recovery(member, recovery))


def _afresh(recovery: Recovery) -> Recovery:
    return Recovery(contacts=recovery.contacts, threshold=recovery.threshold)


def due(state: State) -> int | None:
    """The earliest log time at which a recovery takes effect."""
    return min(state.people.due.values(), default=None)


def tick(state: State, time_ms: int) -> State:
    """The state once every recovery due until `time_ms` took effect, in order."""
    people = state.people
    for due_ms, member in sorted((at, id_) for id_, at in people.due.items()):
        if due_ms <= time_ms:
            people = _recover(people, member, due_ms)
    return state if people is state.people else replace(state, people=people)


def _recover(people: People, id_: Did, due_ms: int) -> People:
    recovery = people.recoveries[id_]
    people = people.put_recovery(id_, _afresh(recovery))
    key = recovery.key
    application = None if key is None else people.applications.get(key)
    applied = application is not None and application.applied_ms is not None
    if key is None or key in people.owners or applied:
        return people  # somebody took the key for something else meanwhile
    member = people.members[id_]
    old = frozenset(held.did for held in member.keys)
    member = without_keys(with_key(member, key, due_ms), old, due_ms)
    passkeys = tuple(
        passkey._replace(revoked_ms=passkey.revoked_ms or due_ms)
        for passkey in member.passkeys
    )
    return people.put(replace(member, passkeys=passkeys))
