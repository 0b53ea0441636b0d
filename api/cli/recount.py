"""`counterfoil recount`: counts the votes on one proposal again, from the public log."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from api.cli.acting import url_of
from api.cli.bar import Show, bar
from ledger.audit.opening import Trust
from ledger.audit.recount import Recounts, recount
from ledger.audit.source import FolderSource, UrlSource
from ledger.errors import (
    CounterfoilError,
    MalformedError,
    UnavailableError,
    VerificationError,
)
from ledger.governance.ballots.methods import METHODS
from ledger.governance.ballots.recount import Recounted
from ledger.limits import POLICY_BYTES_MAX
from ledger.merkle.note import parse_vkey
from ledger.merkle.policy import parse_policy

AGREES, DIFFERS, UNUSABLE = 0, 1, 2
_URLS = ("http://", "https://")

DESCRIPTION = """\
Reads a whole ledger, takes every ballot cast on one proposal from the signed
entries, judges and counts them again, and compares the result with the one the
ledger shows. PROPOSAL is the proposal's key or the id of its wording; the first
letters will do, as `counterfoil proposals` prints them.
"""

EPILOG = """\
Your own ballot: give the id of the act that cast it (from its receipt) with
--ballot, and the recount says whether it is among those counted:

  counterfoil recount 3fQxYw2mLk9a
  counterfoil recount PROPOSAL --url https://host/commons --vkey KEY --ballot ID

Exit status: 0 every count agrees, and the ballot counts; 1 something differs;
2 the ledger cannot be reached, there is no such proposal, or an argument is
unusable.
"""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command's arguments."""
    parser = subparsers.add_parser(
        "recount",
        help="count the votes on a proposal again, from the public log",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("proposal", metavar="PROPOSAL", help="its key or id")
    parser.add_argument(
        "place",
        metavar="URL|FOLDER",
        nargs="?",
        help="the ledger (default: commons of the service on this machine)",
    )
    parser.add_argument("--url", metavar="URL", help="the ledger's address, likewise")
    parser.add_argument("--vkey", metavar="V", help="the log's key: name+hex+base64")
    parser.add_argument(
        "--policy", metavar="FILE", help="logs and witnesses to believe (tlog-policy)"
    )
    parser.add_argument(
        "--ballot", metavar="ID", help="the id of an act: is this ballot counted?"
    )
    parser.add_argument(
        "--json", action="store_true", help="the counts as JSON, for programs"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Counts, prints what it found, and returns the exit status."""
    try:
        found = asyncio.run(_recount(_place(args), args.proposal, _trust(args)))
    except VerificationError as error:
        print(f"✗ {error}")
        return DIFFERS
    except CounterfoilError as error:
        print(f"counterfoil recount: {error}", file=sys.stderr)
        return UNUSABLE
    missing = args.ballot is not None and not any(
        args.ballot in vote.cast.values() for vote in found.votes
    )
    if missing:
        found.findings.append(
            "the ballot given is not among those counted: it was replaced by a later "
            "one, was cast in no closed vote on this proposal, or does not stand in "
            "this log; its receipt tells which"
        )
    if args.json:
        told = json.dumps(as_json(found, args.ballot), indent=2, ensure_ascii=False)
        print(told)
    else:
        for note in found.notes:
            print(f"note: {note}", file=sys.stderr)
        print(format_text(found, args.ballot), end="")
    return DIFFERS if found.findings else AGREES


def _place(args: argparse.Namespace) -> str:
    if args.place is None:
        return url_of(args)
    if args.url is not None:
        raise MalformedError("the ledger is named twice: once is enough")
    place = str(args.place)
    if not place.startswith(_URLS) and not Path(place).is_dir():
        raise UnavailableError(f"{place} is neither a URL nor a folder")
    return place


def _trust(args: argparse.Namespace) -> Trust:
    if args.policy is None:
        policy = None
    else:
        try:
            data = Path(args.policy).read_bytes()
        except OSError as error:
            raise MalformedError(
                f"{args.policy} cannot be read: {error.strerror}"
            ) from error
        if len(data) > POLICY_BYTES_MAX:
            raise MalformedError(
                f"{args.policy} is longer than {POLICY_BYTES_MAX:,} bytes"
            )
        policy = parse_policy(data.decode("utf-8", "surrogateescape"))
    vkeys = () if args.vkey is None else (parse_vkey(args.vkey),)
    return Trust(vkeys=vkeys, policy=policy)


async def _recount(place: str, proposal: str, trust: Trust) -> Recounts:
    with bar("Recount") as show:
        return await _read(place, proposal, trust, show)


async def _read(place: str, proposal: str, trust: Trust, show: Show) -> Recounts:
    if place.startswith(_URLS):
        async with UrlSource(place) as source:
            return await recount(source, proposal, trust, progress=show)
    return await recount(FolderSource(Path(place)), proposal, trust, progress=show)


def format_text(found: Recounts, ballot: str | None = None) -> str:
    """For a terminal: each vote's count, then what was found, then the summary."""
    lines: list[str] = []
    for vote in found.votes:
        lines += _describe(vote, ballot)
    if not found.votes:
        lines.append("no vote on this proposal is closed yet: nothing to recount")
    lines += [f"✗ {sentence}" for sentence in found.findings]
    if not found.findings and found.votes:
        pages = "" if found.served is None else ", and the ledger's page shows it"
        lines.append(f"✓ every ballot counted again: the same result{pages}")
    lines.append(
        f"  {found.size:,} entries read, root {found.root.hex()[:8]}…, "
        f"checkpoint of {found.origin}"
    )
    return "".join(line + "\n" for line in lines)


def _describe(vote: Recounted, ballot: str | None) -> list[str]:
    result = vote.result
    beside = [
        f"{count:,} {words}"
        for count, words in (
            (vote.replaced, "replaced by their voters"),
            (vote.left_out, "left out"),
        )
        if count
    ]
    again = f" (vote {vote.number})" if vote.number > 1 else ""
    lines = [
        f"{vote.title}{again}: {vote.outcome}",
        f"  {result.method}: {result.ballots:,} ballots, {result.weight:,} votes"
        + "".join(f", {words}" for words in beside),
        *(f"  {line}" for line in METHODS[result.method].describe(result)),
    ]
    if ballot is not None and ballot in vote.cast.values():
        lines.append("  ✓ the ballot given is among those counted")
    return lines


def as_json(found: Recounts, ballot: str | None = None) -> dict[str, Any]:
    """For a program."""
    return {
        "agrees": not found.findings,
        "origin": found.origin,
        "size": found.size,
        "root": found.root.hex(),
        "proposal": found.key,
        "votes": [
            {
                "number": vote.number,
                "revision": vote.revision,
                "title": vote.title,
                "outcome": vote.outcome,
                "count": vote.result.public(),
                "differs": vote.differences(),
                "replaced": vote.replaced,
                "left_out": vote.left_out,
                "ballot_counted": None
                if ballot is None
                else ballot in vote.cast.values(),
            }
            for vote in found.votes
        ],
        "notes": list(found.notes),
        "findings": list(found.findings),
    }
