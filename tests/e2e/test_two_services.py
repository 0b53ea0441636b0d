"""Two `serve` processes on one database and one key folder, both writing."""

import asyncio
import json
import shutil
import threading
import uuid
from pathlib import Path

import pytest

from tests.soak import HttpPublic, Told
from tests.world.oracle import examine
from tests.world.service import Answer, Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]


def test_both_write_one_log(tmp_path: Path, empty_database: str) -> None:
    # The tables' owner, since the first of the two makes them.
    env = {"COUNTERFOIL_KEYS_DIR": str(tmp_path / "keys")}
    first = Service(data=tmp_path / "1", database_url=empty_database, env=env)
    second = Service(data=tmp_path / "2", database_url=empty_database, env=env)
    with first, second:
        shutil.copy(first.data / "example.token", second.data / "example.token")
        told = Told()
        shared = [decision(id=str(uuid.uuid4())) for _ in range(20)]
        answers: list[Answer] = []

        def client(service: Service, own: int) -> None:
            for body in shared:
                answers.append(service.post(body))
                answers.extend(service.post(decision()) for _ in range(own))

        threads = [
            threading.Thread(target=client, args=(service, 2))
            for service in (first, second) * 2
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for answer in answers:
            assert answer.status in {200, 201}, answer.body
            found = answer.json()
            told.acknowledge(found["id"], found["index"], found["receipt"]["leaf"])
            told.notes.append(found["receipt"]["proof"].partition("\n\n")[2].encode())

        assert told.wrong == []
        assert len(told.acknowledged) == 20 + 4 * 20 * 2
        for service in (first, second):
            public = HttpPublic(service)
            assert not asyncio.run(
                examine(
                    public,
                    public.vkey(),
                    acknowledged=told.acknowledged,
                    notes=told.notes,
                )
            )
            assert "refuses_to_sign" not in service.log
        keys = [json.loads(one.get("/commons/v1/keys").body) for one in (first, second)]
        assert keys[0] == keys[1]
