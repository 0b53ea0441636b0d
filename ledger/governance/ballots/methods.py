"""The table of methods: name → how to read, count and describe. Names never change."""

from collections.abc import Mapping
from typing import Final

from ledger.governance.ballots.marks import APPROVAL, QUADRATIC, SCORE, SINGLE
from ledger.governance.ballots.method import Method
from ledger.governance.ballots.runoff import INSTANT_RUNOFF
from ledger.governance.ballots.schulze import SCHULZE, SCHULZE_RANKED_ONLY
from ledger.governance.ballots.transferable import STV
from ledger.governance.ballots.yesno import YESNO

METHODS: Final[Mapping[str, Method]] = {
    "yesno": YESNO,
    "single": SINGLE,
    "approval": APPROVAL,
    "score": SCORE,
    "instant-runoff": INSTANT_RUNOFF,
    "schulze": SCHULZE,
    "schulze-ranked-only": SCHULZE_RANKED_ONLY,
    "stv": STV,
    "quadratic": QUADRATIC,
}
