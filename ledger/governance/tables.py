"""Every act and every action there is: the rooms' tables, joined."""

from typing import Any, Final

from ledger.governance.commons import actions as commons_actions
from ledger.governance.kinds import ActionKind, ActKind
from ledger.governance.safeguards import (
    actions as safeguard_actions,
    acts as safeguard_acts,
)
from ledger.governance.systems import actions as system_actions, acts as system_acts

ACTS: Final[dict[str, ActKind[Any]]] = {
    **system_acts.ACTS,
    **safeguard_acts.ACTS,
}
ACTIONS: Final[dict[str, ActionKind[Any]]] = {
    **system_actions.ACTIONS,
    **commons_actions.ACTIONS,
    **safeguard_actions.ACTIONS,
}
