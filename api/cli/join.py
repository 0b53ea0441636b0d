"""Commands about belonging: apply, vouch, admit, exit, resign."""

import argparse
from pathlib import Path
from typing import Any, Final

from api.cli.acting import add_act_parser, carry_out
from api.member.acting import Desk, Plan
from api.member.finding import find_member
from api.member.proposalfile import read_object
from api.member.words import act_in_words
from ledger.governance.people.bodies import ROLES, STATEMENT

APPLY: Final = """\
Applies to join, with a key of your own (`counterfoil identity new FILE`). It says that
you know: votes here are open, and stay public under this key for good. How people are
admitted is the community's own rule; members vouch, or vote.
"""


def add(commands: Any) -> None:
    """Add the commands."""
    parser = add_act_parser(
        commands,
        "apply",
        help_="ask to join the community",
        description=APPLY,
        examples="  counterfoil apply --identity alice.key\n"
        "  counterfoil apply --identity alice.key --credential credential.json\n",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--credential",
        metavar="FILE",
        type=Path,
        help='JSON {"issuer", "sig"}, where the community asks for one',
    )
    what.add_argument(
        "--withdraw", action="store_true", help="withdraw the application"
    )
    parser.set_defaults(run=run_apply)
    for name, help_, description in (
        (
            "vouch",
            "sign for somebody who applies",
            "Vouches for an applicant: you know them, and they are one person.",
        ),
        (
            "admit",
            "admit somebody, as a founder",
            "Admits an applicant: founders only, while their special powers last.",
        ),
    ):
        parser = add_act_parser(
            commands,
            name,
            help_=help_,
            description=description,
            examples=f"  counterfoil {name} did:key:z6Mk...\n  counterfoil {name} fQx7Yz\n",
        )
        parser.add_argument(
            "applicant", metavar="MEMBER", help="a did:key, or part of it"
        )
        if name == "vouch":
            parser.add_argument(
                "--withdraw", action="store_true", help="take back your vouch"
            )
        parser.set_defaults(run=run_applicant, verb=name)
    parser = add_act_parser(
        commands,
        "exit",
        help_="leave the community, at once",
        description="Leaves, at once: delegations are cut; ballots cast before it stand.",
        examples="  counterfoil exit --identity alice.key\n",
    )
    parser.set_defaults(run=run_exit)
    parser = add_act_parser(
        commands,
        "resign",
        help_="give a role back",
        description="Gives a role back before its term ends.",
        examples="  counterfoil resign guardian\n",
    )
    parser.add_argument("role", choices=ROLES)
    parser.set_defaults(run=run_resign)


def simple(arguments: argparse.Namespace, act: str, body: dict[str, Any]) -> int:
    """An act whose body needs nothing from the state; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        return Plan(act=act, body=body, words=act_in_words(desk.state, act, body))

    return carry_out(arguments, plan)


def run_apply(arguments: argparse.Namespace) -> int:
    """Apply, or withdraw an application; 0 recorded."""
    if arguments.withdraw:
        return simple(arguments, "application.withdraw", {})

    async def plan(desk: Desk) -> Plan:
        file = arguments.credential
        credential = None if file is None else read_object(file)
        body = {"statement": STATEMENT, "credential": credential}
        words = act_in_words(desk.state, "member.apply", body)
        return Plan(act="member.apply", body=body, words=words)

    return carry_out(arguments, plan)


def run_applicant(arguments: argparse.Namespace) -> int:
    """Vouch for, or admit, an applicant; 0 recorded."""
    act = f"member.{arguments.verb}"
    if getattr(arguments, "withdraw", False):
        act = "vouch.withdraw"

    async def plan(desk: Desk) -> Plan:
        body = {"applicant": find_member(desk.state, arguments.applicant)}
        return Plan(act=act, body=body, words=act_in_words(desk.state, act, body))

    return carry_out(arguments, plan)


def run_exit(arguments: argparse.Namespace) -> int:
    """Leave; 0 recorded."""
    return simple(arguments, "member.exit", {})


def run_resign(arguments: argparse.Namespace) -> int:
    """Give a role back; 0 recorded."""
    return simple(arguments, "role.resign", {"role": arguments.role})
