"""Statements: the general encoder against the concatenation, and what is refused."""

import json

import pytest
from hypothesis import given, settings

from ledger.entries.decision import Entropy, Submission, seal
from ledger.entries.statement import (
    check_digests,
    check_statement_signature,
    format_statement,
    parse_statement,
    read_statement,
)
from ledger.errors import MalformedError
from tests.entries.strategies import entropies, submissions
from tests.entries.vectors import GENESIS, WANT

JCS: bytes = WANT["statement_jcs"].encode()


def test_the_vector() -> None:
    statement = parse_statement(JCS)
    assert format_statement(statement) == JCS
    assert statement.contest_key == WANT["contest_key"]
    assert statement.genesis == WANT["genesis"]


@given(submissions(), entropies())
@settings(max_examples=60)
def test_statements_come_back(given_: Submission, entropy: Entropy) -> None:
    data = seal(GENESIS, given_, entropy).statement
    statement = parse_statement(data)
    assert format_statement(statement) == data
    assert read_statement(json.loads(data)) == statement
    assert parse_statement(format_statement(statement._replace())) == statement


@pytest.mark.parametrize("data", [JCS + b"\n", JCS[:-1], b"{}", b"[]", b"null"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_statement(data)


@pytest.mark.parametrize(
    "outcome",
    [None, {}, {"code": "a"}, {"code": "a b", "favourable": True},
     {"code": "a", "favourable": 1}, {"code": 1, "favourable": True},
     {"code": "a", "favourable": True, "more": 1}],
)  # fmt: skip
def test_an_open_statement_s_outcome_has_one_form(outcome: object) -> None:
    value = json.loads(JCS) | {"profile": "open", "outcome": outcome}
    with pytest.raises(MalformedError):
        read_statement(value)
    good = {"code": "a", "favourable": True}
    assert read_statement(value | {"outcome": good}).outcome == good


def test_digests_are_checked_one_by_one() -> None:
    good = "A" * 43
    check_digests([good, good])
    for bad in (good[1:], good + "A", "A" * 42 + "B", "A" * 42 + "=", "+" + good[1:],
                "ü" + good[1:], "\n" + good[1:], None, 5, [good]):  # fmt: skip
        for texts in ([bad], [good, bad], [bad, good]):
            with pytest.raises(MalformedError):
                check_digests(texts)
    # Lengths that even out must not pass.
    with pytest.raises(MalformedError):
        check_digests([good[1:], good + "A"])


def test_a_signer_that_is_no_key() -> None:
    with pytest.raises(MalformedError):
        check_statement_signature("did:web:example.com", JCS, bytes(64))
