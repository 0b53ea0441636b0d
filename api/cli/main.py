"""The command line: one module a command, each with `add` and `run`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from api import __version__
from ledger.errors import CounterfoilError

# Each is a module of this package with `add` and `run`, imported only when it is meant:
# an auditor need not wait for the server's libraries.
COMMANDS: Final = (
    "demo",
    "serve",
    "init",
    "systems",
    "tokens",
    "identity",
    "verify",
    "audit",
    "recount",
    "dryrun",
    "status",
    "fsck",
    "backup",
    "restore",
    "recover",
    "keys",
)
DESCRIPTION = """\
A ledger of AI decisions that anybody can check.

  counterfoil demo                 see all of it, on real decisions, in a minute
  counterfoil serve                run a ledger; founds one if there is none
  counterfoil verify RECEIPT.json  check one receipt, offline
  counterfoil audit URL            check a whole ledger, trusting nothing it says
"""


def parser(commands: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The command line, with these of its commands."""
    top = argparse.ArgumentParser(
        prog="counterfoil",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="`counterfoil COMMAND --help` explains each, with examples.",
    )
    top.add_argument(
        "--version", action="version", version=f"counterfoil {__version__}"
    )
    added = top.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for command in commands:
        import_module(f"api.cli.{command}").add(added)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 found something, 2 could not."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    top = parser(given[:1] if given and given[0] in COMMANDS else COMMANDS)
    found = top.parse_args(given)
    if found.command is None:
        top.print_help()
        return 0
    try:
        status_code: int = found.run(found)
    except CounterfoilError as error:
        print(f"counterfoil: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
    return status_code
