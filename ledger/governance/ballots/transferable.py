"""STV, the single transferable vote: seats in proportion to preferences.

    choice    ["a", "c"], see `rankings`
    quota     floor(votes / (seats + 1)) + 1, of the votes that are not blank (Droop)
    surplus   who reaches the quota is elected, and keeps it; the rest goes on at once:
              every ballot of the pile, at value × surplus / total, an exact fraction
              of bounded size (`piles`), to the next option standing that it ranks (the
              weighted inclusive Gregory method). Largest surplus first, one a round
    unranked  a ballot that ranks nobody standing is exhausted
    ties      as instant-runoff's: votes, then pairs, then the hash of the tie; for who
              is elected first and whose surplus goes first as well

Where no surplus is left the option with fewest votes goes. When as many stand as there
are seats left, they are elected. Places: the elected in order, then those left by votes,
then those gone from the last to the first. With one seat STV elects whom instant-runoff
does.

detail: {"quota": votes, "pairs": [[votes]], "rounds": [{"votes": [decimals or null, in
options' order], "exhausted": decimal, "lost": decimal, "elected": [options],
"surplus": option or null, "gone": option or null}]}. Decimals are cut after 18 digits,
for people to read: the count itself goes on with the fractions. In each round the votes of those
standing and of the elected whose surplus is still to go on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
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
    condorcet_winner,
    count_pairs,
    describe_pairs,
    first_preferences,
    prefers_ranked,
)
from ledger.governance.ballots.piles import Piles, format_votes
from ledger.governance.ballots.rankings import read_strict, write_strict
from ledger.governance.ballots.runoff import Weakest
from ledger.governance.ballots.tie import Ties


@dataclass(slots=True)
class _Table:
    """One count under way; owned by `count`."""

    names: tuple[str, ...]
    seats: int
    quota: int
    piles: Piles
    weakest: Weakest
    standing: set[int]
    elected: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)  # elected, surplus not yet gone on
    gone: list[int] = field(default_factory=list)
    rounds: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> None:
        """Round after round, until every seat is filled."""
        while len(self.elected) < self.seats:
            found = self._open_round()
            totals = self.piles.totals
            order = self.weakest.order(self.standing, totals)
            self._elect([at for at in order if totals[at] >= self.quota], found)
            if len(self.elected) == self.seats:
                return
            if len(self.standing) <= self.seats - len(self.elected):
                self._elect(self.weakest.order(self.standing, totals), found)
                return
            if self.waiting:
                self._pass_surplus(found)
            else:
                self._drop(found)

    def _open_round(self) -> dict[str, Any]:
        shown = self.standing.union(self.waiting)
        found: dict[str, Any] = {
            "votes": [
                format_votes(votes) if at in shown else None
                for at, votes in enumerate(self.piles.totals)
            ],
            "exhausted": format_votes(self.piles.exhausted),
            "lost": format_votes(self.piles.lost),
            "elected": [],
            "surplus": None,
            "gone": None,
        }
        self.rounds.append(found)
        return found

    def _elect(self, winners: list[int], found: dict[str, Any]) -> None:
        self.weakest.note(winners, self.piles.totals)
        self.elected += winners
        self.waiting += winners
        self.standing.difference_update(winners)
        found["elected"] += [self.names[at] for at in winners]

    def _pass_surplus(self, found: dict[str, Any]) -> None:
        totals = self.piles.totals
        order = self.weakest.order(self.waiting, totals)
        self.weakest.note(order, totals)
        first = order[0]
        self.waiting.remove(first)
        found["surplus"] = self.names[first]
        self.piles.pass_on(first, totals[first] - self.quota, self.standing)

    def _drop(self, found: dict[str, Any]) -> None:
        totals = self.piles.totals
        goes = self.weakest.equal(self.weakest.order(self.standing, totals), totals)[-1]
        self.standing.remove(goes)
        self.gone.append(goes)
        found["gone"] = self.names[goes]
        self.piles.pass_on(goes, totals[goes], self.standing)

    def places(self) -> list[list[int]]:
        """The elected in order, those left by votes, those gone from the last."""
        totals = self.piles.totals
        levels = sorted({totals[at] for at in self.standing}, reverse=True)
        left = [
            [at for at in sorted(self.standing) if totals[at] == level]
            for level in levels
        ]
        order = [[at] for at in self.elected]
        return [*order, *left, *([at] for at in reversed(self.gone))]


def count(
    ballots: Iterable[Ballot], options: Options, seats: int, proposal_id: str
) -> Result:
    """Round after round; all are elected where there are no more options than seats."""
    box, names = open_box(ballots), tuple(options)
    pairs = count_pairs(box.groups, len(names))
    quota = (box.weight - box.blank) // (seats + 1) + 1
    table = _Table(
        names=names,
        seats=min(seats, len(names)) if box.groups else 0,
        quota=quota,
        piles=Piles(box.groups, len(names)),
        weakest=Weakest(pairs, Ties(proposal_id, box.root, names)),
        standing=set(range(len(names))),
    )
    table.run()
    return box.result(
        "stv",
        names,
        seats=seats,
        totals=first_preferences(box.groups, len(names)),
        places=table.places(),
        winners=table.elected,
        parted=sorted(table.weakest.parted),
        condorcet=condorcet_winner(pairs),
        detail={"quota": quota, "pairs": pairs, "rounds": table.rounds},
    )


def describe(result: Result) -> list[str]:
    """The quota, the rounds, the places, the pairs, then who was elected, and how."""
    lines = [f"{result.seats} seats, quota {result.detail['quota']:,}"]
    for number, found in enumerate(result.detail["rounds"], 1):
        lines.append(f"round {number}")
        lines += [
            f"  {name}: {_short(votes)}"
            for name, votes in zip(result.options, found["votes"], strict=True)
            if votes is not None
        ]
        if found["exhausted"] != "0":
            lines.append(f"  exhausted: {_short(found['exhausted'])}")
        if found["elected"]:
            lines.append(f"  elected: {', '.join(found['elected'])}")
        if found["surplus"] is not None:
            lines.append(f"  the surplus of {found['surplus']} goes on")
        if found["gone"] is not None:
            lines.append(f"  {found['gone']} goes")
    return [
        *lines,
        *describe_places(result),
        *describe_pairs(result.options, result.detail["pairs"]),
        *describe_end(result),
    ]


def _short(votes: str) -> str:
    """A decimal with at most two digits after the point, cut."""
    whole, _, part = votes.partition(".")
    return f"{int(whole):,}.{part[:2]:0<2}" if part else f"{int(whole):,}"


STV: Final = Method(
    read=read_strict,
    write=write_strict,
    count=count,
    describe=describe,
    prefers=prefers_ranked,
    seated=True,
    rule="A ranking, several seats; who reaches the Droop quota is elected and the "
    "surplus goes on in parts (weighted inclusive Gregory), otherwise the weakest goes. "
    "Unranked: a ballot that ranks nobody left is exhausted. Equal: who does better in "
    "pairs, then the smallest hash of the tie.",
)
