"""The community decides, and what it decides binds the next decision: all of it, for real.

Found, admit five members, register a hiring system, 500 decisions, propose, dry run,
deliberate, vote, timelock, execute: the very next decision that does not comply is
refused, naming the rule and the proposal. Then it is repealed the same way.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.contract import problem_of
from tests.e2e.town import Town, here
from tests.world.service import LEDGER, ROOT, Answer

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

EXAMPLES = ROOT / "examples"
MEMBERS = ("alice", "bob", "chris", "dana", "eve")
RULE = "explained-rejection"


def decision(number: int, **changes: Any) -> dict[str, Any]:
    """A rejection without a word of what would have changed it."""
    return {
        "system": "screening",
        "decided_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "automation": "full",
        "outcome": {"code": "rejected", "favourable": False},
        "subject": {"ref": f"applicant-{number}"},
        "reasons": [{"code": "R1", "text": "Two years of experience; three asked."}],
        **changes,
    }


EXPLAINED: dict[str, Any] = {
    "counterfactuals": [
        {
            "factor": "experience",
            "from": "2 years",
            "to": "3 years",
            "outcome": "invited",
        }
    ],
    "human": {"involved": True},
}


def past(number: int) -> dict[str, Any]:
    """Of 500: every third invited, one in four of the rest explained and looked at."""
    if number % 3 == 0:
        return decision(number, outcome={"code": "invited", "favourable": True})
    return decision(number, **(EXPLAINED if number % 4 == 0 else {}))


def post(town: Town, token: str, body: bytes, media_type: str) -> Answer:
    return town.service.request(
        "POST",
        f"/{LEDGER}/v1/decisions",
        body=body,
        headers={"Authorization": f"Bearer {token}", "Content-Type": media_type},
    )


def test_what_it_decides_binds_the_next_decision(tmp_path: Path) -> None:
    with Town(tmp_path) as town:
        people = admit_five(town)
        token = register_by_vote(town, people)
        decisions = [past(number) for number in range(500)]
        body = b"".join(json.dumps(one).encode() + b"\n" for one in decisions)
        lines = post(town, token, body, "application/x-ndjson").body.splitlines()
        assert [json.loads(line)["status"] for line in lines] == [201] * 500
        loose = [
            json.loads(line)["id"]
            for line, one in zip(lines, decisions, strict=True)
            if not one["outcome"]["favourable"] and "counterfactuals" not in one
        ]

        dry_run(town, loose)
        key = town.opens(people[0], EXAMPLES / "proposal-hiring.toml")
        deliberate(town, key, people)
        before = town.passes(key, people[:4])
        assert before["possible"] is None
        assert before["results"][0]["count"]["totals"]["yes"] == 4

        refused_by(town, token, before["revision"])
        repeal(town, token, people, loose)
        audited(town, key)


def admit_five(town: Town) -> list[Path]:
    people = [town.person(name) for name in MEMBERS]
    for one in people:
        town.does(one, "apply")
        town.does(town.founder, "admit", town.did(one))
    members = town.reads("members")["members"]
    assert len(members) == 6
    assert all(one["may_vote"] for one in members)
    # With the fifth member after them the founders' own powers end.
    late = town.person("late")
    town.does(late, "apply")
    told = town.tries(town.founder, "admit", town.did(late))
    assert told.code == 1
    assert "the founders' own powers have ended" in told.err
    return people


def register_by_vote(town: Town, people: list[Path]) -> str:
    key = town.opens(people[1], EXAMPLES / "proposal-system.toml", people[2])
    town.passes(key, people[1:4])
    return town.operator("tokens", "issue", LEDGER, "screening").strip()


def dry_run(town: Town, loose: list[str]) -> None:
    file = EXAMPLES / "proposal-hiring.toml"
    stranger = town.reads("safeguards", "try", file)
    assert stranger["decisions"] == stranger["unread"] == 500
    told = town.operator("safeguards", "try", file, "--vault")
    first = told.splitlines()[0]
    assert first.startswith(f"{RULE} would have refused {len(loose)} of 500 decisions")
    assert loose[0] in told


def deliberate(town: Town, key: str, people: list[Path]) -> None:
    text = "Say who looked, not only that somebody did."
    said = town.does(people[2], "comment", key, "--suggest", "should", text)
    assert said["unsent"] == []
    town.does(people[3], "agree", said["id"])
    answer = town.service.get(f"/{LEDGER}/v1/proposals/{key}/comments").json()
    assert answer["items"][0]["text"] == text
    assert answer["items"][0]["opinions"]["agree"] == 1
    assert town.waits(key, "Endorsing")["endorsements"] == 1
    town.does(people[1], "endorse", key)


def refused_by(town: Town, token: str, revision: str) -> None:
    body = json.dumps(decision(1_000)).encode()
    problem = problem_of(post(town, token, body, "application/json"))
    assert problem["status"] == 422
    assert problem["rule"] == RULE
    assert problem["enacted_by"] == revision
    assert "at impact level III a human looks first" in problem["message"]
    (rule,) = town.reads("safeguards", "list")
    assert (rule["id"], rule["enacted_by"]) == (RULE, revision)

    body = json.dumps(decision(1_001, **EXPLAINED)).encode()
    answer = post(town, token, body, "application/json").json()
    assert answer["status"] == "accepted"
    assert answer["safeguards"][0]["enacted_by"] == revision
    view = town.service.get(f"/{LEDGER}/v1/decisions/{answer['id']}").json()
    assert view["entry"]["data"]["refused"] == 1


def repeal(town: Town, token: str, people: list[Path], loose: list[str]) -> None:
    assert loose
    key = town.opens(people[3], EXAMPLES / "proposal-repeal.toml", people[4])
    town.passes(key, people[:4])
    assert town.reads("safeguards", "list") == []
    body = json.dumps(decision(1_000)).encode()
    answer = post(town, token, body, "application/json")
    assert answer.status == 201, answer.body
    assert answer.json()["safeguards"] == []


def audited(town: Town, key: str) -> None:
    told = here("audit", town.service.ledger_url)
    assert told.code == 0, told
    counted = here("recount", key, town.service.ledger_url)
    assert counted.code == 0, counted
