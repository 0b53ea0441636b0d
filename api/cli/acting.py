"""What the commands that sign acts share: who, where, the preview, the question.

Each shows exactly what will be signed, in words first and then as JSON, and asks. Nothing
is signed before that, and nothing that the community's own rules would refuse.

Exit status: 0 recorded (with --dry-run: it would be); 1 refused, or a log that cannot be
trusted, or answered no; 2 it could not be done.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from api.config import Config
from api.keyfile import read_identity
from api.member.acting import Desk, Done, Plan, Prepared, open_desk
from api.member.client import Client, plain
from api.member.refusing import in_full
from api.member.seen import Met, Seen
from ledger.clock import SystemClock
from ledger.entries.part import part_name
from ledger.entries.receipt import format_receipt
from ledger.errors import (
    CounterfoilError,
    FatalError,
    MalformedError,
    RejectedError,
    VerificationError,
)
from ledger.keys import SigningKey
from ledger.log.keyring import write_private

Value = TypeVar("Value")
_COMMONS: Final = "commons"  # as `serve` names the ledger of a first start
Planner = Callable[[Desk], Awaitable[Plan]]
REFUSED: Final = 1
_ANY: Final = ("0.0.0.0", "::")  # noqa: S104 -- listened on, and so not an address
_IDENTITY: Final = "your key (default: DATA_DIR/founder.key)"


def add_act_parser(
    commands: Any,
    name: str,
    *,
    help_: str,
    description: str,
    examples: str,
    identity: str = _IDENTITY,
) -> argparse.ArgumentParser:
    """The parser of a command that signs, its examples at the end of its help."""
    parser = add_read_parser(
        commands, name, help_=help_, description=description, examples=examples
    )
    parser.add_argument("--identity", metavar="FILE", type=Path, help=identity)
    parser.add_argument(
        "--yes", action="store_true", help="sign without asking, as a program does"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="sign nothing: show it, and say whether the ledger would take it now",
    )
    return parser


def add_read_parser(
    commands: Any, name: str, *, help_: str, description: str, examples: str
) -> argparse.ArgumentParser:
    """The parser of a command that talks to a service.

    Nothing of the server is imported for it: it starts as fast as a member types.
    """
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help_,
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--url",
        metavar="URL",
        help="the ledger's address (default: commons of the service on this machine)",
    )
    parser.add_argument(
        "--json", action="store_true", help="JSON on standard output, for programs"
    )
    return parser


def finish(work: Coroutine[Any, Any, Value]) -> Value:
    """Run a command's work to its end."""
    return asyncio.run(work)


def url_of(arguments: argparse.Namespace) -> str:
    """The ledger that is meant."""
    if arguments.url is not None:
        return str(arguments.url)
    config = Config.read()
    host = "127.0.0.1" if config.host in _ANY else config.host
    shown = f"[{host}]" if ":" in host else host
    return f"{config.base_url or f'http://{shown}:{config.port}'}/{_COMMONS}"


def identity_path(arguments: argparse.Namespace, config: Config) -> Path:
    """Where the key of the one who acts is."""
    path: Path = arguments.identity or config.data_dir / "founder.key"
    return path


def carry_out(arguments: argparse.Namespace, *planners: Planner) -> int:
    """Plan, show, ask, sign, send: one act after the other; the exit status."""

    async def work() -> int:
        path = identity_path(arguments, Config.read())
        return await _carry_out(arguments, path, read_identity(path), planners)

    return tell_errors(arguments, lambda: finish(work()))


def carry_out_as(
    arguments: argparse.Namespace, path: Path, key: SigningKey, planner: Planner
) -> int:
    """The same for a key that is in no identity file; `path` is what holds it."""
    return tell_errors(
        arguments, lambda: finish(_carry_out(arguments, path, key, (planner,)))
    )


async def _carry_out(
    arguments: argparse.Namespace,
    path: Path,
    key: SigningKey,
    planners: Sequence[Planner],
) -> int:
    if not (arguments.yes or arguments.dry_run) and (
        arguments.json or not sys.stdin.isatty()
    ):
        raise MalformedError(
            "nobody is at a terminal to ask: --yes signs without asking, --dry-run "
            "signs nothing"
        )
    seen = Seen(path.with_name(f"{path.name}.seen"))
    async with Client(url_of(arguments)) as client:
        for planner in planners:
            desk = await open_desk(client, key, seen, SystemClock().now_ms())
            prepared = desk.prepare(await planner(desk))
            if not arguments.json:
                _preview(desk, prepared)
            desk.check(prepared)
            if arguments.dry_run:
                _tell_allowed(arguments, prepared)
                return 0
            if not arguments.yes and not _asked():
                print("Nothing was signed.")
                return REFUSED
            folder = _folder(path, desk.met)
            _keep_private(folder, prepared)
            done = await desk.send(prepared)
            kept = _keep(folder, prepared, done)
            await seen.meet(client)
            _tell_done(arguments, prepared, done, kept)
    return 0


