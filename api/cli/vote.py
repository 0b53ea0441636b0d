"""`counterfoil vote`, `delegate`, `undelegate`: one's own ballot, or who carries it."""

import argparse
import secrets
from typing import Any, Final

from api.cli.acting import add_act_parser, carry_out
from api.member.acting import Desk, Plan, say
from api.member.choosing import read_choice
from api.member.finding import find_member, find_proposal
from api.member.words import act_in_words
from ledger.canonical import format_base64url
from ledger.entries.moment import format_second
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.assembly.unsealing import is_sealed, sealing_of
from ledger.governance.ballots.sealing import seal_ballot
from ledger.governance.ballots.shamir import SECRET_BYTES

_DAY_MS: Final = 86_400_000
VOTE: Final = """\
Casts your ballot. The last one you cast counts; everybody can read it, for good.

  a proposal of yes or no    yes, no, abstain, or objection (with a reason: it would harm)
  one option                 its code
  approval                   the codes you approve
  score, quadratic           CODE=NUMBER of each
  ranked                     codes from first to last; where places may be shared, a=b c
  any of them                blank
"""
DELEGATE: Final = """\
Lets another member carry your vote where you cast none yourself. Your own ballot always
wins. The narrower scope comes first; a delegation ends by itself, or when you say so.
"""


def add(commands: Any) -> None:
    """Add the commands."""
    parser = add_act_parser(
        commands,
        "vote",
        help_="cast your ballot",
        description=VOTE,
        examples="  counterfoil vote 3fQx yes\n"
        '  counterfoil vote 3fQx objection --reason "It hides why people were rejected."\n'
        "  counterfoil vote 8kLm parks=libraries roads\n",
    )
    parser.add_argument("proposal", metavar="ID", help="the proposal")
    parser.add_argument("choice", metavar="CHOICE", nargs="+")
    parser.add_argument("--reason", metavar="TEXT", help="why, for all to read")
    parser.set_defaults(run=run_vote)
    parser = add_act_parser(
        commands,
        "delegate",
        help_="let somebody carry your vote",
        description=DELEGATE,
        examples="  counterfoil delegate did:key:z6Mk... --scope standard --days 90\n"
        "  counterfoil delegate z6MkfQ --scope system:screening\n",
    )
    parser.add_argument(
        "member", metavar="MEMBER", help="who: a did:key, or part of it"
    )
    parser.add_argument(
        "--scope",
        metavar="SCOPE",
        default="all",
        help="all (default), a class of proposals, or system: and a system's id",
    )
    parser.add_argument(
        "--days", metavar="N", type=int, default=90, help="until it ends (default: 90)"
    )
    parser.add_argument("--reason", metavar="TEXT", help="why, for all to read")
    parser.set_defaults(run=run_delegate)
    parser = add_act_parser(
        commands,
        "undelegate",
        help_="carry your own vote again",
        description="Ends your delegation of one scope, at once.",
        examples="  counterfoil undelegate --scope standard\n",
    )
    parser.add_argument("--scope", metavar="SCOPE", default="all")
    parser.set_defaults(run=run_undelegate)


def run_vote(arguments: argparse.Namespace) -> int:
    """Cast a ballot; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        proposal = find_proposal(desk.state, arguments.proposal)
        sayings = [] if arguments.reason is None else [say("reason", arguments.reason)]
        body = {
            "proposal": proposal.revision,
            "choice": read_choice(proposal, arguments.choice),
            "reason": sayings[0].digest if sayings else None,
        }
        words = act_in_words(desk.state, "ballot.cast", body)
        if is_sealed(proposal):
            return _sealed(desk, proposal, body, words)
        if sayings:
            words.append(f"because, in a text beside the log: {arguments.reason}")
        follows = (f"counterfoil proposal {proposal.key}",)
        return Plan(
            act="ballot.cast", body=body, words=words, sayings=sayings, next=follows
        )

    return carry_out(arguments, plan)


def _sealed(
    desk: Desk, proposal: Proposal, body: dict[str, Any], words: list[str]
) -> Plan:
    """The same ballot, sealed until the vote closes; a reason's text stays unsent."""
    sealing, key = sealing_of(proposal, desk.member), secrets.token_bytes(SECRET_BYTES)
    sealed = seal_ballot(body["choice"], body["reason"], sealing, key)
    return Plan(
        act="ballot.cast",
        body={"proposal": proposal.revision, "sealed": sealed},
        words=[
            *words,
            f"Sealed; {sealing.threshold} of its trustees open it when the vote is over.",
        ],
        private={**body, "key": format_base64url(key)},
        next=(f"counterfoil proposal {proposal.key}",),
    )


def run_delegate(arguments: argparse.Namespace) -> int:
    """Let somebody carry one's vote; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        sayings = [] if arguments.reason is None else [say("reason", arguments.reason)]
        body = {
            "to": find_member(desk.state, arguments.member),
            "scope": arguments.scope,
            "until": format_second(desk.now_ms + arguments.days * _DAY_MS),
            "reason": sayings[0].digest if sayings else None,
        }
        words = act_in_words(desk.state, "delegation.set", body)
        return Plan(act="delegation.set", body=body, words=words, sayings=sayings)

    return carry_out(arguments, plan)


def run_undelegate(arguments: argparse.Namespace) -> int:
    """End a delegation; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        body = {"scope": arguments.scope}
        words = act_in_words(desk.state, "delegation.revoke", body)
        return Plan(act="delegation.revoke", body=body, words=words)

    return carry_out(arguments, plan)
