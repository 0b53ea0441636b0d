"""Metrics in Prometheus's text form, summed over the workers of one service.

Each worker keeps its counts in a small file beside the others', rewritten once a second;
whichever worker answers `/metrics` adds them up. Labels are operation names, statuses
and ledger names: nothing of a request's content.
"""

import asyncio
import contextlib
import os
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

PERIOD_S: Final = 1.0  # seconds between writes of a worker's counts
BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
STALE_S: Final = 10.0  # seconds after which a silent worker's gauges no longer count

HELP: Final[Mapping[str, tuple[str, str]]] = {
    "counterfoil_requests_total": ("counter", "Requests answered."),
    "counterfoil_request_seconds": ("histogram", "Seconds from request to answer."),
    "counterfoil_batches_total": ("counter", "Batches committed and released."),
    "counterfoil_entries_total": ("counter", "Entries committed and released."),
    "counterfoil_pool_entries": ("gauge", "Entries that wait to be written."),
    "counterfoil_tree_size": ("gauge_max", "Entries under the newest checkpoint."),
    "counterfoil_refusing": ("gauge_max", "1 while the ledger refuses to sign."),
    "counterfoil_sweeps_total": ("counter", "Sweeps of a ledger that ended well."),
    "counterfoil_sweeps_failed_total": ("counter", "Sweeps that something stopped."),
    "counterfoil_erasures_total": ("counter", "Decisions erased."),
    "counterfoil_reissues_noted_total": ("counter", "Requests for receipts noted."),
    "counterfoil_key_epochs_missing": (
        "gauge_max",
        "Epochs that wrap something and whose key is not at hand.",
    ),
    "counterfoil_resident_bytes": ("gauge", "Resident memory of the workers."),
}

Counts = dict[str, float]


def key(name: str, **labels: str | int) -> str:
    """A sample's name with its labels, as it is printed."""
    if not labels:
        return name
    return name + "{" + ",".join(f'{k}="{v}"' for k, v in labels.items()) + "}"


@dataclass(slots=True)
class _Tally:
    """Requests of one operation and status; buckets are added up when rendered."""

    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))


class Metrics:
    """One worker's counts; `render` adds the other workers'."""

    def __init__(self, folder: Path, worker: int, gauges: Callable[[], Counts]) -> None:
        """`gauges` is asked at each write for what is a state and not a count."""
        self._folder = folder
        self._path = folder / f"worker-{worker}.json"
        self._gauges = gauges
        self._tallies: dict[tuple[str, int], _Tally] = {}
        self._task: asyncio.Task[None] | None = None

    def request(self, operation: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        tally = self._tallies.get((operation, status))
        if tally is None:
            tally = self._tallies[operation, status] = _Tally()
        tally.seconds += seconds
        tally.buckets[bisect_left(BUCKETS_S, seconds)] += 1

    def _counts(self) -> Counts:
        counts: defaultdict[str, float] = defaultdict(float)
        name = "counterfoil_request_seconds"
        for (operation, status), tally in self._tallies.items():
            total = sum(tally.buckets)
            of = {"operation": operation}
            counts[key("counterfoil_requests_total", **of, status=status)] += total
            counts[key(f"{name}_sum", **of)] += tally.seconds
            counts[key(f"{name}_count", **of)] += total
            for bound, count in zip((*BUCKETS_S, "+Inf"), tally.buckets, strict=True):
                counts[key(f"{name}_bucket", **of, le=str(bound))] += count
        return counts

    def start(self) -> None:
        """Begin to write the counts out."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._task = asyncio.create_task(self._run(), name="metrics")

    async def close(self) -> None:
        """Stop, and take this worker's file away."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._path.unlink(missing_ok=True)

    async def _run(self) -> None:
        while True:
            self._write()
            await asyncio.sleep(PERIOD_S)

    def _write(self) -> None:
        draft = self._path.with_suffix(".draft")
        with contextlib.suppress(OSError):
            draft.write_bytes(
                orjson.dumps({"counts": self._counts(), "gauges": self._gauges()})
            )
            draft.replace(self._path)

    def render(self) -> bytes:
        """The text of `/metrics`."""
        self._write()
        counts: defaultdict[str, float] = defaultdict(float)
        newest = max(
            (path.stat().st_mtime for path in self._folder.glob("worker-*.json")),
            default=0.0,
        )
        for path in sorted(self._folder.glob("worker-*.json")):
            with contextlib.suppress(OSError, ValueError):
                fresh = newest - path.stat().st_mtime < STALE_S
                data = orjson.loads(path.read_bytes())
                for name, value in data["counts"].items():
                    counts[name] += value
                for name, value in data["gauges"].items() if fresh else ():
                    if HELP[name.partition("{")[0]][0] == "gauge_max":
                        counts[name] = max(counts[name], value)
                    else:
                        counts[name] += value
        return _text(counts).encode()


def _text(counts: Mapping[str, float]) -> str:
    lines = []
    for name, (kind, help_) in HELP.items():
        lines.append(f"# HELP {name} {help_}")
        lines.append(f"# TYPE {name} {kind.removesuffix('_max')}")
        if kind == "histogram":
            lines += _histogram(name, counts)
        else:
            lines += [
                f"{sample} {value:g}"
                for sample, value in sorted(counts.items())
                if sample.partition("{")[0] == name
            ]
    return "\n".join(lines) + "\n"


def _histogram(name: str, counts: Mapping[str, float]) -> list[str]:
    lines = []
    totals = [sample for sample in sorted(counts) if sample.startswith(f"{name}_count")]
    for total in totals:
        labels = total.partition("{")[2].removesuffix("}")
        running = 0.0
        for bound in (*BUCKETS_S, "+Inf"):
            sample = f'{name}_bucket{{{labels},le="{bound}"}}'
            running += counts.get(sample, 0.0)
            lines.append(f"{sample} {running:g}")
        lines.append(f"{name}_sum{{{labels}}} {counts[f'{name}_sum{{{labels}}}']:g}")
        lines.append(f"{total} {counts[total]:g}")
    return lines


def resident_bytes() -> int:
    """This process's resident memory."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 -- a pseudo file
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
