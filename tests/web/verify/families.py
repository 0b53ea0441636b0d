"""The families of calls, and how often each is drawn."""

from collections.abc import Callable
from random import Random
from typing import Final

from tests.web.verify.families_aimed import (
    acts,
    cosigned,
    decisions,
    ledger_entries,
    lies,
    named_parts,
    names,
    other_boxes,
    passkeys,
    points,
    policies,
    prefixes,
    proof_lines,
    texts,
)
from tests.web.verify.families_entries import (
    disclosure,
    envelope,
    leaf,
    plaintext,
    sealed,
    statement,
)
from tests.web.verify.families_log import (
    any_json,
    base64,
    didkey,
    ed25519,
    moment,
    note,
    policy,
    proof,
    tlog_proof,
    vkey,
    x25519,
)
from tests.web.verify.families_receipts import box, claim, part, receipt
from tests.web.verify.node import Call

Family = Callable[[Random], Call]

# How often each is drawn.
FAMILIES: Final[dict[Family, int]] = {
    base64: 4,
    moment: 3,
    didkey: 2,
    x25519: 1,
    ed25519: 4,
    any_json: 8,
    vkey: 3,
    note: 8,
    policy: 7,
    tlog_proof: 5,
    proof: 8,
    leaf: 12,
    statement: 3,
    envelope: 5,
    disclosure: 3,
    plaintext: 2,
    sealed: 4,
    receipt: 12,
    box: 2,
    claim: 1,
    part: 3,
    points: 2,
    prefixes: 1,
    names: 2,
    cosigned: 6,
    policies: 3,
    proof_lines: 1,
    decisions: 4,
    ledger_entries: 2,
    lies: 3,
    acts: 3,
    passkeys: 2,
    texts: 1,
    named_parts: 1,
    other_boxes: 1,
}


def calls(chance: Random, count: int) -> list[Call]:
    """So many calls."""
    drawn = chance.choices(list(FAMILIES), list(FAMILIES.values()), k=count)
    return [family(chance) for family in drawn]
