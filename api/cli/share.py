"""`counterfoil grant`, `helper`, `erase`, `reissue`: who may see, help, and what is erased."""

import argparse
import json
import secrets
from datetime import UTC, datetime
from typing import Any, Final

from api.cli.acting import add_act_parser, identity_path, tell_errors
from api.cli.claim import add_person_parser, carry_out_for
from api.cli.reading import read_under
from api.config import Config
from api.member.acting import Desk, Plan
from api.member.client import Client
from api.member.contesting import decision_in
from api.member.dossier import read_fields
from api.member.dossier_view import field_lines
from api.member.seen import Met
from api.member.voice import Voice, check_recorded, identity_voice, shown
from api.member.words import act_in_words
from ledger.entries.case import seal_dek
from ledger.entries.receipt import Receipt
from ledger.entries.secret import derive
from ledger.errors import MalformedError, NotFoundError
from ledger.governance.cases.kept import PURPOSES, SCOPES, Grant
from ledger.governance.state import State
from ledger.ids import Did
from ledger.keys import agreement_key, is_did_key

_DAY_MS: Final = 86_400_000
_GRANT_DAYS: Final = 30
_HELPER_DAYS: Final = 180
_EPHEMERAL_BYTES: Final = 32
_GRANT: Final = """\
Lets somebody read a decision about you, for a time. Each look of theirs is an entry that
you see; you can end it at any time. Whoever was given one reads with `grant read`.
"""
_HELPER: Final = """\
Lets a union, an organisation or a friend act for you, for a time and in what you choose:
contest, read, grant, erase. They act with a key of their own, which everybody sees.
"""
_ERASE: Final = """\
Asks that the private part of a decision is erased everywhere, backups included. It waits
until the law and the community let it go, and for contests that go on. The public entry
and its proof stay: they say nothing about you.
"""


def add(commands: Any) -> None:
    """Add the commands."""
    _add_grant(commands)
    _add_helper(commands)
    erase = commands.add_parser(
        "erase", help="have a decision's private part erased", description=_ERASE
    )
    below = erase.add_subparsers(metavar="COMMAND", required=True)
    for name, help_, act in (
        ("ask", "ask for it", "erasure.ask"),
        ("withdraw", "take it back, while it waits", "erasure.withdraw"),
    ):
        parser = add_person_parser(
            below,
            name,
            help_=help_,
            description=_ERASE,
            examples=f"  counterfoil erase {name} mine.counterfoil.json\n",
        )
        parser.set_defaults(run=run_simple, act=act)
    reissue = commands.add_parser(
        "reissue",
        help="stop that your receipt is given out again",
        description="A lost receipt can be asked for again, and is given after a delay.",
    )
    below = reissue.add_subparsers(metavar="COMMAND", required=True)
    parser = add_person_parser(
        below,
        "stop",
        help_="stop it: it was not you who asked",
        description="Stops every re-issue of this receipt that still waits.",
        examples="  counterfoil reissue stop mine.counterfoil.json\n",
    )
    parser.set_defaults(run=run_simple, act="reissue.stop")


def _add_grant(commands: Any) -> None:
    grant = commands.add_parser(
        "grant", help="let somebody read a decision about you", description=_GRANT
    )
    below = grant.add_subparsers(metavar="COMMAND", required=True)
    parser = add_person_parser(
        below,
        "give",
        help_="let somebody read, for a time",
        description=_GRANT,
        examples="  counterfoil grant give mine.counterfoil.json did:key:z6Mk… audit\n",
    )
    parser.add_argument("to", metavar="DID", help="their did:key")
    parser.add_argument("purpose", metavar="PURPOSE", choices=PURPOSES)
    _add_days(parser, _GRANT_DAYS)
    parser.set_defaults(run=run_give)
    parser = add_person_parser(
        below,
        "end",
        help_="end it: nothing more can be read",
        description="Ends a grant.",
        examples="  counterfoil grant end mine.counterfoil.json 9aBc\n",
    )
    parser.add_argument("grant", metavar="ID", help="the grant; its first letters do")
    parser.set_defaults(run=run_end_grant)
    parser = add_act_parser(
        below,
        "read",
        help_="read a decision that you were granted",
        description="Records that you look, and shows the decision's fields.",
        examples="  counterfoil grant read 9aBc --identity auditor.key\n",
    )
    parser.add_argument("grant", metavar="ID", help="the grant; its first letters do")
    parser.set_defaults(run=run_read)


def _add_helper(commands: Any) -> None:
    helper = commands.add_parser(
        "helper", help="let somebody act for you", description=_HELPER
    )
    below = helper.add_subparsers(metavar="COMMAND", required=True)
    parser = add_person_parser(
        below,
        "name",
        help_="let somebody act for you, for a time",
        description=_HELPER,
        examples="  counterfoil helper name mine.counterfoil.json did:key:z6Mk… \\\n"
        "      --scope contest --scope read\n",
    )
    parser.add_argument("helper", metavar="DID", help="their did:key")
    parser.add_argument(
        "--scope", choices=SCOPES, action="append", required=True, help="what they may"
    )
    _add_days(parser, _HELPER_DAYS)
    parser.set_defaults(run=run_name)
    parser = add_person_parser(
        below,
        "end",
        help_="end it; a helper can, too",
        description="Ends somebody's help.",
        examples="  counterfoil helper end mine.counterfoil.json did:key:z6Mk…\n",
    )
    parser.add_argument("helper", metavar="DID", help="their did:key")
    parser.set_defaults(run=run_end_helper)


