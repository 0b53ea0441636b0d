"""Sealed votes: what a ballot is bound to, and opening all of them after the close. Pure.

(1) repeated  share n of more than half of the ballots is known for fewer than
              `threshold` numbers n: the vote is repeated, openly
(2) opened    a ballot with `threshold` shares that lead to a choice of its method
(3) spoilt    every other one; it counts nowhere, as if not cast
"""

from collections import Counter
from collections.abc import Mapping

from immutables import Map

from ledger.canonical import parse_base64url
from ledger.errors import RejectedError
from ledger.governance.assembly import phases
from ledger.governance.assembly.proposal import Ballot, Proposal, Vote
from ledger.governance.ballots.methods import METHODS
from ledger.governance.ballots.sealing import Sealing, open_ballot, room_for
from ledger.ids import Did


def is_sealed(proposal: Proposal) -> bool:
    """Whether its ballots are sealed until the close; a repeated vote is open."""
    if "sealed" not in proposal.content.ballot:
        return False
    return all(one.outcome != phases.UNOPENED for one in proposal.results)


def trustees_of(proposal: Proposal) -> tuple[Did, ...]:
    """Its trustees in their order; () where nothing is sealed."""
    named = proposal.content.ballot.get("sealed", {"trustees": ()})
    return tuple(map(Did, named["trustees"]))


def sealing_of(proposal: Proposal, voter: Did) -> Sealing:
    """What a voter's ballot on a sealed proposal is bound to."""
    return Sealing(
        proposal=proposal.revision,
        voter=voter,
        trustees=trustees_of(proposal),
        threshold=proposal.content.ballot["sealed"]["threshold"],
        room=room_for(tuple(one.option for one in proposal.content.options)),
    )


def open_ballots(proposal: Proposal, vote: Vote) -> Map[Did, Ballot] | None:
    """The ballots in the clear; None where too few trustees published: (1)."""
    known: Counter[int] = Counter()
    for shares in vote.shares.values():
        known.update(shares.keys())
    enough = sum(2 * ballots > len(vote.ballots) for ballots in known.values())
    if vote.ballots and enough < proposal.content.ballot["sealed"]["threshold"]:
        return None
    opened = {}
    for voter, shares in vote.shares.items():
        ballot = _open(proposal, voter, vote.ballots[voter], shares)
        if ballot is not None:
            opened[voter] = ballot
    return Map(opened)


def _open(
    proposal: Proposal, voter: Did, ballot: Ballot, shares: Mapping[int, str]
) -> Ballot | None:
    published = {number: parse_base64url(text) for number, text in shares.items()}
    said = open_ballot(ballot.choice, sealing_of(proposal, voter), published)
    if said is None:
        return None
    choice, reason = said
    row = METHODS[proposal.content.ballot["method"]]
    try:
        row.read(choice, tuple(one.option for one in proposal.content.options))
    except RejectedError:
        return None
    if choice == "objection" and not row.chooses and reason is None:
        return None
    return Ballot(ballot.act_id, ballot.time_ms, choice, reason)
