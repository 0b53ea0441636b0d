"""A real server in a real process: `counterfoil serve`, for end-to-end and kill tests.

    with Service(workers=2) as service:
        service.post(decision())        # over HTTP, standard library only
        service.kill()                  # SIGKILL to the server and its workers
        service.restart()               # the ordinary start is the recovery

PostgreSQL is the service's own child: `kill` leaves it alive on purpose (an orphan must
be adopted), `kill_postgres` ends it alone, and leaving the `with` block ends everything.
"""

import asyncio
import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from tests.world import processes

ROOT = Path(__file__).resolve().parents[2]
LEDGER = "commons"
SYSTEM = "example"
START_S = 90.0
STOP_S = 30.0


class ServiceError(AssertionError):
    """The server did not do what its contract says; carries the end of its log."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def decision(**changes: object) -> dict[str, Any]:
    """A valid decision of the `example` system, decided now; `changes` replace fields."""
    made: dict[str, Any] = {
        "system": SYSTEM,
        "decided_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "automation": "full",
        "outcome": {"code": "rejected", "favourable": False},
        "subject": {"ref": f"person-{uuid.uuid4()}"},
        "reasons": [{"code": "R1", "text": "Two years of experience; three asked."}],
    }
    return {**made, **changes}


class Service:
    """One `counterfoil serve` on a data folder of its own.

    Attributes:
        data: the data folder; kept over `restart`, removed at the end unless given.
        base_url: `http://127.0.0.1:PORT`, read from the ready line.
        database_url: the PostgreSQL it was given; None for its own, embedded.
        log_path: everything the server wrote to standard error, over all its starts.
    """

    COMMAND: ClassVar = (sys.executable, "-m", "counterfoil")

    def __init__(
        self,
        *,
        data: Path | None = None,
        workers: int = 1,
        database_url: str | None = None,
        env: Mapping[str, str] | None = None,
        listen: str = "127.0.0.1:0",
    ) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="cf-"))  # short: sockets live below
        self.data = data or self._home / "data"
        self.workers = workers
        self.base_url = ""
        self.log_path = self._home / "serve.log"
        self._listen = listen
        self._env = dict(env or {})
        self.database_url = database_url
        self._made_database: str | None = None
        self._process: subprocess.Popen[str] | None = None
        self._seen: set[int] = set()  # every process we ever saw below ours

    # ---- life -------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> Self:
        """Starts the server and waits for its ready line."""
        command = [
            *(*self.COMMAND, "serve"),
            *("--listen", self._listen, "--data", str(self.data)),
            *("--workers", str(self.workers)),
        ]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.base_url = self._ready()
        self._remember()
        return self

    def stop(self, timeout_s: float = STOP_S) -> int:
        """SIGTERM, and the exit code once it has drained."""
        process = self._running()
        self._remember()
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise ServiceError(f"no exit {timeout_s} s after SIGTERM\n{self.tail()}")  # noqa: B904 -- the log says more than the timeout
        self._close_pipe()
        return code

    def kill(self) -> None:
        """SIGKILL to the server and all its workers at once; PostgreSQL stays."""
        process = self._running()
        self._remember()
        below = processes.descendants(process.pid)
        ours = [pid for pid in below if not processes.is_postgres(pid)]
        processes.kill([process.pid, *ours])
        process.wait(STOP_S)
        self._close_pipe()

    def kill_worker(self) -> int:
        """SIGKILL to one worker; with one worker that may be the server itself."""
        pid = (self.worker_pids() or [self.pid])[0]
        processes.kill([pid])
        return pid

    def kill_postgres(self) -> None:
        """SIGKILL to PostgreSQL's own processes, as when the machine runs out of memory."""
        self._remember()
        processes.kill(self.postgres_pids())

    def restart(self) -> Self:
        """Starts again on the same data folder, whether killed, stopped or running."""
        if self._process is not None and self._process.poll() is None:
            self.stop()
        self._close_pipe()
        return self.start()

    def close(self) -> None:
        """Ends every process this service started and removes what it wrote."""
        with contextlib.suppress(ServiceError):
            if self._process is not None and self._process.poll() is None:
                self.stop(10.0)
        own = [] if self._process is None else [self._process.pid]
        strays = [pid for pid in self._seen if processes.is_about(pid, self.data)]
        processes.kill([*own, *strays, *processes.postmasters(self.data)])
        if self._process is not None:
            self._process.wait(STOP_S)
        self._close_pipe()
        if self._made_database is not None:
            _in_thread(_drop_database, self._made_database)
        shutil.rmtree(self._home, ignore_errors=True)

    # ---- what a test asks -------------------------------------------------------

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def token(self) -> str:
        """The bearer token of the system `example`."""
        return (self.data / "example.token").read_text().strip()

    @property
    def ledger_url(self) -> str:
        return f"{self.base_url}/{LEDGER}"

    @property
    def port(self) -> int:
        return urlsplit(self.base_url).port or 0

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def tail(self, characters: int = 4000) -> str:
        return self.log[-characters:] if self.log_path.exists() else ""

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def worker_pids(self) -> list[int]:
        """The server's own child processes that answer requests."""
        below = processes.descendants(self.pid)
        return [pid for pid in below if processes.is_worker(pid)]

    def postgres_pids(self) -> list[int]:
        below = [pid for pid in self._seen if processes.is_postgres(pid)]
        return [*processes.postmasters(self.data), *below]

    def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 30.0,
    ) -> Answer:
        """One request; a status of 400 or more is an answer, not an exception."""
        request = urllib.request.Request(
            self.base_url + path, data=body, headers=dict(headers or {}), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, dict(refused.headers), refused.read())

    def get(self, path: str, **more: Any) -> Answer:
        return self.request("GET", path, **more)

    def post(
        self, body: Mapping[str, Any], *, key: str | None = None, **more: Any
    ) -> Answer:
        """Posts one decision with the example system's token."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        }
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.request(
            "POST",
            f"/{LEDGER}/v1/decisions",
            body=json.dumps(body).encode(),
            headers=headers,
            **more,
        )

    def post_lines(self, bodies: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Posts decisions as NDJSON and returns the answer's lines."""
        answer = self.request(
            "POST",
            f"/{LEDGER}/v1/decisions",
            body=b"".join(json.dumps(body).encode() + b"\n" for body in bodies),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/x-ndjson",
            },
        )
        if answer.status != 200:
            raise ServiceError(f"{answer.status}: {answer.body[:500]!r}\n{self.tail()}")
        return [json.loads(line) for line in answer.body.splitlines()]

    # ---- inside -----------------------------------------------------------------

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("COUNTERFOIL_")}
        shared = os.environ.get("COUNTERFOIL_TEST_DATABASE_URL")
        if self.database_url is None and shared:
            self._made_database = _in_thread(_create_database, shared)
            self.database_url = self._made_database
        if self.database_url is not None:
            kept["COUNTERFOIL_DATABASE_URL"] = self.database_url
        return {**kept, "PYTHONUNBUFFERED": "1", **self._env}

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise ServiceError("the service was never started")
        return self._process

    def _ready(self) -> str:
        process = self._running()
        lines: queue.Queue[str] = queue.Queue()
        assert process.stdout is not None
        threading.Thread(
            target=lambda pipe: lines.put(pipe.readline()),
            args=(process.stdout,),
            daemon=True,
        ).start()
        try:
            line = lines.get(timeout=START_S)
        except queue.Empty:
            line = f"nothing within {START_S} s"
        if not line.startswith("ready http://"):
            raise ServiceError(f"expected a ready line, got {line!r}\n{self.tail()}")
        return line.removeprefix("ready ").strip()

    def _remember(self) -> None:
        self._seen.update(processes.descendants(self.pid))

    def _close_pipe(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()


def wait_until(what: str, probe: Any, timeout_s: float = 20.0) -> None:
    """Polls `probe` until it is true; fails with `what` in words."""
    end = time.monotonic() + timeout_s
    while not probe():
        if time.monotonic() > end:
            raise ServiceError(f"waited {timeout_s} s for {what}")
        time.sleep(0.02)


def _in_thread(coroutine: Any, *arguments: Any) -> Any:
    """Runs a coroutine function to its end, also below a running event loop."""
    results: list[Any] = []
    thread = threading.Thread(
        target=lambda: results.append(asyncio.run(coroutine(*arguments)))
    )
    thread.start()
    thread.join()
    return results[0]


async def _create_database(url: str) -> str:
    name = f"counterfoil_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def _drop_database(url: str) -> None:
    name = urlsplit(url).path.lstrip("/")
    maintenance = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    connection = await asyncpg.connect(maintenance)
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.close()
