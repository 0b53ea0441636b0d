"""A decision's rules, as anybody can run them again: those that read public fields only.

What rules over sealed fields said is a claim until somebody who holds the disclosures
runs them: `counterfoil verify --rules`.
"""

from ledger.entries.entry import DecisionRecorded
from ledger.governance.safeguards.ruleset import RuleSet
from ledger.governance.systems.system import System


def fault_of_rules(
    rules: RuleSet, system: System, entry: DecisionRecorded
) -> str | None:
    """What is wrong with a decision under the rules in force; None if nothing is."""
    if entry.rules != rules.hash:
        return "names another rule set than the one in force"
    statement = entry.statement
    verdict = rules.judge_public(
        system,
        automation=statement.automation,
        version=statement.version,
        outcome=statement.outcome,
        in_sealed_mode=entry.signature is not None,
    )
    if verdict.refusal is not None:
        return (
            f"was to be refused: the safeguard {verdict.refusal.id} in force forbids "
            "what is public of it"
        )
    if verdict.results != entry.results:
        return (
            "has other results of public safeguards than they give: a hold or a flag "
            "was hidden, or invented"
        )
    return None
