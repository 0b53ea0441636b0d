"""`status`: what there is; and `keys`, whose epochs an operator turns."""

from pathlib import Path

import pytest

from tests.cli.command import Operator

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def operator(database: str, tmp_path: Path) -> Operator:
    return Operator(tmp_path / "data", database).founded()


def test_a_sound_ledger(operator: Operator) -> None:
    operator.does("tokens", "issue", "city", "s1")
    told = operator.does("status")
    for part in (
        "2, 0 of them decisions",
        "2 entries, root",
        "live tokens 1",
        "may go on",
    ):
        assert part in told.out
    assert "not running" in told.out
    found = operator.does("status", "city", "--json").json()
    assert found["database_bytes"] > 1_000_000
    (ledger,) = found["ledgers"]
    assert (ledger["entries"], ledger["released"], ledger["pool"]) == (2, 2, 0)
    assert ledger["systems"] == 1


def test_without_its_keys_a_ledger_cannot_be_signed(operator: Operator) -> None:
    (operator.data / "keys").rename(operator.data / "elsewhere")
    told = operator("status")
    assert told.code == 1
    assert "REFUSED: cannot read the key file" in told.out
    told = operator("fsck")
    assert told.code == 0
    assert "was not compared with what was released" in told.err
    assert operator("fsck", "--vault").code == 2


def test_keys_are_listed_and_turned(operator: Operator) -> None:
    assert operator.does("keys", "list", "city").out == "epoch 1  0 secrets\n"
    told = operator.does("keys", "rotate", "city")
    assert "epoch 2 is in force" in told.out
    assert "epoch 1 is needed by older backups only" in told.out
    told = operator.does("keys", "rotate", "city", "--destroy-old", "--json").json()
    assert told == {"epoch": 3, "rewrapped": 0, "idle": [1, 2], "destroyed": [1, 2]}
    kek = operator.data / "keys" / "city" / "kek"
    assert [path.name for path in kek.iterdir()] == ["3.key"]
    assert operator.does("status", "--json").json()["ledgers"][0]["refuses"] is None


def test_each_command_teaches(operator: Operator) -> None:
    for command in (
        ("init",),
        ("systems", "add"),
        ("systems", "version"),
        ("systems", "list"),
        ("tokens", "issue"),
        ("tokens", "list"),
        ("tokens", "revoke"),
        ("keys", "rotate"),
        ("keys", "list"),
        ("status",),
        ("fsck",),
        ("backup",),
        ("restore",),
        ("recover",),
    ):
        told = operator.does(*command, "--help")
        assert f"  counterfoil {' '.join(command)}" in told.out.split("examples:")[1]
