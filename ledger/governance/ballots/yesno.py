"""Yes, no, abstain or objection to one proposal.

    choice  "yes" | "no" | "abstain" | "objection"

An objection is a no that says the proposal would do harm; it is counted apart, and only
with a reason (the assembly asks for its digest). Nothing is ranked, so nothing ties: the
count names no winner, and the thresholds of the proposal's class decide. Every ballot
has its weight by delegation.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from ledger.governance.ballots.method import (
    Ballot,
    Choice,
    Method,
    Options,
    Result,
    open_box,
)
from ledger.governance.body import refuse

WORDS: Final = ("yes", "no", "abstain", "objection")  # these words never change


def read(value: Any, options: Options) -> Choice:  # noqa: ARG001 -- every method's form
    """One of the four words.

    Raises:
        RejectedError: `invalid-act`: another value. Nothing was recorded.
    """
    if type(value) is not str or value not in WORDS:
        raise refuse(f"a choice is one of {', '.join(WORDS)}")
    return value


def write(choice: Choice, options: Options) -> Any:  # noqa: ARG001 -- every method's form
    """The word."""
    return choice


def count(
    ballots: Iterable[Ballot],
    options: Options,  # noqa: ARG001 -- every method's form
    seats: int,  # noqa: ARG001
    proposal_id: str,  # noqa: ARG001
) -> Result:
    """The votes of each word."""
    box = open_box(ballots)
    totals = {word: box.groups.get(word, 0) for word in WORDS}
    return replace(
        box.result(
            "yesno", WORDS, totals=tuple(totals.values()), places=(), winners=()
        ),
        blank=totals["abstain"],
    )


def describe(result: Result) -> list[str]:
    """A line a word."""
    return [f"{word:<10} {result.totals[word]:>9,}" for word in WORDS]


def prefers(choice: Choice, one: int, other: int) -> int:
    """Whether it prefers one word to another: only its own to all else."""
    word = WORDS.index(choice) if type(choice) is str else -1
    return (word == one) - (word == other)


YESNO: Final = Method(
    read=read,
    write=write,
    count=count,
    describe=describe,
    prefers=prefers,
    chooses=False,
    rule="Counts yes, no, abstain and objection; thresholds decide; nothing can tie.",
)
