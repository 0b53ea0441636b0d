"""What a member reads of a proposal before signing, and while a sealed vote runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.member.choosing import read_choice
from api.member.finding import find_proposal
from api.member.proposalfile import read_proposal_file
from api.member.refusing import in_full
from api.member.view import proposal_view, view_lines
from api.member.words import act_in_words, quoted
from api.web.proposals import _vote
from api.wording import in_words
from ledger.errors import MalformedError, RejectedError
from ledger.governance.assembly.awaiting import trustees_here
from ledger.governance.assembly.unsealing import open_ballots
from ledger.governance.body import check_members
from tests.governance.assembly.town import Town
from tests.governance.ballots.test_sealed_vote import (
    cast,
    reveal,
    sealed_vote,
    to_opening,
)
from tests.governance.world import REGISTER

TEXT = "We pay 900.\n\nIt would change nothing: a resolution. " + "long " * 40
OPTIONS = [
    {"option": code, "title": f"Hall {code.upper()}", "actions": []} for code in "abc"
]


def shown(town: Town, key: str) -> tuple[dict[str, Any], str]:
    view = proposal_view(town.state, town.proposal(key))
    return view, "\n".join(view_lines(view, town.state.log_time_ms))


def choosing(method: str) -> tuple[Town, str]:
    town = Town()
    return town, town.open(0, options=OPTIONS, ballot={"method": method}, text=TEXT)


def test_a_sealed_vote_says_how_many_ballots_and_no_more() -> None:
    town, key = sealed_vote()
    for voter in range(3):
        cast(town, voter, key)
    view, told = shown(town, key)
    vote = view["vote"]
    assert (vote["sealed"], vote["ballots"]) == (True, 3)
    assert vote["tally"] is vote["voted"] is vote["closed_now"] is None
    assert json.loads(json.dumps(view)) == view
    assert "3 sealed ballots were cast; 5 members may vote" in told
    assert "Nobody can count them before the vote closes" in told
    assert "If it closed now" not in told
    assert "reveal" not in told


def test_trustees_are_told_to_open_what_waits_for_them() -> None:
    town, key = sealed_vote()
    for voter in range(3):
        cast(town, voter, key)
    to_opening(town, key)
    for here, trustee in enumerate((0, 2)):
        town.wait(1)
        view, told = shown(town, key)
        vote = town.proposal(key).vote
        assert vote is not None
        assert view["state"] == "Counted"
        opening = view["vote"]["opening"]
        assert opening["until_ms"] == vote.deadline_ms + vote.reveal_ms
        assert view["until_ms"] == opening["until_ms"] + 1
        assert (opening["trustees_here"], opening["trustees_needed"]) == (here, 2)
        page = _vote(town.state, town.proposal(key))
        assert page is not None
        assert (page["tally"], page["here"], page["needed"]) == (None, here, 2)
        assert page["opens_ms"] == opening["until_ms"]
        assert f"counterfoil reveal {key[:12]}" in told
        assert f"2 trustees are needed; the shares of {here} are here" in told
        reveal(town, trustee, key)


def test_as_many_are_here_as_open_it() -> None:
    town, key = sealed_vote()
    for voter in range(4):
        cast(town, voter, key)
    to_opening(town, key)
    town.wait(1)
    for trustee, leave in ((0, (1, 2)), (1, ()), (0, ()), (2, ())):
        reveal(town, trustee, key, leave=leave)
        held = town.proposal(key)
        assert held.vote is not None
        opened = open_ballots(held, held.vote) is not None
        assert (trustees_here(held.vote) >= 2) == opened


def test_the_text_and_the_options_are_read_before_signing() -> None:
    town, key = choosing("schulze")
    body = {"proposal": town.id(key), "choice": [["b"], ["a"]], "reason": None}
    words = act_in_words(town.state, "ballot.cast", body)
    lines = shown(town, key)[1].splitlines()
    for told in (words, [line.removeprefix("  ") for line in lines]):
        assert "| We pay 900." in told
        assert "b  Hall B" in told
        assert told.count("It would change nothing: a resolution.") == 1
        assert max(map(len, told)) < 130
    assert "".join(words).count("long") == 40
    endorse = {"proposal": key, "revision": town.id(key)}
    assert "| We pay 900." in act_in_words(town.state, "proposal.endorse", endorse)


def test_a_text_that_no_rule_has_seen_cannot_play_with_the_terminal() -> None:
    lines = quoted("a\x1b[2J \u202eb\u2028c\r\nd\n\n" + "e" * 200)
    assert lines[:4] == ["| a [2J  b", "| c", "| d", "|"]
    assert all(line.startswith("|") and line.isprintable() for line in lines)
    assert max(map(len, lines)) == 78
    assert quoted("") == ["(no text)"]


@pytest.mark.parametrize(
    ("method", "words", "form"),
    [
        ("schulze", ["a>b"], "= where two share a place: counterfoil vote {id} b a;"),
        ("schulze", ["a", ">", "b"], "codes from first to last, spaces between"),
        ("schulze", [""], "codes from first to last"),
        ("instant-runoff", ["a", "z"], "codes from first to last"),
        ("single", ["a", "b"], "one code: counterfoil vote {id} a;"),
        ("approval", ["z"], "the codes you approve"),
        ("score", ["a"], "CODE=NUMBER of each, 0 to 10: counterfoil vote {id} a=9 b=3"),
        ("quadratic", ["a=11"], "the squares are at most 100 together"),
    ],
)
def test_a_wrong_choice_is_told_the_form_and_the_codes(
    method: str, words: list[str], form: str
) -> None:
    town, key = choosing(method)
    with pytest.raises(MalformedError) as caught:
        read_choice(town.proposal(key), words)
    assert form.format(id=key[:12]) in str(caught.value)
    assert "The codes: a (Hall A), b (Hall B), c (Hall C)" in str(caught.value)


def test_a_wrong_word_of_yes_or_no_is_told_the_words() -> None:
    town = Town()
    held = town.proposal(town.open(0))
    assert read_choice(held, ["yes"]) == "yes"
    with pytest.raises(MalformedError, match="yes, no, abstain or objection: counter"):
        read_choice(held, ["maybe"])


def test_deadlines_say_from_what_to_what() -> None:
    town = Town()
    town.do(0, "system.register", {**REGISTER, "review_days": 30})
    body = {"system": "example", "review_days": 365, "recourse_days": 1}
    said = "for a review from 30 days to 365 days, for a person to contest from not set to 1 day"
    key = town.open(0, ("system.deadlines", body))
    assert shown(town, key)[0]["changes"] == [
        f"It sets the deadlines of example: {said}."
    ]
    content = town.proposal(key).content.public()
    assert f"It sets the deadlines of example: {said}." in act_in_words(
        town.state, "proposal.open", content
    )
    assert f"Its days are set: {said}." in act_in_words(
        town.state, "system.deadlines", body
    )
    alone = in_words("system.deadlines", {**body, "recourse_days": None})
    assert alone.endswith("for a review 365 days, for a person to contest not set")


def test_a_proposal_is_named() -> None:
    town = Town()
    key = town.open(0)
    assert find_proposal(town.state, key[:12]).key == key
    with pytest.raises(MalformedError, match="name a proposal: the first letters"):
        find_proposal(town.state, "")


def test_a_number_with_a_fraction(tmp_path: Path) -> None:
    path = tmp_path / "half.toml"
    body = 'body = { name = "decided_at_age_days", value = 0.5 }'
    path.write_text(
        f'title = "a"\ntext = "b"\n[[actions]]\naction = "parameter.set"\n{body}\n'
    )
    with pytest.raises(MalformedError, match="write it as text, in quotes, or as a wh"):
        read_proposal_file(path)


@pytest.mark.parametrize(
    ("body", "names", "told", "found"),
    [
        (
            {"nonce": "x"},
            (),
            "it has 1 member that is not expected: it has no members",
            " (found: nonce)",
        ),
        ({"a": 1}, ("a", "b"), "it lacks b: its members are a, b", ""),
        (
            {"a": 1, "c": 2, "\x1bd": 3},
            ("a", "b"),
            "it lacks b; it has 2 members that are not expected: its members are a, b",
            " (found:  d, c)",
        ),
        (
            dict.fromkeys("abcdef"),
            (),
            "it has 6 members that are not expected",
            " (found: a, b, c and 3 more)",
        ),
    ],
)
def test_members_that_are_missing_or_too_many(
    body: dict[str, Any], names: tuple[str, ...], told: str, found: str
) -> None:
    """Those found are named to who wrote them, and in no message of the ledger."""
    with pytest.raises(RejectedError) as caught:
        check_members(body, names)
    assert told in str(caught.value)
    assert in_full(caught.value) == f"{caught.value}{found}"


def test_a_member_too_many_in_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    body = 'body = { name = "review_days", value = 5, colour = "red" }'
    path.write_text(
        f'title = "a"\ntext = "b"\n[[actions]]\naction = "parameter.set"\n{body}\n'
    )
    with pytest.raises(MalformedError, match=r"found: colour\)"):
        read_proposal_file(path)
