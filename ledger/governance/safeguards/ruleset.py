"""The rules in force, held against decisions; the hot path of enforcement.

    rules (on each leaf)  = base64url(SHA-256(JCS [rule, …]))   in order of id
    results (on the leaf) = JCS [{"id","outcome"}, …]  of the public rules that applied
    results (sealed slot) = null, or {"rules", "results": [{"id","outcome"}, …]} of the
                            sealed rules that applied

A rule *applies* to a decision of its scope where its `when` is true, or has no answer.
The first rule in order of id that refuses is the one that is named; then nothing is
recorded. What a system's decisions have in common is worked out once: which rules are in
scope, which of them are public, and those whose `when` reads the system alone.

In sealed mode the ledger sees the public names only. It runs the public rules; of a rule
that reads sealed fields it runs `when`, if that is public, and does what the rule says
for this case: refuses, flags, or lets it pass unverified.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.canonical import jcs
from ledger.entries.decision import rules_hash
from ledger.errors import RuleRefusedError
from ledger.governance.safeguards.compiled import Expression, answer
from ledger.governance.safeguards.fields import (
    PUBLIC,
    PUBLIC_OPEN,
    SYSTEM,
    Reader,
    read_fields,
    readers,
)
from ledger.governance.safeguards.operations import FAILURES, STEPS
from ledger.governance.safeguards.rule import PASS, Rule
from ledger.governance.systems.system import System
from ledger.limits import RULE_STEPS_MAX, RULE_VERDICTS_MAX

STATUSES: Final = ("accepted", "flagged", "held")  # never change; worst last
UNVERIFIED: Final = "unverified"  # never changes; in answers only, never on a leaf
_STATUS_OF: Final = {PASS: 0, UNVERIFIED: 0, "flag": 1, "hold": 2}

Results = Sequence[tuple[str, str]]  # (rule's id, outcome), in order of id


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules in force say of one decision.

    Attributes:
        rules: the rule-set's hash.
        applied: (id, outcome) of every rule that applied, in order of id.
        results: the same of public rules alone.
        public: the same as JCS: for the leaf.
        sealed: the JSON of the sealed slot `results`; None while it is null.
        status: "accepted", "flagged" or "held".
        answer: the JSON list of `safeguards` in the answer.
        refusal: the rule that refuses it; then it must not be recorded.
    """

    rules: str
    applied: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str], ...]
    public: bytes
    sealed: bytes | None
    status: str
    answer: bytes
    refusal: Rule | None = None

    @property
    def sealed_value(self) -> Any:
        """The sealed slot `results`, as JSON."""
        return None if self.sealed is None else json.loads(self.sealed)

    def check(self) -> None:
        """That no rule refuses it.

        Raises:
            RuleRefusedError: naming the rule and what enacted it.
        """
        rule = self.refusal
        if rule is not None:
            raise RuleRefusedError(
                rule=rule.id, told=rule.message, enacted_by=rule.enacted_by
            )


@dataclass(frozen=True, slots=True)
class _Line:
    """One rule in a system's plan; `when` None: it applies to all of its decisions."""

    rule: Rule
    when: Expression | None
    require: Expression
    is_public: bool


class _Plan:
    """What the decisions of one system have in common."""

    __slots__ = ("base", "lines", "reads", "system", "verdicts")

    def __init__(self, system: System, rules: Iterable[Rule]) -> None:
        self.system = system
        public = PUBLIC_OPEN if system.profile == "open" else PUBLIC
        self.base: dict[str, Any] = {
            "system": {name: getattr(system, name) for name in SYSTEM}
        }
        self.lines = [
            line
            for rule in rules
            if not rule.scope or system.id in rule.scope
            for line in self._line(rule, public)
        ]
        names: set[str] = set()
        for line in self.lines:
            names |= line.require.names
            names |= frozenset() if line.when is None else line.when.names
        self.reads: tuple[Reader, ...] = readers(names)
        self.verdicts: dict[tuple[str, ...], Verdict] = {}

    def _line(self, rule: Rule, public: frozenset[str]) -> list[_Line]:
        when, require = rule.conditions
        is_public = when.names | require.names <= public
        if when.names <= {"system"}:
            try:
                if not answer(when, dict(self.base)):
                    return []
            except FAILURES:
                pass  # asked again at each decision: it has no answer then either
            else:
                return [_Line(rule, None, require, is_public)]
        return [_Line(rule, when, require, is_public)]


