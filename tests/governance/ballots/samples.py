"""Ballot boxes for tests: patterns and how many cast them."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger.canonical import format_base64url
from ledger.governance.ballots.method import Ballot, Choice, Result
from ledger.governance.ballots.methods import METHODS
from ledger.ids import Did

VECTORS = Path(__file__).parents[2] / "vectors" / "governance" / "ranked"
PROPOSAL = format_base64url(sha256(b"a proposal").digest())


def vectors(name: str) -> list[dict[str, Any]]:
    return list(json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["cases"])


def code(name: str) -> str:
    """An option's code: published names have spaces and accents."""
    return "".join(char if char.isalnum() and char.isascii() else "." for char in name)


def act_of(number: int) -> str:
    return format_base64url(sha256(b"ballot %d" % number).digest())


def ballot(number: int, choice: Choice, weight: int = 1) -> Ballot:
    return Ballot(
        voter=Did(f"voter{number:07}"),
        choice=choice,
        weight=weight,
        act_id=act_of(number),
    )


def cast(
    method: str, options: Sequence[str], patterns: Iterable[tuple[Any, int]]
) -> list[Ballot]:
    """As many ballots as each pattern says, each of weight 1, read from its JSON."""
    read = METHODS[method].read
    choices = [(read(value, options), number) for value, number in patterns]
    every = [choice for choice, number in choices for _ in range(number)]
    return [ballot(at, choice) for at, choice in enumerate(every)]


def count(
    method: str,
    options: Sequence[str],
    patterns: Iterable[tuple[Any, int]],
    *,
    seats: int = 1,
    proposal: str = PROPOSAL,
) -> Result:
    ballots = cast(method, options, patterns)
    return METHODS[method].count(ballots, options, seats, proposal)
