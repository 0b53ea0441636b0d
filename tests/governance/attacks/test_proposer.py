"""A proposer who would do, without the brake, what the people decided about may delay."""

from typing import Any

import pytest

from ledger.entries.codec import decode_entry
from ledger.errors import ConflictError, RejectedError
from tests.governance.assembly.test_brake import LEAF, object_with
from tests.governance.assembly.town import DAY_MS, Town, did
from tests.governance.attacks.test_deployer import receipts, regulated
from tests.governance.safeguards.rules import rule
from tests.governance.world import REGISTER

RULE = rule()
REPEAL = ("safeguard.repeal", {"id": RULE["id"]})
STRICT = ("parameter.set", {"name": "challenge_percent", "value": 6})
VERSION = ("system.version", {"system": "example", "version": "v9"})


def amend(town: Town, proposal: str, *actions: tuple[str, Any], **more: Any) -> None:
    """Amended by its proposer, and endorsed again; no actions: those it has."""
    said = {**town.proposal(proposal).content.public(), **more}
    if actions:
        said["actions"] = [{"action": name, "body": body} for name, body in actions]
    by = next(n for n in range(9) if did(n) == town.proposal(proposal).proposer)
    town.do(by, "proposal.amend", {"proposal": proposal, **said})
    for number in range(town.members):
        if town.phase(proposal) == "Endorsing" and number != by:
            body = {"proposal": proposal, "revision": town.id(proposal)}
            town.do(number, "proposal.endorse", body)


def objected(town: Town, proposal: str, index: int) -> str:
    """The kind of refusal that an objection meets; "" for none."""
    try:
        object_with(town, proposal, index)
    except RejectedError as error:
        return error.kind
    return ""


def lock_ms(town: Town, proposal: str) -> int:
    found = town.proposal(proposal)
    return found.timelock_until_ms - found.challenge_until_ms


def done(town: Town, *actions: tuple[str, Any], nonce: str = "done") -> str:
    """Everybody wants it, and it is done."""
    proposal = town.open(0, *actions, nonce=nonce)
    town.to_ready(proposal)
    town.execute(proposal)
    assert town.phase(proposal) == "Executed"
    return proposal


def braked(town: Town, held: range) -> str:
    """A proposal of a version that three receipts of twenty sent back."""
    proposal = town.open(1, VERSION, nonce="braked")
    town.to_deliberation(proposal)
    for index in held[:3]:
        object_with(town, proposal, index)
    town.pass_it(proposal)
    assert town.phase(proposal) == "Deliberation"
    assert town.proposal(proposal).braked
    return proposal


def test_a_brake_that_was_used_is_not_taken_to_another_action() -> None:
    town = regulated()
    held = receipts(town)
    done(town, ("safeguard.enact", RULE))
    proposal = braked(town, held)
    amend(town, proposal, REPEAL)
    assert not town.proposal(proposal).braked
    assert not town.proposal(proposal).objections
    for index in held:
        assert objected(town, proposal, index) == ""
    town.pass_it(proposal)
    assert town.phase(proposal) == "Deliberation"
    assert objected(town, proposal, held[0]) == "objected-before"


def test_a_brake_that_was_used_stays_used_for_the_same_actions() -> None:
    town = regulated()
    held = receipts(town)
    proposal = braked(town, held)
    amend(town, proposal, text="Said better.\n")
    assert objected(town, proposal, held[5]) == "objected-before"
    town.to_ready(proposal)
    assert lock_ms(town, proposal) == 3 * DAY_MS
    town.execute(proposal)
    assert town.phase(proposal) == "Executed"


def test_objections_count_for_the_wording_they_name() -> None:
    town = regulated()
    held = receipts(town)
    proposal = town.open(1, VERSION)
    town.to_deliberation(proposal)
    for index in held:
        object_with(town, proposal, index)
    amend(town, proposal, text="Said better.\n")
    assert not town.proposal(proposal).objections
    object_with(town, proposal, held[0])
    with pytest.raises(ConflictError):
        object_with(town, proposal, held[0])
    town.to_ready(proposal)
    assert lock_ms(town, proposal) > 5 * DAY_MS


def test_an_old_draft_has_the_window_of_what_it_does() -> None:
    town = Town()
    town.do(0, "system.register", REGISTER)
    shell = town.open(0, nonce="shell")
    assert town.proposal(shell).receipts == 0
    first = len(town.entries)
    for _ in range(50):
        town.append(decode_entry(LEAF))
    amend(town, shell, text="The window is still its own.\n")
    assert town.proposal(shell).receipts == 0
    town.wait(20 * DAY_MS)
    amend(town, shell, VERSION)
    assert town.proposal(shell).receipts == 50
    town.to_deliberation(shell)
    assert objected(town, shell, first) == ""