class RuleSet:
    """Some rules, in order of id. A value; what it keeps is only worked out once."""

    __slots__ = ("_by_id", "_plans", "hash", "rules")

    def __init__(self, rules: Iterable[Rule]) -> None:
        """`rules`: each id once."""
        self._by_id = {rule.id: rule for rule in sorted(rules, key=lambda r: r.id)}
        self.rules = tuple(self._by_id.values())
        self.hash = rules_hash(jcs([rule.public() for rule in self.rules]))
        self._plans: dict[str, _Plan] = {}

    def _plan(self, system: System) -> _Plan:
        plan = self._plans.get(system.id)
        if plan is None or plan.system is not system:
            plan = self._plans[system.id] = _Plan(system, self.rules)
        return plan

    def is_public(self, system: System) -> bool:
        """Whether every rule, for decisions of this system, reads public names only."""
        return all(line.is_public for line in self._plan(system).lines)

    def judge(
        self,
        system: System,
        *,
        automation: str,
        version: str | None,
        fields: Mapping[str, Any],
    ) -> Verdict:
        """What the rules say of a decision whose fields are all known.

        Args:
            system: as registered.
            automation: as on the statement.
            version: likewise; null while there is none.
            fields: CONTRACT's JSON, or the values of the disclosures.
        """
        plan = self._plan(system)
        if not plan.lines:
            return self._verdict(plan, ())
        base = {**plan.base, "automation": automation, "version": version}
        record = read_fields(base, fields, plan.reads)
        return self._verdict(
            plan, tuple([_outcome(line, record) for line in plan.lines])
        )

    def judge_public(
        self,
        system: System,
        *,
        automation: str,
        version: str | None,
        outcome: Mapping[str, Any] | None,
        in_sealed_mode: bool,
    ) -> Verdict:
        """What they say of what is public alone: in sealed mode, and to an auditor.

        Outside sealed mode the rules that read sealed fields are left out.
        """
        plan = self._plan(system)
        record = {**plan.base, "automation": automation, "version": version}
        known = PUBLIC
        if outcome is not None:
            record["outcome"] = outcome
            known = PUBLIC_OPEN
        found = []
        for line in plan.lines:
            if line.is_public:
                found.append(_outcome(line, record))
            else:
                found.append(_unseen(line, record, known) if in_sealed_mode else "")
        return self._verdict(plan, tuple(found))

    def _verdict(self, plan: _Plan, outcomes: tuple[str, ...]) -> Verdict:
        verdict = plan.verdicts.get(outcomes)
        if verdict is None:
            if len(plan.verdicts) >= RULE_VERDICTS_MAX:
                plan.verdicts.clear()
            verdict = plan.verdicts[outcomes] = self._write(plan, outcomes)
        return verdict

    def _write(self, plan: _Plan, outcomes: tuple[str, ...]) -> Verdict:
        pairs = list(zip(plan.lines, outcomes, strict=True))
        refusal = next((line.rule for line, o in pairs if o == "refuse"), None)
        applied = [(line, outcome) for line, outcome in pairs if outcome]
        public = [(line.rule.id, o) for line, o in applied if line.is_public]
        sealed = [(line.rule.id, o) for line, o in applied if not line.is_public]
        return Verdict(
            rules=self.hash,
            applied=tuple((line.rule.id, outcome) for line, outcome in applied),
            results=tuple(public),
            public=jcs(_as_json(public)),
            sealed=(
                jcs({"rules": self.hash, "results": _as_json(sealed)})
                if sealed
                else None
            ),
            status=status_of([(line.rule.id, o) for line, o in applied]),
            answer=self.answer([(line.rule.id, o) for line, o in applied]),
            refusal=refusal,
        )

    def answer(self, results: Results) -> bytes:
        """The JSON list of `safeguards` in an answer, from results under these rules."""
        told = [
            {
                "id": id_,
                "outcome": outcome,
                "message": self._by_id[id_].message,
                "enacted_by": self._by_id[id_].enacted_by,
            }
            for id_, outcome in results
            if id_ in self._by_id
        ]
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8")


def _as_json(results: Results) -> list[dict[str, str]]:
    return [{"id": id_, "outcome": outcome} for id_, outcome in results]


def status_of(results: Results) -> str:
    """The decision's status in an answer: the worst of its results."""
    return STATUSES[max((_STATUS_OF.get(o, 0) for _, o in results), default=0)]


def _outcome(line: _Line, record: dict[str, Any]) -> str:
    """Its outcome: pass, or the effect; empty where the rule does not apply.

    `answer` written out, twice for each rule and decision.
    """
    record[STEPS] = RULE_STEPS_MAX
    try:
        if line.when is not None:
            applies = line.when.run(record)
            if applies is False:
                return ""
            if applies is not True:
                return line.rule.effect
            record[STEPS] = RULE_STEPS_MAX
        return PASS if line.require.run(record) is True else line.rule.effect
    except FAILURES:
        return line.rule.effect


def _unseen(line: _Line, record: dict[str, Any], known: frozenset[str]) -> str:
    """What sealed mode makes of a rule that reads sealed fields."""
    when = line.when
    if when is not None and when.names <= known:
        try:
            if not answer(when, record):
                return ""
        except FAILURES:
            pass
    return line.rule.in_sealed_mode


NO_RULE_SET: Final = RuleSet(())
