"""Classes of proposals: what each needs to pass, one row a class.

    class          quorum of the eligible            passes when             timelock
    routine        none                              Against × 100 < 10% × eligible   24 h
    standard       10% + 40% × usual turnout, ppm    For × 2 > For + Against          72 h
    treasury       20%                               For × 3 > 2 × (For + Against)     5 d
    constitution   25%                               For × 4 > 3 × (For + Against)    14 d

The numbers in percent and the periods are the community's parameters; the shares that
pass are not, so that no vote can change what a vote needs. Names never change. Several
actions take the strictest of each number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from ledger.governance.parameters import period_ms, value_of

PPM: Final = 1_000_000
QUORUM_MOST_PPM: Final = PPM // 2  # of the eligible; a quorum above could never be met
TURNOUT_START_PPM: Final = PPM // 4  # usual turnout before the first quorate vote

ROUTINE: Final = "routine"
STANDARD: Final = "standard"
TREASURY: Final = "treasury"
CONSTITUTION: Final = "constitution"


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """One class.

    Attributes:
        name: never changes.
        quorum: the parameter that is its quorum in percent; "" for none.
        adds_turnout: whether usual turnout raises it.
        passes: (numerator, denominator) that For/(For + Against) must exceed.
        timelock: the parameter that is its timelock.
    """

    name: str
    quorum: str
    adds_turnout: bool
    passes: tuple[int, int]
    timelock: str


CLASSES: Final[dict[str, Class]] = {
    row.name: row
    for row in (
        Class(
            name=ROUTINE,
            quorum="",
            adds_turnout=False,
            passes=(0, 1),
            timelock="timelock_routine_s",
        ),
        Class(
            name=STANDARD,
            quorum="quorum_base_percent",
            adds_turnout=True,
            passes=(1, 2),
            timelock="timelock_standard_s",
        ),
        Class(
            name=TREASURY,
            quorum="quorum_treasury_percent",
            adds_turnout=False,
            passes=(2, 3),
            timelock="timelock_treasury_s",
        ),
        Class(
            name=CONSTITUTION,
            quorum="quorum_constitution_percent",
            adds_turnout=False,
            passes=(3, 4),
            timelock="timelock_constitution_s",
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What a proposal needs, as frozen at its snapshot.

    Attributes:
        class_: the class its turnout counts for; the strictest of its actions'.
        optimistic: routine: it passes unless enough are against.
        quorum_ppm: For + Against + Abstain × 1,000,000 ≥ this × eligible.
        passes: (numerator, denominator) that For/(For + Against) must exceed.
        objection_percent: Against × 100 ≥ this × eligible stops an optimistic one.
        timelock_ms: between the challenge period and the time it may be executed.
    """

    class_: str
    optimistic: bool
    quorum_ppm: int
    passes: tuple[int, int]
    objection_percent: int
    timelock_ms: int

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "class": self.class_,
            "optimistic": self.optimistic,
            "quorum_ppm": self.quorum_ppm,
            "passes": list(self.passes),
            "objection_percent": self.objection_percent,
            "timelock_ms": self.timelock_ms,
        }


def read_thresholds(value: Mapping[str, Any]) -> Thresholds:
    """What `public` wrote."""
    above, of = value["passes"]
    return Thresholds(
        class_=value["class"],
        optimistic=value["optimistic"],
        quorum_ppm=value["quorum_ppm"],
        passes=(above, of),
        objection_percent=value["objection_percent"],
        timelock_ms=value["timelock_ms"],
    )


def strictest(names: Iterable[str]) -> str:
    """The class whose share to pass is highest; standard for none at all."""
    order = list(CLASSES)
    return max(names, key=order.index, default=STANDARD)


def quorum_ppm(
    row: Class, parameters: Mapping[str, Any], turnout_ppm: Mapping[str, int]
) -> int:
    """A class's quorum in parts per million of the eligible, rounded down."""
    if not row.quorum:
        return 0
    base = value_of(parameters, row.quorum) * PPM // 100
    if row.adds_turnout:
        usual = turnout_ppm.get(row.name, TURNOUT_START_PPM)
        base += value_of(parameters, "quorum_turnout_percent") * usual // 100
    return min(base, QUORUM_MOST_PPM)


def thresholds_of(
    names: Iterable[str],
    parameters: Mapping[str, Any],
    turnout_ppm: Mapping[str, int],
) -> Thresholds:
    """What actions of these classes need together: the strictest of each number."""
    rows = [CLASSES[name] for name in names] or [CLASSES[STANDARD]]
    return Thresholds(
        class_=strictest(row.name for row in rows),
        optimistic=all(row.name == ROUTINE for row in rows),
        quorum_ppm=max(quorum_ppm(row, parameters, turnout_ppm) for row in rows),
        passes=max((row.passes for row in rows), key=lambda share: Fraction(*share)),
        objection_percent=value_of(parameters, "objection_percent"),
        timelock_ms=max(period_ms(parameters, row.timelock) for row in rows),
    )


def usual_turnout(
    before_ppm: int, parameters: Mapping[str, Any], turnout: int, eligible: int
) -> int:
    """Usual turnout after a quorate vote, in parts per million, rounded down."""
    weight = value_of(parameters, "turnout_weight_percent")
    newest = turnout * PPM // eligible if eligible else 0
    return (before_ppm * (100 - weight) + newest * weight) // 100
