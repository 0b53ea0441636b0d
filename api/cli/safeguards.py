"""`counterfoil safeguards`: the rules in force, and what a proposed one would have done."""

import argparse
import json
from pathlib import Path
from typing import Any, Final

from api.cli.acting import add_read_parser, finish, tell_errors, url_of
from api.cli.bar import bar
from api.member.client import Client, plain
from api.member.proposalfile import read_rules
from api.member.standing import fetch_state
from ledger.canonical import parse_base64
from ledger.entries.codec import decode_entry
from ledger.entries.entry import DecisionRecorded
from ledger.governance.safeguards.dry import DryRun
from ledger.governance.safeguards.rule import Rule
from ledger.limits import PAGE_ITEMS_MAX

_SHOWN: Final = 20  # ids on a terminal; --json has more
TRY: Final = """\
Holds the safeguards in FILE against the decisions that were recorded, before anybody
votes: how many they would have refused, held or flagged, and which. FILE is a safeguard,
a list of them, or a proposal that enacts some; their own test cases run first.

Without more it reads the public log, and so tries what reads public values only. On the
operator's machine --vault opens each sealed part with the ledger's keys: counts and ids
come out, and no value.
"""


def add(commands: Any) -> None:
    """Add the command."""
    safeguards = commands.add_parser(
        "safeguards", help="list the rules in force; try one on the past"
    )
    below = safeguards.add_subparsers(metavar="COMMAND", required=True)
    listed = add_read_parser(
        below,
        "list",
        help_="list the rules in force",
        description="Lists the safeguards in force, each with the proposal that enacted "
        "it.",
        examples="  counterfoil safeguards list\n",
    )
    listed.set_defaults(run=run_list)
    tried = add_read_parser(
        below,
        "try",
        help_="what a rule would have done to past decisions",
        description=TRY,
        examples="  counterfoil safeguards try proposal.toml\n"
        "  counterfoil safeguards try proposal.toml --vault --data ./counterfoil-data\n",
    )
    tried.add_argument("file", metavar="FILE", type=Path)
    tried.add_argument(
        "--vault", action="store_true", help="open sealed parts: the operator's"
    )
    tried.add_argument(
        "--ledger", metavar="LEDGER", default="commons", help="with --vault"
    )
    tried.add_argument("--data", metavar="DIR", type=Path, help="with --vault")
    tried.set_defaults(run=run_try)


def run_list(arguments: argparse.Namespace) -> int:
    """List the rules in force."""

    async def work() -> int:
        async with Client(url_of(arguments)) as client:
            state = await fetch_state(client)
        rules = [rule.public() for rule in state.safeguards.rule_set.rules]
        if arguments.json:
            print(json.dumps(rules))
            return 0
        for rule in rules:
            print(f"{rule['id']}  {rule['effect']}  {plain(rule['title'])}")
            print(f"  when     {plain(rule['when'])}")
            print(f"  require  {plain(rule['require'])}")
            print(f"  says     {plain(rule['message'])}")
            print(f"  enacted by {rule['enacted_by']}")
        if not rules:
            print("No safeguards are in force.")
        return 0

    return tell_errors(arguments, lambda: finish(work()))


def run_try(arguments: argparse.Namespace) -> int:
    """Try rules on the past; 0 done, 1 a rule that does not keep its tests."""

    def work() -> int:
        rules = read_rules(arguments.file)
        if arguments.vault:
            from api.cli.dryrun import try_here  # noqa: PLC0415 -- server's libraries

            tried = try_here(arguments, rules)
        else:
            tried = finish(_read(url_of(arguments), rules))
        _tell(arguments, tried)
        return 0

    return tell_errors(arguments, work)


async def _read(url: str, rules: list[Rule]) -> DryRun:
    """The rules on every decision of the public log."""
    async with Client(url) as client:
        state = await fetch_state(client)
        tried = DryRun(rules, state.systems)
        after = ""
        with bar("Dry run") as show:
            size = int((await client.read("v1/state"))["size"])
            while True:
                path = f"v1/entries?limit={PAGE_ITEMS_MAX}{after}"
                page = await client.read(path)
                for item in page["items"]:
                    entry = decode_entry(parse_base64(item["leaf"]))
                    if isinstance(entry, DecisionRecorded):
                        tried.take(entry, None)
                if page["next"] is None:
                    return tried
                after = f"&after={page['next']}"
                show(int(page["next"]), size)


def _tell(arguments: argparse.Namespace, tried: DryRun) -> None:
    if arguments.json:
        print(json.dumps(tried.public()))
        return
    for one, told in zip(tried.tried, tried.told(), strict=True):
        shown = one.ids[:_SHOWN]
        print(f"{told}{':' if shown else ''}")
        for id_ in shown:
            print(f"  {id_}")
        if one.failed > len(shown):
            print(f"  and {one.failed - len(shown):,} more")
    if tried.unread:
        print(
            f"{tried.unread:,} decisions were not tried on every rule: these rules read "
            "sealed values, which the operator can (--vault), or only their deployer"
        )
