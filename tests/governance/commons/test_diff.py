"""Diffs: published cases, the pair of format and parser, and hostile ones."""

import contextlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ledger.errors import CounterfoilError, MalformedError, RejectedError
from ledger.governance.commons.diff import (
    ADDED,
    KEPT,
    REMOVED,
    Hunk,
    apply,
    format_diff,
    make_diff,
    parse_diff,
    trace,
)
from ledger.limits import DIFF_CHARS_MAX

VECTORS = Path(__file__).parents[2] / "vectors" / "governance" / "diff"
CASES: list[dict[str, Any]] = json.loads(
    (VECTORS / "constitution_unified_diff.json").read_text(encoding="utf-8")
)["cases"]
lines = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=6)
texts = st.lists(lines | st.sampled_from(["", "a", "b", "-", "+", "@@ -1 +1 @@"])).map(
    "\n".join
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_published_cases(case: dict[str, Any]) -> None:
    if case["error"]:
        with pytest.raises(CounterfoilError):
            apply(case["src"], case["diff"])
    else:
        assert apply(case["src"], case["diff"]) == case["expected"]


@given(texts, texts)
def test_a_made_diff_applies_and_reads_back(old: str, new: str) -> None:
    diff = make_diff(old, new)
    if old == new:
        assert diff == ""
        return
    assert apply(old, diff) == new
    assert apply(old, f"--- a\n+++ b\n{diff}") == new
    assert format_diff(parse_diff(diff)) == diff


@st.composite
def hunks(draw: st.DrawFn) -> list[Hunk]:
    found, start, grown = [], 0, 0
    signed = st.tuples(st.sampled_from([KEPT, REMOVED, ADDED]), lines)
    for _ in range(draw(st.integers(1, 4))):
        start += draw(st.integers(0, 3))
        hunk = Hunk(
            start=start,
            new_start=start + grown,
            lines=tuple(draw(st.lists(signed, min_size=1, max_size=5))),
        )
        found.append(hunk)
        start += hunk.count(ADDED)
        grown += hunk.count(REMOVED) - hunk.count(ADDED)
    return found


@given(hunks())
def test_parse_is_the_inverse_of_format(found: list[Hunk]) -> None:
    assert list(parse_diff(format_diff(found))) == found


@given(hunks(), st.lists(lines, max_size=9))
def test_what_applies_keeps_every_other_line(
    found: list[Hunk], base: list[str]
) -> None:
    """Each old line is kept once, in order, or was removed by the diff."""
    try:
        traced = trace(base, found)
    except RejectedError:
        return
    kept = [line for line in traced if isinstance(line, int)]
    removed = [text for hunk in found for sign, text in hunk.lines if sign == REMOVED]
    assert all(one < other for one, other in pairwise(kept))
    gone = [line for number, line in enumerate(base) if number not in set(kept)]
    assert gone == removed


@given(st.text(max_size=200) | st.text("@ -+,0123456789\na", max_size=60))
def test_any_text_is_refused_in_our_words(diff: str) -> None:
    with contextlib.suppress(MalformedError):
        assert parse_diff(format_diff(parse_diff(diff))) == parse_diff(diff)


GOOD = "@@ -1,2 +1,3 @@\n Line one\n Line two\n+Line three\n"
BASE = "Line one\nLine two"
FORMS = {
    "nothing": "",
    "no newline at the end": GOOD[:-1],
    "a carriage return": GOOD.replace("\n", "\r\n"),
    "only names of files": "--- a\n+++ b\n",
    "half of the names": "--- a\n" + GOOD,
    "names twice": "--- a\n+++ b\n--- a\n+++ b\n" + GOOD,
    "names after": GOOD + "--- a\n+++ b\n",
    "a heading": GOOD.replace("@@\n", "@@ Article 1\n"),
    "git's first lines": "diff --git a/c b/c\nindex 0..1\n--- a\n+++ b\n" + GOOD,
    "a leading zero": GOOD.replace("-1,2", "-01,2"),
    "other digits": GOOD.replace("-1,2", "-١,2"),
    "a plus in a number": GOOD.replace("-1,2", "-+1,2"),
    "line 0 of some": GOOD.replace("-1,2", "-0,2"),
    "a number beyond bounds": GOOD.replace("-1,2", "-10000000,2"),
    "too few lines": GOOD.replace("-1,2", "-1,3"),
    "too many lines": GOOD.replace("-1,2", "-1,1"),
    "one line more": GOOD + " Line four\n",
    "another new start": GOOD.replace("+1,3", "+2,3"),
    "an empty context line": "@@ -1,2 +1,3 @@\n Line one\n\n+Line three\n",
    "a line without sign": GOOD.replace(" Line two", "Line two"),
    "the marker of no newline": GOOD + "\\ No newline at end of file\n",
    "no lines at all": "@@ -0,0 +0,0 @@\n",
    "hunks that meet": "@@ -1 +1 @@\n-a\n+b\n@@ -1 +1 @@\n-b\n+c\n",
    "hunks backwards": "@@ -3 +3 @@\n-a\n+b\n@@ -1 +1 @@\n-b\n+c\n",
    "too long": GOOD + "+" + "x" * DIFF_CHARS_MAX + "\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_another_form_is_refused(name: str) -> None:
    assert apply(BASE, GOOD) == "Line one\nLine two\nLine three"
    with pytest.raises(MalformedError):
        parse_diff(FORMS[name])


@pytest.mark.parametrize(
    ("base", "diff"),
    [
        ("Line one\nLine two ", GOOD),
        ("Line one\nLine  two", GOOD),
        ("Line one\nline two", GOOD),
        ("above\nLine one\nLine two", GOOD),
        ("Line one", GOOD),
        ("Line one\r\nLine two", GOOD),
        ("cafe\u0301", "@@ -1 +1 @@\n-caf\u00e9\n+x\n"),  # no normalization either
        ("a", "@@ -3,0 +4 @@\n+b\n"),
    ],
)
def test_nothing_is_applied_nearly(base: str, diff: str) -> None:
    with pytest.raises(RejectedError, match="another line"):
        apply(base, diff)


def test_lines_are_put_in_where_there_are_none() -> None:
    assert apply("", "@@ -0,0 +1,2 @@\n+a\n+b\n") == "a\nb\n"
    assert apply("a\n", "@@ -1 +0,0 @@\n-a\n") == ""
    assert apply("a\nb", "@@ -1,0 +2 @@\n+x\n") == "a\nx\nb"
    assert apply("a", "@@ -1 +0,0 @@\n-a\n") == ""
