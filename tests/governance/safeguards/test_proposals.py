"""A vote enacts a rule, the very next decision is held against it, a vote repeals it."""

from typing import Any
from uuid import UUID

import pytest

from ledger.entries.decision import NO_RULES
from ledger.errors import RejectedError, RuleRefusedError
from ledger.governance.admit import Admitted, admit
from ledger.ids import DecisionId
from tests.governance.assembly.town import Town
from tests.governance.safeguards.rules import case, rule
from tests.governance.test_admit import FIELDS
from tests.governance.world import REGISTER

LOOKED_AT = rule(
    when='!outcome.favourable && system.impact_level == "III"',
    require="size(counterfactuals) > 0 && human.involved",
    tests=[
        case(
            "pass",
            {
                "outcome": {"code": "rejected", "favourable": False},
                "counterfactuals": [{"factor": "income"}],
                "human": {"involved": True},
            },
            impact_level="III",
        ),
        case(
            "refuse",
            {"outcome": {"code": "rejected", "favourable": False}},
            impact_level="III",
        ),
    ],
)
KEPT: dict[str, Any] = {
    "counterfactuals": [{"factor": "income"}],
    "human": {"involved": True},
}


def decide_now(town: Town, **more: Any) -> Admitted:
    return admit(
        town.state,
        {**FIELDS, **more},
        decided_at_ms=town.time_ms,
        now_ms=town.time_ms,
        new_id=DecisionId(str(UUID(int=1, version=4))),
    )


def enacted(*beside: tuple[str, dict[str, Any]]) -> tuple[Town, str]:
    town = Town()
    town.do(0, "system.register", {**REGISTER, "impact_level": "III"})
    assert decide_now(town).verdict.rules == NO_RULES
    proposal = town.open(0, ("safeguard.enact", LOOKED_AT), *beside)
    town.to_ready(proposal)
    assert decide_now(town).verdict.rules == NO_RULES  # not before it is executed
    town.execute(proposal)
    return town, proposal


def test_enacted_and_repealed_by_vote() -> None:
    town, proposal = enacted()
    with pytest.raises(RuleRefusedError) as caught:
        decide_now(town)
    assert caught.value.enacted_by == town.id(proposal)
    assert decide_now(town, **KEPT).verdict.status == "accepted"
    repeal = town.open(0, ("safeguard.repeal", {"id": "reasons"}), nonce="2")
    assert town.proposal(repeal).loosens  # the people decided about can delay it
    assert not town.proposal(proposal).loosens
    town.to_ready(repeal)
    town.execute(repeal)
    assert decide_now(town).verdict.rules == NO_RULES


def test_a_rule_that_fails_its_tests_is_no_proposal() -> None:
    town = Town()
    broken = {**LOOKED_AT, "require": "true"}
    with pytest.raises(RejectedError) as caught:
        town.open(0, ("safeguard.enact", broken))
    assert caught.value.kind == "rule-tests-fail"


def test_repealing_needs_what_enacting_needed() -> None:
    plain, _ = enacted()
    easy = plain.open(0, ("safeguard.repeal", {"id": "reasons"}), nonce="2")
    assert plain.proposal(easy).class_ == "standard"
    name = {"name": "quorum_base_percent", "value": 15}
    town, proposal = enacted(("parameter.set", name))
    assert town.proposal(proposal).class_ == "constitution"
    for number, action in enumerate(
        (("safeguard.repeal", {"id": "reasons"}), ("safeguard.amend", LOOKED_AT)), 2
    ):
        later = town.open(0, action, nonce=str(number))
        assert town.proposal(later).class_ == "constitution"
