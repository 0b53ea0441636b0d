"""Sealed votes from proposal to count: who opens, what is spoilt, what is repeated."""

from typing import Any

import pytest

from ledger.canonical import format_base64url
from ledger.entries.codec import encode_entry
from ledger.entries.entry import ActRecorded
from ledger.errors import ForbiddenError, RejectedError
from ledger.governance.assembly.formats import format_proposal, read_proposal
from ledger.governance.assembly.unsealing import sealing_of
from ledger.governance.ballots.recount import Recount, Recounted
from ledger.governance.ballots.sealing import seal_ballot, shares_of, take_share
from ledger.ids import LeafIndex
from tests.governance.assembly.town import REASON, SAFEGUARD, Town, did, key

CHANGE = ("parameter.set", SAFEGUARD)
TRUSTEES = (0, 1, 2)
SEALED = {"trustees": [did(number) for number in TRUSTEES], "threshold": 2}
BALLOT = {"method": "yesno", "sealed": SEALED}


def secret(voter: int) -> bytes:
    return bytes([voter, 77]) * 16


def sealed_vote(ballot: dict[str, Any] | None = None, **more: Any) -> tuple[Town, str]:
    town = Town()
    actions = () if "options" in more else (CHANGE,)
    proposal = town.open(0, *actions, ballot=ballot or BALLOT, **more)
    town.to_voting(proposal)
    return town, proposal


def cast(town: Town, voter: int, proposal: str, choice: Any = "yes") -> dict[str, Any]:
    reason = REASON if choice == "objection" else None
    sealing = sealing_of(town.proposal(proposal), did(voter))
    ballot = seal_ballot(choice, reason, sealing, secret(voter))
    send(town, voter, proposal, ballot)
    return ballot


def send(town: Town, voter: int, proposal: str, ballot: Any) -> str:
    body = {"proposal": town.id(proposal), "sealed": ballot}
    return town.do(voter, "ballot.cast", body)


def to_opening(town: Town, proposal: str) -> None:
    town.time_ms = town.deadline(proposal)


def cast_of(town: Town, proposal: str) -> dict[int, dict[str, Any]]:
    """Each voter's last sealed ballot, as it stands in the log."""
    found = {}
    for entry in town.entries:
        if isinstance(entry, ActRecorded) and "sealed" in entry.act.body:
            voter = next(n for n in range(9) if did(n) == entry.act.actor)
            if entry.act.body["proposal"] == town.id(proposal):
                found[voter] = entry.act.body["sealed"]
    return found


def reveal(
    town: Town, trustee: int, proposal: str, *, leave: tuple[int, ...] = ()
) -> None:
    number = TRUSTEES.index(trustee) + 1
    shares = []
    for voter, ballot in cast_of(town, proposal).items():
        sealing = sealing_of(town.proposal(proposal), did(voter))
        share = take_share(ballot, sealing, number, key(trustee))
        if share is not None and voter not in leave:
            shares.append([did(voter), number, format_base64url(share)])
    publish(town, trustee, proposal, shares)


def publish(town: Town, by: int, proposal: str, shares: list[Any]) -> None:
    body = {"proposal": town.id(proposal), "shares": shares}
    town.do(by, "ballot.reveal", body)


def finish(town: Town, proposal: str) -> None:
    vote = town.proposal(proposal).vote
    assert vote is not None
    town.wait_until(vote.deadline_ms + vote.reveal_ms)
    assert town.phase(proposal) == "Counted"
    town.wait(1)


def recounted(town: Town, proposal: str) -> list[Recounted]:
    counting = Recount(proposal)
    for index, entry in enumerate(town.entries):
        counting.take(LeafIndex(index), encode_entry(entry))
    for vote in counting.votes:
        assert vote.differences() == []
    return counting.votes


def test_sealed_opened_and_counted() -> None:
    town, proposal = sealed_vote()
    cast(town, 0, proposal, "no")
    for voter, choice in enumerate(("yes", "objection", "abstain", "no", "yes")):
        cast(town, voter, proposal, choice)
    to_opening(town, proposal)
    reveal(town, 0, proposal)
    held = town.proposal(proposal)
    assert read_proposal(proposal, format_proposal(held)).vote is not None
    assert format_proposal(read_proposal(proposal, format_proposal(held))) == (
        format_proposal(held)
    )
    reveal(town, 2, proposal)
    finish(town, proposal)
    (result,) = town.proposal(proposal).results
    assert result.count["totals"] == {"yes": 2, "no": 1, "abstain": 1, "objection": 1}
    assert result.outcome == "Defeated"
    (vote,) = recounted(town, proposal)
    assert (vote.result.ballots, vote.replaced, vote.left_out) == (5, 1, 0)


def test_options_are_sealed_too() -> None:
    options: list[dict[str, Any]] = [
        {"option": name, "title": name, "actions": []} for name in ("a", "b", "c")
    ]
    ballot = {"method": "schulze", "sealed": SEALED}
    town, proposal = sealed_vote(ballot, options=options)
    for voter in range(3):
        cast(town, voter, proposal, [["b"], ["a", "c"]])
    cast(town, 3, proposal, [["x"]])  # no option: spoilt
    to_opening(town, proposal)
    reveal(town, 0, proposal)
    reveal(town, 1, proposal)
    finish(town, proposal)
    (result,) = town.proposal(proposal).results
    assert result.count["winners"] == ["b"]
    assert result.count["ballots"] == 3
    (vote,) = recounted(town, proposal)
    assert vote.left_out == 1


