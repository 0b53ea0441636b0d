"""What roles may do about proposals: stewards bring routine ones, guardians cancel.

A guardian cannot cancel what is about guardians, and what one cancels
may be proposed again, word for word. So the role protects and never rules.
"""

from typing import Final

from ledger.errors import ForbiddenError
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.kinds import Context
from ledger.governance.people.rights import acting_member
from ledger.governance.people.roles import holders
from ledger.governance.state import State
from ledger.ids import Did

GUARDIAN: Final = "guardian"
STEWARD: Final = "steward"
_ABOUT_ROLES: Final = frozenset({"role.appoint", "role.recall"})


def is_steward(state: State, member: Did, time_ms: int) -> bool:
    """Whether a member may bring routine proposals."""
    return member in holders(state.people, STEWARD, time_ms)


def check_may_cancel(state: State, proposal: Proposal, context: Context) -> None:
    """That the actor is a guardian, and the proposal not about guardians.

    Raises:
        ForbiddenError: `forbidden`. Nothing was recorded.
    """
    member = acting_member(state, context)
    if member not in holders(state.people, GUARDIAN, context.time_ms):
        raise ForbiddenError("forbidden", "the actor is no guardian, and guardians may")
    for action in proposal.content.all_actions():
        if action.action in _ABOUT_ROLES and action.body.get("role") == GUARDIAN:
            raise ForbiddenError(
                "forbidden",
                "the proposal is about guardians: no guardian may cancel it",
            )
