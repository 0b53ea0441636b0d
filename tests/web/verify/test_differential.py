"""A few thousand mutations in both verifiers; 100,000 with `python -m …differential`."""

import json
import sys
from random import Random
from typing import Any

import pytest

from tests.entries.receipts import ORIGIN
from tests.web.verify import edges
from tests.web.verify.differential import SEED, Tally, batches, run
from tests.web.verify.families import FAMILIES
from tests.web.verify.node import Answer, Call, Verifier, pack
from tests.web.verify.sides import answer, divergence

COUNT = 2_000


def test_both_agree_on_seeded_mutations(verifier: Verifier) -> None:
    tally = Tally()
    for batch in batches(SEED, COUNT):
        run(verifier, batch, tally)
    sys.stdout.write(f"seed {SEED}: {tally.count} mutations\n")
    assert tally.divergences == []
    # A generator that makes only rubbish, or only sound things, would show nothing.
    assert tally.count == COUNT
    assert COUNT // 4 <= tally.accepted.total() <= COUNT * 3 // 4
    assert len(tally.accepted) >= 25


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_family_makes_what_both_accept(family: Any) -> None:
    found = [answer(family(Random(f"{SEED}/{number}"))) for number in range(80)]
    assert any(one.accepted for one in found)


@pytest.mark.parametrize("edge", edges.EDGES, ids=lambda edge: edge.name)
def test_edges_are_judged_alike_and_as_written_down(
    verifier: Verifier, edge: edges.Edge
) -> None:
    (found,) = verifier.call([edge.call])
    assert divergence(edge.call, found) is None
    assert found.accepted is edge.accepted


def test_a_disagreement_would_be_seen() -> None:
    call: Call = ("checkpoint", [f"{ORIGIN}\n1\n{'A' * 43}=\n".encode()])
    sound = answer(call)
    assert divergence(call, sound) is None
    other = json.loads(json.dumps(sound.value))
    other["$o"]["size"] = 2
    assert "python" in str(divergence(call, Answer(other)))
    refused = Answer(refusal="MalformedError", sentence="no")
    assert "javascript MalformedError" in str(divergence(call, refused))
    one: Call = ("json", [b"1"])
    assert divergence(one, Answer(pack(1))) is None
    assert divergence(one, Answer(pack(True))) is not None
    assert divergence(one, Answer(pack(1.0))) is not None
