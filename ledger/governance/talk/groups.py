"""Groups of opinion: who answers statements alike; whole numbers only, so that all agree.

    (1) who        those who answered at least min(7, statements) of them, filled up to
                   15 by those who answered most; at most `GROUPED_VOTERS_MAX`
    (2) centre     a missing answer counts as its statement's mean
    (3) principal  the two directions in which answers differ most: power iteration on
                   the statements' covariances
    (4) project    each person onto both, stretched by sqrt(statements / answers), so
                   that few answers do not mean the middle
    (5) k-means    for k from 2 to min(5, 2 + people // 12), from the first k people
                   who differ; the k with the best simplified silhouette; ties: the least

These are the steps of Polis (pol.is), by other arithmetic: numbers are integers in units
of 2**-30, divisions round down, roots are `isqrt`. Nothing here is on a leaf or in the
root: anybody can compute it again from the acts. Names have no part in it, save that the
order of people decides ties and where (5) begins.
"""

from collections.abc import Mapping, Sequence
from math import isqrt
from operator import mul
from typing import Final, TypeVar

from ledger.limits import GROUPED_STATEMENTS_MAX, GROUPED_VOTERS_MAX

V = TypeVar("V")
S = TypeVar("S")
Point = tuple[int, int]

UNIT: Final = 1 << 30
ANSWERS_MIN: Final = 7  # or all statements where there are fewer
FILL: Final = 15  # people below which (1) fills up
TURNS_MAX: Final = 200  # of the power iteration
STILL: Final = 4  # units of 2**-30: a direction that moves less has been found
ROUNDS_MAX: Final = 20  # of k-means
GROUPS_MAX: Final = 5


def opinion_groups(
    answers: Mapping[V, Mapping[S, int]], statements: Sequence[S]
) -> list[list[V]]:
    """Who stands together, each group in the order of `answers`; those of (1) only.

    Args:
        answers: of each person, in a fixed order: statement to 1, 0 or -1.
        statements: at most `GROUPED_STATEMENTS_MAX` are looked at.
    """
    asked = list(statements[:GROUPED_STATEMENTS_MAX])
    people = choose_people(answers, asked)
    if not people:
        return []
    places = place_people([answers[one] for one in people], asked)
    labels = _best_labels(places)
    found: dict[int, list[V]] = {}
    for person, label in zip(people, labels, strict=True):
        found.setdefault(label, []).append(person)
    return [found[label] for label in sorted(found)]


def choose_people(
    answers: Mapping[V, Mapping[S, int]], statements: Sequence[S]
) -> list[V]:
    """(1), in the order of `answers`."""
    asked = set(statements)
    counts = {one: len(asked & given.keys()) for one, given in answers.items()}
    least = min(ANSWERS_MIN, len(asked))
    by_count = sorted(
        (one for one, number in counts.items() if number), key=lambda one: -counts[one]
    )
    active = sum(counts[one] >= least for one in by_count)
    kept = set(by_count[: min(max(active, FILL), GROUPED_VOTERS_MAX)])
    return [one for one in answers if one in kept]


