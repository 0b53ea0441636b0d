"""The command line: modules with `add`, each for a command or a family of them."""

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from typing_extensions import override

from api import __version__
from ledger.errors import CounterfoilError

# What people come to do, the commands for it, and the module of this package that adds
# each. A module is imported only when one of its commands is meant: an auditor need not
# wait for the server's libraries.
GROUPS: Final[Mapping[str, Mapping[str, str]]] = {
    "See and check": {
        "demo": "demo",
        "verify": "verify",
        "audit": "audit",
        "recount": "recount",
        "proposals": "show",
        "proposal": "show",
        "members": "show",
        "safeguards": "safeguards",
    },
    "Decided about": {
        "claim": "claim",
        "contest": "contest",
        "grant": "share",
        "helper": "share",
        "erase": "share",
        "reissue": "share",
    },
    "Take part": {
        "identity": "identity",
        "apply": "join",
        "vouch": "join",
        "admit": "join",
        "exit": "join",
        "resign": "join",
        "key": "key",
        "recovery": "key",
        "passkey": "key",
    },
    "Propose": {
        "propose": "propose",
        "amend": "propose",
        "submit": "propose",
        "endorse": "propose",
        "withdraw": "propose",
        "cancel": "propose",
        "challenge": "propose",
        "object": "propose",
        "execute": "propose",
    },
    "Talk and vote": {
        "comment": "talk",
        "agree": "talk",
        "disagree": "talk",
        "flag": "talk",
        "vote": "vote",
        "reveal": "reveal",
        "delegate": "vote",
        "undelegate": "vote",
    },
    "Watch over systems": {
        "review": "review",
        "suspend": "oversee",
        "confirm": "oversee",
        "act": "oversee",
    },
    "Run a ledger": {
        "serve": "serve",
        "init": "init",
        "dryrun": "dryrun",
        "systems": "systems",
        "tokens": "tokens",
        "keys": "keys",
        "sweep": "sweep",
        "status": "status",
        "fsck": "fsck",
        "backup": "backup",
        "restore": "restore",
        "recover": "recover",
    },
}
COMMANDS: Final[Mapping[str, str]] = {
    name: module for group in GROUPS.values() for name, module in group.items()
}
_ID: Final = re.compile(
    r"-[A-Za-z0-9_][A-Za-z0-9_-]{2,41}|-[A-Za-z0-9_-]{42}", re.ASCII
)
DESCRIPTION = """\
A ledger of AI decisions that anybody can check, and a community that decides about them.

  counterfoil demo                 see all of it, on real decisions, in a minute
  counterfoil serve                run a ledger; founds one if there is none
  counterfoil verify RECEIPT.json  check one receipt, offline
  counterfoil audit URL            check a whole ledger, trusting nothing it says
"""
EPILOG = """\
`counterfoil COMMAND --help` explains each, with examples. What signs shows first what
will be signed, and asks; --dry-run signs nothing.
"""


class _Top(argparse.ArgumentParser):
    """The whole command line; its help lists commands by what one comes to do."""

    helps: Mapping[str, str] = {}

    @override
    def format_help(self) -> str:
        width = max(map(len, COMMANDS))
        lines = [f"usage: {self.prog} [--version] COMMAND …\n", DESCRIPTION]
        for title, group in GROUPS.items():
            lines.append(f"{title}:")
            lines += [
                f"  {name:<{width}}  {self.helps.get(name, '')}" for name in group
            ]
            lines.append("")
        return "\n".join([*lines, EPILOG])


class _Added:
    """Where modules add their commands; remembers what each says of itself."""

    def __init__(self, added: Any) -> None:
        self._added = added
        self.helps: dict[str, str] = {}

    def add_parser(self, name: str, **given: Any) -> Any:
        """As argparse's own."""
        self.helps[name] = given.get("help", "")
        return self._added.add_parser(name, **given)


def parser(commands: Sequence[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """The command line, with these of its commands and their families."""
    top = _Top(prog="counterfoil")
    top.add_argument(
        "--version", action="version", version=f"counterfoil {__version__}"
    )
    added = _Added(
        top.add_subparsers(
            metavar="COMMAND", dest="command", parser_class=argparse.ArgumentParser
        )
    )
    for module in dict.fromkeys(COMMANDS[command] for command in commands):
        import_module(f"api.cli.{module}").add(added)
    top.helps = added.helps
    return top


def _ids_apart(arguments: Sequence[str]) -> list[str]:
    """With a blank after each id that begins as an option does: `-y9Au…`.

    One in 64 ids does; argparse takes what holds a blank for no option.
    """
    return [f"{one} " if _ID.fullmatch(one) else one for one in arguments]


def _ids_whole(found: argparse.Namespace) -> None:
    for name, value in vars(found).items():
        if type(value) is str and _ID.fullmatch(value.rstrip(" ")):
            setattr(found, name, value.rstrip(" "))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 found something, 2 could not."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    meant = given[:1] if given and given[0] in COMMANDS else tuple(COMMANDS)
    top = parser(meant)
    found = top.parse_args(_ids_apart(given))
    _ids_whole(found)
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
