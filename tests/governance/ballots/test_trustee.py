"""A trustee, and a voter, with nothing but the log and a key."""

import pytest

from ledger.canonical import jcs
from ledger.entries.codec import encode_entry
from ledger.errors import RejectedError
from ledger.governance.ballots import trustee
from ledger.governance.ballots.recount import Recount
from ledger.governance.ballots.trustee import bodies_of_trustee, body_of_voter
from ledger.ids import LeafIndex
from ledger.limits import ACT_PAYLOAD_BYTES_MAX, REVEALED_MAX
from tests.governance.assembly.town import SAFEGUARD, Town, did, key
from tests.governance.ballots.test_sealed_vote import (
    cast,
    finish,
    sealed_vote,
    secret,
    to_opening,
)


def read(town: Town, proposal: str) -> Recount:
    counting = Recount(proposal)
    for index, entry in enumerate(town.entries):
        counting.take(LeafIndex(index), encode_entry(entry))
    return counting


def test_from_the_log_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trustee, "REVEALED_MAX", 2)
    town, proposal = sealed_vote()
    cast(town, 0, proposal, "no")
    for voter in range(5):
        cast(town, voter, proposal)
    to_opening(town, proposal)
    for number in (0, 2):
        bodies = bodies_of_trustee(read(town, proposal), key(number))
        assert [len(body["shares"]) for body in bodies] == [2, 2, 1]
        town.do(number, "ballot.reveal", bodies[0])
        rest = bodies_of_trustee(read(town, proposal), key(number))
        assert rest == bodies[1:]
        for body in rest:
            town.do(number, "ballot.reveal", body)
        assert bodies_of_trustee(read(town, proposal), key(number)) == []
    finish(town, proposal)
    result = town.proposal(proposal).results[0]
    assert (result.outcome, result.count["totals"]["yes"]) == ("Succeeded", 5)


def test_a_voter_opens_the_own_ballot() -> None:
    town, proposal = sealed_vote()
    for voter in range(5):
        cast(town, voter, proposal)
    to_opening(town, proposal)
    for voter in range(5):
        body = body_of_voter(read(town, proposal), did(voter), secret(voter))
        town.do(voter, "ballot.reveal", body)
    finish(town, proposal)
    assert town.proposal(proposal).results[0].count["ballots"] == 5


def test_where_there_is_nothing_to_open() -> None:
    town = Town()
    proposal = town.open(0, ("parameter.set", SAFEGUARD))
    town.to_voting(proposal)
    for name in (proposal, "A" * 43):
        with pytest.raises(RejectedError):
            bodies_of_trustee(read(town, name), key(0))
    sealed, other = sealed_vote()
    with pytest.raises(RejectedError):
        bodies_of_trustee(read(sealed, other), key(4))


def test_the_fullest_act_has_room() -> None:
    share = [did(0), 15, "A" * 43]
    body = {"proposal": "A" * 43, "shares": [share] * REVEALED_MAX}
    assert len(jcs(body)) < ACT_PAYLOAD_BYTES_MAX - 1_000
