"""Python's verifier and the browser's, on seeded mutations: they must agree.

    python -m tests.web.verify.differential --count 100000 [--seed N]

Prints a line every ten thousand, each divergence with what it takes to see it again, and
a closing line. Exit status: 0 they agree, 1 they do not.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.web.verify.families import calls
from tests.web.verify.node import Call, Verifier, pack
from tests.web.verify.sides import divergence

BATCH = 500
SEED = 20_261_130


@dataclass(slots=True)
class Tally:
    """What a run saw.

    Attributes:
        accepted: by op, of both.
        refused: by op, of both.
        divergences: what each side said, and the call as JSON.
    """

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    divergences: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.accepted.total() + self.refused.total() + len(self.divergences)


def batches(seed: int, count: int) -> Iterator[list[Call]]:
    """The calls of a seed; each batch has a seed of its own, so that one can be seen alone."""
    for start in range(0, count, BATCH):
        yield calls(Random(f"{seed}/{start}"), min(BATCH, count - start))


def run(verifier: Verifier, batch: list[Call], tally: Tally) -> None:
    """Both sides on one batch."""
    for call, answer in zip(batch, verifier.call(batch), strict=True):
        told = divergence(call, answer)
        if told is not None:
            packed = json.dumps([call[0], [pack(one) for one in call[1]]])
            tally.divergences.append((told, packed))
        elif answer.accepted:
            tally.accepted[call[0]] += 1
        else:
            tally.refused[call[0]] += 1


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    tally, begun = Tally(), time.monotonic()
    say(f"seed {arguments.seed}")
    with Verifier() as verifier:
        for batch in batches(arguments.seed, arguments.count):
            known = len(tally.divergences)
            run(verifier, batch, tally)
            for told, packed in tally.divergences[known:]:
                say(f"DIVERGENCE {told}\n  {packed}")
            if tally.count % 10_000 == 0:
                say(f"{tally.count:,} in {time.monotonic() - begun:.0f} s")
    for op in sorted(tally.accepted | tally.refused):
        say(f"  {op}: {tally.accepted[op]:,} accepted, {tally.refused[op]:,} refused")
    say(
        f"{tally.count:,} mutations, seed {arguments.seed}: both accept "
        f"{tally.accepted.total():,} with equal values, both refuse "
        f"{tally.refused.total():,}, {len(tally.divergences)} divergences, "
        f"{time.monotonic() - begun:.0f} s"
    )
    return 1 if tally.divergences else 0


if __name__ == "__main__":
    sys.exit(main())
