"""`counterfoil demo`: all of it, on real decisions, in a minute."""

import argparse
import sys
from pathlib import Path
from typing import Any

import uvloop

from api.demo.run import demo
from api.demo.screen import Screen
from ledger.errors import VerificationError

DESCRIPTION = """\
Shows the main job on real input: starts the service on a PostgreSQL of its own, founds a
community, records 7,214 real decisions over HTTP (COMPAS risk scores, without names),
verifies every receipt, holds a real vote (people join, propose a rule, try it on the past,
talk, vote, wait), shows the new rule holding the very next adverse score, audits the whole
log as a stranger would, then changes one byte in a copy and shows that the audit catches
it. It needs no database, no network and about a minute. Then it serves until Ctrl-C, so
that you can look around.

Everything is in one folder, which a second demo empties and begins afresh. A folder that
no demo made is left alone.

  counterfoil demo
  counterfoil demo --data /tmp/demo --once
"""
EPILOG = """\
Exit status: 0 all of it worked; 1 something that must hold does not; 2 it could not run;
130 it was stopped before the end.
"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "demo",
        help="see all of it, on real decisions, in a minute",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=Path("counterfoil-demo"),
        help="the demo's own folder (default: ./counterfoil-demo)",
    )
    parser.add_argument(
        "--once", action="store_true", help="exit when it is done; do not serve on"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show it; 0 all worked, 1 something does not hold."""
    screen = Screen()
    try:
        return uvloop.run(demo(arguments.data, screen, once=arguments.once))
    except VerificationError as error:
        screen.end_line()
        print(f"counterfoil: the demo failed: {error}", file=sys.stderr)
        return 1
    except BaseException:
        screen.end_line()
        raise
