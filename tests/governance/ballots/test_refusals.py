"""What no method reads, and what no count takes."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from ledger.errors import FatalError, RejectedError
from ledger.governance.ballots.methods import METHODS
from tests.governance.ballots.samples import PROPOSAL, ballot, count

OPTIONS = ("a", "b", "c")
SHARED: list[Any] = [
    [],
    ["a"],
    [[]],
    [["a"], []],
    [["a"], ["a"]],
    [["a", "a"]],
    [["d"]],
    [[["a"]]],
    "a",
    {"a": 1},
]
REFUSED: list[tuple[str, Any]] = [
    *[("yesno", value) for value in (None, "", "maybe", 1, ["yes"], True)],
    *[("single", value) for value in ("", "d", 0, ["a"], {"a": 1}, True)],
    *[
        ("approval", value)
        for value in ([], ["a", "a"], ["d"], "a", [None], [["a"]], ["a", "b", "c", "a"])
    ],
    *[
        ("score", value)
        for value in (
            {},
            {"a": 11},
            {"a": -1},
            {"a": True},
            {"a": "1"},
            {"d": 1},
            ["a"],
        )
    ],
    *[
        ("quadratic", value)
        for value in (
            {},
            {"a": 11},
            {"a": 0},
            {"a": 8, "b": 7},
            {"a": -11},
            {"a": 1.0},
            {"a": 10**30},
            {"d": 1},
        )
    ],
    *[
        (name, value)
        for name in ("instant-runoff", "stv")
        for value in ([], ["a", "a"], [["a"]], ["d"], "a", {"a": 1}, [1], [None])
    ],
    *[(name, value) for name in ("schulze", "schulze-ranked-only") for value in SHARED],
]


@pytest.mark.parametrize(("method", "value"), REFUSED)
def test_a_choice_of_another_form(method: str, value: Any) -> None:
    with pytest.raises(RejectedError) as refused:
        METHODS[method].read(value, OPTIONS)
    assert refused.value.kind == "invalid-act"


@pytest.mark.parametrize("method", METHODS)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=2),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["a", "b", "x"]), inner, max_size=4)
        ),
        max_leaves=8,
    )
)
def test_any_json_is_read_or_refused(method: str, value: Any) -> None:
    try:
        choice = METHODS[method].read(value, OPTIONS)
    except RejectedError:
        return
    METHODS[method].count([ballot(1, choice)], OPTIONS, 1, PROPOSAL)


@pytest.mark.parametrize("method", METHODS)
def test_mistakes_of_the_assembly_stop_it(method: str) -> None:
    count_ = METHODS[method].count
    blank = METHODS[method].read("abstain" if method == "yesno" else None, OPTIONS)
    with pytest.raises(FatalError):
        count_([ballot(1, blank), ballot(1, blank)], OPTIONS, 1, PROPOSAL)
    with pytest.raises(FatalError):
        count_([ballot(1, blank, -1)], OPTIONS, 1, PROPOSAL)
    if not METHODS[method].weighted:
        with pytest.raises(FatalError):
            count_([ballot(1, blank, 2)], OPTIONS, 1, PROPOSAL)
    assert count_([ballot(1, blank, 0)], OPTIONS, 1, PROPOSAL).ballots == 0


@pytest.mark.parametrize("method", METHODS)
def test_each_says_its_rule(method: str) -> None:
    rule = METHODS[method].rule
    assert "tie" in rule.lower()
    assert (
        method in {"yesno", "single"}
        or "not named" in rule.lower()
        or "Unranked" in rule
    )


def test_without_a_ballot() -> None:
    for name, method in METHODS.items():
        result = method.count([], OPTIONS, 2, PROPOSAL)
        assert (result.winners, result.weight) == ((), 0), name
        assert method.describe(result)


def test_the_hash_of_a_tie_is_the_proposals_own() -> None:
    """A voter cannot carry a lucky ballot into another proposal."""
    winners = {
        count("single", OPTIONS, [("a", 1), ("b", 1)], proposal=f"{at:043}").winners
        for at in range(20)
    }
    assert winners == {("a",), ("b",)}
