"""How a vote stands, and what it would come to if it closed now."""

from dataclasses import replace

import pytest
from immutables import Map

from api.proposals import _said, _standing
from api.timeline import steps
from ledger.governance.assembly.proposal import Ballot, Proposal
from ledger.governance.assembly.voting import open_vote
from ledger.governance.state import State
from ledger.ids import Did
from schemas.answers_governance import Standing
from tests.governance.talk.test_talk import MEMBERS, OPEN, hash_of, proposal, world
from tests.governance.world import NOW_MS


def voting(choices: list[str]) -> tuple[State, Proposal]:
    """A vote under way, with one ballot of each choice, by another member each."""
    one = proposal(
        OPEN,
        submitted_ms=NOW_MS,
        endorsed=True,
        frozen=True,
        pending_until_ms=NOW_MS + 100,
    )
    one = replace(one, content=replace(one.content, ballot=BALLOT))
    state = world(one)
    one = open_vote(state, one)
    assert one.vote is not None
    ballots: Map[Did, Ballot] = Map(
        {
            member: Ballot(hash_of(50 + n), NOW_MS + 200, choice, None)
            for n, (member, choice) in enumerate(zip(MEMBERS, choices, strict=False))
        }
    )
    return state, replace(one, vote=replace(one.vote, ballots=ballots))


BALLOT = {"method": "yesno", "seats": 1}


@pytest.mark.parametrize(
    ("choices", "outcome"),
    [
        ([], "NoQuorum"),
        (["yes"], "NoQuorum"),
        (["yes"] * 4 + ["no"] * 2, "Succeeded"),
        (["yes"] * 3 + ["no"] * 3, "Defeated"),
        (["abstain"] * 6, "Defeated"),
    ],
)
def test_what_it_would_come_to(choices: list[str], outcome: str) -> None:
    state, one = voting(choices)
    assert one.vote is not None
    found = _standing(state, one, one.vote)
    Standing.model_validate(found)
    assert found["closed_now"] == outcome
    assert (found["eligible"], found["tally"]["ballots"]) == (
        len(MEMBERS),
        len(choices),
    )
    assert not found["extended"]


def test_nobody_knows_how_sealed_ballots_stand() -> None:
    state, one = voting(["yes"] * 5)
    assert one.vote is not None
    vote = replace(one.vote, reveal_ms=1_000)
    found = _standing(state, one, vote)
    Standing.model_validate(found)
    assert (found["sealed"], found["ballots"]) == (True, 5)
    assert found["tally"] is found["closed_now"] is None
    last = steps(replace(one, vote=vote))[-2:]
    assert last == [
        ("voting-ends", vote.deadline_ms + 1),
        ("opening-ends", vote.deadline_ms + 1_001),
    ]


def test_who_endorsed_an_older_wording_is_not_named() -> None:
    older = Map({MEMBERS[0]: OPEN, MEMBERS[1]: hash_of(77)})
    assert _said(proposal(OPEN, endorsements=older))["endorsers"] == [MEMBERS[0]]
