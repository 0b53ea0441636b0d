"""`backup` and `restore` as commands, from one database to another."""

from pathlib import Path

import pytest

from tests.cli.command import Operator

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def test_there_and_back(database: str, empty_database: str, tmp_path: Path) -> None:
    operator = Operator(tmp_path / "data", database).founded()
    folder = tmp_path / "backup"
    told = operator.does("backup", str(folder))
    assert "city  2 entries, root " in told.out
    assert "No key is in it" in told.err
    again = operator("backup", str(folder))
    assert (again.code, "is not empty" in again.err) == (2, True)

    full = operator("restore", str(folder))
    assert (full.code, "never overwrites" in full.err) == (2, True)

    elsewhere = Operator(operator.data, empty_database)
    told = elsewhere.does("restore", str(folder))
    assert "city  2 entries, nothing that was released is missing" in told.out
    elsewhere.does("systems", "add", "city", "s2")
    # Now the first database is the older one of the two.
    status = operator("status")
    assert status.code == 1
    assert "holds 2 entries, but a checkpoint of 3" in status.out
    refused = operator("systems", "add", "city", "s3")
    assert (refused.code, "refuses to sign" in refused.err) == (2, True)


def test_without_keys_it_restores_and_says_what_it_could_not_compare(
    database: str, empty_database: str, tmp_path: Path
) -> None:
    Operator(tmp_path / "data", database).founded().does("backup", str(tmp_path / "b"))
    told = Operator(tmp_path / "other", empty_database).does(
        "restore", str(tmp_path / "b")
    )
    assert "not compared with what was released" in told.out


def test_no_backup_there(database: str, tmp_path: Path) -> None:
    told = Operator(tmp_path / "data", database)("restore", str(tmp_path))
    assert (told.code, "holds no whole backup" in told.err) == (2, True)