# ---- before --------------------------------------------------------------------------


def _preview(desk: Desk, prepared: Prepared) -> None:
    met, act = desk.met, prepared.act
    first, *more = prepared.plan.words
    print(plain(first))
    for line in more:
        print(f"  {plain(line)}")
    if met.is_first:
        print(
            f"  First contact with {plain(met.origin)}: compare its key with what the "
            "community publishes elsewhere."
        )
    until = datetime.fromtimestamp(act.until_ms / 1000, UTC)
    print(
        f"\nas     {act.actor}, act {act.seq} of this key\n"
        f"in     {plain(met.origin)}, {met.checkpoint.size:,} entries seen, root "
        f"{met.checkpoint.root.hex()[:16]}…\n"
        f"until  {until:%H:%M:%S} UTC: what is not recorded by then lapses\n"
    )
    print(json.dumps(json.loads(prepared.payload), indent=1, ensure_ascii=True))
    print(flush=True)


def _asked() -> bool:
    try:
        return input("Sign this? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


# ---- after ---------------------------------------------------------------------------


def _folder(path: Path, met: Met) -> Path:
    """Where receipts of this log are kept: next to the key."""
    return path.with_name(f"{path.name}.receipts") / met.origin.replace("/", "_")


def _keep_private(folder: Path, prepared: Prepared) -> None:
    """What only the signer may know is kept before it is needed: sending may fail."""
    act, private = prepared.act, prepared.plan.private
    if private is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FatalError(f"cannot make {folder}: {error.strerror}") from error
    file = folder / f"{act.seq:06}-{act.act}-{act.id[:8]}.private"
    write_private(file, json.dumps(private).encode() + b"\n")


def _keep(folder: Path, prepared: Prepared, done: Done) -> Path:
    """The receipt, kept; `counterfoil verify` checks it."""
    act = prepared.act
    file = folder / f"{act.seq:06}-{act.act}.counterfoil.json"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(format_receipt(done.receipt), encoding="utf-8")
    except OSError as error:
        kept = FatalError(
            f"recorded as entry {done.receipt.index:,}, and its receipt cannot be kept "
            f"in {folder}: {error.strerror}"
        )
        kept.recorded = True
        raise kept from error
    return file


def _tell_allowed(arguments: argparse.Namespace, prepared: Prepared) -> None:
    if arguments.json:
        value = {"would": "record", **_as_json(prepared)}
        print(json.dumps(value))
    else:
        print("Dry run: nothing was signed. The ledger would record this now.")


def _tell_done(
    arguments: argparse.Namespace, prepared: Prepared, done: Done, kept: Path
) -> None:
    receipt = done.receipt
    if arguments.json:
        said = {
            "index": receipt.index,
            "id": receipt.id,
            "receipt": str(kept),
            "unsent": [{"digest": one, "why": why} for one, why in done.unsent],
            "unkept": [{"part": part_name(b), "why": why} for b, why in done.unkept],
            **_as_json(prepared),
        }
        print(json.dumps(said))
    else:
        print(f"Recorded as entry {receipt.index:,}. Receipt: {kept}")
        for line in prepared.plan.next:
            print(f"Next:  {line}")
    for one, why in done.unsent:
        print(
            f"counterfoil: the act is recorded; its text was not kept: {plain(why)} "
            f"(digest {one})",
            file=sys.stderr,
        )
    for blob, why in done.unkept:
        file = kept.with_name(f"{part_name(blob)}.part")
        if not file.exists():
            write_private(file, blob)
        print(
            f"counterfoil: the act is recorded; what it says was not kept: {plain(why)}. "
            f"It is in {file}; send it again: counterfoil contest send {file}",
            file=sys.stderr,
        )


def _as_json(prepared: Prepared) -> dict[str, Any]:
    return {
        "act": prepared.act.act,
        "words": list(prepared.plan.words),
        "payload": json.loads(prepared.payload),
    }


def tell_errors(arguments: argparse.Namespace, work: Callable[[], int]) -> int:
    """What `work` gives; an error as one line, and its exit status."""
    try:
        return work()
    except CounterfoilError as error:
        refused = isinstance(error, RejectedError | VerificationError)
        if arguments.json:
            kind = error.kind if isinstance(error, RejectedError) else "failed"
            value = {
                "error": kind,
                "detail": in_full(error),
                "recorded": error.recorded,
            }
            print(json.dumps(value))
        print(f"counterfoil: {_sentence(error)}", file=sys.stderr)
        return REFUSED if refused else 2


def _sentence(error: CounterfoilError) -> str:
    text = plain(in_full(error))
    if isinstance(error, RejectedError):
        text = f"refused: {text}"
    if error.recorded is None:
        return f"{text}. It may be recorded all the same: look before you sign again"
    return text
