"""A member's Ed25519 keys: added, changed, revoked; each proves that it is held.

A key is one member's for ever, also after it is revoked: so no key ever names two people.
"""

from dataclasses import replace

from ledger.errors import RejectedError
from ledger.governance.kinds import Context
from ledger.governance.people.bodies import Signed, holds, key_message
from ledger.governance.people.member import HeldKey, Member
from ledger.governance.people.rights import acting_member, community_of
from ledger.governance.state import State
from ledger.ids import Did
from ledger.limits import MEMBER_KEYS_MAX


def check_new_key(state: State, member: Did, new: Signed) -> None:
    """That a key may become this member's, and that whoever holds it wants that.

    Raises:
        RejectedError: `key-used`, `proof-does-not-hold`, `too-many-keys`. Nothing was
            recorded, here and below.
    """
    if new.did in state.people.owners:
        raise RejectedError("key-used", "the key is or was a member's: make a new one")
    application = state.people.applications.get(new.did)
    if application is not None and application.applied_ms is not None:
        raise RejectedError("key-used", "somebody applies for membership with this key")
    if not holds(new, key_message(community_of(state).genesis, member, new.did)):
        raise RejectedError(
            "proof-does-not-hold",
            "the proof is not the new key's signature for this member in this ledger",
        )
    if len(state.people.members[member].keys) >= MEMBER_KEYS_MAX:
        raise RejectedError(
            "too-many-keys",
            f"a member has {MEMBER_KEYS_MAX} keys over life, and no more",
        )


def check_add(state: State, new: Signed, context: Context) -> None:
    """That the actor may have this key too.

    Raises:
        RejectedError: as `check_new_key`.
    """
    check_new_key(state, acting_member(state, context), new)


def _put(state: State, member: Member) -> State:
    return replace(state, people=state.people.put(member))


def with_key(member: Member, did: Did, time_ms: int) -> Member:
    """The member with one key more."""
    return replace(
        member,
        keys=tuple(
            sorted(
                (*member.keys, HeldKey(did=did, added_ms=time_ms)),
                key=lambda key: (key.added_ms, key.did),
            )
        ),
    )


def without_keys(member: Member, dids: frozenset[Did], time_ms: int) -> Member:
    """The member with these keys revoked."""
    return replace(
        member,
        keys=tuple(
            key._replace(revoked_ms=time_ms)
            if key.did in dids and key.revoked_ms is None
            else key
            for key in member.keys
        ),
    )


def apply_add(state: State, new: Signed, context: Context) -> State:
    """The member has one key more."""
    member = state.people.members[acting_member(state, context)]
    return _put(state, with_key(member, new.did, context.time_ms))


def apply_rotate(state: State, new: Signed, context: Context) -> State:
    """The new key stands in for the one that acts."""
    member = state.people.members[acting_member(state, context)]
    changed = with_key(member, new.did, context.time_ms)
    return _put(
        state, without_keys(changed, frozenset({context.actor}), context.time_ms)
    )


def check_revoke(state: State, did: Did, context: Context) -> None:
    """That the key is the actor's, and not the last.

    Raises:
        RejectedError: `unknown-key`, `last-key`.
    """
    member = state.people.members[acting_member(state, context)]
    if not member.may_act(did):
        raise RejectedError("unknown-key", "the actor has no such key that may act")
    if sum(key.revoked_ms is None for key in member.keys) == 1:
        raise RejectedError(
            "last-key", "the last key cannot be revoked: rotate it, or exit"
        )


def apply_revoke(state: State, did: Did, context: Context) -> State:
    """The key may act no longer."""
    member = state.people.members[acting_member(state, context)]
    return _put(state, without_keys(member, frozenset({did}), context.time_ms))
