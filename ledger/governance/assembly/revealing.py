"""The act that opens sealed ballots: publishing shares of their keys.

    ballot.reveal  {"proposal", "shares": [[voter, trustee's number, share], …]}

From the deadline on, for the reveal period: trustees publish theirs of every ballot, and
a voter may publish shares of the own one, if the trustees would leave it out. Numbers
count the proposal's trustees from 1; a share is base64url of 32 bytes and fits the digest
in its ballot, or the act is refused. `unsealing` says what follows.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from immutables import Map

from ledger.errors import ForbiddenError, RejectedError
from ledger.governance.assembly import phases
from ledger.governance.assembly.bodies import read_digest
from ledger.governance.assembly.course import put
from ledger.governance.assembly.finding import check_phase, find_wording
from ledger.governance.assembly.proposal import Vote
from ledger.governance.assembly.unsealing import sealing_of, trustees_of
from ledger.governance.ballots.sealing import read_share, share_digest
from ledger.governance.body import Body, check_members, refuse
from ledger.governance.kinds import ActKind, Context
from ledger.governance.people.rights import acting_member, check_member
from ledger.governance.state import State
from ledger.ids import Did
from ledger.keys import is_did_key
from ledger.limits import REVEALED_MAX, TRUSTEES_MAX


@dataclass(frozen=True, slots=True)
class Share:
    """One share: of whose ballot, of which trustee, its base64url and its bytes."""

    voter: Did
    number: int
    text: str
    share: bytes


@dataclass(frozen=True, slots=True)
class Revealed:
    """What `ballot.reveal` says."""

    proposal: str
    shares: tuple[Share, ...]


def read_reveal(body: Body) -> Revealed:
    """Shares of sealed ballots.

    Raises:
        RejectedError: `invalid-act`: a body of another form. Nothing was recorded.
    """
    check_members(body, ("proposal", "shares"))
    items = body["shares"]
    if type(items) is not list or not 1 <= len(items) <= REVEALED_MAX:
        raise refuse(f"shares are a list of 1 to {REVEALED_MAX}")
    shares = tuple(map(_read_share, items))
    if len({(one.voter, one.number) for one in shares}) != len(shares):
        raise refuse("shares name each voter and number once")
    return Revealed(read_digest(body, "proposal"), shares)


def _read_share(item: object) -> Share:
    if type(item) is not list or len(item) != 3:
        raise refuse("each of shares is [voter, trustee's number, share]")
    voter, number, text = item
    if not is_did_key(voter):
        raise refuse("a voter is a member's did:key")
    if type(number) is not int or not 1 <= number <= TRUSTEES_MAX:
        raise refuse(f"a trustee's number is from 1 to {TRUSTEES_MAX}")
    return Share(Did(voter), number, text, read_share(text))


def _check_reveal(state: State, revealed: Revealed, context: Context) -> None:
    member = acting_member(state, context)
    proposal = find_wording(state, revealed.proposal)
    check_phase(proposal, context.time_ms, (phases.COUNTED,), "opening ballots")
    trustees, vote = trustees_of(proposal), proposal.vote
    if vote is None or not vote.reveal_ms:
        raise RejectedError("not-sealed", "the ballots of this vote are not sealed")
    own = trustees.index(member) + 1 if member in trustees else 0
    for one in revealed.shares:
        if one.number != own and one.voter != member:
            raise ForbiddenError(
                "forbidden",
                "the actor may publish shares of the trustee it is, if it is one, and "
                "of the own ballot",
            )
        ballot = vote.ballots.get(one.voter)
        if ballot is None or one.number > len(trustees):
            raise RejectedError(
                "share-misfit", "a share names a ballot or trustee that there is not"
            )
        context_ = sealing_of(proposal, one.voter).context()
        digest = share_digest(context_, one.number, one.share)
        if digest != ballot.choice["shares"][one.number - 1]:
            raise RejectedError(
                "share-misfit",
                "a share is not the one whose digest stands in its ballot",
            )


def _reveal(state: State, revealed: Revealed, context: Context) -> State:
    del context
    proposal = find_wording(state, revealed.proposal)
    vote = proposal.vote
    if vote is None:
        return state
    published = replace(vote, shares=_with(vote, revealed.shares))
    return put(state, replace(proposal, vote=published))


def _with(vote: Vote, shares: tuple[Share, ...]) -> Map[Did, Map[int, str]]:
    known = vote.shares
    for one in shares:
        theirs: Map[int, str] = known.get(one.voter, Map())
        known = known.set(one.voter, theirs.set(one.number, one.text))
    return known


ACTS: Final[dict[str, ActKind[Any]]] = {
    "ballot.reveal": ActKind(
        who=check_member, read=read_reveal, check=_check_reveal, apply=_reveal
    ),
}
