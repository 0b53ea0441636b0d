"""What an action would change, in words that a member understands.

A sentence may name the action's public values: a proposal's actions are public for good.
An action that is not in the table says its own name, so that none is ever left out.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.governance.systems.system import System

_WORDS: Final[Mapping[str, str]] = {
    "safeguard.enact": "puts the safeguard {id} in force: “{message}”",
    "safeguard.amend": "changes the safeguard {id}, then: “{message}”",
    "safeguard.repeal": "repeals the safeguard {id}",
    "system.register": "registers the AI system {system}, run by {operator}",
    "system.version": "registers version {version} of the AI system {system}",
    "system.suspend": "suspends the AI system {system}",
    "system.reinstate": "lets the AI system {system} decide again",
    "system.retire": "retires the AI system {system} for good",
    "system.profile": "makes decisions of {system} public as: {profile}",
    "system.deadlines": "sets the deadlines of {system}: {deadlines}",
    "system.overseers": "changes who oversees {system}",
    "system.keys": "changes the keys that sign for {system}",
    "parameter.set": "sets {name} to {value}",
    "constitution.amend": "changes the constitution as its diff shows",
    "member.admit": "admits {applicant}",
    "member.remove": "removes {member} from the community",
    "role.appoint": "appoints {member} as {role}",
    "role.recall": "recalls {member} as {role}",
    "dataset.adopt": "adopts the data set {id}: {name}",
    "dataset.drop": "drops the data set {id}",
    "network.witness_add": "names {name} as a witness of the log",
    "network.witness_drop": "drops {name} as a witness of the log",
    "network.mirror_add": "names {url} as a mirror of the log",
    "network.mirror_drop": "drops {url} as a mirror of the log",
    "legal_hold.set": "keeps {held} from erasure, for a legal reason",
    "legal_hold.lift": "lets {held} be erased again",
    "log.rotate": "replaces the key that signs the log",
}


class _Values(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "(not named)"


def in_words(action: str, body: Mapping[str, Any], before: System | None = None) -> str:
    """One sentence without its end; `before`: the system it changes, as it is now."""
    named = _Values(
        {name: value for name, value in body.items() if type(value) in {str, int}}
    )
    system, decision = named.get("system"), named.get("decision")
    named["held"] = (
        f"the decision {decision}" if system is None else f"decisions of {system}"
    )
    named["deadlines"] = deadlines_in_words(body, before)
    words = _WORDS.get(action)
    return f"does {action}" if words is None else words.format_map(named)


def deadlines_in_words(body: Mapping[str, Any], before: System | None = None) -> str:
    """From what to what the days change that a review and a person have."""
    review = _days(body.get("review_days"))
    recourse = _days(body.get("recourse_days"))
    if before is not None:
        review = f"from {_days(before.review_days)} to {review}"
        recourse = f"from {_days(before.recourse_days)} to {recourse}"
    return f"for a review {review}, for a person to contest {recourse}"


def _days(value: object) -> str:
    if type(value) is not int:
        return "not set"
    return "1 day" if value == 1 else f"{value:,} days"
