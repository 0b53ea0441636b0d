"""A vote counted again from the entries alone, and what a lie in the result looks like."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.entries.codec import encode_entry
from ledger.entries.entry import ActRecorded
from ledger.entries.moment import format_log_time
from ledger.governance.ballots.recount import Recount
from ledger.governance.state import State
from ledger.ids import LeafIndex
from tests.governance.assembly.town import DAY_MS, LEDGER, SAFEGUARD, Town, did, key

CHANGE = ("parameter.set", SAFEGUARD)
CHOICES: dict[str, list[Any]] = {
    "single": ["a", "b", "b", None, "b"],
    "approval": [["a"], ["a", "b"], ["b"], None, ["c", "b"]],
    "score": [{"a": 3}, {"b": 10}, {"c": 1, "a": 2}, None, {"b": 1}],
    "instant-runoff": [["a"], ["b", "c"], ["b"], None, ["c", "b"]],
    "schulze": [[["a"]], [["b"], ["a", "c"]], [["b"]], None, [["c"], ["b"]]],
    "schulze-ranked-only": [[["a"]], [["b"], ["c"]], [["b"]], None, [["c"], ["b"]]],
    "stv": [["a"], ["b", "c"], ["b"], None, ["c", "b"]],
    "quadratic": [{"a": 9}, {"b": 10}, {"c": -3}, None, {"b": 1, "c": 2}],
}


def options() -> list[dict[str, Any]]:
    body = {"action": "parameter.set", "body": SAFEGUARD}
    return [
        {"option": "a", "title": "First", "actions": [body]},
        {"option": "b", "title": "Second", "actions": []},
        {"option": "c", "title": "Third", "actions": []},
    ]


def closed(method: str = "yesno") -> tuple[Town, str]:
    town = Town()
    if method == "yesno":
        proposal = town.open(0, CHANGE)
        choices: list[Any] = ["yes", "objection", "no", "abstain", "yes"]
    else:
        ballot = {"method": method, "seats": 2 if method == "stv" else 1}
        proposal = town.open(0, options=options(), ballot=ballot)
        choices = CHOICES[method]
    town.to_voting(proposal)
    town.vote(0, proposal, choices[1])
    for number, choice in enumerate(choices):
        town.vote(number, proposal, choice)
    town.close(proposal)
    return town, proposal


def read(town: Town, proposal: str) -> Recount:
    counting = Recount(proposal)
    for index, entry in enumerate(town.entries):
        counting.take(LeafIndex(index), encode_entry(entry))
    return counting


@pytest.mark.parametrize("method", ["yesno", *CHOICES])
def test_it_agrees(method: str) -> None:
    town, proposal = closed(method)
    (vote,) = read(town, proposal).votes
    assert vote.differences() == []
    assert dict(vote.published) == vote.result.public()
    assert vote.result.ballots == 5
    assert (vote.replaced, vote.left_out) == (1, 0)
    assert set(vote.cast) == {did(number) for number in range(5)}
    assert read(town, town.id(proposal)).votes == [vote]


def test_the_voters_receipt() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    first = town.vote(0, proposal, "no")
    last = town.vote(0, proposal, "yes")
    town.close(proposal)
    (vote,) = read(town, proposal).votes
    assert last in vote.cast.values()
    assert first not in vote.cast.values()


def test_a_count_that_the_state_falsified() -> None:
    """A replay that lost one ballot shows: the ballots say otherwise."""
    town, proposal = closed()
    counting = Recount(proposal)
    cut = len(town.entries) - 1

    def lose(state: State) -> State:
        held = state.assembly.proposals[proposal]
        assert held.vote is not None
        less = replace(held.vote, ballots=held.vote.ballots.delete(did(4)))
        return replace(state, assembly=state.assembly.put(replace(held, vote=less)))

    for index, entry in enumerate(town.entries):
        if index == cut:
            counting.state = lose(counting.state)
            counting.found = counting.state.assembly.proposals[proposal]
        counting.take(LeafIndex(index), encode_entry(entry))
    (vote,) = counting.votes
    assert {"ballots", "weight", "root", "totals"} <= set(vote.differences())


def test_ballots_that_count_nowhere() -> None:
    """Written into the log by somebody who keeps no rule: judged, and left out."""
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    revision = town.id(proposal)
    town.vote(0, proposal, "yes")

    def write(by: int, body: dict[str, Any]) -> None:
        town.time_ms += 1
        act = town.sign(key(by), "ballot.cast", body)
        town.append(ActRecorded(ledger=LEDGER, time_ms=town.time_ms, act=act))

    write(1, {"proposal": revision, "choice": "perhaps", "reason": None})
    write(2, {"proposal": revision, "choice": "objection", "reason": None})
    write(9, {"proposal": revision, "choice": "no", "reason": None})
    write(3, {"proposal": "A" * 43, "choice": "no", "reason": None})
    town.close(proposal)
    (vote,) = read(town, proposal).votes
    assert vote.differences() == []
    assert (vote.result.ballots, vote.left_out) == (1, 3)


def test_delegated_votes_are_carried() -> None:
    town = Town(members=8)
    until = format_log_time(town.time_ms + 60 * DAY_MS)
    town.do(
        1,
        "delegation.set",
        {"to": did(0), "scope": "all", "until": until, "reason": None},
    )
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    town.vote(0, proposal, "yes")
    town.vote(2, proposal, "no")
    town.close(proposal)
    (vote,) = read(town, proposal).votes
    assert vote.differences() == []
    assert (vote.result.ballots, vote.result.weight) == (2, 3)


def test_while_it_is_open_there_is_nothing_to_count() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    counting = read(town, proposal)
    assert counting.found is not None
    assert counting.votes == []
    assert read(town, "B" * 43).found is None


def test_a_vote_that_time_passed_over() -> None:
    """Opened and closed by one entry: nobody could vote, and the count says so."""
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_deliberation(proposal)
    town.wait(90 * DAY_MS)
    (vote,) = read(town, proposal).votes
    assert (vote.result.ballots, vote.differences()) == (0, [])


@pytest.mark.parametrize(
    ("choices", "outcome", "support"),
    [
        (["a", "a", "a", "b", "c"], "Succeeded", [3, 1]),
        (["a", "a", "b", "b", None], "Defeated", [2, 2]),
        (["c", "c", "c", "a", "b"], "Succeeded", None),  # the winner does nothing
    ],
)
def test_what_wins_must_beat_doing_nothing(
    choices: list[Any], outcome: str, support: list[int] | None
) -> None:
    """Of many options a plurality is no majority for any of them."""
    town = Town()
    proposal = town.open(0, options=options(), ballot={"method": "single", "seats": 1})
    town.to_voting(proposal)
    for number, choice in enumerate(choices):
        town.vote(number, proposal, choice)
    town.close(proposal)
    result = town.proposal(proposal).results[0]
    if result.count["winners"] == ["b"]:  # the tie's hash chose what does nothing
        assert (result.outcome, result.count["support"]) == ("Succeeded", None)
    else:
        assert (result.outcome, result.count["support"]) == (outcome, support)
    assert read(town, proposal).votes[0].differences() == []
