"""`counterfoil contest`: a person has a decision looked at again."""

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from api.cli.acting import add_read_parser, finish, tell_errors, url_of
from api.cli.casefile import run_show
from api.cli.claim import HELPER, RECEIPT, add_person_parser, carry_out_for
from api.member.acting import Desk, Plan
from api.member.client import BYTES, Client
from api.member.contesting import (
    Statement,
    mine,
    plan_opening,
    plan_saying,
    plan_sharing,
)
from api.member.voice import Voice
from api.member.words import act_in_words
from ledger.entries.part import GROUNDS
from ledger.entries.receipt import Receipt
from ledger.errors import MalformedError
from ledger.limits import PART_BYTES_MAX, TEXT_CHARS_MAX

_CONTEST: Final = """\
Has a decision looked at again by a person whom the community appointed. What you write
is encrypted here, for the reviewers: neither the ledger nor whoever decided can read it.
"""
_OPEN: Final = """\
Contests a decision. A reviewer takes it, looks, and concludes with reasons before it is
due; that it is late is public by itself. TEXT may be - for standard input.

GROUND: decision (it is wrong), not-me (it is about somebody else), inputs (what it knew
is wrong), reasons (they do not explain it), other.

Claim the receipt first (`counterfoil claim`): then nobody else can withdraw it for you.
"""
_SHOW: Final = """\
Shows one contest. With a receipt, or a helper's or reviewer's key, also what was said in
it and why it ended so; without, only what everybody may see.
"""


def add(commands: Any) -> None:
    """Add the command."""
    contest = commands.add_parser(
        "contest", help="have a decision looked at again", description=_CONTEST
    )
    below = contest.add_subparsers(metavar="COMMAND", required=True)
    _add_open(below)
    parser = add_person_parser(
        below,
        "say",
        help_="say something more",
        description="Says something more in a contest of yours that is open.",
        examples='  counterfoil contest say mine.counterfoil.json "One more thing."\n'
        "  counterfoil contest say mine.counterfoil.json - --attach letter.pdf\n",
    )
    add_text(parser)
    parser.set_defaults(run=run_say)
    for name, help_, act in (
        ("withdraw", "withdraw it, for good", "contest.withdraw"),
        ("settle", "say that it is settled", "contest.settle"),
    ):
        parser = add_person_parser(
            below,
            name,
            help_=help_,
            description="Ends a contest of yours. Only the key that opened it can.",
            examples=f"  counterfoil contest {name} mine.counterfoil.json\n",
        )
        parser.set_defaults(run=run_end, act=act)
    parser = add_person_parser(
        below,
        "share",
        help_="let reviewers appointed since read it",
        description="Gives the key of the case to reviewers who have none yet, or to "
        "the keys named.",
        examples="  counterfoil contest share mine.counterfoil.json\n",
    )
    parser.add_argument("keys", metavar="DID", nargs="*", help="did:keys")
    parser.set_defaults(run=run_share)
    _add_reads(below)


def _add_open(below: Any) -> None:
    parser = add_person_parser(
        below,
        "open",
        help_="contest a decision",
        description=_OPEN,
        examples="  counterfoil contest open mine.counterfoil.json inputs \\\n"
        '      "I have worked for five years." --field "inputs.years=5, not 2"\n'
        "  counterfoil contest open mine.counterfoil.json decision - --attach cv.pdf\n",
    )
    parser.add_argument("ground", metavar="GROUND", choices=GROUNDS)
    add_text(parser)
    parser.add_argument(
        "--field",
        metavar="NAME=TEXT",
        action="append",
        default=[],
        help="what is wrong with one field; as often as needed",
    )
    parser.set_defaults(run=run_open)


def add_text(parser: argparse.ArgumentParser) -> None:
    """TEXT and `--attach`."""
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument(
        "--attach",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a file, encrypted as the text is; up to five",
    )


def _add_reads(below: Any) -> None:
    parser = add_read_parser(
        below,
        "show",
        help_="where a contest stands, and what was said",
        description=_SHOW,
        examples="  counterfoil contest show 9aBc\n"
        "  counterfoil contest show 9aBc --receipt mine.counterfoil.json\n",
    )
    parser.add_argument("contest", metavar="ID")
    parser.add_argument("--receipt", metavar="RECEIPT", type=Path, help=RECEIPT)
    parser.add_argument("--identity", metavar="FILE", type=Path, help=HELPER)
    parser.add_argument(
        "--attachments", metavar="DIR", type=Path, help="save attachments there"
    )
    parser.set_defaults(run=run_show)
    parser = add_read_parser(
        below,
        "send",
        help_="send parts that were not taken",
        description="Sends encrypted parts of a case again, kept by a command that "
        "could not send them.",
        examples="  counterfoil contest send mine.counterfoil.json.receipts/*/*.part\n",
    )
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+")
    parser.set_defaults(run=run_send)


def read_text(text: str) -> str:
    """The text that was given, or that standard input holds."""
    return sys.stdin.read(TEXT_CHARS_MAX + 1).strip() if text == "-" else text


def run_open(arguments: argparse.Namespace) -> int:
    """Contest a decision; 0 recorded."""
    said = Statement(
        ground=arguments.ground,
        text=read_text(arguments.text),
        fields=[
            (name, text)
            for name, _, text in (one.partition("=") for one in arguments.field)
        ],
        files=arguments.attach,
    )

    async def plan(desk: Desk, voice: Voice, receipt: Receipt) -> Plan:
        return await plan_opening(desk, voice, receipt, said)

    return carry_out_for(arguments, plan)


def run_say(arguments: argparse.Namespace) -> int:
    """Say something more; 0 recorded."""
    text = read_text(arguments.text)

    async def plan(desk: Desk, voice: Voice, receipt: Receipt) -> Plan:
        contest = mine(desk, voice, receipt)
        return plan_saying(desk, voice, contest, text, arguments.attach)

    return carry_out_for(arguments, plan)


def run_end(arguments: argparse.Namespace) -> int:
    """Withdraw or settle; 0 recorded."""

    async def plan(desk: Desk, voice: Voice, receipt: Receipt) -> Plan:
        body = {"contest": mine(desk, voice, receipt).id}
        words = act_in_words(desk.state, arguments.act, body)
        return Plan(act=arguments.act, body=body, words=words)

    return carry_out_for(arguments, plan)


def run_share(arguments: argparse.Namespace) -> int:
    """Give the case's key to more people; 0 recorded."""

    async def plan(desk: Desk, voice: Voice, receipt: Receipt) -> Plan:
        contest = mine(desk, voice, receipt)
        return plan_sharing(desk, voice, contest, arguments.keys)

    return carry_out_for(arguments, plan)


def run_send(arguments: argparse.Namespace) -> int:
    """Send parts again; 0 all were taken."""

    async def send() -> int:
        async with Client(url_of(arguments)) as client:
            for file in arguments.files:
                await client.send("POST", "v1/parts", _read(file), BYTES)
                print(f"taken  {file}")
        return 0

    return tell_errors(arguments, lambda: finish(send()))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(PART_BYTES_MAX + 1)
    except OSError as error:
        raise MalformedError(f"cannot read {file}: {error.strerror}") from error
