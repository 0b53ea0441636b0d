"""A deployer in managed mode knows its subjects' secrets: what it can do with them."""

import pytest

from ledger.entries.codec import decode_entry
from ledger.errors import RejectedError
from tests.governance.assembly.test_brake import LEAF, object_with
from tests.governance.assembly.town import DAY_MS, Town
from tests.governance.safeguards.rules import rule
from tests.governance.world import REGISTER

DECISIONS = 20
STOP = {"system": "example", "reason": "harm-reported"}


def regulated() -> Town:
    """A town with the deployer's system, and its decisions."""
    town = Town()
    system = town.open(0, ("system.register", REGISTER), nonce="system")
    town.to_ready(system)
    town.execute(system)
    for _ in range(DECISIONS):
        town.append(decode_entry(LEAF))
    return town


def receipts(town: Town) -> range:
    return range(len(town.entries) - DECISIONS, len(town.entries))


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("safeguard.enact", rule()),
        ("system.suspend", STOP),
        ("system.retire", STOP),
    ],
)
def test_a_deployer_with_all_receipts_stops_no_rule(
    action: str, body: dict[str, object]
) -> None:
    """What tightens is not delayed by a second, whoever objects."""
    town = regulated()
    held = receipts(town)
    proposal = town.open(1, (action, body))
    town.to_deliberation(proposal)
    for index in held:
        with pytest.raises(RejectedError) as caught:
            object_with(town, proposal, index)
        assert caught.value.kind == "nothing-to-object"
    town.to_ready(proposal)
    lock = town.proposal(proposal)
    assert lock.timelock_until_ms - lock.challenge_until_ms == 3 * DAY_MS
    town.execute(proposal)
    assert town.phase(proposal) == "Executed"


def test_a_deployer_delays_what_loosens_once() -> None:
    """A rival's system: one more deliberation, and then nobody's receipts count again."""
    town = regulated()
    held = receipts(town)
    rival = {**REGISTER, "system": "rival"}
    proposal = town.open(1, ("system.register", rival))
    town.to_deliberation(proposal)
    for _ in range(DECISIONS):
        town.append(decode_entry(LEAF))  # recorded to object with: too late
    with pytest.raises(RejectedError) as caught:
        object_with(town, proposal, len(town.entries) - 1)
    assert caught.value.kind == "outside-window"
    for index in held:
        object_with(town, proposal, index)
    town.pass_it(proposal)
    assert town.phase(proposal) == "Deliberation"
    with pytest.raises(RejectedError) as caught:
        object_with(town, proposal, held[0])
    assert caught.value.kind == "objected-before"
    town.to_ready(proposal)
    town.execute(proposal)
    assert town.phase(proposal) == "Executed"
