"""`fsck`: exit status, lines, and mending what derives."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from tests.cli.command import Operator

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def harm(dsn: str, *statements: str) -> None:
    async def work() -> None:
        connection = await asyncpg.connect(dsn)
        await connection.execute("ALTER TABLE records DISABLE TRIGGER USER")
        for statement in statements:
            await connection.execute(statement)
        await connection.execute("ALTER TABLE records ENABLE TRIGGER USER")
        await connection.close()

    asyncio.run(work())


def test_found_then_mended(database: str, owner_database: str, tmp_path: Path) -> None:
    operator = Operator(tmp_path / "data", database).founded()
    told = operator.does("fsck")
    assert told.out == "city: 2 entries; all holds\n"

    harm(owner_database, "DELETE FROM records WHERE position = 1")
    told = operator("fsck")
    assert told.code == 1
    assert told.out == (
        "city: entry 1 is missing from the table records: "
        "`counterfoil fsck --rebuild` mends it\n"
    )
    (found,) = operator("fsck", "city", "--json").json()
    assert (found["holds"], found["findings"][0]["kind"]) == (False, "row")

    owner = Operator(tmp_path / "data", owner_database)
    told = owner.does("fsck", "--rebuild", "--vault")
    assert told.out == "city: 2 entries, 0 sealed parts opened; all holds\n"

    assert operator("fsck", "town").code == 2


def test_only_the_owner_may_rebuild(
    database: str, owner_database: str, tmp_path: Path
) -> None:
    if database == owner_database:
        pytest.skip("one role owns and serves")
    operator = Operator(tmp_path / "data", database).founded()
    told = operator("fsck", "--rebuild")
    assert told.code == 2
    assert "owner" in told.err