def test_too_few_trustees_and_the_vote_is_repeated_openly() -> None:
    town, proposal = sealed_vote()
    for voter in range(5):
        cast(town, voter, proposal)
    to_opening(town, proposal)
    reveal(town, 0, proposal)
    finish(town, proposal)
    assert [one.outcome for one in town.proposal(proposal).results] == ["Unopened"]
    assert town.phase(proposal) == "Pending"
    town.to_voting(proposal)
    with pytest.raises(RejectedError):
        cast(town, 0, proposal)
    for voter in range(5):
        town.vote(voter, proposal)
    town.close(proposal)
    assert [one.outcome for one in town.proposal(proposal).results] == [
        "Unopened",
        "Succeeded",
    ]
    first, second = recounted(town, proposal)
    assert (first.result.ballots, second.result.ballots) == (0, 5)


def test_nobody_voted() -> None:
    town, proposal = sealed_vote()
    to_opening(town, proposal)
    town.wait(1)
    finish(town, proposal)
    assert town.phase(proposal) == "NoQuorum"
    recounted(town, proposal)


def test_a_ballot_that_trustees_leave_out_its_voter_opens() -> None:
    town, proposal = sealed_vote()
    for voter in range(5):
        cast(town, voter, proposal)
    to_opening(town, proposal)
    reveal(town, 0, proposal, leave=(4,))
    reveal(town, 1, proposal, leave=(4,))
    sealing = sealing_of(town.proposal(proposal), did(4))
    own = shares_of(sealing, secret(4))
    shares = [
        [did(4), number, format_base64url(share)] for number, share in enumerate(own, 1)
    ]
    publish(town, 4, proposal, shares)
    finish(town, proposal)
    assert town.proposal(proposal).results[0].count["ballots"] == 5
    recounted(town, proposal)


def test_a_ballot_left_out_counts_nowhere() -> None:
    town, proposal = sealed_vote()
    for voter in range(5):
        cast(town, voter, proposal)
    to_opening(town, proposal)
    reveal(town, 0, proposal)
    reveal(town, 1, proposal, leave=(3,))
    finish(town, proposal)
    assert town.proposal(proposal).results[0].count["ballots"] == 4
    (vote,) = recounted(town, proposal)
    assert vote.left_out == 1


def test_nobody_opens_before_the_deadline() -> None:
    town, proposal = sealed_vote()
    cast(town, 3, proposal)
    with pytest.raises(RejectedError, match="opening ballots is for Counted") as caught:
        reveal(town, 0, proposal)
    assert caught.value.kind == "wrong-phase"


def test_only_ones_own_shares() -> None:
    town, proposal = sealed_vote()
    for voter in range(5):
        cast(town, voter, proposal)
    shares = shares_of(sealing_of(town.proposal(proposal), did(4)), secret(4))
    to_opening(town, proposal)
    second = [did(4), 2, format_base64url(shares[1])]
    for by in (0, 3):
        with pytest.raises(ForbiddenError):
            publish(town, by, proposal, [second])
    wrong = [did(4), 2, format_base64url(shares[0])]
    absent = [did(9), 2, format_base64url(shares[1])]
    for share in (wrong, absent):
        with pytest.raises(RejectedError) as caught:
            publish(town, 1, proposal, [share])
        assert caught.value.kind == "share-misfit"
    publish(town, 1, proposal, [second])
    with pytest.raises(RejectedError) as caught:
        publish(town, 4, proposal, [[did(4), 4, format_base64url(shares[2])]])
    assert caught.value.kind == "share-misfit"


def test_the_ballots_of_an_open_vote_are_not_opened() -> None:
    town, proposal = sealed_vote({"method": "yesno"})
    town.vote(0, proposal)
    with pytest.raises(RejectedError):
        send(town, 1, proposal, {})
    sealed, other = sealed_vote()
    with pytest.raises(RejectedError):
        sealed.vote(0, other)


def test_another_voters_ballot_is_no_ballot() -> None:
    """Copied before anybody can read it: it opens to nothing."""
    town, proposal = sealed_vote()
    copied = cast(town, 0, proposal, "no")
    send(town, 3, proposal, copied)
    for voter in (1, 2, 4):
        cast(town, voter, proposal)
    to_opening(town, proposal)
    reveal(town, 0, proposal)
    reveal(town, 1, proposal)
    finish(town, proposal)
    assert town.proposal(proposal).results[0].count["ballots"] == 4


def test_trustees_are_members() -> None:
    sealed = {"trustees": [did(0), did(60)], "threshold": 2}
    with pytest.raises(RejectedError) as caught:
        sealed_vote({"method": "yesno", "sealed": sealed})
    assert caught.value.kind == "unknown-member"


@pytest.mark.parametrize(
    "shares",
    [
        None,
        [],
        [[]],
        [[did(0), 1]],
        [["x", 1, "A" * 43]],
        [[did(0), 0, "A" * 43]],
        [[did(0), 16, "A" * 43]],
        [[did(0), True, "A" * 43]],
        [[did(0), 1, "A" * 42]],
        [[did(0), 1, None]],
        [[did(0), 1, "A" * 43]] * 2,
        [[did(0), 1, "A" * 43]] * 301,
    ],
)
def test_shares_of_another_form(shares: Any) -> None:
    town, proposal = sealed_vote()
    with pytest.raises(RejectedError) as caught:
        publish(town, 0, proposal, shares)
    assert caught.value.kind == "invalid-act"
