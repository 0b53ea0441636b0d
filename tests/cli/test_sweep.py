"""`counterfoil sweep`: what it says, and that one process sweeps at a time."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from ledger.storage.sweeps import SWEEP_LOCK
from tests.cli.command import Operator

pytestmark = pytest.mark.postgres


def test_the_command(database: str, tmp_path: Path) -> None:
    operator = Operator(tmp_path / "data", database).founded()
    told = operator.does("sweep", "city")
    assert told.out == (
        "city: 0 decisions erased, 0 requests for receipts noted\n"
        "epoch 1 is in force; 0 secrets wrapped again\n"
    )
    told = operator.does("sweep", "city", "--turn", "--json").json()
    assert told == {
        "erased": 0, "again": 0, "noted": 0, "epoch": 2, "turned": True,
        "rewrapped": 0, "destroyed": [], "missing": [],
    }  # fmt: skip
    operator.env["COUNTERFOIL_BACKUP_RETENTION_DAYS"] = "0"
    assert "epoch 1 destroyed: no backup needs it" in operator.does("sweep", "city").out

    operator.env["COUNTERFOIL_BACKUP_RETENTION_DAYS"] = "31"
    refused = operator("sweep", "city")
    assert refused.code == 2
    assert "COUNTERFOIL_BACKUP_RETENTION_DAYS must be a number from 0 to 30" in (
        refused.err
    )
    assert operator("sweep", "town").code == 2


def test_another_process_is_sweeping(database: str, tmp_path: Path) -> None:
    operator = Operator(tmp_path / "data", database).founded()

    async def meanwhile() -> tuple[int, str]:
        connection = await asyncpg.connect(database)
        try:
            log_id = await connection.fetchval("SELECT log_id FROM logs")
            await connection.fetchval(
                "SELECT pg_advisory_lock($1, $2)", SWEEP_LOCK, log_id
            )
            told = await asyncio.to_thread(operator, "sweep", "city")
            return told.code, told.out
        finally:
            await connection.close()

    assert asyncio.run(meanwhile()) == (1, "city: another process is sweeping it\n")
