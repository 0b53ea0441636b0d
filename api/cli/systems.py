"""`counterfoil systems`: register AI systems and their versions; list them."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from api.cli.opening import (
    add_json,
    add_parser,
    existing_store,
    finish,
    projection_of,
    read_config,
    row_of,
    rows_of,
    writing,
)
from api.config import Config
from api.keyfile import read_identity
from api.signing import signed_act
from ledger.clock import SystemClock
from ledger.governance.systems.actions import SYSTEM_REGISTER, SYSTEM_VERSION
from ledger.governance.systems.bodies import IMPACT_LEVELS
from ledger.log.pending import Recorded

DESCRIPTION = """\
The AI systems whose decisions a ledger records. Registering one, and each version of it,
is an act: signed by a founder, and an entry that anybody can read.
"""
ADD = """\
Registers a system: an act, signed with an identity file (a founder's).

Under profile `sealed` (the default) the outcome and all that follows from it stay off the
public leaf; under `open` the outcome stands on it, and its codes must be registered.
"""
ADD_EXAMPLES = """\
  counterfoil systems add commons screening --name "CV screening" \\
      --operator "Acme Ltd" --impact-level III --domain hiring --jurisdiction SE \\
      --version 2026-11
  counterfoil systems add commons triage --profile open \\
      --outcome urgent --outcome routine --identity alice.key
"""
VERSION = """\
Registers a further version of a system: an act. A decision that names no version is
recorded under the newest.
"""
VERSION_EXAMPLES = "  counterfoil systems version commons screening 2026-12\n"
LIST_EXAMPLES = (
    "  counterfoil systems list\n  counterfoil systems list commons --json\n"
)


def add(commands: Any) -> None:
    """Add the command."""
    systems = commands.add_parser(
        "systems", help="register AI systems", description=DESCRIPTION
    )
    below = systems.add_subparsers(metavar="COMMAND", required=True)
    _add_add(below)
    version = add_parser(
        below,
        "version",
        help_="register a version of a system",
        description=VERSION,
        examples=VERSION_EXAMPLES,
    )
    for name in ("ledger", "system", "version"):
        version.add_argument(name, metavar=name.upper())
    _add_identity(version)
    version.set_defaults(run=run_version)
    listed = add_parser(
        below,
        "list",
        help_="list the systems",
        description="Lists registered systems, with how many decisions each recorded.",
        examples=LIST_EXAMPLES,
    )
    listed.add_argument("ledger", metavar="LEDGER", nargs="?")
    add_json(listed)
    listed.set_defaults(run=run_list)


def _add_add(below: Any) -> None:
    parser = add_parser(
        below,
        "add",
        help_="register a system",
        description=ADD,
        examples=ADD_EXAMPLES,
    )
    parser.add_argument("ledger", metavar="LEDGER")
    parser.add_argument("system", metavar="SYSTEM", help="its code: A-Z a-z 0-9 . _ -")
    parser.add_argument("--name", help="for people (default: SYSTEM)")
    parser.add_argument("--operator", help="who answers for it (default: SYSTEM)")
    parser.add_argument("--impact-level", choices=IMPACT_LEVELS, default="II")
    parser.add_argument("--domain", metavar="CODE", default="unspecified")
    parser.add_argument("--jurisdiction", metavar="CODE", default="unspecified")
    parser.add_argument("--profile", choices=("sealed", "open"), default="sealed")
    for option, metavar, what in (
        ("--outcome", "CODE", "an outcome's code"),
        ("--version", "V", "a version; the last one is the newest"),
        ("--key", "DID", "a did:key that may sign its statements"),
    ):
        parser.add_argument(
            option,
            metavar=metavar,
            action="append",
            default=[],
            help=f"{what}; repeat for more",
        )
    _add_identity(parser)
    parser.set_defaults(run=run_add)


def _add_identity(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--identity",
        metavar="FILE",
        type=Path,
        help="the founder's key (default: DATA_DIR/founder.key)",
    )
    add_json(parser)


def run_add(arguments: argparse.Namespace) -> int:
    """Register a system; 0 recorded, 2 refused."""
    body = {
        "system": arguments.system,
        "name": arguments.name or arguments.system,
        "operator": arguments.operator or arguments.system,
        "impact_level": arguments.impact_level,
        "domain": arguments.domain,
        "jurisdiction": arguments.jurisdiction,
        "profile": arguments.profile,
        "outcomes": arguments.outcome,
        "versions": arguments.version,
        "keys": arguments.key,
    }
    recorded = _act(arguments, SYSTEM_REGISTER, body)
    _tell(arguments, recorded, f"registered {arguments.system}")
    if not arguments.json:
        print(
            f"Next:  counterfoil tokens issue {arguments.ledger} {arguments.system}",
            file=sys.stderr,
        )
    return 0


def run_version(arguments: argparse.Namespace) -> int:
    """Register a version; 0 recorded, 2 refused."""
    body = {"system": arguments.system, "version": arguments.version}
    recorded = _act(arguments, SYSTEM_VERSION, body)
    _tell(arguments, recorded, f"registered {arguments.system} {arguments.version}")
    return 0


def _act(arguments: argparse.Namespace, act: str, body: dict[str, Any]) -> Recorded:
    config = read_config(arguments)
    key = read_identity(arguments.identity or config.data_dir / "founder.key")

    async def work() -> Recorded:
        async with existing_store(config) as store:
            row = await row_of(store, arguments.ledger)
            async with writing(config, store, row) as book:
                signed = await signed_act(
                    book, key, act=act, body=body, now_ms=SystemClock().now_ms()
                )
                return await book.act(signed)

    return finish(work())


def _tell(arguments: argparse.Namespace, recorded: Recorded, what: str) -> None:
    if arguments.json:
        print(json.dumps({"index": recorded.index, "id": recorded.id}))
    else:
        print(f"entry {recorded.index:,} of {arguments.ledger}: {what}")


def run_list(arguments: argparse.Namespace) -> int:
    """List the systems."""
    found = finish(_systems(read_config(arguments), arguments.ledger))
    if arguments.json:
        print(json.dumps(found))
        return 0
    for item in found:
        versions = ", ".join(item["versions"]) or "no version"
        print(
            f"{item['ledger']}  {item['system']}  {item['status']}, {item['profile']}, "
            f"level {item['impact_level']}, {item['decisions']:,} decisions; {versions}"
        )
    if not found:
        print("no systems yet: `counterfoil systems add --help`", file=sys.stderr)
    return 0


async def _systems(config: Config, ledger: str | None) -> list[dict[str, Any]]:
    found = []
    async with existing_store(config) as store:
        for row in await rows_of(store, ledger):
            projected = (await projection_of(store, row)).current
            counters = await store.counters(row.log_id)
            for id_, system in sorted(projected.state.systems.items()):
                seq, refused = counters.get(id_, (0, 0))
                found.append(
                    {
                        "ledger": row.name,
                        "system": id_,
                        **system.public(),
                        "decisions": seq,
                        "refused": refused,
                    }
                )
    return found
