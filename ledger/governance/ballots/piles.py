"""Piles of ballots, each under the first option still standing that it ranks.

What instant-runoff and STV share. A ballot in a pile is (choice, votes, place reached,
value of one vote). When an option goes, only its own pile moves: each ballot goes to the
next option still standing, or is exhausted. Values are integers in units of 10^-18 of a
vote, rounded down, so that they stay bounded however often a ballot is passed on; what
rounding loses is counted.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

ONE_VOTE: Final = 10**18  # units; exact to far below one vote for any number of voters


class Piles:
    """The ballots as they lie on the table, each under one option.

    Attributes:
        totals: the units that each option has.
        exhausted: the units of ballots that rank nobody who stands.
        lost: the units that rounding lost.
    """

    __slots__ = ("_piles", "exhausted", "lost", "totals")

    def __init__(self, groups: Mapping[Any, int], options: int) -> None:
        """`groups`: rankings without shared places → votes."""
        self._piles: list[list[tuple[tuple[int, ...], int, int, int]]] = [
            [] for _ in range(options)
        ]
        self.totals = [0] * options
        self.exhausted = 0
        self.lost = 0
        for choice, votes in groups.items():
            self._piles[choice[0]].append((choice, votes, 0, ONE_VOTE))
            self.totals[choice[0]] += votes * ONE_VOTE

    def pass_on(self, option: int, units: int, standing: Collection[int]) -> None:
        """Passes `units` of an option's total on; its whole pile moves.

        Args:
            option: it goes, or is elected and keeps the rest.
            units: its total when it goes; its surplus when it is elected.
            standing: who may receive.
        """
        total = self.totals[option]
        self.totals[option] -= units
        passed = 0
        pile, self._piles[option] = self._piles[option], []
        for choice, votes, reached, value in pile:
            worth = value if units == total else value * units // total
            passed += worth * votes
            if worth:
                self._place(choice, votes, reached, worth, standing)
        self.lost += units - passed

    def _place(
        self,
        choice: tuple[int, ...],
        votes: int,
        reached: int,
        worth: int,
        standing: Collection[int],
    ) -> None:
        for at in range(reached + 1, len(choice)):
            option = choice[at]
            if option in standing:
                self._piles[option].append((choice, votes, at, worth))
                self.totals[option] += worth * votes
                return
        self.exhausted += worth * votes


def format_units(units: int) -> str:
    """Units as votes, a decimal with no more digits than it needs: `20.5`, `4`."""
    whole, part = divmod(units, ONE_VOTE)
    return f"{whole}.{part:018d}".rstrip("0") if part else str(whole)
