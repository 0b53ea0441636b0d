"""Every action of proposals there is: the rooms' tables, joined.

Apart from `tables`, because the acts about proposals do what this table names.
"""

from typing import Any, Final

from ledger.governance.cases import actions as case_actions
from ledger.governance.commons import actions as commons_actions
from ledger.governance.kinds import ActionKind
from ledger.governance.people import actions as people_actions
from ledger.governance.safeguards import actions as safeguard_actions
from ledger.governance.systems import actions as system_actions

ACTIONS: Final[dict[str, ActionKind[Any]]] = {
    **people_actions.ACTIONS,
    **system_actions.ACTIONS,
    **commons_actions.ACTIONS,
    **safeguard_actions.ACTIONS,
    **case_actions.ACTIONS,
}
