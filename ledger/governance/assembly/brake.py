"""The brake of the people decided about: how their objections delay what loosens.

    R        = objections / receipts of the 90 days before the draft
    R < 1%     the timelock of its class
    R ≤ 10%    at least least + (R - 1%) / 9% × (most - least), rounded down to the ms
    R > 10%    back to deliberation, once; after that nobody can object again

`least` and `most` are the community's (5 and 45 days). This is the dynamic timelock of
Lido's dual governance (docs/mechanism.md), over receipts where theirs is over stake. An
objection is signed by the contest key of a receipt; its leaf and inclusion proof come
with it, so that whoever replays the log can check that the key stands on a decision
recorded in the window. One receipt objects once to a wording, while it loosens; what was so signed
counts for that wording, whatever else is decided meanwhile.
"""

from collections.abc import Mapping
from typing import Any

from ledger.governance.assembly.proposal import Proposal
from ledger.governance.parameters import period_ms


def delay_ms(objections: int, receipts: int, least_ms: int, most_ms: int) -> int:
    """The timelock that objections ask for; 0 below 1% of the receipts."""
    above = objections * 100 - receipts  # R - 1%, in hundredths of the receipts
    if not objections or above < 0:
        return 0
    slope = max(most_ms - least_ms, 0)
    return least_ms + min(above * slope // (9 * receipts), slope)


def goes_back(proposal: Proposal) -> bool:
    """Whether so many object that it must be talked about again."""
    return not proposal.braked and len(proposal.objections) * 10 > proposal.receipts


def timelock_ms(
    proposal: Proposal, class_ms: int, parameters: Mapping[str, Any]
) -> int:
    """Its timelock: its class's, or longer where the people decided about object."""
    if proposal.braked:
        return class_ms
    return max(
        class_ms,
        delay_ms(
            len(proposal.objections),
            proposal.receipts,
            period_ms(parameters, "brake_least_s"),
            period_ms(parameters, "brake_most_s"),
        ),
    )
