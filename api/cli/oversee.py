"""`counterfoil suspend`, `confirm`, `act`: act on systems, or by an act's own name."""

import argparse
from pathlib import Path
from typing import Any, Final

from api.cli.acting import add_act_parser, carry_out
from api.member.acting import Desk, Plan, say
from api.member.proposalfile import read_object
from api.member.words import act_in_words
from ledger.entries.saying import Saying
from ledger.errors import MalformedError
from ledger.governance.safeguards.acts import HOLD_CONFIRM
from ledger.governance.systems.acts import SUSPEND_EMERGENCY
from ledger.governance.tables import ACTS
from ledger.ids import is_code

_SYSTEMS: Final = "/systems/"
SUSPEND: Final = """\
Calls for an AI system to be suspended at once. It is when enough members or guardians
call; it only suspends, and lapses by itself unless a vote confirms it.
"""
CONFIRM: Final = """\
Decides about a decision that a safeguard holds: it takes effect, or it is turned down.
Only for a human overseer registered with the system; look at the decision first.
"""
ACT: Final = """\
Signs any act by its name, with the body in FILE (JSON or TOML): what has no command of
its own, as what founders set up while their powers last. An empty body is left out.
"""


def add(commands: Any) -> None:
    """Add the commands."""
    parser = add_act_parser(
        commands,
        "suspend",
        help_="call for an AI system to stop, at once",
        description=SUSPEND,
        examples="  counterfoil suspend screening --reason bias\n",
    )
    parser.add_argument("system", metavar="SYSTEM")
    parser.add_argument(
        "--reason", metavar="TEXT", required=True, help="a code, or a sentence"
    )
    parser.set_defaults(run=run_suspend)
    parser = add_act_parser(
        commands,
        "confirm",
        help_="decide about a held decision",
        description=CONFIRM,
        examples="  counterfoil confirm 0b0ad7c6-…\n"
        "  counterfoil confirm 0b0ad7c6-… --turn-down\n",
    )
    parser.add_argument("decision", metavar="DECISION", help="its id")
    parser.add_argument("--turn-down", action="store_true", help="it takes no effect")
    parser.set_defaults(run=run_confirm)
    parser = add_act_parser(
        commands,
        "act",
        help_="sign any act by its name",
        description=f"{ACT}\nActs: {', '.join(ACTS)}.",
        examples="  counterfoil act system.deadlines deadlines.json --dry-run\n",
    )
    parser.add_argument("name", metavar="ACT", choices=tuple(ACTS))
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?")
    parser.set_defaults(run=run_act)


def run_suspend(arguments: argparse.Namespace) -> int:
    """Call for a suspension; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        sayings: list[Saying] = []
        reason = arguments.reason
        if not is_code(reason):
            sayings = [say("reason", reason)]
            reason = sayings[0].digest
        body = {"system": arguments.system, "reason": reason}
        words = act_in_words(desk.state, SUSPEND_EMERGENCY, body)
        words.append(f"because: {arguments.reason}")
        return Plan(act=SUSPEND_EMERGENCY, body=body, words=words, sayings=sayings)

    return carry_out(arguments, plan)


def run_confirm(arguments: argparse.Namespace) -> int:
    """Decide about a held decision; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        view = await desk.client.read(f"v1/decisions/{arguments.decision}")
        source = str(view["entry"]["source"])
        if _SYSTEMS not in source:
            raise MalformedError("the service does not say whose decision that is")
        body = {
            "system": source.rpartition(_SYSTEMS)[2],
            "decision": str(view["id"]),
            "confirm": not arguments.turn_down,
        }
        words = act_in_words(desk.state, HOLD_CONFIRM, body)
        words.insert(1, "It shows everybody that a safeguard held it.")
        return Plan(act=HOLD_CONFIRM, body=body, words=words)

    return carry_out(arguments, plan)


def run_act(arguments: argparse.Namespace) -> int:
    """Sign an act by its name; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        body = {} if arguments.file is None else read_object(arguments.file)
        words = act_in_words(desk.state, arguments.name, body)
        return Plan(act=arguments.name, body=body, words=words)

    return carry_out(arguments, plan)
