"""`counterfoil audit`: checks a whole ledger as a stranger would."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from ledger.audit.opening import Trust
from ledger.audit.report import Report, as_json, format_text
from ledger.audit.source import FolderSource, UrlSource
from ledger.audit.verify import audit
from ledger.errors import CounterfoilError, MalformedError, UnavailableError
from ledger.limits import CHECKPOINT_BYTES_MAX, POLICY_BYTES_MAX
from ledger.merkle.note import parse_vkey
from ledger.merkle.policy import parse_policy

HELD, FOUND, UNUSABLE = 0, 1, 2
_URLS = ("http://", "https://")

DESCRIPTION = """\
Reads a whole ledger and believes nothing it says: every entry's form and
place, every hash tile, the root that the checkpoint signs, every signature,
every count, and the published state, which it works out again from the
entries. A URL is a ledger's, as https://host/commons; a folder holds its
published files (`checkpoint` and `tile/`).
"""

EPILOG = """\
Keys: without --vkey the log's key is taken from the log itself, which proves
only that the log agrees with itself. Take it from elsewhere: the operator's
web site, a letter, a receipt you hold.

Again: keep the checkpoint, and next time show that the log only grew:

  counterfoil audit https://host/commons --vkey KEY --save seen
  counterfoil audit https://host/commons --vkey KEY --from seen --save seen

Exit status: 0 everything holds; 1 findings, a line each; 2 the ledger cannot
be reached, or an argument is no key, policy or checkpoint.
"""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command's arguments."""
    parser = subparsers.add_parser(
        "audit",
        help="check a whole ledger, trusting nothing it says",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("place", metavar="URL|FOLDER", help="the ledger")
    parser.add_argument("--vkey", metavar="V", help="the log's key: name+hex+base64")
    parser.add_argument(
        "--policy", metavar="FILE", help="logs and witnesses to believe (tlog-policy)"
    )
    parser.add_argument(
        "--from",
        dest="earlier",
        metavar="CHECKPOINT",
        help="a file with a checkpoint seen before, which the log must continue",
    )
    parser.add_argument(
        "--save",
        metavar="CHECKPOINT",
        help="write the checkpoint to this file, if everything holds",
    )
    parser.add_argument(
        "--json", action="store_true", help="the report as JSON, for programs"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Audits, prints the report, and returns the exit status."""
    try:
        trust = _trust(args)
        if not args.place.startswith(_URLS) and not Path(args.place).is_dir():
            raise UnavailableError(f"{args.place} is neither a URL nor a folder")
        report = asyncio.run(_audit(args.place, trust))
        if args.save is not None and report.held:
            _save(args.save, report)
    except CounterfoilError as error:
        print(f"counterfoil audit: {error}", file=sys.stderr)
        return UNUSABLE
    if args.json:
        print(json.dumps(as_json(report), indent=2, ensure_ascii=False))
    else:
        for note in report.notes:
            print(f"note: {note}", file=sys.stderr)
        print(format_text(report), end="")
    return HELD if report.held else FOUND


def _trust(args: argparse.Namespace) -> Trust:
    return Trust(
        vkeys=() if args.vkey is None else (parse_vkey(args.vkey),),
        policy=None
        if args.policy is None
        else parse_policy(
            _read(args.policy, POLICY_BYTES_MAX).decode("utf-8", "surrogateescape")
        ),
        earlier=None
        if args.earlier is None
        else _read(args.earlier, CHECKPOINT_BYTES_MAX),
    )


def _read(path: str, bytes_max: int) -> bytes:
    try:
        with Path(path).open("rb") as file:
            data = file.read(bytes_max + 1)
    except OSError as error:
        raise MalformedError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > bytes_max:
        raise MalformedError(f"{path} is longer than {bytes_max:,} bytes")
    return data


def _save(path: str, report: Report) -> None:
    assert report.checkpoint is not None, "a report that holds has one"  # noqa: S101 -- ours
    try:
        Path(path).write_bytes(report.checkpoint)
    except OSError as error:
        raise UnavailableError(
            f"everything holds, but {path} cannot be written: {error.strerror}"
        ) from error


async def _audit(place: str, trust: Trust) -> Report:
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("Audit"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("entries"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("audit", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if place.startswith(_URLS):
            async with UrlSource(place) as source:
                return await audit(source, trust, progress=show)
        return await audit(FolderSource(Path(place)), trust, progress=show)
