"""Instant-runoff: the weakest goes, until one has more than half.

    choice    ["a", "c"], see `rankings`
    unranked  when all that a ballot ranks have gone it is exhausted, and counts in no
              half from then on
    ties      of those with fewest votes in a round goes the one that does worst in pairs
              (others it beats less others that beat it, over all ballots and options);
              of those again equal, the one with the largest hash of the tie. Only the
              last two share a place for that.

One option goes in each round, the last round has a winner with more than half of the
votes not exhausted. Places: the winner, those left by their votes, those gone from the
last to the first.

detail: {"pairs": [[votes]], "rounds": [{"votes": [votes or null for who has gone, in
options' order], "exhausted": votes, "gone": option or null}]}.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final

from ledger.governance.ballots.marks import describe_end, describe_places
from ledger.governance.ballots.method import (
    Ballot,
    Method,
    Options,
    Result,
    open_box,
)
from ledger.governance.ballots.pairs import (
    Pairs,
    condorcet_winner,
    copeland_scores,
    count_pairs,
    describe_pairs,
    first_preferences,
    prefers_ranked,
)
from ledger.governance.ballots.piles import Piles
from ledger.governance.ballots.rankings import read_strict, write_strict
from ledger.governance.ballots.tie import Ties


class Weakest:
    """Who goes: fewest votes, worst in pairs, largest hash.

    Attributes:
        parted: those of whom at some time only the hash told which one goes.
    """

    __slots__ = ("_scores", "_ties", "parted")

    def __init__(self, pairs: Pairs, ties: Ties) -> None:
        """`pairs`: over all ballots."""
        self._scores = copeland_scores(pairs)
        self._ties = ties
        self.parted: set[int] = set()

    def order(self, standing: Iterable[int], totals: Sequence[Fraction]) -> list[int]:
        """From the strongest to the one that goes."""
        return sorted(
            standing, key=lambda at: (-totals[at], -self._scores[at], self._ties[at])
        )

    def equal(self, order: Sequence[int], totals: Sequence[Fraction]) -> list[int]:
        """Of an `order`, those whom only the hash kept from being last; notes them."""
        last = (totals[order[-1]], self._scores[order[-1]])
        equal = [at for at in order if (totals[at], self._scores[at]) == last]
        if len(equal) > 1:
            self.parted.update(equal)
        return equal

    def note(self, order: Sequence[int], totals: Sequence[Fraction]) -> None:
        """Notes everybody of an `order` whom only the hash put before another."""
        for at in range(1, len(order)):
            self.equal(order[: at + 1], totals)


def count(
    ballots: Iterable[Ballot],
    options: Options,
    seats: int,  # noqa: ARG001 -- every method's form; one winner here
    proposal_id: str,
) -> Result:
    """Round after round."""
    box, names = open_box(ballots), tuple(options)
    pairs = count_pairs(box.groups, len(names))
    totals = first_preferences(box.groups, len(names))
    weakest = Weakest(pairs, Ties(proposal_id, box.root, names))
    rounds: list[dict[str, Any]] = []
    places: list[list[int]] = [list(range(len(names)))]
    if box.groups:
        places = _run(Piles(box.groups, len(names)), weakest, names, rounds)
    return box.result(
        "instant-runoff",
        names,
        totals=totals,
        places=places,
        winners=places[0][:1] if box.groups else (),
        parted=sorted(weakest.parted),
        condorcet=condorcet_winner(pairs),
        detail={"pairs": pairs, "rounds": rounds},
    )


def _run(
    piles: Piles, weakest: Weakest, names: tuple[str, ...], rounds: list[dict[str, Any]]
) -> list[list[int]]:
    """The places; fills `rounds`."""
    standing = set(range(len(names)))
    gone: list[list[int]] = []
    tied = False
    while True:
        totals = piles.totals
        leader = max(standing, key=totals.__getitem__)
        found: dict[str, Any] = {
            "votes": [
                int(totals[at]) if at in standing else None for at in range(len(names))
            ],
            "exhausted": int(piles.exhausted),
            "gone": None,
        }
        rounds.append(found)
        if 2 * totals[leader] > sum(totals):
            break
        equal = weakest.equal(weakest.order(standing, totals), totals)
        goes = equal[-1]
        found["gone"] = names[goes]
        tied = len(equal) == len(standing) == 2
        standing.remove(goes)
        piles.pass_on(goes, totals[goes], standing)
        gone.append([goes])
    levels = sorted({totals[at] for at in standing}, reverse=True)
    left = [[at for at in sorted(standing) if totals[at] == level] for level in levels]
    if tied:
        left[0] += gone.pop()  # nothing but the hash told the last two apart
    return [*left, *reversed(gone)]


def describe(result: Result) -> list[str]:
    """The rounds, the places, the pairs, then who won, and how."""
    lines = []
    for number, found in enumerate(result.detail["rounds"], 1):
        lines.append(f"round {number}")
        for name, votes in zip(result.options, found["votes"], strict=True):
            if votes is not None:
                lines.append(f"  {name}: {votes:,}")
        if found["exhausted"]:
            lines.append(f"  exhausted: {found['exhausted']:,}")
        if found["gone"] is not None:
            lines.append(f"  {found['gone']} goes")
    return [
        *lines,
        *describe_places(result),
        *describe_pairs(result.options, result.detail["pairs"]),
        *describe_end(result),
    ]


INSTANT_RUNOFF: Final = Method(
    read=read_strict,
    write=write_strict,
    count=count,
    describe=describe,
    prefers=prefers_ranked,
    rule="A ranking; in each round the option with fewest votes goes and its ballots "
    "pass to the next they rank, until one has more than half. Unranked: a ballot that "
    "ranks nobody left is exhausted. Equally few: the one that does worst in pairs "
    "goes, then the one with the largest hash of the tie.",
)