def place_people(
    given: Sequence[Mapping[S, int]], statements: Sequence[S]
) -> list[Point]:
    """(2) to (4): each person's place in the plane, in units of 2**-30."""
    columns = [_centred([one.get(s) for one in given]) for s in statements]
    first, second = _directions(columns)
    rows = list(zip(*columns, strict=True))
    found = []
    for row, one in zip(rows, given, strict=True):
        seen = sum(s in one for s in statements)
        stretch = isqrt(UNIT * UNIT * len(statements) // max(seen, 1))
        x, y = (sum(map(mul, row, way)) // UNIT for way in (first, second))
        found.append((x * stretch // UNIT, y * stretch // UNIT))
    return found


def _centred(column: Sequence[int | None]) -> list[int]:
    given = [one for one in column if one is not None]
    mean = sum(given) * UNIT // len(given) if given else 0
    return [0 if one is None else one * UNIT - mean for one in column]


def _directions(columns: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """(3); a direction that does not exist is all zeros."""
    covariances = [
        [sum(map(mul, one, other)) // UNIT for other in columns] for one in columns
    ]
    first = _principal(covariances)
    length = _times(covariances, first)
    value = sum(map(mul, first, length)) // UNIT
    rest = [
        [
            cell - value * a // UNIT * b // UNIT
            for cell, b in zip(row, first, strict=True)
        ]
        for row, a in zip(covariances, first, strict=True)
    ]
    second = _principal(rest)
    # What rounding left of the first direction in the second is taken out of it.
    along = sum(map(mul, first, second)) // UNIT
    clean = [b - along * a // UNIT for a, b in zip(first, second, strict=True)]
    return first, clean


def _times(matrix: Sequence[Sequence[int]], vector: Sequence[int]) -> list[int]:
    return [sum(map(mul, row, vector)) // UNIT for row in matrix]


def _principal(matrix: Sequence[Sequence[int]]) -> list[int]:
    """The direction that `matrix` stretches most, one unit long."""
    if not matrix:
        return []
    spread = [row[at] for at, row in enumerate(matrix)]
    if max(spread) < STILL * len(matrix):  # rounding's remains, and no direction
        return [0] * len(matrix)
    vector = _unit(matrix[spread.index(max(spread))])
    for _ in range(TURNS_MAX):
        turned = _unit(_times(matrix, vector))
        moved = max(abs(a - b) for a, b in zip(turned, vector, strict=True))
        vector = turned
        if moved < STILL:
            break
    return vector


def _unit(vector: Sequence[int]) -> list[int]:
    length = isqrt(sum(map(mul, vector, vector)))
    return [one * UNIT // length for one in vector] if length else list(vector)


# ---- (5) -------------------------------------------------------------------------------


def _best_labels(places: Sequence[Point]) -> list[int]:
    distinct = list(dict.fromkeys(places))
    most = min(GROUPS_MAX, 2 + len(places) // 12, len(distinct))
    best, labels = -1, [0] * len(places)
    for groups in range(2, most + 1):
        centres, found = _k_means(places, distinct[:groups])
        quality = _silhouette(places, centres, found)
        if quality > best:
            best, labels = quality, found
    return labels


def _k_means(
    places: Sequence[Point], centres: Sequence[Point]
) -> tuple[list[Point], list[int]]:
    now = list(centres)
    labels: list[int] = []
    for _ in range(ROUNDS_MAX):
        found = [_nearest(place, now)[0] for place in places]
        if found == labels:
            break
        labels = found
        now = [_middle(places, labels, n, at) for n, at in enumerate(now)]
    return now, labels


def _middle(
    places: Sequence[Point], labels: Sequence[int], label: int, before: Point
) -> Point:
    mine = [place for place, one in zip(places, labels, strict=True) if one == label]
    if not mine:
        return before
    x, y = (sum(axis) // len(mine) for axis in zip(*mine, strict=True))
    return x, y


def _nearest(place: Point, centres: Sequence[Point]) -> tuple[int, int, int]:
    """(the nearest centre, how far it is, how far the next one is), squared."""
    far = [(place[0] - x) ** 2 + (place[1] - y) ** 2 for x, y in centres]
    least = min(far)
    at = far.index(least)
    return at, least, min(far[:at] + far[at + 1 :])


def _silhouette(
    places: Sequence[Point], centres: Sequence[Point], labels: Sequence[int]
) -> int:
    """Mean of 1 - own / next distance, in units of 2**-30; empty groups count for none."""
    used = set(labels)
    live = [centre for n, centre in enumerate(centres) if n in used]
    if len(live) < 2:
        return -1
    total = 0
    for place in places:
        _, own, other = _nearest(place, live)
        if other:
            total += UNIT - isqrt(own) * UNIT // isqrt(other)
    return total // len(places)
