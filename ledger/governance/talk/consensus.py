"""Agreement that holds across groups of opinion, in exact fractions.

    share(group)   = (agree + 1) / (seen + 2)       of those of the group who answered
    group-aware    = the product of `share` over all groups

A statement that one large group loves and a small one rejects falls below one that all
groups can live with: a majority alone lifts nothing. Pass counts as seen and not as
agreed. The two added answers keep a group that has not looked yet from deciding. This
is what Polis publishes as `group-aware-consensus`, and its vectors hold here exactly.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from ledger.ids import Did

AGREE: Final = 1  # these three never change
PASS: Final = 0
DISAGREE: Final = -1
PPM: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How some people answered one statement; `seen` counts a pass too."""

    agree: int
    disagree: int
    seen: int


def count(votes: Mapping[Did, int], voters: Collection[Did] | None = None) -> Answers:
    """The answers of `voters`; of everybody where None."""
    if voters is None:
        answers = list(votes.values())
    else:
        answers = [votes[voter] for voter in voters if voter in votes]
    return Answers(
        agree=answers.count(AGREE),
        disagree=answers.count(DISAGREE),
        seen=len(answers),
    )


def share(answers: Answers) -> Fraction:
    """(agree + 1) / (seen + 2)."""
    return Fraction(answers.agree + 1, answers.seen + 2)


def group_aware(groups: Iterable[Answers]) -> Fraction:
    """The product over all groups; 1/2 for a statement that nobody was asked about."""
    product, found = Fraction(1), False
    for answers in groups:
        product, found = product * share(answers), True
    return product if found else Fraction(1, 2)


def parts_per_million(value: Fraction) -> int:
    """For an answer; the order was made by the fractions themselves."""
    return value.numerator * PPM // value.denominator
