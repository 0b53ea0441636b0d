"""10,000 entries against 1,000,000: what a proof, a batch and an audit then cost.

Two services run side by side, one with the small log and one with the large, and are
measured in turns. The large one also publishes its tiles, for `bench.audit`.
"""

import http.client
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import audit
from bench.bodies import decisions
from bench.grow import grow
from bench.table import Better, Claim, median
from tests.world.service import Service

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many entries the logs hold, and how often each thing is timed."""

    small: int
    middle: int
    large: int
    proofs: int
    batches: int


FULL = Sizes(small=10_000, middle=100_000, large=1_000_000, proofs=400, batches=12)
QUICK = Sizes(small=10_000, middle=20_000, large=100_000, proofs=200, batches=6)


class Client:
    """One keep-alive connection that times whole requests."""

    def __init__(self, service: Service) -> None:
        """Connects at the first request."""
        self.service = service
        self._http = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)

    def timed(self, method: str, path: str, body: bytes | None, kind: str) -> float:
        """Seconds until the whole answer was read."""
        headers = {"Authorization": f"Bearer {self.service.token}"}
        if body is not None:
            headers["Content-Type"] = kind
        begun = time.perf_counter()
        self._http.request(method, path, body, headers)
        answer = self._http.getresponse()
        content = answer.read()
        took = time.perf_counter() - begun
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {content[:300]!r}")
        if body is not None and content.count(b'"index"') != body.count(b"\n"):
            raise RuntimeError(f"a line was refused: {content[:300]!r}")
        return took

    def proof(self, size: int) -> float:
        """An inclusion proof of a random entry under the newest checkpoint."""
        index = random.randrange(size)
        path = f"/commons/v1/proofs/inclusion?index={index}"
        return self.timed("GET", path, None, "")

    def batch(self, count: int) -> float:
        """`count` decisions as NDJSON."""
        body = b"\n".join(decisions(count)) + b"\n"
        path = "/commons/v1/decisions"
        return self.timed("POST", path, body, "application/x-ndjson")


def compare(
    small: Callable[[], float], large: Callable[[], float], times: int
) -> tuple[float, float, float]:
    """(ratio, small ms, large ms): medians of interleaved rounds."""
    ratios, lows, highs = [], [], []
    for _ in range(ROUNDS):
        low = median([small() for _ in range(times)])
        high = median([large() for _ in range(times)])
        ratios.append(high / low)
        lows.append(low * 1000)
        highs.append(high * 1000)
    return median(ratios), median(lows), median(highs)


def claims(small: Service, large: Service, sizes: Sizes) -> list[Claim]:
    """The ratios between the two logs."""
    low, high = Client(small), Client(large)
    names = f"{sizes.large:,} entries of {sizes.small:,}"

    def claim(
        what: str, found: tuple[float, float, float], least: float, aim: float
    ) -> Claim:
        return Claim(
            what=f"{what}, {names}",
            measured=found[0],
            least=least,
            aim=aim,
            better=Better.LESS,
            against=f"{found[2]:.2f} ms of {found[1]:.2f} ms",
        )

    proofs = compare(
        lambda: low.proof(sizes.small), lambda: high.proof(sizes.large), sizes.proofs
    )
    found = [claim("time of an inclusion proof over HTTP", proofs, 1.5, 1.2)]
    for count in (32, 500):
        pair = compare(
            partial(low.batch, count), partial(high.batch, count), sizes.batches
        )
        found.append(claim(f"time of a batch of {count}", pair, 1.3, 1.1))
    return found


def warm(service: Service) -> None:
    """A decision that the service recorded itself: the mould of all others."""
    Client(service).batch(1)


async def measure(*, quick: bool, only_audit: bool = False) -> list[Claim]:
    """Grows both logs, audits the large one twice on its way, compares."""
    sizes = QUICK if quick else FULL
    found: list[Claim] = []
    with tempfile.TemporaryDirectory(prefix="cf-tiles-") as folder:
        tiles = Path(folder)
        with Service(env={"COUNTERFOIL_TILES_DIR": folder}) as large:
            warm(large)
            first = await audit.at(large, tiles, sizes.middle)
            second = await audit.at(large, tiles, sizes.large)
            found += audit.claims(first, second)
            if only_audit:
                return found
            with Service() as small:
                warm(small)
                await grow(small, sizes.small)
                found += claims(small, large, sizes)
    return found
