"""`counterfoil tokens`: issue, list and revoke the bearer tokens of systems."""

import argparse
import json
import sys
from typing import Any, Final

from api.auth import TOKEN_PREFIX, hash_token, new_token
from api.cli.opening import (
    add_json,
    add_parser,
    existing_store,
    finish,
    projection_of,
    read_config,
    row_of,
)
from ledger.errors import ConflictError, MalformedError, NotFoundError

ID_CHARS: Final = 12  # hex digits of a token's hash that are shown as its id
ID_CHARS_MIN: Final = 6  # hex digits that may name a token; fewer name too many
TOKEN_CHARS_MAX: Final = 200

DESCRIPTION = """\
Bearer tokens: who holds one may record decisions in its system's name, and read nothing.
They are the operator's secrets, not entries: we keep only the SHA-256 of each.
"""
ISSUE = """\
Makes a token for one system and prints it, once, alone on standard output. Earlier tokens
of the system stay valid until they are revoked.
"""
ISSUE_EXAMPLES = """\
  counterfoil tokens issue commons screening
  (umask 077; counterfoil tokens issue commons screening > screening.token)
"""
REVOKE = """\
Revokes one token, within a second everywhere. Name it by its id, as `tokens list` shows
it, or give the token itself on standard input (never as an argument: other users of this
machine can read those).
"""
REVOKE_EXAMPLES = """\
  counterfoil tokens revoke commons 5f1d9b2c44aa
  counterfoil tokens revoke commons < leaked.token
"""
LIST_EXAMPLES = "  counterfoil tokens list commons\n"


def add(commands: Any) -> None:
    """Add the command."""
    tokens = commands.add_parser(
        "tokens", help="issue, list, revoke bearer tokens", description=DESCRIPTION
    )
    below = tokens.add_subparsers(metavar="COMMAND", required=True)
    issue = add_parser(
        below,
        "issue",
        help_="make a token, shown once",
        description=ISSUE,
        examples=ISSUE_EXAMPLES,
    )
    issue.add_argument("ledger", metavar="LEDGER")
    issue.add_argument("system", metavar="SYSTEM")
    add_json(issue)
    issue.set_defaults(run=run_issue)
    listed = add_parser(
        below,
        "list",
        help_="list tokens, without the tokens",
        description="Lists a ledger's tokens: id, system, issued, revoked.",
        examples=LIST_EXAMPLES,
    )
    listed.add_argument("ledger", metavar="LEDGER")
    add_json(listed)
    listed.set_defaults(run=run_list)
    revoke = add_parser(
        below,
        "revoke",
        help_="revoke a token",
        description=REVOKE,
        examples=REVOKE_EXAMPLES,
    )
    revoke.add_argument("ledger", metavar="LEDGER")
    revoke.add_argument("id", metavar="ID", nargs="?")
    add_json(revoke)
    revoke.set_defaults(run=run_revoke)


def run_issue(arguments: argparse.Namespace) -> int:
    """Make a token; 0 made, 2 refused."""
    token = new_token()
    digest = hash_token(token)

    async def work() -> None:
        async with existing_store(read_config(arguments)) as store:
            row = await row_of(store, arguments.ledger)
            systems = (await projection_of(store, row)).current.state.systems
            if arguments.system not in systems:
                known = ", ".join(sorted(systems)) or "none yet"
                raise NotFoundError(
                    "unknown-system",
                    f"no such system in {row.name}; there is {known}. Register it with "
                    "`counterfoil systems add`",
                )
            await store.add_token(row.log_id, digest, arguments.system)

    finish(work())
    token_id = digest.hex()[:ID_CHARS]
    if arguments.json:
        print(json.dumps({"id": token_id, "system": arguments.system, "token": token}))
        return 0
    print(token)
    print(
        f"Shown once; we keep only its hash. Its id is {token_id}: "
        f"`counterfoil tokens revoke {arguments.ledger} {token_id}`",
        file=sys.stderr,
    )
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """List tokens."""

    async def work() -> list[tuple[bytes, str, str, str | None]]:
        async with existing_store(read_config(arguments)) as store:
            row = await row_of(store, arguments.ledger)
            return await store.tokens(row.log_id)

    found = [
        {
            "id": digest.hex()[:ID_CHARS],
            "system": system,
            "created": created,
            "revoked": revoked,
        }
        for digest, system, created, revoked in finish(work())
    ]
    if arguments.json:
        print(json.dumps(found))
        return 0
    for item in found:
        state = f"revoked {item['revoked']}" if item["revoked"] else "live"
        print(f"{item['id']}  {item['system']}  issued {item['created']}  {state}")
    if not found:
        print("no tokens yet: `counterfoil tokens issue --help`", file=sys.stderr)
    return 0


def run_revoke(arguments: argparse.Namespace) -> int:
    """Revoke one token; 0 revoked, 2 none or several of that id."""
    prefix = _prefix(arguments.id)

    async def work() -> tuple[str, str]:
        async with existing_store(read_config(arguments)) as store:
            row = await row_of(store, arguments.ledger)
            live = [
                (digest, system)
                for digest, system, _, revoked in await store.tokens(row.log_id)
                if revoked is None and digest.hex().startswith(prefix)
            ]
            if not live:
                raise NotFoundError(
                    "unknown-token",
                    f"no live token of {row.name} has this id: "
                    f"`counterfoil tokens list {row.name}` shows them",
                )
            if len(live) > 1:
                raise ConflictError(
                    "several-tokens",
                    f"{len(live)} live tokens have an id that begins so: give more of it",
                )
            digest, system = live[0]
            await store.revoke_tokens(row.log_id, digest)
            return digest.hex()[:ID_CHARS], system

    token_id, system = finish(work())
    if arguments.json:
        print(json.dumps({"id": token_id, "system": system}))
    else:
        print(f"revoked {token_id}, of {system}; in force everywhere within a second")
    return 0


def _prefix(given: str | None) -> str:
    """The beginning of the hash, from an id or from the token on standard input."""
    if given is None or given == "-":
        if sys.stdin.isatty():
            print("The token, then Ctrl-D:", file=sys.stderr)
        given = sys.stdin.read(TOKEN_CHARS_MAX).strip()
        if given.startswith(TOKEN_PREFIX):
            return hash_token(given).hex()
    if given.startswith(TOKEN_PREFIX):
        raise MalformedError(
            "that is a token, and arguments can be read by others: give it on standard "
            "input, `counterfoil tokens revoke LEDGER < FILE`"
        )
    known = all(char in "0123456789abcdef" for char in given)
    if not known or len(given) < ID_CHARS_MIN:
        raise MalformedError(
            f"a token's id is at least {ID_CHARS_MIN} of 0-9 a-f, as "
            "`counterfoil tokens list LEDGER` shows it"
        )
    return given
