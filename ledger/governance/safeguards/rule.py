"""A safeguard: a rule over decisions, as the community enacted it.

    {"id": code, "title", "when": CEL, "require": CEL, "message": told to whoever sent it,
     "effect": "refuse | hold | flag", "scope": "all" or [system],
     "in_sealed_mode": "refuse | flag | unverified",
     "tests": [{"name", "decision": {…}, "system": {…},
                "expect": "pass | refuse | hold | flag"}]}

The rule applies to the decisions of its scope for which `when` is true; `require` must be
true of them, or its effect follows. An expression without an answer counts as a failed
`require`. Test cases stand with the rule, at least one that passes and one that does not;
each runs when the rule is proposed and again when it is enacted. As published, a rule
also has "enacted_by": the proposal, or the act of a founder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.errors import RejectedError
from ledger.governance.body import (
    Body,
    check_members,
    read_choice,
    read_system_id,
    read_text,
    refuse,
)
from ledger.governance.safeguards.compiled import (
    Expression,
    answer,
    check_is_condition,
)
from ledger.governance.safeguards.fields import (
    NAMES,
    SYSTEM,
    check_named,
    read_fields,
    readers,
)
from ledger.governance.safeguards.operations import FAILURES, STEPS
from ledger.ids import is_code
from ledger.limits import (
    LIST_ITEMS_MAX,
    RULE_BYTES_MAX,
    RULE_MESSAGE_CHARS_MAX,
    RULE_STEPS_MAX,
    RULE_TESTS_MAX,
    RULE_TESTS_STEPS_MAX,
)

EFFECTS: Final = ("refuse", "hold", "flag")  # never change
IN_SEALED_MODE: Final = ("refuse", "flag", "unverified")  # never change
PASS: Final = "pass"  # noqa: S105 -- an outcome; never changes
EXPECTED: Final = (PASS, *EFFECTS)
ALL: Final = "all"
_MEMBERS: Final = (
    *("id", "title", "when", "require", "message", "effect", "scope"),
    *("in_sealed_mode", "tests"),
)
_DECISION: Final = (*sorted(NAMES - {"system", "version"}), "system_version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test case: what the rule says of a decision, of a system like this.

    Attributes:
        name: for people.
        decision: members of CONTRACT's JSON; those the rule does not read may be absent.
        system: some of the system's registered attributes.
        expect: "pass", or the rule's effect.
    """

    name: str
    decision: Mapping[str, Any]
    system: Mapping[str, Any]
    expect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule, its expressions checked; the module says what each member means."""

    id: str
    title: str
    when: str
    require: str
    message: str
    effect: str
    scope: tuple[str, ...]
    in_sealed_mode: str
    tests: tuple[Case, ...]
    enacted_by: str = ""

    @property
    def conditions(self) -> tuple[Expression, Expression]:
        """`when` and `require`, compiled."""
        return check_is_condition(self.when), check_is_condition(self.require)

    def public(self) -> dict[str, Any]:
        """As JSON; `read_rule` reads it back."""
        return {
            "id": self.id,
            "title": self.title,
            "when": self.when,
            "require": self.require,
            "message": self.message,
            "effect": self.effect,
            "scope": list(self.scope) or ALL,
            "in_sealed_mode": self.in_sealed_mode,
            "tests": [
                {
                    "name": case.name,
                    "decision": dict(case.decision),
                    "system": dict(case.system),
                    "expect": case.expect,
                }
                for case in self.tests
            ],
            "enacted_by": self.enacted_by,
        }


def read_rule(body: Body) -> Rule:
    """The rule a body is; `enacted_by` stands only in what was published.

    Raises:
        RejectedError: `invalid-act`: another form; `invalid-rule`: an expression beyond
            its bounds.
    """
    check_members(body, _MEMBERS, ("enacted_by",))
    rule = Rule(
        id=read_system_id(body, "id"),
        title=read_text(body, "title"),
        when=_read_expression(body, "when"),
        require=_read_expression(body, "require"),
        message=read_text(body, "message", RULE_MESSAGE_CHARS_MAX),
        effect=read_choice(body, "effect", EFFECTS),
        scope=_read_scope(body["scope"]),
        in_sealed_mode=read_choice(body, "in_sealed_mode", IN_SEALED_MODE),
        tests=_read_tests(body["tests"]),
        enacted_by=read_text(body, "enacted_by") if body.get("enacted_by") else "",
    )
    _ = rule.conditions  # refuses what is beyond the bounds
    return rule


def _read_expression(body: Body, name: str) -> str:
    text = body[name]
    if type(text) is not str or not 1 <= len(text) <= RULE_BYTES_MAX:
        raise refuse(f"{name} is an expression of 1 to {RULE_BYTES_MAX:,} bytes")
    return text


def _read_scope(value: object) -> tuple[str, ...]:
    if value == ALL:
        return ()
    if (
        type(value) is not list
        or not 1 <= len(value) <= LIST_ITEMS_MAX
        or not all(type(item) is str and is_code(item) for item in value)
        or len(set(value)) != len(value)
    ):
        raise refuse(f'scope is "{ALL}", or a list of systems, each once')
    return tuple(value)


def _read_tests(value: object) -> tuple[Case, ...]:
    if type(value) is not list or not 1 <= len(value) <= RULE_TESTS_MAX:
        raise refuse(f"tests are a list of 1 to {RULE_TESTS_MAX}")
    return tuple(_read_case(item) for item in value)


def _read_case(value: object) -> Case:
    if type(value) is not dict:
        raise refuse("a test is an object")
    check_members(value, ("name", "decision", "system", "expect"))
    decision, system = value["decision"], value["system"]
    if type(decision) is not dict or type(system) is not dict:
        raise refuse("a test's decision and system are objects")
    check_named(decision, _DECISION, "a test's decision")
    check_named(system, SYSTEM, "a test's system")
    return Case(
        name=read_text(value, "name"),
        decision=decision,
        system=system,
        expect=read_choice(value, "expect", EXPECTED),
    )


def check_tests(rule: Rule) -> None:
    """That the rule says of every test case what it is expected to.

    Raises:
        RejectedError: `rule-tests-fail`, naming the cases by number; also where they do
            not show both sides of the rule, or take too long together.
    """
    expected = {case.expect for case in rule.tests}
    if expected != {PASS, rule.effect}:
        raise RejectedError(
            "rule-tests-fail",
            f"the tests show other outcomes than the rule's two: expected at least one "
            f"{PASS} and at least one {rule.effect}, and no other",
        )
    wrong, steps = [], 0
    for number, case in enumerate(rule.tests, 1):
        found, taken = _try_case(rule, case)
        steps += taken
        if steps > RULE_TESTS_STEPS_MAX:
            raise RejectedError(
                "rule-tests-fail",
                f"the tests take more than {RULE_TESTS_STEPS_MAX:,} steps together by "
                f"number {number}: go over fewer items",
            )
        if found != case.expect:
            wrong.append(f"{number} (found {found}, expected {case.expect})")
    if wrong:
        raise RejectedError(
            "rule-tests-fail", f"the rule does not keep its tests: {', '.join(wrong)}"
        )


def _try_case(rule: Rule, case: Case) -> tuple[str, int]:
    """What the rule says of a test case, "pass" or its effect, and the steps it took."""
    when, require = rule.conditions
    decision = case.decision
    base = {
        "system": dict(case.system),
        "automation": decision.get("automation"),
        "version": decision.get("system_version"),
    }
    record = read_fields(base, decision, readers(when.names | require.names))
    steps = 0
    for condition, otherwise in ((when, PASS), (require, rule.effect)):
        try:
            holds = answer(condition, record)
        except FAILURES:
            return rule.effect, steps + RULE_STEPS_MAX - record[STEPS]
        steps += RULE_STEPS_MAX - record[STEPS]
        if not holds:
            return otherwise, steps
    return PASS, steps
