"""The test world's own server: it starts, survives SIGKILL, and leaves nothing behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import processes
from tests.world.service import Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def test_it_answers_and_drains(service: Service) -> None:
    assert service.get("/health/ready").status == 200
    assert service.post(decision()).status == 201

    assert service.stop() == 0

    service.restart()
    assert service.get("/health/ready").status == 200


def test_what_was_answered_before_a_kill_is_there_after_it(service: Service) -> None:
    body = decision(id="1fcf5b1c-3d7c-4d6e-9a55-5c1f3d1b7a01")
    before = service.post(body).json()

    service.kill()
    service.restart()

    again = service.post(body)
    assert again.status == 200
    assert again.json()["index"] == before["index"]
    assert again.json()["receipt"]["secret"] == before["receipt"]["secret"]


def test_a_killed_database_comes_back(service: Service) -> None:
    before = service.post(decision()).json()

    service.kill_postgres()
    service.restart()

    after = service.post(decision()).json()
    assert after["index"] > before["index"]


def test_nothing_is_left_running(tmp_path: Path) -> None:
    with Service(data=tmp_path / "data") as own:
        pids = [own.pid, *own.worker_pids(), *own.postgres_pids()]
        assert own.database_url or len(pids) > 1

    assert [pid for pid in pids if Path(f"/proc/{pid}/cmdline").exists()] == []
    assert processes.postmasters(tmp_path) == []
