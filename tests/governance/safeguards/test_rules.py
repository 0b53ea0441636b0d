"""Rules as the community handles them: proposed, tested, enacted, amended, repealed."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from immutables import Map

from ledger.canonical import jcs
from ledger.entries.decision import NO_RULES, rules_hash
from ledger.errors import ConflictError, ForbiddenError, RejectedError
from ledger.governance.kinds import Context
from ledger.governance.safeguards.actions import ACTIONS
from ledger.governance.safeguards.dry import DryRun
from ledger.governance.safeguards.room import Safeguards, digest_of, from_sections
from ledger.governance.safeguards.rule import check_tests, read_rule
from ledger.governance.safeguards.ruleset import NO_RULE_SET, RuleSet
from ledger.governance.state import State
from ledger.governance.systems.system import System
from ledger.ids import SystemId
from ledger.keys import SigningKey
from ledger.limits import RULES_MAX
from tests.governance.safeguards.rules import case, public_rule, rule
from tests.governance.world import FOUNDER, NOW_MS, REGISTERED, act_of, after

EXAMPLE = REGISTERED.systems[SystemId("example")]
BAD = {"outcome": {"code": "rejected", "favourable": False}}


def context(proposal: str = "p1") -> Context:
    return Context(
        act_id="a1", actor=FOUNDER.did, time_ms=NOW_MS, index=9, proposal=proposal
    )


def do(state: State, action: str, body: dict[str, Any], proposal: str = "p1") -> State:
    kind = ACTIONS[action]
    value = kind.read(body)
    kind.check(state, value, context(proposal))
    return kind.apply(state, value, context(proposal))


def refusal(state: State, action: str, body: dict[str, Any]) -> str:
    with pytest.raises(RejectedError) as caught:
        do(state, action, body)
    return caught.value.kind


# ---- what a rule may be -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"id": ".."}, "invalid-act"),
        ({"id": "a b"}, "invalid-act"),
        ({"title": ""}, "invalid-act"),
        ({"title": "two\nlines"}, "invalid-act"),
        ({"when": ""}, "invalid-act"),
        ({"when": None}, "invalid-act"),
        ({"when": "nobody.knows"}, "invalid-rule"),
        ({"when": "'a text'"}, "invalid-rule"),
        ({"require": "1"}, "invalid-rule"),
        ({"require": "true" + " && true" * 400}, "invalid-act"),
        ({"effect": "delete"}, "invalid-act"),
        ({"scope": []}, "invalid-act"),
        ({"scope": ["example", "example"]}, "invalid-act"),
        ({"scope": ["nobody"]}, "unknown-system"),
        ({"in_sealed_mode": "pass"}, "invalid-act"),
        ({"tests": []}, "invalid-act"),
        ({"tests": [{}]}, "invalid-act"),
        ({"tests": [case("pass", {"subject": {"ref": "x"}})]}, "invalid-rule"),
        ({"tests": [case("pass", {}, name="x")]}, "invalid-rule"),
        (
            {"tests": [case("pass", {"outcome": {"favourable": True}})]},
            "rule-tests-fail",
        ),
        ({"tests": [case("refuse", BAD)]}, "rule-tests-fail"),
        ({"tests": [case("refuse", BAD), case("pass", BAD)]}, "rule-tests-fail"),
        ({"tests": [case("hold", BAD), case("refuse", BAD)]}, "rule-tests-fail"),
        ({"enacted_by": "somebody"}, "invalid-act"),
        ({"more": 1}, "invalid-act"),
    ],
)
def test_refused_when_proposed(changes: dict[str, Any], kind: str) -> None:
    assert refusal(REGISTERED, "safeguard.enact", {**rule(), **changes}) == kind


@pytest.mark.parametrize("name", rule())
def test_every_member_stands(name: str) -> None:
    body = {key: value for key, value in rule().items() if key != name}
    assert refusal(REGISTERED, "safeguard.enact", body) == "invalid-act"


def test_a_failing_case_is_named_by_its_number() -> None:
    made = read_rule(rule(tests=[case("refuse", BAD), case("pass", BAD)]))
    with pytest.raises(RejectedError) as caught:
        check_tests(made)
    assert "2 (found refuse, expected pass)" in str(caught.value)


def test_tests_that_burn_time_are_refused_soon() -> None:
    """They run under the writer's lock, again and again."""
    many = {"inputs": {"list": list(range(1_000))}}
    heavy = [case("pass", many)] * 10 + [case("refuse", {"inputs": {"list": [-1]}})]
    burns = rule(
        when="true",
        require=f"inputs.list.all(x, {' && '.join(['x >= 0'] * 3)})",
        tests=heavy,
    )
    with pytest.raises(RejectedError, match=r"50,000 steps together by number \d+"):
        check_tests(read_rule(burns))
    check_tests(read_rule({**burns, "tests": [heavy[0], heavy[-1]]}))


