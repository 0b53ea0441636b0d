"""The service that the demo shows: what `counterfoil serve` runs, in a process of its own.

It is told its configuration and reads none from the environment. It ends when told, or
when the demo is gone, whatever killed that: the pipe between them says so.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

import uvloop

from api import logs
from api.config import Config
from api.database import open_database
from api.demo.constitution import parameters
from api.demo.folder import end_postgres
from api.supervisor import serve
from api.worker import listen
from ledger.clock import SystemClock
from ledger.errors import CounterfoilError, FatalError

START_S: Final = 60.0  # seconds for the first answer
STOP_S: Final = 30.0  # seconds to finish what is under way
LOG_NAME: Final = "serve.log"
SWEEP_S: Final = 86_400  # seconds; as for any service
BACKUP_RETENTION_DAYS: Final = 7  # days; likewise
_HOST: Final = "127.0.0.1"
_PORT: Final = 8080  # as drawn in the documents, if it is free


def config_of(folder: Path) -> Config:
    """The configuration: everything in the folder, reachable from this machine only."""
    return Config(
        database_url=None,
        data_dir=folder,
        keys_dir=folder / "keys",
        tiles_dir=None,
        host=_HOST,
        port=_PORT,
        workers=1,
        base_url=None,
        sweep_s=SWEEP_S,
        backup_retention_days=BACKUP_RETENTION_DAYS,
        log_level="warning",
        log_format="json",
    )


def _free_port() -> int:
    try:
        listen(_HOST, _PORT, shared=False).close()
    except OSError:
        return 0
    return _PORT


class Service:
    """One service; `stop` it whatever happened.

    Attributes:
        ended: set when the process is gone.
    """

    def __init__(self, config: Config) -> None:
        """Starts nothing yet."""
        self.ended = asyncio.Event()
        self._config = config
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    async def start(self) -> str:
        """The base address, once it answers.

        Raises:
            FatalError: it could not start; carries what it said.
        """
        loop = asyncio.get_running_loop()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(self._config, theirs))
        self._process.start()
        theirs.close()
        loop.add_reader(self._process.sentinel, self._note_end)
        said = asyncio.Event()
        loop.add_reader(self._pipe.fileno(), said.set)
        try:
            async with asyncio.timeout(START_S):
                await said.wait()
            answers, text = self._pipe.recv()
        except TimeoutError:
            raise FatalError(f"the service gave no answer in {START_S:g} s") from None
        except (EOFError, OSError):
            log = self._config.data_dir / LOG_NAME
            raise FatalError(f"the service did not start: {log} says why") from None
        finally:
            loop.remove_reader(self._pipe.fileno())
        if not answers:
            raise FatalError(f"the service did not start: {text}")
        return str(text)

    def _note_end(self) -> None:
        if self._process is not None:
            asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self.ended.set()

    async def stop(self) -> None:
        """Ends it, and what it started; returns when nothing is left running."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid or 0, signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                await self.ended.wait()
        except TimeoutError:
            process.kill()
            await self.ended.wait()
        process.join()
        if process.exitcode != 0:
            with contextlib.suppress(CounterfoilError):
                await end_postgres(self._config.data_dir)
        if self._pipe is not None:
            self._pipe.close()
        self._process = None


def _run(config: Config, parent: Connection) -> None:
    """The body of the process."""
    # Ctrl-C reaches the whole terminal; the demo decides when the service ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    file = os.open(config.data_dir / LOG_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    with contextlib.suppress(BrokenPipeError):
        try:
            uvloop.run(_serve(config, parent))
        except CounterfoilError as error:
            parent.send((False, str(error)))
            raise SystemExit(2) from error


async def _serve(config: Config, parent: Connection) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    # The demo never writes: readable means that it is gone.
    loop.add_reader(parent.fileno(), stop.set)
    clock = SystemClock()
    begun = clock.monotonic_s()
    async with open_database(config, attach=False) as database:
        start_s = clock.monotonic_s() - begun
        await serve(
            # Looked for as late as can be: another demo may start beside this one.
            replace(config, port=_free_port()),
            database,
            stop=stop,
            ready=lambda base_url: parent.send((True, base_url)),
            log=logs.configure(config.log_level, config.log_format),
            parameters=parameters(start_s),
        )
