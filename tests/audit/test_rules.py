"""Rules over what is public of a decision: whoever replays runs them again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.entries.codec import decode_entry
from ledger.governance.evolve import evolve
from ledger.governance.state import EMPTY
from ledger.ids import LeafIndex
from tests.audit.world import Log, indexes, kinds, publish_and_look, told
from tests.governance.safeguards.rules import founders_enact, public_rule

FLAGGED = [{"id": "advice", "outcome": "flag"}]


@pytest.fixture(autouse=True)
def _enacting() -> Iterator[None]:
    with founders_enact():
        yield


def log_under(rule: dict[str, Any]) -> tuple[Log, str]:
    """A log in which a rule is in force, and the hash of its rule set."""
    log = Log()
    log.found()
    log.register()
    log.act("safeguard.enact", rule, 2)
    state = EMPTY
    for index, leaf in enumerate(log.leaves):
        state = evolve(state, decode_entry(leaf), LeafIndex(index))
    return log, state.safeguards.rule_set.hash


async def test_what_the_rules_gave_is_no_finding(tmp_path: Path) -> None:
    log, rules = log_under(public_rule())
    log.decide(1, rules=rules, results=FLAGGED)
    assert told(await publish_and_look(log, tmp_path)) == []


@pytest.mark.parametrize(
    "results",
    [
        [],
        [{"id": "advice", "outcome": "pass"}],
        [{"id": "advice", "outcome": "hold"}],
        [*FLAGGED, {"id": "other", "outcome": "flag"}],
    ],
)
async def test_results_hidden_or_invented(
    tmp_path: Path, results: list[dict[str, str]]
) -> None:
    log, rules = log_under(public_rule())
    log.decide(1, rules=rules, results=results)
    report = await publish_and_look(log, tmp_path)
    assert kinds(report) == ["rule"]
    assert "a hold or a flag was hidden, or invented" in told(report)[0]
    assert indexes(report, "rule") == [3]


async def test_a_decision_that_was_to_be_refused(tmp_path: Path) -> None:
    log, rules = log_under(public_rule(effect="refuse"))
    log.decide(1, rules=rules)
    report = await publish_and_look(log, tmp_path)
    assert kinds(report) == ["rule"]
    assert "was to be refused: the safeguard advice in force" in told(report)[0]


async def test_a_rule_set_that_is_not_in_force(tmp_path: Path) -> None:
    log, _ = log_under(public_rule())
    log.decide(1)  # as if there were no rules
    report = await publish_and_look(log, tmp_path)
    assert "names another rule set than the one in force" in told(report)[0]
