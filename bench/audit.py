"""The auditor: time per entry against a loop that only hashes and decodes, and memory.

Both read the same folder of published tiles, so that neither waits for a network.
"""

import asyncio
import hashlib
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.grow import grow
from bench.table import Better, Claim
from tests.world.service import Service, ServiceError

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Audited:
    """One audit of a log of `size` entries."""

    size: int
    audit_us: float  # an entry
    loop_us: float  # an entry
    peak_bytes: int


async def at(service: Service, tiles: Path, size: int) -> Audited:
    """Grows the log to `size`, waits for its tiles, audits the folder."""
    await grow(service, size)
    place = await asyncio.to_thread(published, tiles, size)
    before = loop_us(place)
    seconds, peak = await asyncio.to_thread(run, place)
    after = loop_us(place)
    return Audited(
        size=size,
        audit_us=seconds / size * 1e6,
        loop_us=(before + after) / 2,
        peak_bytes=peak,
    )


def published(tiles: Path, size: int) -> Path:
    """The folder that holds a checkpoint of at least `size` entries."""
    for _ in range(1200):
        for note in tiles.rglob("checkpoint"):
            if int(note.read_bytes().split(b"\n")[1]) >= size:
                return note.parent
        time.sleep(0.25)
    raise TimeoutError(f"tiles of {size} entries were not published in {tiles}")


def run(place: Path) -> tuple[float, int]:
    """Runs the auditor as a stranger would: (seconds, peak resident bytes).

    Raises:
        ServiceError: it found something, so that its time means nothing.
    """
    command = [*Service.COMMAND, "audit", str(place), "--json"]
    begun = time.perf_counter()
    # A file, not a pipe: nobody reads a pipe while `wait4` waits.
    with (place.parent / "audit.out").open("w+b") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            out.seek(0)
            text = out.read(2000).decode(errors="replace")
            raise ServiceError(f"audit: exit {process.returncode}: {text}")
    return seconds, usage.ru_maxrss * 1024


def loop_us(place: Path) -> float:
    """Microseconds an entry of a loop that only hashes and JSON-decodes each."""
    count = 0
    begun = time.perf_counter()
    for folder, _, names in os.walk(place / "tile" / "entries"):
        if folder.endswith(".p"):
            continue
        for name in names:
            data = (Path(folder) / name).read_bytes()
            at, end = 0, len(data)
            while at < end:
                start = at + 2
                at = start + int.from_bytes(data[at:start], "big")
                leaf = data[start:at]
                hashlib.sha256(b"\0" + leaf).digest()
                orjson.loads(leaf)
                count += 1
    return (time.perf_counter() - begun) / count * 1e6


def claims(small: Audited, large: Audited) -> list[Claim]:
    """Time per entry at the large size, and how memory grew from the small one."""
    return [
        Claim(
            what=f"full audit of {large.size:,} entries, per entry, of the bare loop",
            measured=large.audit_us / large.loop_us,
            least=4,
            aim=2,
            better=Better.LESS,
            against=f"{large.audit_us:.1f} µs of {large.loop_us:.1f} µs",
        ),
        Claim(
            what=f"auditor's memory, {large.size:,} entries of {small.size:,}",
            measured=large.peak_bytes / small.peak_bytes,
            least=1.25,
            aim=1.1,
            better=Better.LESS,
            against=f"{large.peak_bytes / _MB:.0f} MB of {small.peak_bytes / _MB:.0f} MB",
        ),
    ]
