"""Every act there is: the rooms' tables, joined. Actions are joined in `actions`."""

from typing import Any, Final

from ledger.governance.actions import ACTIONS
from ledger.governance.assembly import acts as assembly_acts
from ledger.governance.cases import acts as case_acts
from ledger.governance.kinds import ActKind
from ledger.governance.people import acts as people_acts
from ledger.governance.safeguards import acts as safeguard_acts
from ledger.governance.systems import acts as system_acts
from ledger.governance.talk import acts as talk_acts

__all__ = ["ACTIONS", "ACTS"]

ACTS: Final[dict[str, ActKind[Any]]] = {
    **people_acts.ACTS,
    **assembly_acts.ACTS,
    **talk_acts.ACTS,
    **system_acts.ACTS,
    **safeguard_acts.ACTS,
    **case_acts.ACTS,
}
