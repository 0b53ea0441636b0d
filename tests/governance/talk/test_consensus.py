"""Group-aware consensus and opinion groups, against what a real server published."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ledger.governance.talk import groups
from ledger.governance.talk.consensus import (
    Answers,
    count,
    group_aware,
    parts_per_million,
    share,
)
from ledger.governance.talk.groups import UNIT, opinion_groups, place_people
from ledger.ids import Did
from ledger.limits import GROUPED_STATEMENTS_MAX

VECTOR: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "governance" / "polis.json").read_text()
)
INPUT, WANT = VECTOR["input"], VECTOR["want"]


def votes_of(statement: int) -> dict[Did, int]:
    return {Did(str(p)): vote for p, s, vote in INPUT["votes"] if s == statement}


def answers() -> dict[int, dict[int, int]]:
    """Of each person; a moderated statement counts as passed by everybody."""
    people = sorted({person for person, _, _ in INPUT["votes"]})
    found: dict[int, dict[int, int]] = {
        person: dict.fromkeys(INPUT["moderated_out"], 0) for person in people
    }
    for person, statement, vote in INPUT["votes"]:
        found[person].setdefault(statement, vote)
    return found


# ---- the formula --------------------------------------------------------------------------


def test_the_published_votes_of_each_group() -> None:
    for members, rows in zip(WANT["groups"], WANT["group_votes"], strict=True):
        voters = [Did(str(one)) for one in members]
        for statement, row in zip(INPUT["statements"], rows, strict=True):
            found = count(votes_of(statement), voters)
            assert [found.agree, found.disagree, found.seen] == row


def test_the_published_group_aware_consensus() -> None:
    for place, want in enumerate(WANT["group_aware_consensus"]):
        found = group_aware(
            count(
                votes_of(INPUT["statements"][place]), [Did(str(one)) for one in members]
            )
            for members in WANT["groups"]
        )
        assert float(found) == pytest.approx(want, rel=1e-15, abs=0)


def test_the_order_that_the_published_values_make() -> None:
    """By fractions, so that no two are equal by rounding alone."""
    exact = [
        group_aware(Answers(agree=a, disagree=d, seen=s) for a, d, s in columns)
        for columns in zip(*WANT["group_votes"], strict=True)
    ]
    want = WANT["group_aware_consensus"]
    for one, other in zip(range(len(want)), range(1, len(want)), strict=False):
        if abs(want[one] - want[other]) > 1e-12:
            assert (exact[one] > exact[other]) == (want[one] > want[other])


def test_a_majority_alone_lifts_nothing() -> None:
    loved = [
        Answers(agree=90, disagree=0, seen=90),
        Answers(agree=0, disagree=9, seen=9),
    ]
    lived_with = [
        Answers(agree=50, disagree=40, seen=90),
        Answers(agree=7, disagree=2, seen=9),
    ]
    assert sum(one.agree for one in loved) > sum(one.agree for one in lived_with)
    assert group_aware(loved) < group_aware(lived_with)


def test_edges() -> None:
    assert group_aware([]) == Fraction(1, 2)
    assert share(Answers(agree=0, disagree=0, seen=0)) == Fraction(1, 2)
    assert parts_per_million(Fraction(1, 3)) == 333_333
    assert count({}) == Answers(agree=0, disagree=0, seen=0)


# ---- the groups ---------------------------------------------------------------------------


def test_the_published_places() -> None:
    found = answers()
    placed = dict(
        zip(
            found,
            place_people(list(found.values()), INPUT["statements"]),
            strict=True,
        )
    )
    for axis in (0, 1):
        ours = [placed[person][axis] / UNIT for person in INPUT["order"]]
        theirs = [place[axis] for place in WANT["places"]]
        # A direction has no sign: one of the two fits all of them.
        assert ours == pytest.approx(theirs, abs=1e-6) or ours == pytest.approx(
            [-one for one in theirs], abs=1e-6
        )


def test_the_published_groups() -> None:
    found = answers()
    placed = dict(
        zip(
            found,
            place_people(list(found.values()), INPUT["statements"]),
            strict=True,
        )
    )
    labels = groups._best_labels([placed[person] for person in INPUT["order"]])
    made: dict[int, list[int]] = {}
    for person, label in zip(INPUT["order"], labels, strict=True):
        made.setdefault(label, []).append(person)
    assert [sorted(made[label]) for label in sorted(made)] == WANT["groups"]


def test_two_camps_are_found() -> None:
    camps = {
        f"{camp}{n}": {s: camp * (1 if s < 4 else -1) for s in range(8)}
        for camp in (1, -1)
        for n in range(6)
    }
    assert opinion_groups(camps, list(range(8))) == [
        [one for one in camps if not one.startswith("-")],
        [one for one in camps if one.startswith("-")],
    ]


@pytest.mark.parametrize(
    ("given", "want"),
    [
        ({}, []),
        ({"a": {}}, []),
        ({"a": {0: 1}}, [["a"]]),
        ({"a": {0: 1}, "b": {0: 1}}, [["a", "b"]]),
        ({"a": {0: 1}, "b": {0: -1}}, [["a"], ["b"]]),
        ({"a": {9: 1}}, []),  # of another thread
    ],
)
def test_small_threads(given: dict[str, dict[int, int]], want: list[list[str]]) -> None:
    assert opinion_groups(given, [0]) == want


def test_who_answered_little_does_not_make_a_group() -> None:
    often = {f"o{n}": dict.fromkeys(range(10), 1) for n in range(16)}
    seldom = {f"s{n}": {0: -1} for n in range(16)}
    (group,) = opinion_groups({**often, **seldom}, list(range(10)))
    assert group == list(often)


def test_only_so_many_statements_are_looked_at() -> None:
    many = list(range(GROUPED_STATEMENTS_MAX + 5))
    late = {name: {many[-1]: 1} for name in "ab"}
    assert opinion_groups(late, many) == []


VOTES = st.dictionaries(
    st.integers(0, 30), st.dictionaries(st.integers(0, 12), st.sampled_from([1, 0, -1]))
)


@given(VOTES)
@settings(max_examples=150, deadline=None)
def test_any_answers_make_groups_that_do_not_overlap(
    given_answers: dict[int, dict[int, int]],
) -> None:
    statements = list(range(13))
    found = opinion_groups(given_answers, statements)
    everyone = [one for group in found for one in group]
    assert len(everyone) == len(set(everyone))
    assert set(everyone) <= {one for one, given in given_answers.items() if given}
    assert all(found)
    assert len(found) <= groups.GROUPS_MAX
    assert found == opinion_groups(given_answers, statements)