# ---- what the community does ---------------------------------------------------------------


def test_enacted_amended_repealed() -> None:
    state = do(REGISTERED, "safeguard.enact", rule(), "first")
    assert state.safeguards.in_force["reasons"].enacted_by == "first"
    assert refusal(state, "safeguard.enact", rule()) == "safeguard-exists"
    amended = do(state, "safeguard.amend", rule(effect="hold"), "second")
    assert amended.safeguards.in_force["reasons"].enacted_by == "second"
    assert refusal(amended, "safeguard.amend", rule("other")) == "unknown-safeguard"
    assert refusal(amended, "safeguard.repeal", {"id": "other"}) == "unknown-safeguard"
    none = do(amended, "safeguard.repeal", {"id": "reasons"})
    assert none.safeguards.rule_set.hash == NO_RULE_SET.hash == NO_RULES
    for past in (state, amended):  # their decisions can still be held against them
        hash_ = past.safeguards.rule_set.hash
        found = none.safeguards.set_of(hash_)
        assert found is not None
        assert found.rules == past.safeguards.rule_set.rules
    assert none.safeguards.set_of("x" * 43) is None


def test_only_amending_and_repealing_may_loosen() -> None:
    made = read_rule(rule())
    assert not ACTIONS["safeguard.enact"].loosens(REGISTERED, made)
    assert ACTIONS["safeguard.amend"].loosens(REGISTERED, made)
    assert ACTIONS["safeguard.repeal"].loosens(REGISTERED, "reasons")


def test_no_more_rules_than_a_decision_can_bear() -> None:
    rules = {f"r{n}": read_rule(rule(f"r{n}")) for n in range(RULES_MAX)}
    full = replace(REGISTERED, safeguards=Safeguards(in_force=Map(rules)))
    assert refusal(full, "safeguard.enact", rule()) == "too-many-safeguards"


def test_the_hash_is_of_the_rules_in_order_of_id() -> None:
    one, two = read_rule(rule("b")), read_rule(public_rule("a"))
    expected = rules_hash(jcs([two.public(), one.public()]))
    assert RuleSet([one, two]).hash == RuleSet([two, one]).hash == expected


def test_sections_are_read_back() -> None:
    state = do(REGISTERED, "safeguard.enact", rule(), "first")
    state = do(state, "safeguard.enact", public_rule(scope=["example"]), "second")
    state = do(state, "safeguard.repeal", {"id": "reasons"})
    sections = json.loads(json.dumps(state.safeguards.sections()))
    assert from_sections(sections) == state.safeguards
    assert from_sections(sections).rule_set.hash == state.safeguards.rule_set.hash
    assert from_sections({}) == Safeguards()
    for digest, past in state.safeguards.past.items():
        assert digest_of(past) == digest


# ---- what they say of decisions -------------------------------------------------------------


def judged(system: System, *rules: dict[str, Any], **fields: Any) -> Any:
    return RuleSet(map(read_rule, rules)).judge(
        system, automation="full", version=None, fields={**BAD, **fields}
    )


def test_scope_and_the_systems_attributes() -> None:
    assert judged(EXAMPLE, rule(scope=["example"])).refusal is not None
    other = replace(EXAMPLE, id=SystemId("other"))
    assert judged(other, rule(scope=["example"])).applied == ()
    level = rule(when='system.impact_level == "II" && !outcome.favourable')
    assert judged(EXAMPLE, level).refusal is not None
    assert judged(replace(EXAMPLE, impact_level="I"), level).applied == ()


