"""A trustee's work after the close: the own shares of every sealed ballot, act by act.

The state keeps no boxes; they stand in the leaves. So a trustee reads the log (`Recount`)
and opens the boxes addressed to it. What a box holds is published only if it fits the
digest in its ballot; a voter whose box is bad spoils the own ballot alone.
"""

from typing import Any

from ledger.canonical import format_base64url
from ledger.errors import RejectedError
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.assembly.unsealing import sealing_of, trustees_of
from ledger.governance.ballots.recount import Recount
from ledger.governance.ballots.sealing import shares_of, take_share
from ledger.ids import Did
from ledger.keys import SigningKey
from ledger.limits import REVEALED_MAX


def bodies_of_trustee(read: Recount, key: SigningKey) -> list[dict[str, Any]]:
    """The bodies of the `ballot.reveal` acts still to be signed by this trustee.

    Args:
        read: the whole log; the proposal's vote is past its deadline and not counted.
        key: of the did:key that the proposal names: boxes are sealed to it.

    Raises:
        RejectedError: `not-sealed`: no sealed vote is to be opened, or not by this key.
    """
    proposal = _opening(read)
    trustees = trustees_of(proposal)
    if key.did not in trustees:
        raise RejectedError("not-sealed", "the proposal names no trustee of this key")
    number = trustees.index(key.did) + 1
    assert proposal.vote is not None, "asked before"  # noqa: S101 -- ours
    shares: list[list[Any]] = []
    for voter, ballot in sorted(read.sealed().items()):
        if number in proposal.vote.shares.get(voter, {}):
            continue
        share = take_share(ballot, sealing_of(proposal, voter), number, key)
        if share is not None:
            shares.append([voter, number, format_base64url(share)])
    return _bodies(proposal, shares)


def body_of_voter(read: Recount, voter: Did, secret: bytes) -> dict[str, Any]:
    """The body of the `ballot.reveal` by which a voter opens the own ballot.

    Args:
        read: as above.
        voter: the member.
        secret: the key that the ballot was sealed with.

    Raises:
        RejectedError: `not-sealed`: no sealed vote is to be opened.
    """
    proposal = _opening(read)
    sealing = sealing_of(proposal, voter)
    known = shares_of(sealing, secret)[: sealing.threshold]
    shares = [
        [voter, number, format_base64url(share)]
        for number, share in enumerate(known, 1)
    ]
    return _bodies(proposal, shares)[0]


def _opening(read: Recount) -> Proposal:
    proposal = read.found
    if proposal is None or proposal.vote is None or not proposal.vote.reveal_ms:
        raise RejectedError("not-sealed", "no sealed vote on this proposal is open")
    return proposal


def _bodies(proposal: Proposal, shares: list[list[Any]]) -> list[dict[str, Any]]:
    return [
        {"proposal": proposal.revision, "shares": shares[at : at + REVEALED_MAX]}
        for at in range(0, len(shares), REVEALED_MAX)
    ]
