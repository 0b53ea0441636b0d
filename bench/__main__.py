"""Prints the measured claims; exit 1 when one is not met.

python -m bench                     everything, about ten minutes on two cores
python -m bench write --quick       the write path in about a minute, less certain
python -m bench scale               10,000 against 1,000,000 entries
python -m bench safeguards          twenty rules against none, in seconds
python -m bench start               a start from the kept state at 1,000,000 entries
python -m bench votes               a count, a replay, a ballot against a decision
python -m bench audit               the auditor, per entry and in memory
"""

import argparse
import asyncio
import sys

from bench import safeguards, scale, start, votes, write
from bench.table import Claim, show


async def run(part: str, *, quick: bool) -> list[Claim]:
    """The claims of one part, or of all."""
    claims: list[Claim] = []
    if part in {"write", "all"}:
        claims += await write.measure(quick=quick)
    if part in {"scale", "audit", "all"}:
        claims += await scale.measure(quick=quick, only_audit=part == "audit")
    if part in {"safeguards", "all"}:
        claims += await safeguards.measure(quick=quick)
    if part in {"start", "all"}:
        claims += await start.measure(quick=quick)
    if part in {"votes", "all"}:
        claims += await votes.measure(quick=quick)
    return claims


def main() -> None:
    """Parses the arguments, measures, prints the table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parts = ["write", "scale", "audit", "safeguards", "start", "votes", "all"]
    parser.add_argument("part", nargs="?", default="all", choices=parts)
    parser.add_argument("--quick", action="store_true", help="fewer, shorter pairs")
    given = parser.parse_args()
    claims = asyncio.run(run(given.part, quick=given.quick))
    sys.exit(0 if show(claims) else 1)


if __name__ == "__main__":
    main()
