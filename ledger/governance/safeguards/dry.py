"""A dry run: what rules would have said of decisions that were recorded without them.

Public rules run from the leaves, by anybody. A rule that reads sealed fields runs only
where the fields are known: for the ledger's own vault in managed mode. Decisions whose
fields nobody here can read are counted as unread, never guessed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.entries.entry import DecisionRecorded
from ledger.governance.safeguards.rule import PASS, Rule
from ledger.governance.safeguards.ruleset import RuleSet
from ledger.governance.systems.system import System
from ledger.ids import SystemId

IDS_KEPT: Final = 1_000  # ids listed for a rule; the rest are counted


@dataclass(slots=True, kw_only=True)
class Tried:
    """What one rule would have done.

    Attributes:
        rule: its id.
        effect: what follows where it is not kept.
        applied: decisions it would have been held against.
        failed: those that would have been refused, held or flagged.
        ids: the first of the failed.
    """

    rule: str
    effect: str
    applied: int = 0
    failed: int = 0
    ids: list[str] = field(default_factory=list)


class DryRun:
    """Rules held against decisions one by one.

    Attributes:
        seen: decisions so far.
        unread: those of them whose sealed fields a rule needs and nobody here can read.
        tried: by rule, in order of id.
    """

    def __init__(
        self, rules: Iterable[Rule], systems: Mapping[SystemId, System]
    ) -> None:
        """`systems`: as registered now; a decision of another system is only counted."""
        self._sets = [(RuleSet([rule]), rule) for rule in rules]
        self._systems = systems
        self.seen = 0
        self.unread = 0
        self.tried = [Tried(rule=rule.id, effect=rule.effect) for _, rule in self._sets]

    def take(self, entry: DecisionRecorded, fields: Mapping[str, Any] | None) -> None:
        """Hold one decision against each rule; `fields` None: only its leaf is known."""
        self.seen += 1
        statement = entry.statement
        system = self._systems.get(statement.system)
        if system is None:
            return
        unread = False
        for (rules, _), tried in zip(self._sets, self.tried, strict=True):
            if fields is None and not rules.is_public(system):
                unread = True
                continue
            verdict = rules.judge(
                system,
                automation=statement.automation,
                version=statement.version,
                fields={"outcome": statement.outcome} if fields is None else fields,
            )
            if not verdict.applied:
                continue
            tried.applied += 1
            if verdict.applied[0][1] != PASS:
                tried.failed += 1
                if len(tried.ids) < IDS_KEPT:
                    tried.ids.append(statement.id)
        self.unread += unread

    def told(self) -> list[str]:
        """A sentence a rule: `would have refused 41 of 7,214`."""
        words = {"refuse": "refused", "hold": "held", "flag": "flagged"}
        return [
            f"{one.rule} would have {words[one.effect]} {one.failed:,} of {self.seen:,} "
            f"decisions; it applies to {one.applied:,}"
            for one in self.tried
        ]

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "decisions": self.seen,
            "unread": self.unread,
            "rules": [
                {
                    "id": one.rule,
                    "effect": one.effect,
                    "applies": one.applied,
                    "fails": one.failed,
                    "ids": one.ids,
                }
                for one in self.tried
            ],
        }
