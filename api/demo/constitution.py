"""What the demo's community decides by, and what it decides about.

Every period is a second or a few, so that a vote takes one's patience and no more. A
community founded with longer ones can never vote itself into such short ones.
"""

import math
from typing import Any, Final

from api.demo.compas import SYSTEM

VOTING_S: Final = 3  # seconds; five ballots take a tenth of it, where nothing else runs
VOTING_MOST_S: Final = 20  # seconds; nobody watches a demo for longer
_PARAMETERS: Final[dict[str, Any]] = {
    "deliberation_s": 1,
    "frozen_s": 1,
    "pending_s": 1,
    "extension_s": 1,
    "challenge_s": 1,
    "timelock_routine_s": 1,
    "timelock_standard_s": 1,
    "proposal_interval_s": 0,
    "newcomer_wait_s": 0,
}


def parameters(start_s: float) -> dict[str, Any]:
    """The numbers to found it with, where the database took `start_s` seconds to start.

    That says how slow the machine is now, and how long five people need to vote on it.
    """
    voting_s = min(max(VOTING_S, math.ceil(start_s)), VOTING_MOST_S)
    return {**_PARAMETERS, "voting_s": voting_s, "voting_expedited_s": voting_s}


RULE: Final = "person-confirms"
TITLE: Final = "A person confirms every adverse score"
_ADVERSE: Final = {"outcome": {"code": "not-low", "favourable": False}}
PROPOSAL: Final[dict[str, Any]] = {
    "title": TITLE,
    "text": "A score that counts against somebody is held until a person has looked at it "
    "and says so, under their own key.",
    "actions": [
        {
            "action": "safeguard.enact",
            "body": {
                "id": RULE,
                "title": TITLE,
                "when": "!outcome.favourable",
                "require": "has(human.involved) && human.involved",
                "message": "A person must look at an adverse score before it is used.",
                "effect": "hold",
                "scope": [SYSTEM],
                "in_sealed_mode": "flag",
                "tests": [
                    {
                        "name": "low: nothing to confirm",
                        "decision": {"outcome": {"code": "low", "favourable": True}},
                        "system": {},
                        "expect": "pass",
                    },
                    {
                        "name": "adverse, and a person looked",
                        "decision": {**_ADVERSE, "human": {"involved": True}},
                        "system": {},
                        "expect": "pass",
                    },
                    {
                        "name": "adverse, and nobody looked",
                        "decision": _ADVERSE,
                        "system": {},
                        "expect": "hold",
                    },
                ],
            },
        }
    ],
}
COMMENT: Final = "Then somebody can be asked why, and by name."
