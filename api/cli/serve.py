"""`counterfoil serve`: run the service."""

import argparse
import asyncio
import signal
from pathlib import Path
from typing import Any

import uvloop

from api import logs
from api.config import Config
from api.database import open_database
from api.supervisor import print_ready, serve

HELP = "run a ledger; founds one if there is none"
DESCRIPTION = """\
Runs the service. Without COUNTERFOIL_DATABASE_URL it runs a PostgreSQL of its own under
the data folder. On an empty data folder it founds a ledger named `commons` and writes a
token for a first system named `example`, so that a first POST works at once.

Standard output carries one line, `ready http://HOST:PORT`, when it can answer; the log
goes to standard error. SIGTERM finishes what is under way, and exits 0.

  counterfoil serve
  counterfoil serve --listen 0.0.0.0:8080 --data /var/lib/counterfoil --workers 2
"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "serve",
        help=HELP,
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--listen", metavar="HOST:PORT", help="where to answer")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder")
    parser.add_argument("--workers", metavar="N", help="processes that answer")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    given = {
        "LISTEN": arguments.listen,
        "DATA_DIR": arguments.data,
        "WORKERS": arguments.workers,
    }
    config = Config.read({key: str(v) for key, v in given.items() if v is not None})
    log = logs.configure(config.log_level, config.log_format)

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with open_database(config, attach=False) as database:
            await serve(config, database, stop=stop, ready=print_ready, log=log)

    uvloop.run(main())
    return 0
