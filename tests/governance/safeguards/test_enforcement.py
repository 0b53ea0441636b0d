"""Rules in force, on a real database: the very next decision is held against them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ledger.entries.codec import decode_entry
from ledger.entries.decision import NO_RULES, open_sealed
from ledger.entries.entry import DecisionRecorded
from ledger.entries.secret import derive
from ledger.errors import ConflictError, RuleRefusedError, UnavailableError
from ledger.governance.safeguards.recheck import (
    check_results,
    format_rules_file,
    read_rules_file,
)
from ledger.log.book import Book
from ledger.log.pending import Outcome, Recorded
from tests.faults.failing import KEPT, LOST, Faults
from tests.governance.safeguards.rules import founders_enact, public_rule, rule
from tests.world.desk import Desk
from tests.world.service import decision

pytestmark = pytest.mark.postgres

EXPLAINED = {"counterfactuals": [{"factor": "income", "to": "30000"}]}


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    with founders_enact():
        async with Desk(database, tmp_path) as desk:
            yield desk


async def counted(book: Book) -> tuple[int, int]:
    return (await book.store.counters(book.ledger.log_id)).get("example", (0, 0))


async def enact(
    desk: Desk, book: Book, body: dict[str, Any], verb: str = "enact"
) -> str:
    outcome = await desk.act(book, f"safeguard.{verb}", body)
    assert isinstance(outcome, Recorded), outcome
    return outcome.id


def entry_of(outcome: Outcome) -> DecisionRecorded:
    assert isinstance(outcome, Recorded), outcome
    entry = decode_entry(outcome.leaf)
    assert isinstance(entry, DecisionRecorded)
    return entry


async def sealed_results(book: Book, outcome: Outcome) -> Any:
    entry = entry_of(outcome)
    assert isinstance(outcome, Recorded)
    assert outcome.secret is not None
    sealed = await book.reader.sealed(outcome.id, derive(outcome.secret).tag)
    disclosures = open_sealed(outcome.secret, entry.statement_jcs, sealed)
    system = book.projection.current.state.systems[entry.statement.system]
    rules = book.projection.current.state.safeguards.set_of(entry.rules)
    assert rules is not None
    held = json.loads(json.dumps(format_rules_file(rules, system)))
    check_results(read_rules_file(held), entry, disclosures)
    return disclosures[-1].value


async def test_a_rule_stops_the_very_next_decision_and_counts_it(desk: Desk) -> None:
    book = await desk.open()
    before = await desk.record(book, decision())
    assert entry_of(before[0]).rules == NO_RULES
    proposal = await enact(desk, book, rule())

    refused, passed = await desk.record(book, decision(), decision(**EXPLAINED))

    assert isinstance(refused, RuleRefusedError)
    assert (refused.rule, refused.enacted_by) == ("reasons", proposal)
    assert refused.told == rule()["message"]
    assert refused.recorded is False
    entry = entry_of(passed)
    assert entry.refused == 1
    assert entry.rules == book.projection.current.state.safeguards.rule_set.hash
    assert entry.results == ()  # it reads sealed fields: nothing of it on the leaf
    assert await sealed_results(book, passed) == {
        "rules": entry.rules,
        "results": [{"id": "reasons", "outcome": "pass"}],
    }
    await desk.check()


async def test_refusals_alone_are_counted_before_the_answer(desk: Desk) -> None:
    book = await desk.open()
    await enact(desk, book, rule())
    size = await desk.size()
    for number in (1, 2, 3):
        (refused,) = await desk.record(book, decision())
        assert isinstance(refused, RuleRefusedError)
        assert (await counted(book))[1] == number
    assert await desk.size() == size
    (next_,) = await desk.record(book, decision(**EXPLAINED))
    assert entry_of(next_).refused == 3
    await desk.check()


async def test_malformed_requests_do_not_count(desk: Desk) -> None:
    book = await desk.open()
    await enact(desk, book, rule())
    await desk.record(book, decision(system_version="nobody-knows"))
    assert (await counted(book))[1] == 0


async def test_the_same_refused_request_gets_the_same_answer(desk: Desk) -> None:
    book = await desk.open()
    await enact(desk, book, rule())
    body = decision(id=str(uuid4()))
    first, again = [(await desk.record(book, body))[0] for _ in range(2)]
    assert isinstance(first, RuleRefusedError)
    assert isinstance(again, RuleRefusedError)
    assert (first.rule, str(first)) == (again.rule, str(again))


async def test_what_was_recorded_before_the_rule_is_found_again(desk: Desk) -> None:
    book = await desk.open()
    body = decision(id=str(uuid4()))
    (first,) = await desk.record(book, body)
    await enact(desk, book, rule())
    (again,) = await desk.record(book, body)
    assert isinstance(first, Recorded)
    assert isinstance(again, Recorded)
    assert (again.index, again.created, again.safeguards) == (first.index, False, b"[]")
    assert (await counted(book))[1] == 0


async def test_holds_and_flags(desk: Desk) -> None:
    book = await desk.open()
    await enact(desk, book, rule(effect="hold"))
    proposal = await enact(desk, book, public_rule())
    body = decision(id=str(uuid4()))
    (held,) = await desk.record(book, body)
    assert isinstance(held, Recorded)
    assert held.status == "held"
    assert json.loads(held.safeguards)[0] == {
        "id": "advice",
        "outcome": "flag",
        "message": "Let a person take part.",
        "enacted_by": proposal,
    }
    assert entry_of(held).results == (("advice", "flag"),)
    assert (await sealed_results(book, held))["results"] == [
        {"id": "reasons", "outcome": "hold"}
    ]
    (again,) = await desk.record(book, body)
    assert isinstance(again, Recorded)
    assert (again.status, again.safeguards) == (held.status, held.safeguards)
    (flagged,) = await desk.record(book, decision(**EXPLAINED))
    assert isinstance(flagged, Recorded)
    assert flagged.status == "flagged"
    (accepted,) = await desk.record(book, decision(automation="partial", **EXPLAINED))
    assert isinstance(accepted, Recorded)
    assert accepted.status == "accepted"
    assert len(json.loads(accepted.safeguards)) == 2
    await desk.check()


async def test_amended_and_repealed_at_once(desk: Desk) -> None:
    book = await desk.open()
    await enact(desk, book, rule())
    await enact(desk, book, rule(effect="flag"), "amend")
    (flagged,) = await desk.record(book, decision())
    assert isinstance(flagged, Recorded)
    assert flagged.status == "flagged"
    await enact(desk, book, {"id": "reasons"}, "repeal")
    (free,) = await desk.record(book, decision())
    assert entry_of(free).rules == NO_RULES
    assert await sealed_results(book, free) is None
    await desk.check()


async def test_another_process_enacted_it_between_seal_and_lock(desk: Desk) -> None:
    """The one that does not know of the rule seals under none, and seals again."""
    first, second = await desk.open(), await desk.open()
    await desk.record(second, decision())
    await enact(desk, first, rule(effect="flag"))
    body = decision(id=str(uuid4()))
    (late,) = await desk.record(second, body)
    assert isinstance(late, Recorded)
    assert late.status == "flagged"
    assert (await sealed_results(second, late))["results"] == [
        {"id": "reasons", "outcome": "flag"}
    ]
    (again,) = await desk.record(first, body)
    assert isinstance(again, Recorded)
    assert again.safeguards == late.safeguards
    await desk.check()


async def test_a_rule_of_another_process_refuses_and_counts(desk: Desk) -> None:
    first, second = await desk.open(), await desk.open()
    await desk.record(second, decision())
    await enact(desk, first, rule())
    (late,) = await desk.record(second, decision())
    assert isinstance(late, RuleRefusedError)
    assert (await counted(second))[1] == 1


async def test_a_rule_that_was_repealed_elsewhere_refuses_nobody(desk: Desk) -> None:
    first, second = await desk.open(), await desk.open()
    await enact(desk, first, rule())
    assert isinstance((await desk.record(second, decision()))[0], RuleRefusedError)
    await enact(desk, first, {"id": "reasons"}, "repeal")
    (stale,) = await desk.record(second, decision())
    assert isinstance(stale, ConflictError)
    assert stale.kind == "rules-changed"
    (now,) = await desk.record(second, decision())
    assert isinstance(now, Recorded)
    assert entry_of(now).refused == 1
    await desk.check()


@pytest.mark.parametrize("verb", ["lock", "append", "commit", "write"])
@pytest.mark.parametrize("fate", [LOST, KEPT])
async def test_a_count_whose_answer_was_lost(desk: Desk, verb: str, fate: str) -> None:
    """Told that nothing was recorded, or told the refusal; and never counted too few."""
    faults = Faults()
    book = await desk.open(wrap=faults.wrap)
    await enact(desk, book, rule())
    for _ in range(2):  # the second goes the short way
        await desk.record(book, decision(**EXPLAINED))
    faults.plan(verb, fate)
    told = 0
    for _ in range(6):
        (outcome,) = await desk.record(book, decision())
        assert isinstance(outcome, RuleRefusedError | UnavailableError)
        told += isinstance(outcome, RuleRefusedError)
    assert told >= 5
    assert told <= (await counted(book))[1] <= 6
    assert isinstance((await desk.record(book, decision(**EXPLAINED)))[0], Recorded)
    await desk.check()
