"""Votes bought, quorums lowered, actions swapped, ballots replayed: by members."""

import pytest

from ledger.errors import ConflictError, ForbiddenError, NotFoundError, RejectedError
from ledger.governance.assembly.proposal import revision_of
from ledger.governance.assembly.voting import count
from tests.governance.assembly.test_powers import delegate
from tests.governance.assembly.town import DAY_MS, SAFEGUARD, Town, did, key
from tests.governance.people.world import CONSENT

CHANGE = ("parameter.set", SAFEGUARD)
QUORUM = {"quorum_base_percent": 20, "quorum_turnout_percent": 0}


def totals(town: Town, proposal: str) -> dict[str, int]:
    one = town.proposal(proposal)
    assert one.vote is not None
    return dict(count(town.state, one, one.vote).totals)


def refused(town: Town, by: int, act: str, **body: object) -> RejectedError:
    before = town.state
    with pytest.raises(RejectedError) as caught:
        town.do(by, act, body)
    assert town.state is before
    return caught.value


def test_votes_bought_after_the_snapshot_count_nothing() -> None:
    """Once people know what to buy, delegations and memberships come too late, and a
    sold ballot can be cast anew until the end."""
    town = Town(10, {"delegation_cap_percent": 20, "newcomer_wait_s": 0})
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    for seller in (1, 2, 3):
        delegate(town, seller, 0)
    town.do(20, "member.apply", CONSENT)
    town.do(4, "member.vouch", {"applicant": did(20)})
    town.do(5, "member.vouch", {"applicant": did(20)})
    town.vote(0, proposal)
    assert totals(town, proposal)["yes"] == 1
    with pytest.raises(ForbiddenError, match="when the vote's snapshot was taken"):
        town.vote(20, proposal)
    town.vote(1, proposal)  # shown to the buyer
    first = town.deadline(proposal)
    town.wait_until(first - DAY_MS + 1)  # how it stands is noted
    for honest in range(1, 4):
        town.vote(honest, proposal, "no")
    assert totals(town, proposal) == {"yes": 1, "no": 3, "abstain": 0, "objection": 0}
    town.wait_until(first + 1)
    assert town.phase(proposal) == "Extended", "and others can answer a late flip"


def test_a_quorum_lowered_after_the_fact() -> None:
    """What a vote needs is frozen with its snapshot; a closed one is never looked at."""
    town = Town(20, QUORUM)
    lowering = ("parameter.set", {"name": "quorum_base_percent", "value": 1})
    lower, lost = town.open(0, lowering), town.open(1, CHANGE)
    town.to_deliberation(lost)
    town.to_ready(lower)
    assert town.proposal(lost).results[-1].outcome == "NoQuorum"
    open_one = town.open(2, CHANGE)
    town.to_voting(open_one)
    town.vote(2, open_one)
    town.execute(lower)
    assert town.phase(lower) == "Executed"
    vote = town.proposal(open_one).vote
    assert vote is not None
    assert vote.thresholds.quorum_ppm == 200_000
    town.close(open_one)
    assert town.phase(open_one) == town.phase(lost) == "NoQuorum"
    assert refused(
        town, 1, "proposal.execute", proposal=town.id(lost)
    ).kind == "wrong-phase"  # fmt: skip
    later = town.open(3, CHANGE)
    town.to_voting(later)
    town.vote(3, later)
    town.close(later)
    assert town.phase(later) == "Challenge", (
        "the same single vote, under the new quorum"
    )


def test_an_action_swapped_after_the_vote() -> None:
    town = Town()
    proposal = town.open(0, CHANGE)
    town.pass_it(proposal)
    passed = town.proposal(proposal)
    said = passed.content.public()
    body = {**SAFEGUARD, "value": 365}
    swapped = {**said, "actions": [{"action": "parameter.set", "body": body}]}
    kind = refused(town, 0, "proposal.amend", proposal=proposal, **swapped).kind
    assert kind == "wrong-phase"
    with pytest.raises(ConflictError):
        town.do(0, "proposal.open", {"nonce": "1", **swapped})
    draft = town.open(0, ("parameter.set", body), nonce="2")
    town.wait_until(passed.timelock_until_ms + 1)
    for named in (draft, town.id(draft), proposal):
        kind = refused(town, 0, "proposal.execute", proposal=named).kind
        assert kind in {"wrong-phase", "another-revision"}
    town.execute(proposal)
    assert town.state.community is not None
    assert town.state.community.parameters["decided_at_age_days"] == SAFEGUARD["value"]
    executed = town.proposal(proposal)
    assert executed.revision == passed.revision == revision_of(
        town.genesis, executed.proposer, executed.nonce, executed.content
    )  # fmt: skip


def test_a_ballot_replayed() -> None:
    """Once more here, for another proposal of the same words, in a ledger that copied
    this one: none of it counts."""
    town = Town()
    proposal, twin = town.open(0, CHANGE), town.open(1, CHANGE)
    town.to_deliberation(twin)
    town.to_voting(proposal)
    body = {"proposal": town.id(proposal), "choice": "yes", "reason": None}
    ballot = town.sign(key(2), "ballot.cast", body)
    town.time_ms += 1
    town.record(ballot)
    with pytest.raises(ConflictError):
        town.record(ballot)
    vote = town.proposal(twin).vote
    assert vote is not None
    assert not vote.ballots
    fork = Town(5, {"ready_s": 14 * 86_400 - 1})  # another genesis, the same people
    copy = fork.open(0, CHANGE)
    fork.to_voting(copy)
    fork.time_ms = max(fork.time_ms, town.time_ms)
    with pytest.raises(RejectedError) as caught:
        fork.record(ballot)
    assert caught.value.kind == "another-ledger"
    with pytest.raises(NotFoundError):  # nor if its voter signed the same body there
        fork.do(2, "ballot.cast", body)


def test_a_member_removed_while_a_vote_runs() -> None:
    """The ballot cast before stands, the denominator stays; nothing more is theirs."""
    town = Town(5, {"delegation_cap_percent": 20})
    delegate(town, 3, 4)
    removal = town.open(0, ("member.remove", {"member": did(4)}))
    town.to_ready(removal)
    proposal = town.open(1, CHANGE)
    town.to_voting(proposal)
    town.vote(4, proposal, "no")
    assert totals(town, proposal)["no"] == 2
    town.execute(removal)
    assert town.phase(removal) == "Executed"
    assert totals(town, proposal)["no"] == 1, "what others lent them is theirs no more"
    with pytest.raises(ForbiddenError):
        town.vote(4, proposal)
    vote = town.proposal(proposal).vote
    assert vote is not None
    assert vote.eligible == 5
    town.vote(3, proposal)
    assert totals(town, proposal) == {"yes": 1, "no": 1, "abstain": 0, "objection": 0}
