"""Piles of ballots, each under the first option still standing that it ranks.

What instant-runoff and STV share. When an option goes, only its own pile moves: each
ballot goes to the next option standing, or is exhausted. A pile keeps its ballots by the
value that one vote of them still has. Values are exact fractions; one whose denominator
would exceed 2^128 is rounded down to a multiple of 10^-18, and what that loses is
counted: without the bound each election could double the length of the next value.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any, Final

DENOMINATOR_MAX: Final = 2**128
ROUNDED_TO: Final = 10**18

_Lying = tuple[tuple[int, ...], int, int]  # choice, votes, place reached
Heap = dict[Fraction, list[_Lying]]


class Piles:
    """The ballots as they lie on the table: choice, votes, place reached.

    Attributes:
        totals: the votes that each option has.
        exhausted: the votes of ballots that rank nobody who stands.
        lost: the votes that rounding lost.
    """

    __slots__ = ("_piles", "exhausted", "lost", "totals")

    def __init__(self, groups: Mapping[Any, int], options: int) -> None:
        """`groups`: rankings without shared places → votes."""
        one = Fraction(1)
        self._piles: list[Heap] = [{one: []} for _ in range(options)]
        counts = [0] * options
        for choice, votes in groups.items():
            self._piles[choice[0]][one].append((choice, votes, 0))
            counts[choice[0]] += votes
        self.totals = [Fraction(count) for count in counts]
        self.exhausted = Fraction()
        self.lost = Fraction()

    def pass_on(self, option: int, amount: Fraction, standing: Collection[int]) -> None:
        """Passes `amount` of an option's votes on; its whole pile moves.

        Args:
            option: it goes, or is elected and keeps the rest.
            amount: all it has when it goes; its surplus when it is elected.
            standing: who may receive.
        """
        total = self.totals[option]
        self.totals[option] -= amount
        self.lost += amount
        pile, self._piles[option] = self._piles[option], {}
        if not amount:
            return
        for value, ballots in pile.items():
            self._move(ballots, _bounded(value * amount / total), standing)

    def _move(
        self,
        ballots: list[_Lying],
        worth: Fraction,
        standing: Collection[int],
    ) -> None:
        # Gathered by option first: a fraction is slow to hash, and needed once a pile.
        moved: defaultdict[int, list[_Lying]] = defaultdict(list)
        exhausted = 0
        for choice, votes, reached in ballots:
            for at in range(reached + 1, len(choice)):
                if choice[at] in standing:
                    moved[choice[at]].append((choice, votes, at))
                    break
            else:
                exhausted += votes
        self.exhausted += worth * exhausted
        self.lost -= worth * exhausted
        for option, found in moved.items():
            amount = worth * sum([votes for _, votes, _ in found])
            self.lost -= amount
            self.totals[option] += amount
            self._piles[option].setdefault(worth, []).extend(found)


def _bounded(value: Fraction) -> Fraction:
    if value.denominator <= DENOMINATOR_MAX:
        return value
    return Fraction(value * ROUNDED_TO // 1, ROUNDED_TO)


def format_votes(votes: Fraction) -> str:
    """A decimal, cut after 18 digits, and no more than it needs: `20.5`, `4`."""
    whole, part = divmod(votes * ROUNDED_TO // 1, ROUNDED_TO)
    return f"{whole}.{part:018d}".rstrip("0") if part else str(whole)
