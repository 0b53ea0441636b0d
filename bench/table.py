"""What a claim is, and the table of claims that a run prints."""

import enum
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


class Better(enum.Enum):
    """Which way a number should go."""

    MORE = "at least"
    LESS = "at most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One measured claim of the project.

    Attributes:
        what: the claim in words.
        measured: the number, from this run alone.
        least: the bound that must hold.
        aim: the bound we would like.
        better: whether the bounds are floors or ceilings.
        unit: printed after each number; empty for ratios.
        against: what it was measured against, with its own figure.
    """

    what: str
    measured: float
    least: float
    aim: float
    better: Better
    unit: str = ""
    against: str = ""

    @property
    def met(self) -> bool:
        """Whether the bound holds."""
        return self.reaches(self.least)

    def reaches(self, bound: float) -> bool:
        """Whether the measured number is on the right side of `bound`."""
        if self.better is Better.MORE:
            return self.measured >= bound
        return self.measured <= bound

    @property
    def verdict(self) -> str:
        """`not met`, `met`, or `aim reached`."""
        if not self.met:
            return "NOT MET"
        return "aim reached" if self.reaches(self.aim) else "met"


def number(value: float, unit: str) -> str:
    """Three significant figures and thousands separators: `0.312`, `5,210 /s`."""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{text} {unit}".rstrip()


def show(claims: Sequence[Claim]) -> bool:
    """Prints the table; True when every claim is met."""
    table = Table(title="Counterfoil, measured in this run", title_justify="left")
    for heading in ("what", "measured", "bound", "aim", "", "against"):
        table.add_column(heading, overflow="fold")
    for claim in claims:
        sign = "≥" if claim.better is Better.MORE else "≤"
        table.add_row(
            claim.what,
            number(claim.measured, claim.unit),
            f"{sign} {number(claim.least, claim.unit)}",
            f"{sign} {number(claim.aim, claim.unit)}",
            claim.verdict,
            claim.against,
        )
    Console(width=None if Console().is_terminal else 150).print(table)
    return all(claim.met for claim in claims)


def median(values: Sequence[float]) -> float:
    """The middle value: one disturbed pair does not decide."""
    return statistics.median(values)
