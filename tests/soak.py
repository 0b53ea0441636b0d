# ruff: noqa: T201 -- a command that reports
"""A soak: kill the service and its database at random moments, and lose nothing.

    python -m tests.soak --rounds 50          # its own command; prints a summary
    python -m tests.soak --rounds 3 --seed 7  # the suite runs a short one

In each round several clients record decisions (single and NDJSON, with ids, and each
unanswered one sent again) while one thing is killed with SIGKILL at a random moment: a
worker, every worker, PostgreSQL, or everything at once. After each round the oracle
reads the whole log from what is public and holds it to everything any client was told
and to every checkpoint any client saw; every few rounds the project's own auditor does.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import random
import sys
import threading
import time
import urllib.error
import urllib.request
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from typing_extensions import override

from ledger.audit.opening import Trust
from ledger.audit.source import UrlSource
from ledger.audit.verify import audit
from tests.world import processes
from tests.world.oracle import Acknowledged, examine, open_note
from tests.world.service import LEDGER, Service, decision, wait_until

CLIENTS = 4
LINES = 40  # decisions of an NDJSON request
TIMEOUT_S = 20.0
LOST = (urllib.error.URLError, http.client.HTTPException, OSError)


@dataclass(slots=True)
class Told:
    """Everything the clients were told, over all rounds; guarded by `lock`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    acknowledged: dict[str, Acknowledged] = field(default_factory=dict)
    open: dict[str, dict[str, Any]] = field(default_factory=dict)  # unanswered, by id
    notes: list[bytes] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def acknowledge(self, name: str, index: int, leaf: str) -> None:
        told = Acknowledged(index, b64decode(leaf))
        with self.lock:
            self.open.pop(name, None)
            if self.acknowledged.setdefault(name, told) != told:
                self.wrong.append(f"{name} was acknowledged twice, differently")


class Client(threading.Thread):
    """Records decisions until told to stop; sends what was not answered again."""

    def __init__(self, service: Service, token: str, told: Told, seed: int) -> None:
        super().__init__(daemon=True)
        self._url = f"{service.ledger_url}/v1/decisions"
        self._checkpoint = f"{service.ledger_url}/checkpoint"
        self._token = token
        self._told = told
        self._random = random.Random(seed)
        self.stop = threading.Event()

    @override
    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self._step()
            except LOST as error:
                self._told.answers[f"lost: {type(error).__name__}"] += 1
                self.stop.wait(0.05)

    def _step(self) -> None:
        batch = self._random.random() < 0.4
        bodies = [self._next() for _ in range(LINES if batch else 1)]
        if batch:
            self._send_lines(bodies)
        else:
            self._send_one(bodies[0])
        if self._random.random() < 0.2:
            with urllib.request.urlopen(self._checkpoint, timeout=TIMEOUT_S) as answer:
                self._told.notes.append(answer.read())

    def _next(self) -> dict[str, Any]:
        """Something unanswered, or something new."""
        with self._told.lock:
            if self._told.open and self._random.random() < 0.5:
                return self._random.choice(list(self._told.open.values()))
            bits = self._random.getrandbits(128)
            name = str(UUID(int=bits, version=4))
            body = self._told.open[name] = decision(id=name)
            return body

    def _post(self, data: bytes, kind: str) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": kind}
        request = urllib.request.Request(self._url, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def _send_one(self, body: dict[str, Any]) -> None:
        status, data = self._post(json.dumps(body).encode(), "application/json")
        answer = json.loads(data)
        self._told.answers[_label(status, answer)] += 1
        if status in {200, 201}:
            receipt = answer["receipt"]
            self._told.acknowledge(answer["id"], answer["index"], receipt["leaf"])
            note = receipt["proof"].partition("\n\n")[2]
            self._told.notes.append(note.encode())
        elif status < 500:
            self._told.wrong.append(f"a sound decision was answered {answer}")

    def _send_lines(self, bodies: list[dict[str, Any]]) -> None:
        data = b"".join(json.dumps(body).encode() + b"\n" for body in bodies)
        status, answered = self._post(data, "application/x-ndjson")
        if status != 200:
            self._told.answers[_label(status, json.loads(answered))] += 1
            return
        lines = answered.splitlines()
        if len(lines) != len(bodies):
            self._told.wrong.append(f"{len(bodies)} lines, {len(lines)} answers")
            return
        for body, line in zip(bodies, lines, strict=True):
            answer = json.loads(line)
            self._told.answers[_label(answer["status"], answer)] += 1
            if answer["status"] in {200, 201}:
                self._told.acknowledge(body["id"], answer["index"], answer["leaf"])


def _label(status: object, answer: dict[str, Any]) -> str:
    kind = str(answer.get("type", "")).rpartition("problem-")[2]
    return f"{status} {kind}".strip()


# ---- what is killed -----------------------------------------------------------------------


def _kill_worker(service: Service) -> None:
    service.kill_worker()


def _kill_workers(service: Service) -> None:
    processes.kill(service.worker_pids())


def _kill_postgres(service: Service) -> None:
    service.kill_postgres()


def _kill_service(service: Service) -> None:
    service.kill()


def _kill_everything(service: Service) -> None:
    service._remember()
    postgres = service.postgres_pids()
    service.kill()
    processes.kill(postgres)


KILLS: dict[str, Callable[[Service], None]] = {
    "a worker": _kill_worker,
    "all workers": _kill_workers,
    "postgres": _kill_postgres,
    "the service": _kill_service,
    "everything": _kill_everything,
}


# ---- a round ------------------------------------------------------------------------------


class HttpPublic:
    """What anybody can fetch of a running service."""

    def __init__(self, service: Service) -> None:
        self._base = service.ledger_url

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self._base}/{path}", timeout=60) as answer:
            data: bytes = answer.read()
            return data

    async def checkpoint(self) -> bytes:
        return self._get("checkpoint")

    async def tile(self, level: int, number: int, width: int) -> bytes:
        return self._get(f"tile/{level}/{_path(number, width)}")

    async def bundle(self, number: int, width: int) -> bytes:
        return self._get(f"tile/entries/{_path(number, width)}")

    def vkey(self) -> str:
        return str(json.loads(self._get("v1/keys"))["vkeys"][0])


