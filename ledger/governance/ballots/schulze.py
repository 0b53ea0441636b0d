"""The Schulze method: the strongest paths of preferences.

An option beats another directly when more votes prefer it than not; the strength of that
is the votes that prefer it ("winning votes"). A path of direct wins is as strong as its
weakest; one option is before another when its strongest path there is the stronger one
(M. Schulze, "A new monotonic, clone-independent, reversal symmetric, and
Condorcet-consistent single-winner election method", 2011). Places: those whom nobody
left beats come first, again and again.

    choice    [["a"], ["b", "c"]], see `rankings`
    unranked  `schulze`: below all that are ranked; `schulze-ranked-only`: the ballot says
              nothing of them. It can change the winner (Debian's election of 2006), so
              the proposal's method says which.
    ties      options that share the first place: the smallest hash of the tie.

detail: {"pairs": [[votes]], "paths": [[strength]]}, rows and columns in options' order.
"""

from collections.abc import Callable, Iterable
from typing import Final

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
    count_pairs,
    describe_pairs,
    first_preferences,
    prefers_named,
    prefers_ranked,
)
from ledger.governance.ballots.rankings import read_shared, write_shared
from ledger.governance.ballots.tie import Ties


def strongest_paths(strengths: Pairs) -> Pairs:
    """Of each ordered pair, the strength of the strongest path (Floyd and Warshall)."""
    paths = [list(row) for row in strengths]
    everyone = range(len(paths))
    for through in everyone:
        onward = paths[through]
        for row in paths:
            reach = row[through]
            if reach:
                for to in everyone:
                    row[to] = max(row[to], min(reach, onward[to]))
    for at in everyone:
        paths[at][at] = 0  # a way back to oneself means nothing
    return paths


def winning_votes(pairs: Pairs) -> Pairs:
    """The strength of each direct win; 0 where there is none."""
    everyone = range(len(pairs))
    return [
        [
            pairs[one][other] if pairs[one][other] > pairs[other][one] else 0
            for other in everyone
        ]
        for one in everyone
    ]


def places_of(paths: Pairs) -> list[list[int]]:
    """Those whom nobody left beats, again and again."""
    left = list(range(len(paths)))
    places = []
    while left:
        place = [
            one
            for one in left
            if all(paths[other][one] <= paths[one][other] for other in left)
        ]
        places.append(place)
        left = [one for one in left if one not in place]
    return places


def _counter(
    name: str, *, named_only: bool
) -> Callable[[Iterable[Ballot], Options, int, str], Result]:
    def count(
        ballots: Iterable[Ballot],
        options: Options,
        seats: int,  # noqa: ARG001 -- every method's form; one winner here
        proposal_id: str,
    ) -> Result:
        box, names = open_box(ballots), tuple(options)
        pairs = count_pairs(box.groups, len(names), named_only=named_only)
        paths = strongest_paths(winning_votes(pairs))
        places = places_of(paths)
        first = places[0] if any(map(any, pairs)) else []
        if len(first) > 1:
            first = sorted(first, key=Ties(proposal_id, box.root, names).__getitem__)
        return box.result(
            name,
            names,
            totals=first_preferences(box.groups, len(names)),
            places=places,
            winners=first[:1],
            parted=first if len(first) > 1 else (),
            condorcet=condorcet_winner(pairs),
            detail={"pairs": pairs, "paths": paths},
        )

    return count


def describe(result: Result) -> list[str]:
    """The options in their places, the pairs, then who won, and how."""
    pairs = describe_pairs(result.options, result.detail["pairs"])
    return [*describe_places(result), *pairs, *describe_end(result)]


def _method(name: str, *, named_only: bool, unranked: str) -> Method:
    return Method(
        read=read_shared,
        write=write_shared,
        count=_counter(name, named_only=named_only),
        describe=describe,
        prefers=prefers_named if named_only else prefers_ranked,
        rule="A ranking, places may be shared; the strongest paths of winning votes "
        f"decide (Schulze). Unranked: {unranked}. Tied for the first place: the "
        "smallest hash of the tie.",
    )


SCHULZE: Final = _method(
    "schulze", named_only=False, unranked="below all that are ranked"
)
SCHULZE_RANKED_ONLY: Final = _method(
    "schulze-ranked-only", named_only=True, unranked="the ballot says nothing of it"
)
