"""The whole of it: an older backup under newer keys, refused, recovered, audited."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import Operator
from tests.world.service import Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    tiles = {"COUNTERFOIL_TILES_DIR": str(tmp_path / "tiles")}
    with Service(env=tiles) as running:
        if running.database_url is not None:
            pytest.skip("restores into an embedded database of its own")
        yield running


def _refuses(service: Service) -> None:
    """It serves what it has, and records nothing."""
    service.restart()
    assert service.get("/health/ready").status == 503
    refused = service.post(decision())
    assert refused.status == 503
    assert refused.json()["recorded"] is False
    assert "counterfoil recover" in service.log
    assert service.stop() == 0


def test_an_older_database_under_newer_keys(service: Service, tmp_path: Path) -> None:
    operator = Operator(service.data)
    kept = [service.post(decision()).json() for _ in range(3)]
    backup = tmp_path / "backup"
    operator.does("backup", str(backup))  # beside the running service
    later = [service.post(decision()).json() for _ in range(5)]
    assert service.stop() == 0

    (service.data / "postgres").rename(tmp_path / "broken")
    told = operator.does("restore", str(backup))
    assert "5 fewer than the 10 already released" in told.out
    assert "counterfoil recover --from" in told.err
    status = operator("status")
    assert status.code == 1
    assert "REFUSED" in status.out
    assert "counterfoil recover --from TILES" in status.out

    _refuses(service)
    found = operator("fsck")
    assert found.code == 1
    assert "a checkpoint of 10 entries was released, and here are 5" in found.out

    told = operator.does("recover", "--from", str(tmp_path / "tiles"))
    assert "5 entries appended again, 5 to 9" in told.out
    lost = (service.data / "lost-commons-5-9.txt").read_text().split()[::3]
    assert lost == [answer["id"] for answer in later]
    assert all(one in told.out for one in lost)
    again = operator.does("recover", "--from", str(tmp_path / "tiles"), "--json").json()
    assert (again["appended"], again["size"], again["lost"]) == (0, 10, [])

    service.restart()
    assert service.get("/health/ready").status == 200
    for answer in (*kept, *later):
        assert service.get(f"/commons/v1/decisions/{answer['id']}").status == 200
    assert service.post(decision()).json()["index"] == 10
    audit = operator.does("audit", service.ledger_url, "--json").json()
    assert audit["findings"] == []
    assert operator.does("status").code == 0
    assert service.stop() == 0
    told = operator.does("fsck", "--vault")
    assert "11 entries, 4 sealed parts opened; all holds" in told.out
    audit = operator.does("audit", str(tmp_path / "tiles" / "commons"), "--json").json()
    assert audit["findings"] == []


def test_a_place_that_holds_no_log(database: str, tmp_path: Path) -> None:
    operator = Operator(tmp_path / "data", database).founded()
    told = operator("recover", "city", "--from", str(tmp_path))
    assert told.code == 2
    assert "holds no published log" in told.err
    told = operator("recover", "town", "--from", str(tmp_path))
    assert told.code == 2
    assert "there is city" in told.err


def test_another_ledgers_tiles(database: str, tmp_path: Path) -> None:
    operator = Operator(tmp_path / "data", database).founded()
    (tmp_path / "checkpoint").write_text("example.org/x\n1\n" + "A" * 43 + "=\n\n")
    told = operator("recover", "--from", str(tmp_path))
    assert told.code == 2
    assert "is it another ledger's?" in told.err
    assert (
        json.loads(operator.does("status", "--json").out)["ledgers"][0]["entries"] == 2
    )
