"""What only the holder of K can check: the results of rules that read sealed fields.

A *rules file* holds what a decision was held against, and is checked against its leaf:

    {"rules": [rule, …], "system": {"id", "impact_level", "domain", "jurisdiction",
                                    "operator", "profile"}}

The rules must have the hash that stands on the leaf. The system's attributes are its
registration's; they are believed as the file gives them, and an audit of the log shows
them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.entries.disclosure import Disclosure
from ledger.entries.entry import DecisionRecorded
from ledger.errors import MalformedError, RejectedError, VerificationError
from ledger.governance.safeguards.fields import SYSTEM
from ledger.governance.safeguards.rule import read_rule
from ledger.governance.safeguards.ruleset import RuleSet, Verdict
from ledger.governance.systems.system import ACTIVE, System
from ledger.ids import SystemId


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """A rules file, read: the rules of the time, and the system."""

    rules: RuleSet
    system: System


def format_rules_file(rules: RuleSet, system: System) -> dict[str, Any]:
    """The JSON of a rules file."""
    return {
        "rules": [rule.public() for rule in rules.rules],
        "system": {name: getattr(system, name) for name in SYSTEM},
    }


def read_rules_file(value: object) -> HeldAgainst:
    """The rules and system of a rules file.

    Raises:
        MalformedError: it is none.
    """
    if type(value) is not dict or value.keys() != {"rules", "system"}:
        raise MalformedError("a rules file has the members rules and system")
    rules, system = value["rules"], value["system"]
    if type(rules) is not list or not all(type(rule) is dict for rule in rules):
        raise MalformedError("rules are a list of rules")
    if (
        type(system) is not dict
        or system.keys() != set(SYSTEM)
        or not all(type(item) is str for item in system.values())
    ):
        raise MalformedError(f"a system has {', '.join(SYSTEM)}")
    try:
        read = [read_rule(rule) for rule in rules]
    except RejectedError as error:
        raise MalformedError(f"a rule that is none: {error}") from error
    return HeldAgainst(
        RuleSet(read),
        System(
            id=SystemId(system["id"]),
            name="",
            operator=system["operator"],
            impact_level=system["impact_level"],
            domain=system["domain"],
            jurisdiction=system["jurisdiction"],
            profile=system["profile"],
            outcomes=(),
            versions=(),
            keys=(),
            status=ACTIVE,
            registered_by="",
        ),
    )


def values_of(disclosures: Sequence[Disclosure]) -> dict[str, Any]:
    """The decision's fields, from its disclosures; absent ones missing."""
    return {one.slot: one.value for one in disclosures if one.value is not None}


def judge_again(
    held: HeldAgainst, entry: DecisionRecorded, fields: Mapping[str, Any]
) -> Verdict:
    """What the rules say of a decision whose disclosures are open."""
    statement = entry.statement
    return held.rules.judge(
        held.system,
        automation=statement.automation,
        version=statement.version,
        fields=fields,
    )


def check_results(
    held: HeldAgainst, entry: DecisionRecorded, disclosures: Sequence[Disclosure]
) -> None:
    """That leaf and sealed slot say what the rules say, run again.

    Raises:
        VerificationError: other rules, another system, or another result.
    """
    statement = entry.statement
    if held.rules.hash != entry.rules:
        raise VerificationError("the rules file holds other rules than the leaf names")
    if (held.system.id, held.system.profile) != (statement.system, statement.profile):
        raise VerificationError("the rules file describes another system")
    fields = values_of(disclosures)
    claimed = fields.pop("results", None)
    verdict = judge_again(held, entry, fields)
    if verdict.refusal is not None:
        raise VerificationError(
            f"the safeguard {verdict.refusal.id} refuses it, and it was recorded"
        )
    if verdict.results != entry.results:
        raise VerificationError("public safeguards give other results than the leaf's")
    if verdict.sealed_value != claimed:
        raise VerificationError(
            "safeguards over sealed fields give other results than the sealed ones"
        )