def _path(number: int, width: int) -> str:
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups) + ("" if width == 256 else f".p/{width}")


class Soak:
    """Rounds on one service."""

    def __init__(self, service: Service, seed: int, load_s: float = 1.5) -> None:
        self._service = service
        self._seed = seed
        self._random = random.Random(seed)
        self._load_s = load_s
        self.told = Told()
        self.kills: Counter[str] = Counter()
        self.findings: list[str] = []
        self.entries = 0

    def round(
        self, number: int, *, audited: bool, kind: str | None = None
    ) -> list[str]:
        """One round; what it found wrong. `kind`: what is killed, else by chance."""
        kind = kind or self._random.choice(list(KILLS))
        self.kills[kind] += 1
        clients = self._start(number)
        time.sleep(self._random.uniform(0.0, self._load_s))
        KILLS[kind](self._service)
        time.sleep(self._random.uniform(0.0, 0.5))
        if not self._service.alive():
            for client in clients:
                client.stop.set()
            self._join(clients)
            self._service.restart()
            clients = self._start(number + 1_000_000)
        wait_until("a service that records", self._records, 60.0)
        self._join(clients)
        self._settle()
        findings = [*self.told.wrong, *self._examine()]
        if audited:
            findings += self._audit()
        self.findings += findings
        return findings

    def _start(self, number: int) -> list[Client]:
        clients = [
            Client(
                self._service,
                self._service.token,
                self.told,
                self._seed * 7919 + number * CLIENTS + place,
            )
            for place in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        return clients

    def _join(self, clients: list[Client]) -> None:
        for client in clients:
            client.stop.set()
        for client in clients:
            client.join(60)

    def _records(self) -> bool:
        with contextlib.suppress(*LOST):
            return self._service.post(decision()).status == 201
        return False

    def _settle(self) -> None:
        """Sends what is still unanswered until it is: nothing may stay unknown."""
        client = Client(self._service, self._service.token, self.told, 0)
        end = time.monotonic() + 60
        while self.told.open and time.monotonic() < end:
            with contextlib.suppress(*LOST):
                client._send_lines(list(self.told.open.values())[:200])
        if self.told.open:
            self.told.wrong.append(f"{len(self.told.open)} were never answered")

    def _examine(self) -> list[str]:
        public = HttpPublic(self._service)
        vkey = public.vkey()
        found = asyncio.run(
            examine(
                public,
                vkey,
                acknowledged=self.told.acknowledged,
                notes=set(self.told.notes),
            )
        )
        self.entries = open_note(asyncio.run(public.checkpoint()), vkey).size
        return found

    def _audit(self) -> list[str]:
        async def run() -> list[str]:
            async with UrlSource(f"{self._service.base_url}/{LEDGER}") as source:
                report = await audit(source, Trust())
            findings = [str(finding) for finding in report.findings]
            return findings if report.complete else [*findings, "audit: incomplete"]

        return asyncio.run(run())


def main() -> int:
    """Run the rounds and say what happened; 0 when nothing was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--audit-every", type=int, default=5)
    arguments = parser.parse_args()
    started = time.monotonic()
    print(f"seed {arguments.seed}, {arguments.workers} workers", flush=True)
    with Service(workers=arguments.workers) as service:
        soak = Soak(service, arguments.seed)
        for number in range(1, arguments.rounds + 1):
            last = number == arguments.rounds
            audited = last or number % arguments.audit_every == 0
            before = Counter(soak.kills)
            findings = soak.round(number, audited=audited)
            killed = next(iter(soak.kills - before))
            print(
                f"round {number:3}/{arguments.rounds}  killed {killed:<12}"
                f" {soak.entries:7,} entries, {len(findings)} findings",
                flush=True,
            )
            for finding in findings[:10]:
                print(f"  {finding}", flush=True)
            if findings:
                print(service.tail(), file=sys.stderr)
                break
        log = service.log
    print(f"{time.monotonic() - started:.0f} s; killed {dict(soak.kills)}")
    print(f"{len(soak.told.acknowledged):,} acknowledged, {soak.entries:,} entries")
    for label, count in soak.told.answers.most_common():
        print(f"  {count:8,}  {label}")
    for word in ("refuses_to_sign", "batch_failed", "writer_failed", "worker_died"):
        print(f"  {log.count(word):8,}  {word} in the log")
    print("nothing lost, doubled or forked" if not soak.findings else "FINDINGS")
    return 1 if soak.findings else 0


if __name__ == "__main__":
    sys.exit(main())
