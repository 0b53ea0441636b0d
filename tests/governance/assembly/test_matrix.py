"""Every act in every state: done where the table says, and else refused in words."""

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from ledger.errors import RejectedError
from ledger.governance.assembly import phases
from tests.governance.assembly.test_acts import BODIES, CONTENT
from tests.governance.assembly.test_powers import appoint
from tests.governance.assembly.town import DAY_MS, REASON, SAFEGUARD, Town, did

CHANGE = ("parameter.set", SAFEGUARD)
PROPOSER, MEMBER, GUARDIAN, LAST = 0, 1, 2, 3

_TALKED = {"Deliberation", "Frozen", "Pending", "Voting", "Extended"}
_BEFORE_READY = {"Draft", "Endorsing", *_TALKED, "Challenge", "Timelock"}
# Written out, and not derived: what is read here is what is promised.
ALLOWED: dict[str, set[str]] = {
    "proposal.submit": {"Draft"},
    "proposal.endorse": {"Endorsing"},
    "proposal.amend": {"Draft", "Endorsing", "Deliberation"},
    "proposal.withdraw": _BEFORE_READY,
    "proposal.cancel": _BEFORE_READY,
    "proposal.challenge": {"Challenge"},
    "proposal.object": {*_TALKED, "Challenge", "Timelock"},
    "proposal.execute": {"Ready", "Failed"},
    "ballot.cast": {"Voting", "Extended"},
}
BY = {
    "proposal.endorse": LAST,
    "proposal.cancel": GUARDIAN,
    "proposal.challenge": MEMBER,
    "ballot.cast": LAST,
}


def nothing(_town: Town, _proposal: str) -> None:
    pass


def submitted(town: Town, proposal: str) -> None:
    town.do(PROPOSER, "proposal.submit", {"proposal": proposal})


def until(name: str) -> Callable[[Town, str], None]:
    def wait(town: Town, proposal: str) -> None:
        town.to_deliberation(proposal)
        town.wait_until(getattr(town.proposal(proposal), name) + 1)

    return wait


def extended(town: Town, proposal: str) -> None:
    town.to_voting(proposal)
    town.wait_until(town.deadline(proposal) - 10)
    for number in range(LAST):
        town.vote(number, proposal)
    town.wait_until(town.deadline(proposal) + 1)


def locked(town: Town, proposal: str) -> None:
    town.pass_it(proposal)
    town.wait_until(town.proposal(proposal).challenge_until_ms + 1)


def voted(*choices: str) -> Callable[[Town, str], None]:
    def close(town: Town, proposal: str) -> None:
        town.to_voting(proposal)
        for number, choice in enumerate(choices):
            town.vote(number, proposal, choice)
        town.close(proposal)

    return close


def executed(town: Town, proposal: str) -> None:
    town.to_ready(proposal)
    town.execute(proposal)


def failed(town: Town, proposal: str) -> None:
    """Whom it removes has left by then."""
    town.to_ready(proposal)
    town.do(4, "member.exit", {})
    town.execute(proposal)


def expired(town: Town, _proposal: str) -> None:
    town.wait(31 * DAY_MS)


def withdrawn(town: Town, proposal: str) -> None:
    town.do(PROPOSER, "proposal.withdraw", {"proposal": proposal})


def cancelled(town: Town, proposal: str) -> None:
    body = {"proposal": proposal, "reason": REASON}
    town.do(GUARDIAN, "proposal.cancel", body)


STATES: dict[str, Callable[[Town, str], None]] = {
    "Draft": nothing,
    "Endorsing": submitted,
    "Deliberation": Town.to_deliberation,
    "Frozen": until("deliberation_until_ms"),
    "Pending": until("frozen_until_ms"),
    "Voting": Town.to_voting,
    "Extended": extended,
    "NoQuorum": voted(),
    "Defeated": voted("no", "no", "no"),
    "Challenge": Town.pass_it,
    "Timelock": locked,
    "Ready": Town.to_ready,
    "Failed": failed,
    "Executed": executed,
    "Expired": expired,
    "Withdrawn": withdrawn,
    "Cancelled": cancelled,
}


@cache
def standing(phase: str) -> tuple[Town, str]:
    town = Town()
    appoint(town, "guardian", GUARDIAN)
    # It can be done until the fifth member has left.
    action = ("member.remove", {"member": did(4)}) if phase == "Failed" else CHANGE
    proposal = town.open(PROPOSER, action, nonce="the one")
    STATES[phase](town, proposal)
    assert town.phase(proposal) == phase
    return town, proposal


def body_of(town: Town, proposal: str, act: str) -> dict[str, Any]:
    body = {**BODIES[act], "proposal": town.id(proposal)}
    if act == "proposal.endorse":
        body["revision"] = town.id(proposal)
    if act == "proposal.amend":
        body |= {**CONTENT, "title": "Another title"}
    return body


def test_every_state_and_every_act_is_here() -> None:
    unseen = phases.TRANSITIONS.keys() - STATES.keys()
    # States of no time of their own, and two ends that an act of others brings about.
    assert unseen == {*phases.INSTANT, "Aborted", "Superseded"}
    assert ALLOWED.keys() == BODIES.keys() - {"proposal.open"}


@pytest.mark.parametrize("act", ALLOWED)
@pytest.mark.parametrize("phase", STATES)
def test_an_act_in_a_state(phase: str, act: str) -> None:
    before, proposal = standing(phase)
    town = copy.copy(before)
    town.entries = list(before.entries)
    body, by = body_of(town, proposal, act), BY.get(act, PROPOSER)
    if phase in ALLOWED[act] and act != "proposal.object":
        town.do(by, act, body)
        assert len(town.entries) == len(before.entries) + 1
        return
    with pytest.raises(RejectedError) as caught:
        town.do(by, act, body)
    assert town.state is before.state
    assert len(town.entries) == len(before.entries)
    if phase in ALLOWED[act]:  # it loosens nothing, and so far it was heard
        assert caught.value.kind == "nothing-to-object"
        return
    assert caught.value.kind == "wrong-phase"
    told = str(caught.value)
    assert told.startswith(f"the proposal is {phase}: ")
    assert all(name in told for name in ALLOWED[act])
