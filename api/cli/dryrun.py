"""`counterfoil dryrun`: what a rule would have done to the decisions there are."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from api.cli.bar import bar
from api.cli.opening import (
    add_json,
    add_parser,
    connected,
    existing_database,
    finish,
    projection_of,
    read_config,
    row_of,
    wire,
)
from api.config import Config
from ledger.entries.strict import parse_json
from ledger.errors import CounterfoilError, MalformedError
from ledger.governance.safeguards.dry import DryRun
from ledger.governance.safeguards.rule import Rule, check_tests, read_rule
from ledger.limits import RULES_FILE_BYTES_MAX
from ledger.log.dryrun import dry_run
from ledger.storage.snapshot import snapshot

DESCRIPTION = """\
Holds rules against every decision a ledger recorded, before anybody votes on them. RULES
is a JSON file: a safeguard, or a list of them, as a proposal enacts it. Their own test
cases run first.

Public rules run from the leaves. With --vault the sealed part of each decision that this
ledger sealed is opened with the keys in KEYS_DIR; counts and ids come out, and no value.

Exit status: 0 done, 2 could not run.
"""
EXAMPLES = """\
  counterfoil dryrun commons rule.json
  counterfoil dryrun commons rule.json --vault --json
"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(
        commands,
        "dryrun",
        help_="what a rule would have done to past decisions",
        description=DESCRIPTION,
        examples=EXAMPLES,
    )
    parser.add_argument("ledger", metavar="LEDGER")
    parser.add_argument("rules", metavar="RULES.json", type=Path)
    parser.add_argument(
        "--vault", action="store_true", help="open every sealed part; needs the keys"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the rules; 0 done, 2 could not."""
    try:
        rules = read_rules(arguments.rules)
    except (CounterfoilError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        print(f"counterfoil: cannot use {arguments.rules}: {reason}", file=sys.stderr)
        return 2
    found = try_here(arguments, rules)
    if arguments.json:
        print(json.dumps(found.public()))
        return 0
    for tried, told in zip(found.tried, found.told(), strict=True):
        print(told)
        for id_ in tried.ids:
            print(f"  {id_}")
    if found.unread:
        print(
            f"note: {found.unread:,} decisions were not tried on every rule: their sealed "
            "fields are needed (--vault), or only their deployer has them"
        )
    return 0


def try_here(arguments: argparse.Namespace, rules: list[Rule]) -> DryRun:
    """The rules on a ledger of this machine; `arguments`: its name, data, and vault.

    Raises:
        NotFoundError, FatalError: there is no such ledger here.
    """
    config = read_config(arguments)
    return finish(
        _try_rules(config, arguments.ledger, rules, with_vault=arguments.vault)
    )


def read_rules(path: Path) -> list[Rule]:
    """The rules of a file, their test cases kept.

    Raises:
        CounterfoilError: no rule, or one that does not keep its tests.
    """
    with path.open("rb") as file:
        data = file.read(RULES_FILE_BYTES_MAX + 1)
    if len(data) > RULES_FILE_BYTES_MAX:
        raise MalformedError(f"longer than {RULES_FILE_BYTES_MAX:,} bytes")
    value = parse_json(data)
    items = value if type(value) is list else [value]
    if not all(type(item) is dict for item in items):
        raise MalformedError("expected a safeguard, or a list of them")
    rules = [read_rule(item) for item in items]
    for rule in rules:
        check_tests(rule)
    return rules


async def _try_rules(
    config: Config, name: str, rules: list[Rule], *, with_vault: bool
) -> DryRun:
    """The rules held against every decision of a ledger on this machine.

    Raises:
        NotFoundError, FatalError: there is no such ledger here.
    """
    async with existing_database(config) as database, connected(database) as store:
        row = await row_of(store, name)
        state = (await projection_of(store, row)).current.state
        found = DryRun(rules, state.systems)
        vault = None
        if with_vault:
            book = wire(config, store, row)
            book.released.close()
            vault = book.keyring.vault()
        async with snapshot(database.dsn) as moment:
            with bar("Dry run") as show:
                await dry_run(moment, row.log_id, vault, found, show)
        return found
