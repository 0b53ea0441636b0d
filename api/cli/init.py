"""`counterfoil init`: found a ledger."""

import argparse
import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.cli.opening import (
    add_json,
    add_parser,
    connected,
    finish,
    read_config,
    writing,
)
from api.config import Config
from api.database import open_database
from api.keyfile import read_identity, write_identity
from ledger.clock import SystemClock
from ledger.entries.strict import parse_json
from ledger.errors import ConflictError, MalformedError
from ledger.ids import Did, LedgerName, parse_ledger_name
from ledger.keys import SEED_BYTES, SigningKey, is_did_key
from ledger.limits import ACT_BYTES_MAX
from ledger.log.founding import found
from ledger.log.keyring import Keyring
from ledger.merkle.note import format_vkey, is_key_name, parse_signer_key

DESCRIPTION = """\
Founds a ledger: makes its keys, writes entry 0, signs the first checkpoint.

LEDGER is the first segment of its addresses (a-z, 0-9, -). ORIGIN names the log in every
checkpoint, for ever: choose a name you own, without https://. Founders may register the
first systems; without --founder the key DATA_DIR/founder.key is used, and made if there
is none. Works beside a running `serve`, which serves the new ledger at once.
"""
EXAMPLES = """\
  counterfoil init commons --origin ledger.example.org/commons
  counterfoil identity new alice.key
  counterfoil init city --origin example.org/city --founder did:key:z6Mk...
  echo '{"decided_at_age_days": 90}' > p.json
  counterfoil init clinic --origin example.org/clinic --parameters p.json
  counterfoil init union --origin example.org/union --constitution constitution.txt
"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(
        commands,
        "init",
        help_="found a ledger",
        description=DESCRIPTION,
        examples=EXAMPLES,
    )
    parser.add_argument("ledger", metavar="LEDGER")
    parser.add_argument("--origin", metavar="ORIGIN", required=True)
    parser.add_argument(
        "--founder",
        metavar="DID",
        action="append",
        default=[],
        help="a founder's did:key; repeat for more",
    )
    parser.add_argument(
        "--parameters", metavar="FILE", type=Path, help="the community's numbers, JSON"
    )
    parser.add_argument(
        "--constitution",
        metavar="FILE",
        type=Path,
        help="the community's constitution, UTF-8 text; amended by proposals",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Found it; 0 founded, 2 refused."""
    config = read_config(arguments)
    name = parse_ledger_name(arguments.ledger)
    if not is_key_name(arguments.origin) or "://" in arguments.origin:
        raise MalformedError(
            "an origin is a name such as ledger.example.org/commons: no blank, no +, no "
            "https://"
        )
    if not all(is_did_key(did) for did in arguments.founder):
        raise MalformedError(
            "--founder is the did:key of an Ed25519 key, as `counterfoil identity new` "
            "prints it"
        )
    parameters = _parameters(arguments.parameters)
    constitution = _constitution(arguments.constitution)
    _check_keys(Keyring(config.keys_dir / name), name, arguments.origin)
    founders = arguments.founder or [_own_founder(config)]
    report = finish(
        _found(config, name, arguments.origin, founders, parameters, constitution)
    )
    if arguments.json:
        print(json.dumps(report))
    else:
        _print(report, config, own=not arguments.founder)
    return 0


def _parameters(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        with path.open("rb") as file:
            value = parse_json(file.read(ACT_BYTES_MAX))
    except OSError as error:
        raise MalformedError(f"cannot read {path}: {error.strerror}") from error
    if type(value) is not dict:
        raise MalformedError(f"{path} must hold one JSON object of parameters")
    return value


def _constitution(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise MalformedError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MalformedError(f"{path} is not UTF-8 text") from error


def _check_keys(keyring: Keyring, name: str, origin: str) -> None:
    """Keys of that name may be left of a founding that a crash cut short: no others."""
    if not (keyring.folder / "log.key").exists():
        return
    held = parse_signer_key(keyring.signer()).name
    if held != origin:
        raise ConflictError(
            "keys-of-another-ledger",
            f"{keyring.folder} holds the keys of origin {held}: they are never "
            "replaced. Choose another name or origin, or another COUNTERFOIL_KEYS_DIR",
        )
    if keyring.has_released():
        raise ConflictError(
            "keys-already-signed",
            f"the keys in {keyring.folder} have signed a ledger {name} already. If its "
            "database was lost: `counterfoil restore`. If it is in another database: "
            "name that one. A second ledger of this origin would fork its history",
        )


def _own_founder(config: Config) -> Did:
    path = config.data_dir / "founder.key"
    if not path.exists():
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_identity(path, SigningKey(secrets.token_bytes(SEED_BYTES)))
    return read_identity(path).did


async def _found(
    config: Config,
    name: LedgerName,
    origin: str,
    founders: Sequence[Did],
    parameters: dict[str, Any],
    constitution: str,
) -> dict[str, Any]:
    async with (
        open_database(config, attach=True) as database,
        connected(database) as store,
    ):
        if any(name == row.name or origin == row.origin for row in await store.logs()):
            raise ConflictError(  # before keys are made that nobody would use
                "ledger-exists", "a ledger of this name or origin exists here already"
            )
        keyring = Keyring(config.keys_dir / name)
        row = await found(
            store,
            keyring,
            name=name,
            origin=origin,
            founders=founders,
            parameters=parameters,
            clock=SystemClock(),
            constitution=constitution,
        )
        async with writing(config, store, row) as book:
            size = book.reader.size()
        return {
            "ledger": row.name,
            "origin": row.origin,
            "genesis": row.genesis,
            "vkey": format_vkey(parse_signer_key(keyring.signer()).vkey),
            "founders": list(founders),
            "size": size,
            "keys": str(keyring.folder),
        }


def _print(report: dict[str, Any], config: Config, *, own: bool) -> None:
    ledger = report["ledger"]
    print(f"Founded  {ledger}, origin {report['origin']}")
    print(f"vkey     {report['vkey']}")
    print(f"genesis  {report['genesis']}")
    for did in report["founders"]:
        print(f"founder  {did}")
    files = [report["keys"]] + ([str(config.data_dir / "founder.key")] if own else [])
    print(
        f"\nKeep a copy of {' and '.join(files)}\n"
        "in another place than the data: without these keys nobody can sign this ledger "
        "again,\nor open what is sealed in it. Publish the vkey in a second place too.",
        file=sys.stderr,
    )
    print(
        f"\nNext:  counterfoil systems add {ledger} SYSTEM --operator NAME\n"
        f"       counterfoil tokens issue {ledger} SYSTEM",
        file=sys.stderr,
    )
