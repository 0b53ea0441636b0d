"""The published elections: Wikipedia's and Schulze's examples, Debian's leaders."""

import json
from typing import Any

import pytest

from ledger.governance.ballots.pairs import Pairs
from ledger.governance.ballots.schulze import strongest_paths
from tests.governance.ballots.samples import VECTORS, code, count, vectors

IRV = vectors("irv_worked_examples")
CONDORCET = {case["name"]: case for case in vectors("condorcet_worked_examples")}
STV = vectors("stv_worked_examples")
DEBIAN = json.loads((VECTORS / "debian_tallies.json").read_text("utf-8"))["elections"]


def ranked(case: dict[str, Any]) -> tuple[list[str], list[tuple[list[str], int]]]:
    """The options, and the patterns as lists."""
    patterns = [(list(names), number) for names, number in case["ballots"]]
    return sorted({name for names, _ in patterns for name in names}), patterns


def shared(
    patterns: list[tuple[list[str], int]],
) -> list[tuple[list[list[str]], int]]:
    return [([[name] for name in names], number) for names, number in patterns]


def as_places(ranking: list[Any]) -> list[list[str]]:
    return [sorted(place) if isinstance(place, list) else [place] for place in ranking]


def sorted_places(places: tuple[tuple[str, ...], ...]) -> list[list[str]]:
    return [sorted(place) for place in places]


@pytest.mark.parametrize("case", IRV, ids=lambda case: case["name"])
def test_instant_runoff(case: dict[str, Any]) -> None:
    options, patterns = ranked(case)
    result = count("instant-runoff", options, patterns)
    assert sorted_places(result.places) == as_places(case["irv_ranking"])
    first = as_places(case["irv_ranking"])[0]
    assert result.winners[0] in first
    if "irv_winner" in case:
        assert result.winners == (case["irv_winner"],)
    if "condorcet_winner" in case:
        assert result.condorcet == case["condorcet_winner"]
    if "plurality_winner" in case:
        single = [(names[0], number) for names, number in patterns]
        assert count("single", options, single).winners == (case["plurality_winner"],)
    if "irv_rounds" in case:
        assert [
            {
                name: votes
                for name, votes in zip(options, found["votes"], strict=True)
                if votes is not None
            }
            for found in result.detail["rounds"]
        ] == case["irv_rounds"]


@pytest.mark.parametrize("case", STV, ids=lambda case: case["name"])
def test_single_transferable_vote(case: dict[str, Any]) -> None:
    options, patterns = ranked(case)
    result = count("stv", options, patterns, seats=case["seats"])
    assert list(result.winners) == case["elected"]
    assert result.detail["quota"] == case["quota"]
    if "rounds" in case:
        assert [
            {
                name: round(float(votes), 11)
                for name, votes in zip(options, found["votes"], strict=True)
                if votes is not None
            }
            for found in result.detail["rounds"]
        ] == case["rounds"]


@pytest.mark.parametrize(
    "name", ["schulze wikipedia 45 ballots", "schulze official example 1"]
)
def test_schulze_with_one_winner(name: str) -> None:
    case = CONDORCET[name]
    options, patterns = ranked(case)
    result = count("schulze", options, shared(patterns))
    if "schulze_ranking" in case:
        assert "".join(place for (place,) in result.places) == case["schulze_ranking"]
    if "schulze_winner" in case:
        assert result.winners == (case["schulze_winner"],)
    for one, row in case.get("strongest_paths", {}).items():
        paths = dict(
            zip(options, result.detail["paths"][options.index(one)], strict=True)
        )
        assert {other: paths[other] for other in row} == row


def test_schulze_tie() -> None:
    case = CONDORCET["schulze tie"]
    options, patterns = ranked(case)
    result = count("schulze", options, shared(patterns))
    assert sorted_places(result.places) == as_places(case["ranking"])
    assert sorted(result.parted) == case["schulze_winners"]
    assert result.winners == result.parted[:1]


def debian(year: str) -> tuple[list[str], list[tuple[list[list[str]], int]]]:
    options = [code(name) for name in DEBIAN[year]["options"]]
    patterns = []
    for ranks, number in DEBIAN[year]["ballots"].items():
        levels = sorted(set(ranks) - {"-"})
        patterns.append(
            (
                [
                    [o for o, rank in zip(options, ranks, strict=True) if rank == level]
                    for level in levels
                ],
                number,
            )
        )
    return options, patterns


@pytest.mark.parametrize("year", ["2006", "2007", "2020"])
def test_debian_project_leaders(year: str) -> None:
    case = CONDORCET[f"debian DPL {year}"]
    options, patterns = debian(year)
    result = count("schulze", options, patterns)
    assert result.ballots == case["ballots"]
    wanted = case.get("schulze_margin") or case["schulze_margin_implicit"]
    assert sorted_places(result.places) == [
        sorted(map(code, place)) for place in as_places(wanted)
    ]


def test_what_unranked_means_changes_the_winner() -> None:
    options, patterns = debian("2006")
    case = CONDORCET["debian DPL 2006"]
    last = count("schulze", options, patterns)
    silent = count("schulze-ranked-only", options, patterns)
    assert last.winners == (code(case["schulze_margin_implicit"][0]),)
    assert silent.winners == (code(case["schulze_margin_explicit_first"]),)


def test_debian_2020_margins_of_the_strongest_paths() -> None:
    options, patterns = debian("2020")
    pairs: Pairs = count("schulze", options, patterns).detail["pairs"]
    everyone = range(len(options))
    margins = [
        [max(pairs[one][other] - pairs[other][one], 0) for other in everyone]
        for one in everyone
    ]
    paths = strongest_paths(margins)
    for one, row in DEBIAN["2020"]["path_margins"].items():
        for other, margin in row.items():
            at, to = options.index(code(one)), options.index(code(other))
            assert paths[at][to] == margin
