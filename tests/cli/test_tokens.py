"""`tokens`: shown once, listed by id, revoked by id or by the token itself."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.command import Operator

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def operator(database: str, tmp_path: Path) -> Operator:
    return Operator(tmp_path / "data", database).founded()


def test_issue_list_revoke(operator: Operator) -> None:
    told = operator.does("tokens", "issue", "city", "s1")
    token = told.out.strip()
    assert token.startswith("cft_")
    assert token not in told.err
    second = operator.does("tokens", "issue", "city", "s1", "--json").json()
    listed = operator.does("tokens", "list", "city")
    assert token not in listed.out
    assert listed.out.count("live") == 2
    assert second["id"] in listed.out

    operator.does("tokens", "revoke", "city", stdin=token + "\n")
    operator.does("tokens", "revoke", "city", second["id"])
    items = operator.does("tokens", "list", "city", "--json").json()
    assert len(items) == 2
    for item in items:
        assert item["created"] <= item["revoked"]
        for text in (item["created"], item["revoked"]):
            assert RFC_3339.fullmatch(text)
            ago = datetime.now(UTC) - datetime.fromisoformat(text)
            assert abs(ago) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (("issue", "city", "s9"), "", "there is s1"),
        (("issue", "town", "s1"), "", "there is city"),
        (("revoke", "city", "cft_" + "A" * 43), "", "on standard input"),
        (("revoke", "city", "abc"), "", "at least 6"),
        (("revoke", "city", "zzzzzz"), "", "0-9 a-f"),
        (("revoke", "city", "abcdef012345"), "", "tokens list city"),
        (("revoke", "city"), "cft_" + "A" * 43, "no live token"),
    ],
)
def test_what_is_refused(
    operator: Operator, arguments: tuple[str, ...], stdin: str, says: str
) -> None:
    told = operator("tokens", *arguments, stdin=stdin)
    assert told.code == 2
    assert says in told.err