def _add_days(parser: argparse.ArgumentParser, default: int) -> None:
    parser.add_argument(
        "--days",
        metavar="N",
        type=int,
        default=default,
        help=f"how long (default: {default})",
    )


def _until(desk: Desk, days: int) -> str:
    moment = datetime.fromtimestamp((desk.now_ms + days * _DAY_MS) // 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _did(text: str) -> Did:
    if not is_did_key(text):
        raise MalformedError("name them by their whole did:key:z6Mk…")
    return Did(text)


# ---- erasure and re-issue --------------------------------------------------------------


def run_simple(arguments: argparse.Namespace) -> int:
    """An act that only shows the receipt, or names its decision; 0 recorded."""

    async def plan(desk: Desk, voice: Voice, receipt: Receipt) -> Plan:
        check_recorded(desk, voice, receipt)
        body: dict[str, Any] = {"decision": receipt.id}
        if arguments.act != "erasure.withdraw":
            body = {"receipt": await shown(desk, receipt)}
        words = act_in_words(desk.state, arguments.act, body)
        return Plan(act=arguments.act, body=body, words=words)

    return carry_out_for(arguments, plan)


# ---- helpers ---------------------------------------------------------------------------


def run_name(arguments: argparse.Namespace) -> int:
    """Name a helper; 0 recorded."""

    async def plan(desk: Desk, voice: Voice, receipt: Receipt) -> Plan:
        check_recorded(desk, voice, receipt)
        body = {
            "receipt": await shown(desk, receipt),
            "helper": _did(arguments.helper),
            "scope": sorted(set(arguments.scope), key=SCOPES.index),
            "until": _until(desk, arguments.days),
        }
        words = act_in_words(desk.state, "helper.name", body)
        return Plan(act="helper.name", body=body, words=words)

    return carry_out_for(arguments, plan)


def run_end_helper(arguments: argparse.Namespace) -> int:
    """End a helper; 0 recorded."""

    async def plan(desk: Desk, _: Voice, receipt: Receipt) -> Plan:
        body = {"decision": receipt.id, "helper": _did(arguments.helper)}
        words = act_in_words(desk.state, "helper.end", body)
        return Plan(act="helper.end", body=body, words=words)

    return carry_out_for(arguments, plan)


# ---- grants ----------------------------------------------------------------------------


def run_give(arguments: argparse.Namespace) -> int:
    """Give a grant; 0 recorded."""

    async def plan(desk: Desk, voice: Voice, receipt: Receipt) -> Plan:
        check_recorded(desk, voice, receipt)
        to = _did(arguments.to)
        body = {
            "receipt": await shown(desk, receipt),
            "to": to,
            "purpose": arguments.purpose,
            "until": _until(desk, arguments.days),
            "wrapped": _wrapped(receipt, to),
        }
        words = act_in_words(desk.state, "grant.give", body)
        words.insert(1, "Each look of theirs is an entry that you see.")
        return Plan(act="grant.give", body=body, words=words)

    return carry_out_for(arguments, plan)


def _wrapped(receipt: Receipt, to: Did) -> str | None:
    """The data key for them, where the deployer sealed the decision."""
    if decision_in(receipt).signature is None:
        return None
    if receipt.secret is None:
        raise MalformedError("this decision's data key needs the receipt's secret")
    return seal_dek(
        derive(receipt.secret).dek,
        agreement_key(to),
        decision=receipt.id,
        genesis=receipt.genesis,
        grant=None,
        ephemeral=secrets.token_bytes(_EPHEMERAL_BYTES),
    )


def run_end_grant(arguments: argparse.Namespace) -> int:
    """End a grant; 0 recorded."""

    async def plan(desk: Desk, _: Voice, receipt: Receipt) -> Plan:
        grant = _find(desk.state, arguments.grant)
        if grant.decision != receipt.id:
            raise NotFoundError("not-found", "that grant is of another decision")
        body = {"grant": grant.id}
        words = act_in_words(desk.state, "grant.end", body)
        return Plan(act="grant.end", body=body, words=words)

    return carry_out_for(arguments, plan)


def _find(state: State, name: str) -> Grant:
    found = [one for id_, one in state.cases.grants.items() if id_.startswith(name)]
    if len(found) != 1:
        raise NotFoundError("not-found", "no grant of this id, or several begin so")
    return found[0]


def run_read(arguments: argparse.Namespace) -> int:
    """Read under a grant; 0 read."""

    def work() -> int:
        voice = identity_voice(identity_path(arguments, Config.read()))

        async def show(
            client: Client, met: Met, _: State, grant: Grant, read: str
        ) -> int:
            fields = await read_fields(client, met, grant, read, voice)
            if arguments.json:
                print(json.dumps({"decision": grant.decision, "fields": fields}))
            else:
                for line in field_lines(fields):
                    print(line)
            return 0

        return read_under(
            arguments, voice, lambda state: _find(state, arguments.grant), show
        )

    return tell_errors(arguments, work)
