"""How a member goes: at once by their own act, or by a vote."""

from dataclasses import replace

from ledger.errors import RejectedError
from ledger.governance.kinds import Context
from ledger.governance.people.applications import without_vouch
from ledger.governance.people.member import EXITED, REMOVED
from ledger.governance.people.rights import acting_member
from ledger.governance.people.roles import without_roles
from ledger.governance.state import State
from ledger.ids import Did


def check_exit(_state: State, _: None, _context: Context) -> None:
    """Nothing stops an exit, not even being the last."""


def apply_exit(state: State, _: None, context: Context) -> State:
    """The actor has left."""
    member = acting_member(state, context)
    return depart(state, member, context.time_ms, EXITED)


def check_remove(state: State, member: Did, _: Context) -> None:
    """That a vote may remove this member.

    Raises:
        RejectedError: `unknown-member`, `last-member`. Nothing was recorded.
    """
    found = state.people.members.get(member)
    if found is None or not found.belongs:
        raise RejectedError("unknown-member", "no present member has this id")
    if state.people.belonging == 1:
        raise RejectedError(
            "last-member", "without its last member the community could decide nothing"
        )


def apply_remove(state: State, member: Did, context: Context) -> State:
    """The member is gone."""
    return depart(state, member, context.time_ms, REMOVED)


def depart(state: State, member: Did, time_ms: int, why: str) -> State:
    """The state once `member` has left: no vote, vouch, role or recovery of theirs is left.

    Delegations from and to them are cut with their span (`delegation.chosen`); ballots
    cast before stand.
    """
    for applicant, application in state.people.applications.items():
        if any(voucher == member for voucher, _ in application.vouches):
            state = without_vouch(state, member, applicant)
    people = without_roles(state.people, member).put_recovery(member, None)
    people = people.put(people.members[member].end(time_ms, why))
    return replace(state, people=people)
