"""Two writers on one database, driven at random, and the oracle after each step."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from typing_extensions import override

from ledger.log import outcome
from ledger.log.book import Book
from ledger.log.pending import Recorded
from tests.conftest import PostgresServer
from tests.faults.failing import KEPT, LOST, Faults
from tests.world.desk import Desk
from tests.world.service import decision

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

BOOKS = st.integers(0, 1)
FAULTS = st.sampled_from(
    [
        (verb, fate)
        for verb in ("lock", "append", "commit", "write")
        for fate in (LOST, KEPT)
    ]
)


class Loop:
    """A loop on a thread of its own: hypothesis is synchronous."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def machine(  # noqa: C901 -- a machine is a list of rules
    server: PostgresServer, template: str, loop: Loop, folder: Path
) -> type[RuleBasedStateMachine]:
    class Writers(RuleBasedStateMachine):
        """Whatever happens, in whatever order, to two writers of one log."""

        def __init__(self) -> None:
            super().__init__()
            self.name = server.create(template=template)
            self.desk: Desk = loop.run(self._desk())
            self.faults = [Faults(), Faults()]
            self.books: list[Book] = [loop.run(self._open(n)) for n in (0, 1)]
            self.bodies: list[dict[str, Any]] = []
            self.versions = 0

        async def _desk(self) -> Desk:
            desk = Desk(server.dsn(self.name), folder / self.name)
            return await desk.__aenter__()

        async def _open(self, number: int) -> Book:
            return await self.desk.open(wrap=self.faults[number].wrap)

        @rule(book=BOOKS, count=st.integers(1, 6), ids=st.lists(st.uuids(), max_size=6))
        def record(self, book: int, count: int, ids: list[UUID]) -> None:
            bodies = [decision(id=str(UUID(int=i.int, version=4))) for i in ids]
            bodies = [*bodies, *[decision(id=str(uuid4())) for _ in range(count)]]
            loop.run(self.desk.record(self.books[book], *bodies))
            self.bodies += bodies

        @precondition(lambda self: self.bodies)
        @rule(book=BOOKS, data=st.data())
        def retry(self, book: int, data: st.DataObject) -> None:
            body = data.draw(st.sampled_from(self.bodies))
            outcome: object = None
            for _ in range(20):  # each planned fault happens once
                outcome = loop.run(self.desk.record(self.books[book], body))[0]
                if isinstance(outcome, Recorded):
                    return
            pytest.fail(f"still {outcome!r} when nothing fails any more")

        @precondition(lambda self: self.bodies)
        @rule(book=BOOKS, data=st.data())
        def change(self, book: int, data: st.DataObject) -> None:
            """Another body under a recorded id is refused, whoever is asked."""
            body = data.draw(st.sampled_from(self.bodies))
            if body["id"] in self.desk.acknowledged:
                other = {**body, "automation": "advisory"}
                outcome = loop.run(self.desk.record(self.books[book], other))[0]
                assert not isinstance(outcome, Recorded)

        @rule(book=BOOKS)
        def act(self, book: int) -> None:
            self.versions += 1
            body = {"system": "example", "version": f"v{self.versions}"}
            loop.run(self.desk.act(self.books[book], "system.version", body))

        @rule(book=BOOKS, fault=FAULTS)
        def break_soon(self, book: int, fault: tuple[str, str]) -> None:
            self.faults[book].plan(*fault)

        @rule(book=BOOKS)
        def lose_the_connection(self, book: int) -> None:
            session = self.books[book].sequencer._session
            if session is not None:
                loop.run(session.close())

        @rule(book=BOOKS)
        def kill(self, book: int) -> None:
            loop.run(self.desk.kill(self.books[book]))
            self.faults[book] = Faults()
            self.books[book] = loop.run(self._open(book))

        @invariant()
        def holds(self) -> None:
            loop.run(self.desk.check())
            assert {book.sequencer.refusal for book in self.books} == {None}

        @override
        def teardown(self) -> None:
            loop.run(self.desk.__aexit__(None, None, None))
            server.drop(self.name)

    return Writers


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


def test_two_writers_keep_one_log(
    postgres_server: PostgresServer,
    template_database: str,
    loop: Loop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outcome, "RESOLVE_TRIES", 2)
    run_state_machine_as_test(
        machine(postgres_server, template_database, loop, tmp_path),
        settings=settings(
            max_examples=6,
            stateful_step_count=12,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
