"""What members do about proposals: the rows of the acts; `bodies` has their forms."""

from typing import Any, Final

from ledger.governance.assembly import objecting, polling, proposing, revealing
from ledger.governance.kinds import ActKind

ACTS: Final[dict[str, ActKind[Any]]] = {
    **proposing.ACTS,
    **polling.ACTS,
    **revealing.ACTS,
    **objecting.ACTS,
}
