"""What people do themselves about AI systems: founders set up the first, members stop one.

While the founders' powers last, each of them may do by an act of their own what the
first systems need; nothing that suspends, reinstates, retires or shows more.
"""

from typing import Any, Final

from ledger.governance.kinds import ActKind
from ledger.governance.people.rights import check_founder, check_member
from ledger.governance.systems.actions import ACTIONS, SYSTEM_REGISTER, SYSTEM_VERSION
from ledger.governance.systems.bodies import read_status
from ledger.governance.systems.emergency import check_call, join_call

FOUNDERS_ACTIONS: Final = (
    SYSTEM_REGISTER,
    SYSTEM_VERSION,
    "system.deadlines",
    "system.overseers",
    "system.keys",
)
SUSPEND_EMERGENCY: Final = "system.suspend_emergency"  # never changes

ACTS: Final[dict[str, ActKind[Any]]] = {
    **{
        name: ActKind(
            who=check_founder,
            read=ACTIONS[name].read,
            check=ACTIONS[name].check,
            apply=ACTIONS[name].apply,
        )
        for name in FOUNDERS_ACTIONS
    },
    SUSPEND_EMERGENCY: ActKind(
        who=check_member, read=read_status, check=check_call, apply=join_call
    ),
}