def test_the_first_in_order_of_id_is_named() -> None:
    found = judged(EXAMPLE, rule("b"), rule("a"), rule("c", effect="flag"))
    assert found.refusal.id == "a"


def test_an_error_is_a_failed_require() -> None:
    for changes in (
        {"when": "true", "require": "human.involved"},
        {"when": "human.involved", "require": "true"},
        {"when": "outcome.code", "require": "true"},
        {"when": "true", "require": "outcome.code"},
    ):
        assert judged(EXAMPLE, rule(**changes)).refusal is not None, changes


def test_public_and_sealed_by_the_systems_profile() -> None:
    outcome_only = rule(effect="flag", require='outcome.code != "rejected"')
    sealed = judged(EXAMPLE, outcome_only)
    assert (sealed.results, sealed.public) == ((), b"[]")
    assert sealed.sealed_value["results"] == [{"id": "reasons", "outcome": "flag"}]
    open_ = judged(replace(EXAMPLE, profile="open"), outcome_only)
    assert open_.results == (("reasons", "flag"),)
    assert open_.sealed is None


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.sampled_from(["full", "partial"]),
    st.booleans(),
)
@settings(max_examples=60)
def test_the_public_results_need_the_leaf_alone(
    ids: list[str], automation: str, is_open: bool
) -> None:
    rules = RuleSet(
        read_rule(
            rule(id_, effect="flag") if n % 2 else public_rule(id_, effect="hold")
        )
        for n, id_ in enumerate(ids)
    )
    system = replace(EXAMPLE, profile="open" if is_open else "sealed")
    whole = rules.judge(system, automation=automation, version=None, fields=BAD)
    seen = rules.judge_public(
        system,
        automation=automation,
        version=None,
        outcome=BAD["outcome"] if is_open else None,
        in_sealed_mode=False,
    )
    assert seen.results == whole.results
    assert seen.public == whole.public


def test_a_dry_run_leaves_nothing_guessed() -> None:
    run = DryRun([read_rule(rule()), read_rule(public_rule())], REGISTERED.systems)
    assert run.told() == [
        "reasons would have refused 0 of 0 decisions; it applies to 0",
        "advice would have flagged 0 of 0 decisions; it applies to 0",
    ]


# ---- holds ------------------------------------------------------------------------------------

OVERSEER = SigningKey(b"\6" * 32)
DECISION = "0b0f7d0e-3c5a-4f7e-8a59-2f4f0e8b9c11"
HOLD = {"system": "example", "decision": DECISION, "confirm": True}
OVERSEEN = replace(
    REGISTERED,
    systems=REGISTERED.systems.set(
        EXAMPLE.id, replace(EXAMPLE, overseers=(OVERSEER.did,))
    ).set(SystemId("other"), replace(EXAMPLE, id=SystemId("other"))),
)


def test_an_overseer_confirms_once() -> None:
    state = after(OVERSEEN, act_of("hold.confirm", HOLD, key=OVERSEER))
    hold = state.safeguards.hold_of("example", DECISION)
    assert hold is not None
    assert (hold.confirm, hold.by) == (True, OVERSEER.did)
    assert from_sections(state.safeguards.sections()) == state.safeguards
    again = act_of("hold.confirm", {**HOLD, "confirm": False}, key=OVERSEER, seq=2)
    with pytest.raises(ConflictError):
        after(state, again)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"system": "other"}, ForbiddenError),
        ({"system": "nobody"}, RejectedError),
        ({"decision": "x"}, RejectedError),
        ({"confirm": 1}, RejectedError),
        ({"more": 1}, RejectedError),
    ],
)
def test_a_hold_that_is_not_theirs(changes: Any, error: type[RejectedError]) -> None:
    with pytest.raises(error):
        after(OVERSEEN, act_of("hold.confirm", {**HOLD, **changes}, key=OVERSEER))


def test_nobody_else_confirms() -> None:
    with pytest.raises(ForbiddenError):
        after(OVERSEEN, act_of("hold.confirm", HOLD))
