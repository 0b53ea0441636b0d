"""What roles may do about proposals: stewards bring routine ones, guardians cancel.

A guardian cannot cancel what is about guardians, their removal from the community
included, and what one cancels may be proposed again, word for word. So the role protects
and never rules.
"""

from collections.abc import Collection
from typing import Final

from ledger.errors import ForbiddenError
from ledger.governance.assembly.proposal import ActionOf, Proposal
from ledger.governance.kinds import Context
from ledger.governance.people.rights import acting_member
from ledger.governance.people.roles import holders
from ledger.governance.state import State
from ledger.ids import Did

GUARDIAN: Final = "guardian"
STEWARD: Final = "steward"
_ABOUT_ROLES: Final = frozenset({"role.appoint", "role.recall"})
_REMOVAL: Final = "member.remove"


def is_steward(state: State, member: Did, time_ms: int) -> bool:
    """Whether a member may bring routine proposals."""
    return member in holders(state.people, STEWARD, time_ms)


def check_may_cancel(state: State, proposal: Proposal, context: Context) -> None:
    """That the actor is a guardian, and the proposal not about guardians.

    Raises:
        ForbiddenError: `forbidden`. Nothing was recorded.
    """
    member = acting_member(state, context)
    guardians = holders(state.people, GUARDIAN, context.time_ms)
    if member not in guardians:
        raise ForbiddenError("forbidden", "the actor is no guardian, and guardians may")
    for action in proposal.content.all_actions():
        if _is_about(guardians, action):
            raise ForbiddenError(
                "forbidden",
                "the proposal is about guardians: no guardian may cancel it",
            )


def _is_about(guardians: Collection[Did], action: ActionOf) -> bool:
    if action.action == _REMOVAL:
        return action.body.get("member") in guardians
    return action.action in _ABOUT_ROLES and action.body.get("role") == GUARDIAN
