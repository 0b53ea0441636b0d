"""`counterfoil reveal`: open sealed ballots once the vote has closed."""

import argparse
from pathlib import Path
from typing import Any

from api.cli.acting import add_act_parser, carry_out
from api.member.acting import Desk, Plan
from api.member.finding import find_proposal
from api.member.proposalfile import read_object
from api.member.words import act_in_words
from ledger.canonical import format_base64url, parse_base64, parse_base64url
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ActRecorded
from ledger.errors import MalformedError, RejectedError
from ledger.governance.assembly.proposal import Proposal, Vote
from ledger.governance.assembly.unsealing import sealing_of, trustees_of
from ledger.governance.ballots.sealing import shares_of, take_share
from ledger.ids import Did
from ledger.limits import PAGE_ITEMS_MAX, REVEALED_MAX

REVEAL = """\
Publishes your shares of the ballots of a sealed vote, once it has closed: as one of its
trustees those in the boxes sealed to you, which it finds in the log; as a voter those of
your own ballot, from the file that `counterfoil vote` kept next to its receipt.
"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_act_parser(
        commands,
        "reveal",
        help_="open sealed ballots, when the vote is over",
        description=REVEAL,
        examples="  counterfoil reveal 3fQx --identity trustee.key\n"
        "  counterfoil reveal 3fQx --own alice.key.receipts/000007-ballot.cast.private\n",
    )
    parser.add_argument("proposal", metavar="ID")
    parser.add_argument("--own", metavar="FILE", type=Path, help="your own ballot's")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Publish shares; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        proposal = find_proposal(desk.state, arguments.proposal)
        vote = proposal.vote
        if vote is None or not vote.reveal_ms:
            raise RejectedError(
                "not-sealed", "no sealed ballots wait to be opened here"
            )
        if arguments.own is not None:
            shares = _own(desk, proposal, arguments.own)
        else:
            shares = await _entrusted(desk, proposal, vote)
        if not shares:
            raise RejectedError("nothing-changes", "there is no share left to publish")
        body = {"proposal": proposal.revision, "shares": shares[:REVEALED_MAX]}
        words = act_in_words(desk.state, "ballot.reveal", body)
        left = len(shares) - REVEALED_MAX
        more = (f"counterfoil reveal {proposal.key}: {left:,} are left",)
        return Plan(
            act="ballot.reveal", body=body, words=words, next=more if left > 0 else ()
        )

    return carry_out(arguments, plan)


def _own(desk: Desk, proposal: Proposal, path: Path) -> list[list[Any]]:
    kept = read_object(path)
    if kept.keys() != {"proposal", "key", "choice", "reason"}:
        raise MalformedError(f"{path} is not what `counterfoil vote` kept of a ballot")
    key = parse_base64url(str(kept["key"]), length=32)
    shares = shares_of(sealing_of(proposal, desk.member), key)
    return [
        [desk.member, number, format_base64url(share)]
        for number, share in enumerate(shares, 1)
    ]


async def _entrusted(desk: Desk, proposal: Proposal, vote: Vote) -> list[list[Any]]:
    """The trustee's share of each ballot, out of the boxes in the log."""
    trustees = trustees_of(proposal)
    if desk.key.did not in trustees:
        raise MalformedError(
            "this key is none of the vote's trustees, by whose keys the boxes are sealed"
        )
    number = trustees.index(desk.key.did) + 1
    wanted = {
        cast.act_id: voter
        for voter, cast in vote.ballots.items()
        if number not in vote.shares.get(voter, ())
    }
    found: list[list[Any]] = []
    after = proposal.opened_index
    while wanted:
        path = f"v1/entries?limit={PAGE_ITEMS_MAX}&after={after}"
        page = await desk.client.read(path)
        for item in page["items"]:
            share = _share(desk, proposal, number, wanted, parse_base64(item["leaf"]))
            if share is not None:
                found.append(share)
        if page["next"] is None:
            break
        after = int(page["next"])
    return sorted(found)


def _share(
    desk: Desk, proposal: Proposal, number: int, wanted: dict[str, Did], leaf: bytes
) -> list[Any] | None:
    entry = decode_entry(leaf)
    voter = wanted.pop(entry.id, None)
    if voter is None or not isinstance(entry, ActRecorded):
        return None
    sealing = sealing_of(proposal, voter)
    share = take_share(entry.act.body["sealed"], sealing, number, desk.key)
    return None if share is None else [voter, number, format_base64url(share)]
