"""`counterfoil review`: reviewers take contests, read, and conclude."""

import argparse
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from api.cli.acting import (
    add_act_parser,
    add_read_parser,
    carry_out_as,
    finish,
    identity_path,
    tell_errors,
    url_of,
)
from api.cli.casefile import print_dossier
from api.cli.contest import add_text, read_text
from api.cli.reading import read_under
from api.config import Config
from api.member.acting import Desk, Plan
from api.member.case import Writing, find_case_key
from api.member.client import Client
from api.member.contesting import plan_saying
from api.member.dossier import (
    dek_in,
    find_contest,
    open_case,
    read_fields,
    save_attachments,
)
from api.member.seen import Met
from api.member.standing import at, fetch_state
from api.member.voice import Voice, identity_voice, read_receipt, shown
from api.member.when import span
from api.member.words import act_in_words
from ledger.canonical import format_base64url
from ledger.clock import SystemClock
from ledger.errors import MalformedError, NotFoundError
from ledger.governance.cases.bodies import LOOKED_AT
from ledger.governance.cases.contest import CONCLUSIONS, Contest
from ledger.governance.cases.kept import Grant
from ledger.governance.cases.states import status_of
from ledger.governance.people.electorate import member_of
from ledger.governance.state import State

_REVIEW: Final = """\
For reviewers, whom the community appoints: list contests, take one, read it, conclude.
Each look at a decision's private part is an entry that the person sees.
"""
_READ: Final = """\
Reads a contest that you took: what the person says, and the decision's own fields. The
look is recorded first, as an entry; within an hour nothing new is recorded.
"""
_CONCLUDE: Final = f"""\
Concludes a contest that you took, with reasons. They are encrypted for the person and
the reviewers. `changed` needs the receipt of the corrected decision, which the system
recorded since; the person then gets its secret from your reasons.

CONCLUSION: {", ".join(CONCLUSIONS)}. TEXT may be - for standard input.

--looked-at, as often as needed: {", ".join(LOOKED_AT)}.
"""
_ID: Final = "the contest, or the decision it is about; its first letters do"
PlanFor = Callable[[Desk, Voice, Contest], Awaitable[Plan]]


def add(commands: Any) -> None:
    """Add the command."""
    review = commands.add_parser(
        "review", help="review contested decisions", description=_REVIEW
    )
    below = review.add_subparsers(metavar="COMMAND", required=True)
    parser = add_read_parser(
        below,
        "list",
        help_="contests, those first that are due first",
        description="Lists contests that go on, those first that are due first.",
        examples="  counterfoil review list\n  counterfoil review list --all --json\n",
    )
    parser.add_argument("--all", action="store_true", help="ended ones too")
    parser.set_defaults(run=run_list)
    for name, help_, act, description in (
        ("take", "take one, to review it", "review.take", "Takes a contest."),
        (
            *("release", "give it back", "review.release"),
            "Gives a contest back: another reviewer may take it.",
        ),
    ):
        parser = _reviewer(
            below,
            name,
            help_=help_,
            description=description,
            examples=f"  counterfoil review {name} 9aBc\n",
        )
        parser.set_defaults(run=run_act, act=act)
    parser = _reviewer(
        below,
        "read",
        help_="read what is contested, and why",
        description=_READ,
        examples="  counterfoil review read 9aBc --attachments ./case\n",
    )
    parser.add_argument(
        "--attachments", metavar="DIR", type=Path, help="save attachments there"
    )
    parser.set_defaults(run=run_read)
    parser = _reviewer(
        below,
        "say",
        help_="ask or tell the person something",
        description="Says something in a contest that you took.",
        examples='  counterfoil review say 9aBc "Which years were these?"\n',
    )
    add_text(parser)
    parser.set_defaults(run=run_say)
    _add_conclude(below)


def _reviewer(below: Any, name: str, **given: str) -> argparse.ArgumentParser:
    parser = add_act_parser(below, name, **given)
    parser.add_argument("contest", metavar="ID", help=_ID)
    return parser


def _add_conclude(below: Any) -> None:
    parser = _reviewer(
        below,
        "conclude",
        help_="conclude it, with reasons",
        description=_CONCLUDE,
        examples="  counterfoil review conclude 9aBc upheld - --looked-at inputs\n"
        "  counterfoil review conclude 9aBc changed 'Five years count.' \\\n"
        "      --looked-at inputs --corrected corrected.counterfoil.json\n",
    )
    parser.add_argument("conclusion", metavar="CONCLUSION", choices=CONCLUSIONS)
    parser.add_argument("text", metavar="TEXT", help="the reasons")
    parser.add_argument(
        "--looked-at",
        metavar="WHAT",
        action="append",
        choices=LOOKED_AT,
        required=True,
        help="what you looked at",
    )
    parser.add_argument(
        "--corrected", metavar="RECEIPT", type=Path, help="of the corrected decision"
    )
    parser.set_defaults(run=run_conclude)


# ---- list ----------------------------------------------------------------------------


