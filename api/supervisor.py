"""The process that `serve` is: one worker itself, or several that it keeps alive."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from types import MappingProxyType
from typing import Any, Final

from api.config import Config
from api.database import Database
from api.first import found_commons
from api.worker import answer_until, listen, run_child
from ledger.clock import SystemClock
from ledger.errors import FatalError, UnavailableError
from ledger.storage.postgres import PostgresStore

START_S: Final = 60.0  # seconds for a worker's first answer
RESTART_S: Final = 1.0  # seconds before a worker that died is started again
DRAIN_S: Final = 30.0  # seconds for workers to finish when the service stops


async def serve(
    config: Config,
    database: Database,
    *,
    stop: asyncio.Event,
    ready: Callable[[str], None],
    log: Any,
    parameters: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Found a first ledger if there is none, then answer until `stop`.

    Args:
        config: of this service.
        database: running.
        stop: set to drain and end.
        ready: told the base address once, when every worker can answer.
        log: structlog's.
        parameters: the numbers of a first ledger that this founds.

    Raises:
        FatalError: a key file, the database, or a worker that cannot start.
        UnavailableError: the address is in use, or the database does not answer.
    """
    clock = SystemClock()
    store = await PostgresStore.connect(database.dsn, migrate_dsn=database.owner_dsn)
    try:
        async with store.founding():
            await found_commons(store, config, clock, log, parameters)
    finally:
        await store.close()
    try:
        bound = listen(config.host, config.port, shared=False)
        if config.workers > 1:
            # Bound alone once, to refuse a port in use; then shared, to keep it ours.
            port = bound.getsockname()[1]
            bound.close()
            bound = listen(config.host, port, shared=True)
    except OSError as error:
        raise UnavailableError(
            f"cannot listen on {config.host}:{config.port}: {error.strerror}"
        ) from error
    port = bound.getsockname()[1]
    host = f"[{config.host}]" if ":" in config.host else config.host
    here = f"http://{host}:{port}"
    base_url = config.base_url or here
    if config.workers == 1:
        await answer_until(
            config,
            dsn=database.dsn,
            base_url=base_url,
            worker=0,
            bound=bound,
            stop=stop,
            ready=lambda: ready(here),
        )
        return
    with bound:
        await _keep_workers(
            config, database.dsn, base_url, port, stop, lambda: ready(here), log
        )


async def _keep_workers(
    config: Config,
    dsn: str,
    base_url: str,
    port: int,
    stop: asyncio.Event,
    ready: Callable[[], None],
    log: Any,
) -> None:
    answering = asyncio.Event()
    left = config.workers

    def one_answers() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            answering.set()

    async with asyncio.TaskGroup() as group:
        for worker in range(config.workers):
            child = _Child(config, dsn, base_url, worker, port, log)
            group.create_task(child.keep(stop, one_answers))
        await answering.wait()
        if not stop.is_set():
            ready()


class _Child:
    """One worker process, started again for as long as the service runs."""

    def __init__(
        self, config: Config, dsn: str, base_url: str, worker: int, port: int, log: Any
    ) -> None:
        self._arguments = (config, dsn, base_url, worker, port)
        self._worker = worker
        self._log = log
        self._answered = False

    async def keep(self, stop: asyncio.Event, answers: Callable[[], None]) -> None:
        context = multiprocessing.get_context("spawn")
        while not stop.is_set():
            ours, theirs = context.Pipe()
            process = context.Process(
                target=run_child, args=(*self._arguments, theirs), daemon=True
            )
            process.start()
            theirs.close()
            died = asyncio.Event()
            loop = asyncio.get_running_loop()
            loop.add_reader(process.sentinel, died.set)
            try:
                await self._wait_ready(ours, died)
                if not self._answered:
                    self._answered = True
                    answers()
                await _either(stop, died)
            finally:
                loop.remove_reader(process.sentinel)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid or 0, signal.SIGTERM)
                await asyncio.to_thread(process.join, DRAIN_S)
                if process.is_alive():
                    process.kill()
                ours.close()
            if not stop.is_set():
                self._log.error("worker_died", worker=self._worker)
                await asyncio.sleep(RESTART_S)

    async def _wait_ready(self, ours: Connection, died: asyncio.Event) -> None:
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(ours.fileno(), told.set)
        try:
            async with asyncio.timeout(START_S):
                await _either(told, died)
        except TimeoutError:
            raise FatalError("a worker did not answer in time") from None
        finally:
            loop.remove_reader(ours.fileno())
        if died.is_set() and not self._answered:
            raise FatalError("a worker could not start; its log says why")


async def _either(*events: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def print_ready(base_url: str) -> None:
    """The one line of standard output."""
    sys.stdout.write(f"ready {base_url}\n")
    sys.stdout.flush()
