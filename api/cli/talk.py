"""`counterfoil comment`, `agree`, `disagree`, `flag`: talk about a proposal.

What is said is kept beside the log, for all to read; the log has its digest.
"""

import argparse
import sys
from typing import Any, Final

from api.cli.acting import add_act_parser, carry_out
from api.member.acting import Desk, Plan, say
from api.member.finding import find_comment, find_proposal
from api.member.words import act_in_words
from ledger.governance.talk.bodies import DEGREES, FLAGS
from ledger.governance.talk.consensus import AGREE, DISAGREE, PASS
from ledger.governance.talk.room import COMMENT, SUGGESTION
from ledger.limits import TEXT_CHARS_MAX

_COMMENT: Final = """\
Says something about a proposal. A suggestion says how much it matters: what the proposal
must, should, should not or must not do. TEXT may be - for standard input.
"""


def add(commands: Any) -> None:
    """Add the commands."""
    parser = add_act_parser(
        commands,
        "comment",
        help_="say something about a proposal",
        description=_COMMENT,
        examples='  counterfoil comment 3fQx "Who pays for the human?"\n'
        '  counterfoil comment 3fQx --suggest must "Name the person who looked."\n',
    )
    parser.add_argument("proposal", metavar="ID")
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument("--suggest", choices=DEGREES, help="a suggestion, this strong")
    parser.add_argument("--reply-to", metavar="COMMENT", help="what it answers")
    parser.set_defaults(run=run_comment)
    for name, help_, vote in (
        ("agree", "agree with a comment", AGREE),
        ("disagree", "disagree with a comment", DISAGREE),
    ):
        parser = add_act_parser(
            commands,
            name,
            help_=help_,
            description="Answers a comment. What all groups of opinion agree with rises.",
            examples=f"  counterfoil {name} 9aBc\n",
        )
        parser.add_argument("comment", metavar="COMMENT")
        if vote == AGREE:
            parser.add_argument("--neither", action="store_true", help="neither: pass")
        parser.set_defaults(run=run_answer, vote=vote)
    parser = add_act_parser(
        commands,
        "flag",
        help_="flag a comment for others",
        description="Flags a comment. Nothing is deleted by flags, however many.",
        examples="  counterfoil flag 9aBc spam\n  counterfoil flag 9aBc --take-back\n",
    )
    parser.add_argument("comment", metavar="COMMENT")
    parser.add_argument("reason", metavar="REASON", nargs="?", choices=FLAGS)
    parser.add_argument("--take-back", action="store_true", help="take your flag back")
    parser.set_defaults(run=run_flag)


def run_comment(arguments: argparse.Namespace) -> int:
    """Say something; 0 recorded."""
    text = arguments.text
    if text == "-":
        text = sys.stdin.read(TEXT_CHARS_MAX + 1).strip()

    async def plan(desk: Desk) -> Plan:
        proposal = find_proposal(desk.state, arguments.proposal)
        above = arguments.reply_to
        saying = say("comment", text)
        body = {
            "proposal": proposal.key,
            "digest": saying.digest,
            "kind": COMMENT if arguments.suggest is None else SUGGESTION,
            "degree": arguments.suggest,
            "replies_to": None if above is None else find_comment(desk.state, above).id,
        }
        words = act_in_words(desk.state, "comment.add", body)
        degree = "" if arguments.suggest is None else f"{arguments.suggest}: "
        words.insert(1, f"{degree}{text}")
        return Plan(act="comment.add", body=body, words=words, sayings=[saying])

    return carry_out(arguments, plan)


def run_answer(arguments: argparse.Namespace) -> int:
    """Agree, disagree, or neither; 0 recorded."""
    vote = PASS if getattr(arguments, "neither", False) else arguments.vote

    async def plan(desk: Desk) -> Plan:
        comment = find_comment(desk.state, arguments.comment)
        body = {"comment": comment.id, "vote": vote}
        words = act_in_words(desk.state, "comment.agree", body)
        return Plan(act="comment.agree", body=body, words=words)

    return carry_out(arguments, plan)


def run_flag(arguments: argparse.Namespace) -> int:
    """Flag a comment, or take the flag back; 0 recorded."""
    reason = None if arguments.take_back else arguments.reason or FLAGS[0]

    async def plan(desk: Desk) -> Plan:
        comment = find_comment(desk.state, arguments.comment)
        body = {"comment": comment.id, "reason": reason}
        words = act_in_words(desk.state, "comment.flag", body)
        return Plan(act="comment.flag", body=body, words=words)

    return carry_out(arguments, plan)