def run_list(arguments: argparse.Namespace) -> int:
    """List contests; 0 listed."""

    async def work() -> State:
        async with Client(url_of(arguments)) as client:
            return at(await fetch_state(client), SystemClock().now_ms())

    def show() -> int:
        state = finish(work())
        now_ms = state.log_time_ms
        found = [
            one
            for one in state.cases.contests.values()
            if arguments.all or one.ended is None
        ]
        found.sort(key=lambda one: (one.ended is not None, one.due_ms, one.id))
        if arguments.json:
            rows = [
                {"id": one.id, **one.public(), "status": status_of(one, now_ms)}
                for one in found
            ]
            print(json.dumps(rows))
            return 0
        for one in found:
            left = one.due_ms - now_ms
            due = f"due in {span(left)}" if left > 0 else f"late by {span(-left)}"
            when = due if one.ended is None else ""
            status = status_of(one, now_ms)
            print(f"{one.id[:12]}  {status:<10} {one.system:<16} {when}")
        if not found:
            print("No contest goes on.")
        return 0

    return tell_errors(arguments, show)


# ---- acts ----------------------------------------------------------------------------


def _carry_out(arguments: argparse.Namespace, plan_for: PlanFor) -> int:
    def work() -> int:
        voice = identity_voice(identity_path(arguments, Config.read()))

        async def plan(desk: Desk) -> Plan:
            contest = find_contest(desk.state, arguments.contest)
            return await plan_for(desk, voice, contest)

        return carry_out_as(arguments, voice.path, voice.key, plan)

    return tell_errors(arguments, work)


def run_act(arguments: argparse.Namespace) -> int:
    """Take or release; 0 recorded."""

    async def plan(desk: Desk, voice: Voice, contest: Contest) -> Plan:
        body = {"contest": contest.id}
        words = act_in_words(desk.state, arguments.act, body)
        follows: tuple[str, ...] = ()
        if arguments.act == "review.take":
            words.insert(1, f"decision {contest.decision} of {contest.system}")
            follows = (f"counterfoil review read {contest.id}",)
            if voice.key.did not in contest.boxes:
                words.append(
                    "No box of the case is for this key: you cannot read what was said "
                    "until its opener shares it."
                )
        return Plan(act=arguments.act, body=body, words=words, next=follows)

    return _carry_out(arguments, plan)


def run_say(arguments: argparse.Namespace) -> int:
    """Say something; 0 recorded."""
    text = read_text(arguments.text)

    async def plan(desk: Desk, voice: Voice, contest: Contest) -> Plan:
        return plan_saying(desk, voice, contest, text, arguments.attach)

    return _carry_out(arguments, plan)


def run_conclude(arguments: argparse.Namespace) -> int:
    """Conclude; 0 recorded."""
    text = read_text(arguments.text)

    async def plan(desk: Desk, voice: Voice, contest: Contest) -> Plan:
        receipt = (
            None if arguments.corrected is None else read_receipt(arguments.corrected)
        )
        if receipt is not None and receipt.secret is None:
            raise MalformedError(
                f"{arguments.corrected} has no secret: the person could not read it"
            )
        writing = Writing(find_case_key(contest, voice, desk.met.genesis), [])
        secret = None if receipt is None else receipt.secret
        reasons = {
            "text": text,
            "secret": None if secret is None else format_base64url(secret),
            "id": None if receipt is None else receipt.id,
        }
        body = {
            "contest": contest.id,
            "conclusion": arguments.conclusion,
            "reasons": writing.part("reasons", reasons),
            "looked_at": sorted(set(arguments.looked_at), key=LOOKED_AT.index),
            "corrected": None if receipt is None else await shown(desk, receipt),
        }
        words = act_in_words(desk.state, "review.conclude", body)
        words[1:] = [
            f"decision   {contest.decision} of {contest.system}",
            f"reasons    {text}",
            f"looked at  {', '.join(body['looked_at'])}",
        ]
        if receipt is not None:
            words.append(f"corrected  {receipt.id}: it is linked to this one, publicly")
        return Plan(act="review.conclude", body=body, words=words, parts=writing.blobs)

    return _carry_out(arguments, plan)


# ---- read ----------------------------------------------------------------------------


def run_read(arguments: argparse.Namespace) -> int:
    """Read a contest; 0 read."""

    def work() -> int:
        voice = identity_voice(identity_path(arguments, Config.read()))

        def find(state: State) -> Grant:
            contest = find_contest(state, arguments.contest)
            if contest.grant is None or not _has(state, contest, voice):
                raise NotFoundError(
                    "not-found", f"take it first: counterfoil review take {contest.id}"
                )
            return state.cases.grants[contest.grant]

        async def show(
            client: Client, met: Met, state: State, grant: Grant, read: str
        ) -> int:
            contest = find_contest(state, arguments.contest)
            dossier = await open_case(client, state, contest, voice, met.genesis)
            dek = dek_in(dossier)
            dossier.fields = await read_fields(client, met, grant, read, voice, dek)
            if arguments.attachments is not None:
                save_attachments(dossier, arguments.attachments)
            print_dossier(arguments, dossier)
            return 0

        return read_under(arguments, voice, find, show)

    return tell_errors(arguments, work)


def _has(state: State, contest: Contest, voice: Voice) -> bool:
    return contest.reviewer == member_of(state.people, voice.key.did)
