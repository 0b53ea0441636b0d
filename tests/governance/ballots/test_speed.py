"""100,000 different ballots of each method within two seconds."""

import random
import time
from typing import Any

import pytest

from ledger.governance.ballots.methods import METHODS
from tests.governance.ballots.samples import PROPOSAL, ballot

OPTIONS = tuple(f"option-{at:02}" for at in range(32))
BALLOTS = 100_000
LIMIT_S = 2.0


def choice(method: str, luck: random.Random) -> Any:
    order = list(range(len(OPTIONS)))
    luck.shuffle(order)
    made: dict[str, Any] = {
        "yesno": luck.choice(("yes", "no", "abstain", "objection")),
        "single": order[0],
        "approval": tuple(sorted(order[: luck.randint(1, 32)])),
        "score": tuple(at % 11 for at in order),
        "quadratic": tuple(at % 3 - 1 for at in order),
        "instant-runoff": tuple(order),
        "stv": tuple(order),
    }
    return made[method] if method in made else tuple((at,) for at in order)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_a_hundred_thousand_ballots(method: str) -> None:
    luck = random.Random(7)
    ballots = [ballot(at, choice(method, luck)) for at in range(BALLOTS)]
    seats = 9 if METHODS[method].seated else 1

    def took_s() -> float:
        start = time.process_time()
        result = METHODS[method].count(ballots, OPTIONS, seats, PROPOSAL)
        assert result.ballots == BALLOTS
        return time.process_time() - start

    # A machine that others use too is slow for a while: the best of three counts.
    assert any(took_s() <= LIMIT_S for _ in range(3))
