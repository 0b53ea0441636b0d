"""Every act with bodies it does not take, by actors who may not, in the wrong state."""

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ledger.canonical import format_base64, format_base64url
from ledger.errors import ConflictError, ForbiddenError, NotFoundError, RejectedError
from ledger.governance.assembly.acts import ACTS
from ledger.governance.assembly.voting import count
from schemas.kinds import KINDS
from tests.governance.assembly.town import (
    HOUR_MS,
    REASON,
    SAFEGUARD,
    Town,
    did,
    key,
)

CHANGE = ("parameter.set", SAFEGUARD)
ODD: tuple[Any, ...] = (
    None, True, 7, -1, 2**53 - 1, "", "canary", "ä" * 43, "A" * 30_000, [], [[]],
    [{}], {}, {"canary": "canary"}, [None] * 200,
)  # fmt: skip
CONTENT: dict[str, Any] = {
    "title": "A title",
    "text": "",
    "actions": [{"action": CHANGE[0], "body": CHANGE[1]}],
    "ballot": {"method": "yesno"},
    "expedited": False,
}
OPTIONS: dict[str, Any] = {
    **{name: CONTENT[name] for name in ("title", "text", "expedited")},
    "options": [
        {"option": "a", "title": "A", "actions": []},
        {"option": "b", "title": "B", "actions": []},
    ],
    "ballot": {"method": "schulze"},
}
SOME = format_base64url(b"\1" * 32)
BODIES: dict[str, dict[str, Any]] = {
    "proposal.open": {"nonce": "canary", **CONTENT},
    "proposal.amend": {"proposal": SOME, **CONTENT},
    "proposal.submit": {"proposal": SOME},
    "proposal.endorse": {"proposal": SOME, "revision": SOME},
    "proposal.withdraw": {"proposal": SOME},
    "proposal.cancel": {"proposal": SOME, "reason": REASON},
    "proposal.execute": {"proposal": SOME},
    "proposal.challenge": {"proposal": SOME, "reason": REASON},
    "proposal.object": {
        "proposal": SOME,
        "index": 0,
        "leaf": format_base64(b"canary"),
        "proof": [],
    },
    "ballot.cast": {"proposal": SOME, "choice": "yes", "reason": None},
}


def refused(town: Town, act: str, body: dict[str, Any], by: int = 0) -> RejectedError:
    before, size = town.state, len(town.entries)
    with pytest.raises(RejectedError) as caught:
        town.do(by, act, body)
    assert (town.state, len(town.entries)) == (before, size)
    assert "canary" not in str(caught.value)
    assert caught.value.kind in KINDS
    return caught.value


@pytest.mark.parametrize("act", sorted(BODIES))
def test_a_member_missing_or_too_many(act: str) -> None:
    town, body = Town(), BODIES[act]
    for name in body:
        without = {k: v for k, v in body.items() if k != name}
        assert refused(town, act, without).kind == "invalid-act"
    assert refused(town, act, {**body, "more": 1}).kind == "invalid-act"


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("act", sorted(BODIES.keys() - {"proposal.open"}))
def test_an_odd_member(act: str, odd: object) -> None:
    """Nothing is recorded, and no word of it comes back."""
    town = Town()
    for name in BODIES[act]:
        refused(town, act, {**BODIES[act], name: odd})


@pytest.mark.parametrize(
    ("name", "odds"),
    [
        ("nonce", [None, 7, "", "n" * 65, "a\nb", []]),
        ("title", [None, 7, "", "t" * 201, "a\u202eb", {}]),
        ("text", [None, 7, "t" * 20_001, "a\x00", []]),
        ("actions", [None, {}, [None], [{}], [{"action": "x", "body": {}}], [1] * 21]),
        ("actions", [[{"action": "parameter.set", "body": []}]]),
        ("actions", [[{"action": "parameter.set", "body": {}}]]),
        ("ballot", [None, [], {}, {"method": "stv"}, {"method": "yesno", "seats": 2}]),
        ("expedited", [None, 0, "no"]),
    ],
)
def test_an_odd_proposal(name: str, odds: list[Any]) -> None:
    town = Town()
    for odd in odds:
        error = refused(town, "proposal.open", {**BODIES["proposal.open"], name: odd})
        assert error.kind in {"invalid-act", "unknown-action"}


@pytest.mark.parametrize("act", sorted(BODIES.keys() - {"proposal.open"}))
def test_an_unknown_proposal(act: str) -> None:
    error = refused(Town(), act, BODIES[act])
    assert isinstance(error, NotFoundError)
    assert error.kind == "unknown-proposal"


@pytest.mark.parametrize("act", sorted(BODIES.keys() - {"proposal.object"}))
def test_a_stranger(act: str) -> None:
    error = refused(Town(), act, BODIES[act], by=99)
    assert isinstance(error, ForbiddenError)


def test_every_act_is_listed_here() -> None:
    assert BODIES.keys() <= ACTS.keys()
    assert ACTS.keys() - BODIES.keys() <= {"ballot.reveal"}


