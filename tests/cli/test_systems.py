"""`systems`: acts at this machine, signed, recorded, listed."""

from pathlib import Path

import pytest

from tests.cli.command import Operator

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def operator(database: str, tmp_path: Path) -> Operator:
    made = Operator(tmp_path / "data", database)
    made.does("init", "city", "--origin", "example.org/city")
    return made


def test_register_version_list(operator: Operator) -> None:
    told = operator.does(
        *("systems", "add", "city", "screening", "--name", "CV screening"),
        *("--operator", "Acme Ltd", "--impact-level", "III", "--domain", "hiring"),
        *("--jurisdiction", "SE", "--profile", "open", "--outcome", "yes"),
        *("--outcome", "no", "--version", "1", "--version", "2"),
    )
    assert told.out == "entry 1 of city: registered screening\n"
    assert "counterfoil tokens issue city screening" in told.err
    told = operator.does("systems", "version", "city", "screening", "3", "--json")
    assert told.json()["index"] == 2
    (listed,) = operator.does("systems", "list", "--json").json()
    assert listed["versions"] == ["1", "2", "3"]
    assert listed["outcomes"] == ["yes", "no"]
    assert (listed["name"], listed["operator"]) == ("CV screening", "Acme Ltd")
    assert (listed["impact_level"], listed["domain"]) == ("III", "hiring")
    assert (listed["decisions"], listed["refused"]) == (0, 0)
    assert "screening  active, open, level III" in operator.does("systems", "list").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "town", "s1"), "there is city"),
        (("add", "city", "no blank"), "system is a code"),
        (("add", "city", "s1", "--profile", "open"), "outcomes names at least one"),
        (("add", "city", "s1", "--key", "x"), "keys is a list"),
        (("version", "city", "s1", "2"), "no system of this id"),
        (("add", "city", "s1", "--identity", "/no/such"), "/no/such"),
    ],
)
def test_what_is_refused(
    operator: Operator, arguments: tuple[str, ...], says: str
) -> None:
    told = operator("systems", *arguments)
    assert told.code == 2
    assert says in told.err
    assert operator.does("systems", "list", "--json").json() == []


def test_a_stranger_may_not(operator: Operator, tmp_path: Path) -> None:
    path = str(tmp_path / "mallory.key")
    operator.does("identity", "new", path)
    told = operator("systems", "add", "city", "s1", "--identity", path)
    assert (told.code, "not one of a present member" in told.err) == (2, True)


def test_no_ledger_at_all(tmp_path: Path) -> None:
    told = Operator(tmp_path / "nothing")("systems", "list")
    assert told.code == 2
    assert "counterfoil init" in told.err
    assert not (tmp_path / "nothing").exists(), "a look makes nothing"
