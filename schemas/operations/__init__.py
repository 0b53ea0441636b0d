"""The route table: every operation of the HTTP API, once.

The service registers its handlers by iterating `OPERATIONS` in this order (a fixed
segment stands before a parameter in its place), and the OpenAPI document and `/docs`
are made from it: so none of the three can say what the others do not.
"""

from typing import Final

from schemas.operations.cases import CASES
from schemas.operations.decisions import DECISIONS
from schemas.operations.entries import ENTRIES
from schemas.operations.governance import GOVERNANCE
from schemas.operations.governance_reads import GOVERNANCE_READS
from schemas.operations.log import LOG
from schemas.operations.lost import LOST
from schemas.operations.reissues import REISSUES
from schemas.operations.service import SERVICE

OPERATIONS: Final = (
    SERVICE
    + LOG
    + DECISIONS
    + REISSUES
    + ENTRIES
    + GOVERNANCE
    + GOVERNANCE_READS
    + CASES
    + LOST
)
