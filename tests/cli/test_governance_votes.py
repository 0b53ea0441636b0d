"""Votes at a terminal: options, sealed ballots, objections, and what would come of it."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.canonical import parse_base64, parse_base64url
from ledger.entries.receipt import Receipt, format_receipt
from ledger.ids import LeafIndex
from tests.e2e.contract import keys
from tests.e2e.town import Town, here
from tests.world.service import LEDGER, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

PEOPLE = ("alice", "bob", "chris")
OPTIONS = [
    {"option": "roads", "title": "Mend the roads", "actions": []},
    {"option": "parks", "title": "Plant trees", "actions": []},
    {"option": "books", "title": "Buy books", "actions": []},
]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Town(tmp_path_factory.mktemp("town"), proposals_member_max=20) as running:
        for name in PEOPLE:
            running.does(running.person(name), "apply")
            running.does(running.founder, "admit", running.did(running.person(name)))
        yield running


def write(town: Town, name: str, value: Any) -> Path:
    path = town.home / name
    path.write_text(json.dumps(value))
    return path


@pytest.mark.parametrize(
    ("method", "choices", "winner"),
    [
        ("single", [["roads"], ["roads"], ["blank"]], "roads"),
        ("approval", [["parks"], ["parks", "roads"], ["books"]], "parks"),
        ("score", [["roads=10"], ["parks=9", "roads=1"], ["parks=9"]], "parks"),
        ("quadratic", [["books=9"], ["books=-3", "roads=1"], ["parks=2"]], "books"),
        (
            "instant-runoff",
            [["roads", "parks"], ["parks"], ["parks", "books"]],
            "parks",
        ),
        ("schulze", [["books=parks", "roads"], ["parks"], ["parks", "books"]], "parks"),
    ],
)
def test_every_kind_of_choice(
    town: Town, method: str, choices: list[list[str]], winner: str
) -> None:
    people = list(map(town.person, PEOPLE))
    said = {"title": f"By {method}", "text": "Money for one.", "options": OPTIONS,
            "ballot": {"method": method}}  # fmt: skip
    key = town.opens(people[0], write(town, f"{method}.json", said), people[1])
    town.waits(key, "Voting")
    wrong = town.tries(people[0], "vote", key, "nonesuch")
    assert wrong.code in {1, 2}
    assert "The codes: roads (Mend the roads), parks (Plant trees)" in wrong.err
    for who, words in zip(people, choices, strict=True):
        town.does(who, "vote", key, *words)
    view = town.reads("proposal", key)
    assert view["vote"]["closed_now"] == "Succeeded"
    assert view["vote"]["tally"]["winners"] == [winner]
    told = here("proposal", key, "--url", town.service.ledger_url).out
    assert "| Money for one." in told
    assert "roads  Mend the roads" in told
    assert "The vote so far" in told
    assert "If it closed now: it would succeed" in told
    assert f"counterfoil vote {key[:12]} CHOICE" in told


def test_sealed_until_the_trustees_open_it(town: Town) -> None:
    alice, bob, chris = map(town.person, PEOPLE)
    trustees = [town.did(alice), town.did(bob), town.did(chris)]
    said = {
        "title": "Behind a curtain",
        "text": "Nobody shall be pressed.",
        "ballot": {
            "method": "yesno",
            "sealed": {"trustees": trustees, "threshold": 2},
        },
    }
    key = town.opens(alice, write(town, "sealed.json", said), bob)
    town.waits(key, "Voting")
    for who, choice in ((alice, "yes"), (bob, "yes"), (chris, "no")):
        told = town.does(who, "vote", key, choice)
        # As a word: the boxes are random letters, and hold "no" now and then.
        assert f'"{choice}"' not in json.dumps(told["payload"])
    vote = town.reads("proposal", key)["vote"]
    assert (vote["ballots"], vote["tally"], vote["closed_now"]) == (3, None, None)
    assert town.tries(alice, "reveal", key).code == 1
    town.waits(key, "Counted")
    told = here("proposal", key, "--url", town.service.ledger_url).out
    assert f"counterfoil reveal {key[:12]}" in told
    assert "2 trustees are needed; the shares of 0 are here" in told
    town.does(alice, "reveal", key)
    told = town.tries(alice, "reveal", key)
    assert "no share left to publish" in told.err
    (kept,) = bob.with_name(f"{bob.name}.receipts").rglob("*.private")
    town.does(bob, "reveal", key, "--own", kept)
    town.does(chris, "reveal", key)
    view = town.waits(key, "Challenge", "Timelock", "Ready")
    assert view["results"][0]["count"]["totals"] == {
        "yes": 2, "no": 1, "abstain": 0, "objection": 0,
    }  # fmt: skip


def test_a_person_decided_about_delays_what_loosens(town: Town) -> None:
    alice, bob, chris = map(town.person, PEOPLE)
    answer = posted(town)
    receipt = Receipt(
        origin="example.org/town",
        genesis=str(keys(town.service)["genesis"]),
        id=answer["id"],
        index=LeafIndex(answer["index"]),
        leaf=parse_base64(answer["receipt"]["leaf"]),
        proof=answer["receipt"]["proof"],
        secret=parse_base64url(answer["receipt"]["secret"]),
    )
    mine = town.home / "mine.counterfoil.json"
    mine.write_text(format_receipt(receipt))
    rule = _rule()
    enact = {"title": "A rule", "text": "For now.",
             "actions": [{"action": "safeguard.enact", "body": rule}]}  # fmt: skip
    town.passes(
        town.opens(alice, write(town, "enact.json", enact), bob), [alice, bob, chris]
    )
    repeal = {"title": "No rule", "text": "Enough.",
              "actions": [{"action": "safeguard.repeal", "body": {"id": rule["id"]}}]}  # fmt: skip
    key = town.opens(alice, write(town, "repeal.json", repeal), bob)
    town.waits(key, "Deliberation", "Frozen", "Pending", "Voting")

    told = here("object", key, "--receipt", mine, "--url", town.service.ledger_url,
                "--yes")  # fmt: skip

    assert told.code == 0, told
    assert "Object to “No rule”, as a person decided about." in told.out
    assert town.reads("proposal", key)["objections"] == 1
    again = here("object", key, "--receipt", mine, "--url", town.service.ledger_url,
                 "--yes")  # fmt: skip
    assert "this receipt has objected" in again.err
    without = town.home / "without.json"
    without.write_text(format_receipt(replace(receipt, secret=None)))
    told = here("object", key, "--receipt", without, "--yes")
    assert (told.code, "has no secret" in told.err) == (2, True)


def test_what_succeeded_may_be_challenged(town: Town) -> None:
    alice, bob, chris = map(town.person, PEOPLE)
    said = {"title": "Challenged", "text": "Once."}
    key = town.opens(alice, write(town, "challenged.json", said), bob)
    town.waits(key, "Voting")
    town.does(alice, "vote", key, "yes")
    told = town.tries(bob, "vote", key, "objection")
    assert "an objection has a reason" in told.err
    town.does(bob, "vote", key, "objection", "--reason", "It harms.")
    town.does(bob, "vote", key, "yes")
    town.does(chris, "vote", key, "yes")
    town.waits(key, "Challenge")
    town.does(bob, "challenge", key, "--reason", "I was away.")
    town.does(chris, "challenge", key, "--reason", "So was I.")
    town.does(alice, "challenge", key, "--reason", "Let us ask again.")
    town.waits(key, "Pending", "Voting")


def posted(town: Town) -> Any:
    """A decision of a system that the founder registers."""
    body = {
        "system": "example", "name": "Example", "operator": "Acme", "impact_level": "II",
        "domain": "hiring", "jurisdiction": "SE", "profile": "sealed", "outcomes": [],
        "versions": [], "keys": [],
    }  # fmt: skip
    town.does(town.founder, "act", "system.register", write(town, "system.json", body))
    token = town.operator("tokens", "issue", LEDGER, "example")
    (town.service.data / "example.token").write_text(token)
    end = time.monotonic() + 60
    while (answer := town.service.post(decision())).status == 401:
        assert time.monotonic() < end
    return answer.json()


def _rule() -> dict[str, Any]:
    adverse = {"outcome": {"code": "rejected", "favourable": False}}
    return {
        "id": "explained",
        "title": "Explained",
        "when": "!outcome.favourable",
        "require": "size(counterfactuals) > 0",
        "message": "Say what would have changed it.",
        "effect": "flag",
        "scope": "all",
        "in_sealed_mode": "flag",
        "tests": [
            {"name": "a", "system": {}, "expect": "flag", "decision": adverse},
            {"name": "b", "system": {}, "expect": "pass",
             "decision": {**adverse, "counterfactuals": [{"factor": "x"}]}},
        ],
    }  # fmt: skip
