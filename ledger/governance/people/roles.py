"""Roles: elected, for a time, recallable.

    reviewer   looks at contested decisions          appointed by a standard proposal
    auditor    sees private fields inside a grant    standard
    guardian   may cancel, or suspend in an emergency, with a reason   constitution
    steward    proposes what is routine              standard

Every recall is a standard proposal: taking power back is never harder than giving it. A
term ends by itself at its `until_ms`, which is told from log time.
"""

from dataclasses import replace
from typing import Final

from immutables import Map

from ledger.errors import ForbiddenError, RejectedError
from ledger.governance.kinds import Context
from ledger.governance.parameters import period_ms
from ledger.governance.people.bodies import GUARDIAN, RoleOf
from ledger.governance.people.held import Appointment
from ledger.governance.people.rights import acting_member, community_of
from ledger.governance.people.room import People
from ledger.governance.state import State
from ledger.ids import Did
from ledger.limits import GUARDIANS_MAX, ROLE_HOLDERS_MAX

_DAY_MS: Final = 86_400_000
_NOBODY: Final[Map[Did, Appointment]] = Map()


def holders(people: People, role: str, time_ms: int) -> frozenset[Did]:
    """Members who hold `role` at `time_ms`."""
    return frozenset(
        member
        for member, held in people.roles.get(role, _NOBODY).items()
        if time_ms < held.until_ms
    )


def check_role(state: State, context: Context, role: str) -> Did:
    """The member who acts, who holds `role`.

    Raises:
        ForbiddenError: `forbidden`. Nothing was recorded, here and below.
    """
    member = acting_member(state, context)
    if member not in holders(state.people, role, context.time_ms):
        raise ForbiddenError(
            "forbidden", f"the actor is not a {role}, whose right this is"
        )
    return member


def check_appoint(state: State, role: RoleOf, context: Context) -> None:
    """That this member may be appointed.

    Raises:
        RejectedError: `unknown-member`, `term-out-of-bounds`, `too-many-holders`.
    """
    member = state.people.members.get(role.member)
    if member is None or not member.belongs:
        raise RejectedError("unknown-member", "no present member has this id")
    term_ms = period_ms(community_of(state).parameters, "role_s")
    if not context.time_ms < role.until_ms <= context.time_ms + term_ms:
        raise RejectedError(
            "term-out-of-bounds",
            f"a term ends within {term_ms // _DAY_MS:,} days of its beginning, and not "
            "before it",
        )
    most = GUARDIANS_MAX if role.role == GUARDIAN else ROLE_HOLDERS_MAX
    others = holders(state.people, role.role, context.time_ms) - {role.member}
    if len(others) >= most:
        raise RejectedError(
            "too-many-holders", f"{len(others)} hold this role, and {most} may"
        )


def apply_appoint(state: State, role: RoleOf, context: Context) -> State:
    """The member holds the role; a former term of theirs is replaced."""
    held = state.people.roles.get(role.role, _NOBODY)
    for member, appointment in held.items():
        if appointment.until_ms <= context.time_ms:
            held = held.delete(member)
    term = Appointment(
        from_ms=context.time_ms,
        until_ms=role.until_ms,
        appointed_by=context.proposal,
    )
    roles = state.people.roles.set(role.role, held.set(role.member, term))
    return replace(state, people=replace(state.people, roles=roles))


def _check_holds(state: State, role: RoleOf, context: Context) -> None:
    if role.member not in holders(state.people, role.role, context.time_ms):
        raise RejectedError("not-a-holder", f"this member is not a {role.role}")


def check_recall(state: State, role: RoleOf, context: Context) -> None:
    """That the member holds the role.

    Raises:
        RejectedError: `not-a-holder`.
    """
    _check_holds(state, role, context)


def apply_recall(state: State, role: RoleOf, _: Context) -> State:
    """The member holds the role no longer."""
    return replace(state, people=_without(state.people, role.role, role.member))


def check_resign(state: State, role: str, context: Context) -> None:
    """That the actor holds the role.

    Raises:
        RejectedError: `not-a-holder`.
    """
    member = acting_member(state, context)
    _check_holds(state, RoleOf(role=role, member=member), context)


def apply_resign(state: State, role: str, context: Context) -> State:
    """The actor holds the role no longer."""
    member = acting_member(state, context)
    return replace(state, people=_without(state.people, role, member))


def without_roles(people: People, member: Did) -> People:
    """The people once `member` holds no role."""
    for role, held in people.roles.items():
        if member in held:
            people = _without(people, role, member)
    return people


def _without(people: People, role: str, member: Did) -> People:
    held = people.roles[role].delete(member)
    roles = people.roles.set(role, held) if held else people.roles.delete(role)
    return replace(people, roles=roles)