def test_only_the_proposer_submits_amends_and_withdraws() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    for act in ("proposal.submit", "proposal.withdraw", "proposal.amend"):
        body = {**BODIES[act], "proposal": proposal}
        assert isinstance(refused(town, act, body, by=1), ForbiddenError)
    body = {"proposal": proposal, "reason": REASON}
    assert isinstance(refused(town, "proposal.cancel", body, by=1), ForbiddenError)


def test_nobody_occupies_anothers_proposal() -> None:
    """The key is over the proposer: the same nonce and words are two proposals."""
    town = Town()
    mine, theirs = town.open(0, CHANGE), town.open(1, CHANGE)
    assert mine != theirs
    assert town.id(mine) != town.id(theirs)
    again = {"nonce": "1", **CONTENT}
    assert isinstance(refused(town, "proposal.open", again), ConflictError)


def test_how_many_and_how_soon() -> None:
    town = Town(5, {"proposal_interval_s": 60})
    town.open(0, CHANGE)
    assert refused(town, "proposal.open", BODIES["proposal.open"]).kind == "too-soon"
    for nonce in ("2", "3"):
        town.wait(HOUR_MS)
        town.open(0, CHANGE, nonce=nonce)
    town.wait(HOUR_MS)
    body = {**BODIES["proposal.open"], "nonce": "4"}
    assert refused(town, "proposal.open", body).kind == "too-many-proposals"
    assert town.open(1, CHANGE)


def test_one_member_endorses_few_at_a_time() -> None:
    town = Town(5, {"endorsements_open_max": 1, "endorsement_least": 5})
    first, second = town.open(0, CHANGE), town.open(1, CHANGE)
    for by, proposal in enumerate((first, second)):
        town.do(by, "proposal.submit", {"proposal": proposal})
    body = {"proposal": first, "revision": town.id(first)}
    town.do(2, "proposal.endorse", body)
    assert refused(town, "proposal.endorse", body, by=2).kind == "endorsed"
    body = {"proposal": second, "revision": town.id(second)}
    assert refused(town, "proposal.endorse", body, by=2).kind == "too-many-endorsements"


def test_options_do_nothing_that_needs_more() -> None:
    town = Town()
    strong = {"action": "member.remove", "body": {"member": did(4)}}
    weak = OPTIONS["options"][1]
    options = [{"option": "a", "title": "A", "actions": [strong]}, weak]
    body = {"nonce": "1", **OPTIONS, "options": options}
    assert refused(town, "proposal.open", body).kind == "options-too-strong"


def test_a_vote_among_options() -> None:
    town = Town()
    proposal = town.open(
        0, **{k: v for k, v in OPTIONS.items() if k not in {"title", "text"}}
    )
    town.to_voting(proposal)
    for number in range(4):
        town.vote(number, proposal, [["b"], ["a"]])
    body = {"proposal": town.id(proposal), "choice": "yes", "reason": None}
    assert refused(town, "ballot.cast", body, by=4).kind == "invalid-act"
    town.close(proposal)
    assert town.proposal(proposal).results[-1].count["winners"] == ["b"]
    assert town.phase(proposal) == "Challenge"


def test_a_ballot_is_of_one_proposal_and_one_ledger() -> None:
    town, other = Town(), Town(5, {"ready_s": 10})
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    body = {"proposal": town.id(proposal), "choice": "yes", "reason": None}
    other.time_ms = town.time_ms
    signed = other.sign(key(1), "ballot.cast", body)
    with pytest.raises(RejectedError) as caught:
        town.record(signed)
    assert caught.value.kind == "another-ledger"
    same = town.sign(key(1), "ballot.cast", body)
    town.time_ms += 1
    town.record(same)
    with pytest.raises(ConflictError):
        town.record(same)


def test_an_act_held_back_is_too_late() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    body = {"proposal": town.id(proposal), "choice": "yes", "reason": None}
    held = town.sign(key(1), "ballot.cast", body)
    town.wait(HOUR_MS)
    with pytest.raises(RejectedError) as caught:
        town.record(held)
    assert caught.value.kind == "act-out-of-time"


def test_who_left_cannot_vote_and_what_was_cast_stands() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    town.vote(3, proposal)
    for number in (3, 4):
        town.do(number, "member.exit", {})
    body = {"proposal": town.id(proposal), "choice": "no", "reason": None}
    assert isinstance(refused(town, "ballot.cast", body, by=3), ForbiddenError)
    vote = town.proposal(proposal).vote
    assert vote is not None
    assert (vote.eligible, set(vote.ballots)) == (5, {did(3)})


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(5)), st.permutations(range(5)))
def test_the_order_of_different_voters_means_nothing(
    first: list[int], second: list[int]
) -> None:
    choices = ["yes", "no", "abstain", "objection", "yes"]
    counted = []
    for order in (first, second):
        town = Town()
        proposal = town.open(0, CHANGE)
        town.to_voting(proposal)
        for number in order:
            town.vote(number, proposal, choices[number])
        vote = town.proposal(proposal).vote
        assert vote is not None
        counted.append(count(town.state, town.proposal(proposal), vote).totals)
    assert counted[0] == counted[1]
