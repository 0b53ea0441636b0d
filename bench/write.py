"""The write path: single POST, NDJSON, memory, bytes; each against its yardstick.

Pairs are interleaved: bare, service, bare, service; other load on the machine then
disturbs both alike, and the median of the pairs' ratios is what counts.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import asyncpg

from bench import database, floor
from bench.load import Measured
from bench.table import Better, Claim, median
from tests.world import processes
from tests.world.service import Service

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure."""

    pairs: int
    seconds: float


class LoadError(Exception):
    """The load generator met an answer that it must not count."""


async def load(
    mode: str, url: str, token: str, connections: int, seconds: float
) -> Measured:
    """Runs the load generator in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.load", mode, url, token),
        *("--connections", str(connections), "--seconds", str(seconds)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode != 0:
        raise LoadError(err.decode()[-2000:])
    return Measured(**json.loads(out))


@contextlib.contextmanager
def bare(workers: int) -> Iterator[str]:
    """The bare handler, running; yields its URL."""
    command = [sys.executable, "-m", "bench.bare", "--workers", str(workers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().removeprefix("ready ").strip()
        process.terminate()


class Memory:
    """Samples the largest resident memory of any of the service's processes."""

    def __init__(self, service: Service) -> None:
        """Samples until `stop`."""
        self.peak_bytes = 0
        self._service = service
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        pids = [self._service.pid, *self._service.worker_pids()]
        while not self._stopped.wait(0.1):
            now = max(processes.resident_bytes(pid) for pid in pids)
            self.peak_bytes = max(self.peak_bytes, now)

    def stop(self) -> int:
        """The most seen, in bytes."""
        self._stopped.set()
        self._thread.join()
        return self.peak_bytes


async def single(workers: int, effort: Effort) -> list[Claim]:
    """Interleaved pairs at 64 connections, and what else one worker must hold."""
    with Service(workers=workers) as service, bare(workers) as raw:
        place, token = service.base_url, service.token
        await load("single", place, token, 64, 1.0)  # warm caches, not measured
        memory = Memory(service)
        pairs = [
            (
                await load("single", raw, token, 64, effort.seconds),
                await load("single", place, token, 64, effort.seconds),
            )
            for _ in range(effort.pairs)
        ]
        peak = memory.stop()
        one = await load("single", place, token, 1, effort.seconds)
    many = "one worker" if workers == 1 else f"{workers} workers"
    ours = median([real.per_s for _, real in pairs])
    theirs = median([yard.per_s for yard, _ in pairs])
    ratio = Claim(
        what=f"single POST, 64 connections, {many}, of bare aiohttp",
        measured=median([real.per_s / yard.per_s for yard, real in pairs]),
        least=0.25 if workers == 1 else 0.20,
        aim=0.40 if workers == 1 else 0.35,
        better=Better.MORE,
        against=f"{ours:,.0f}/s of {theirs:,.0f}/s, {effort.pairs} pairs",
    )
    if workers > 1:
        return [ratio]
    return [ratio, *one_worker([real.p99_ms for _, real in pairs], one, peak)]


def one_worker(p99s: list[float], one: Measured, peak: int) -> list[Claim]:
    """Latencies and memory, which the issue asks of one worker."""
    return [
        Claim(
            what="p99 at 64 connections",
            measured=median(p99s),
            least=80,
            aim=45,
            better=Better.LESS,
            unit="ms",
        ),
        Claim(
            what="p50 at one connection",
            measured=one.p50_ms,
            least=5,
            aim=3,
            better=Better.LESS,
            unit="ms",
        ),
        Claim(
            what="memory of one worker under single POSTs",
            measured=peak / _MB,
            least=250,
            aim=150,
            better=Better.LESS,
            unit="MB",
        ),
    ]


async def batches_one(effort: Effort) -> list[Claim]:
    """NDJSON with one worker against the serial floor, and the bytes it stored."""
    with Service(workers=1) as service:
        place, token = service.base_url, service.token
        await load("batch", place, token, 2, 2.0)  # rows for the floor, warm caches
        async with database.equal_tables(service) as connection:
            memory = Memory(service)
            pairs = [
                (
                    await floor.measure(connection),
                    await load("batch", place, token, 2, effort.seconds),
                )
                for _ in range(max(3, effort.pairs // 2))
            ]
            peak = memory.stop()
            size = await stored_bytes(connection)
    ours = median([real.per_s for _, real in pairs])
    under = pairs[-1][0]
    return [
        Claim(
            what="NDJSON of 500, one worker, of the serial floor",
            measured=median([real.per_s / each.per_s for each, real in pairs]),
            least=0.40,
            aim=0.60,
            better=Better.MORE,
            against=f"{ours:,.0f}/s of {median([each.per_s for each, _ in pairs]):,.0f}/s"
            f" (COPY {under.copy_us:.0f} µs + crypto {under.crypto_us:.0f} µs)",
        ),
        size,
        Claim(
            what="memory of one worker under NDJSON",
            measured=peak / _MB,
            least=250,
            aim=150,
            better=Better.LESS,
            unit="MB",
        ),
    ]


async def stored_bytes(stored: asyncpg.Connection) -> Claim:
    """Bytes of every table and index, a decision, against leaf + sealed bytes."""
    row = await stored.fetchrow(
        """SELECT (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
                    JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = 'public' AND c.relkind = 'r') AS kept,
                  (SELECT sum(length(leaf)) FROM public.entries) AS leaves,
                  (SELECT sum(length(sealed)) FROM public.vault) AS sealed,
                  (SELECT count(*) FROM public.decisions) AS count"""
    )
    assert row is not None
    kept, payload = float(row["kept"]), float(row["leaves"] + row["sealed"])
    return Claim(
        what="database bytes of (leaf + sealed) bytes",
        measured=kept / payload,
        least=1.5,
        aim=1.3,
        better=Better.LESS,
        against=f"{kept / row['count']:,.0f} of {payload / row['count']:,.0f} bytes a "
        f"decision, {row['count']:,} decisions",
    )


async def batches_two(effort: Effort) -> list[Claim]:
    """NDJSON with two workers and four clients, in decisions a second."""
    with Service(workers=2) as service:
        place, token = service.base_url, service.token
        await load("batch", place, token, 4, 1.0)
        rates = [
            (await load("batch", place, token, 4, effort.seconds)).per_s
            for _ in range(max(3, effort.pairs // 2))
        ]
    return [
        Claim(
            what="NDJSON of 500, two workers, four clients",
            measured=median(rates),
            least=5_000,
            aim=10_000,
            better=Better.MORE,
            unit="/s",
        )
    ]


async def measure(*, quick: bool) -> list[Claim]:
    """Every claim about writing, from one run."""
    effort = Effort(pairs=2, seconds=1.5) if quick else Effort(pairs=5, seconds=4.0)
    return [
        *await single(1, effort),
        *await single(2, effort),
        *await batches_one(effort),
        *await batches_two(effort),
    ]
