"""What founders do themselves about AI systems, while their powers last."""

from typing import Any, Final

from ledger.governance.kinds import ActKind
from ledger.governance.people.rights import check_founder
from ledger.governance.systems.actions import ACTIONS

ACTS: Final[dict[str, ActKind[Any]]] = {
    name: ActKind(
        who=check_founder, read=action.read, check=action.check, apply=action.apply
    )
    for name, action in ACTIONS.items()
}
