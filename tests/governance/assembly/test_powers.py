"""Stewards, guardians, delegates; proposals that others make impossible."""

from typing import Any

import pytest

from ledger.entries.moment import format_log_time
from ledger.errors import ForbiddenError, RejectedError
from ledger.governance.assembly.voting import count
from tests.governance.assembly.town import (
    DAY_MS,
    HOUR_MS,
    REASON,
    SAFEGUARD,
    Town,
    did,
)
from tests.governance.world import REGISTER

CHANGE = ("parameter.set", SAFEGUARD)
MIRROR = ("network.mirror_add", {"url": "https://mirror.example/town/"})


def appoint(town: Town, role: str, number: int) -> None:
    until = format_log_time(town.time_ms + 200 * DAY_MS)
    body = {"role": role, "member": did(number), "until": until}
    proposal = town.open(0, ("role.appoint", body), nonce=f"{role} {number}")
    town.to_ready(proposal)
    town.execute(proposal)
    assert town.phase(proposal) == "Executed"


def test_what_a_steward_brings_passes_unless_a_tenth_object() -> None:
    town = Town()
    appoint(town, "steward", 1)
    quiet, loud = town.open(1, MIRROR), town.open(1, nonce="2")
    for proposal in (quiet, loud):
        town.do(1, "proposal.submit", {"proposal": proposal})
        assert town.phase(proposal) == "Deliberation"
    town.wait_until(town.proposal(loud).pending_until_ms + 1)
    town.vote(3, loud, "no")
    town.close(quiet)
    town.close(loud)
    assert town.phase(quiet) == "Challenge"
    assert town.proposal(loud).results[-1].outcome == "Objected"
    assert town.phase(loud) == "Deliberation"
    assert town.proposal(loud).class_ == "standard"
    town.to_voting(loud)
    town.vote(0, loud)
    town.close(loud)
    assert town.phase(loud) == "NoQuorum"


def test_what_others_bring_is_never_routine() -> None:
    town = Town()
    proposal = town.open(1, MIRROR)
    assert town.proposal(proposal).class_ == "standard"


def test_guardians_cancel_with_a_reason_and_not_what_is_about_them() -> None:
    town = Town()
    appoint(town, "guardian", 2)
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    reason = {"reason": REASON}
    with pytest.raises(ForbiddenError):
        town.do(1, "proposal.cancel", {"proposal": proposal, **reason})
    town.do(2, "proposal.cancel", {"proposal": proposal, **reason})
    assert town.phase(proposal) == "Cancelled"
    assert town.proposal(proposal).vote is None
    recall = ("role.recall", {"role": "guardian", "member": did(2)})
    about = town.open(0, recall, nonce="2")
    with pytest.raises(ForbiddenError, match="about guardians"):
        town.do(2, "proposal.cancel", {"proposal": about, **reason})
    removal = town.open(1, ("member.remove", {"member": did(2)}))
    with pytest.raises(ForbiddenError, match="about guardians"):
        town.do(2, "proposal.cancel", {"proposal": removal, **reason})
    other = town.open(3, ("member.remove", {"member": did(4)}))
    town.do(2, "proposal.cancel", {"proposal": other, **reason})
    town.to_ready(about)
    town.execute(about)
    assert town.phase(about) == "Executed"
    again = town.open(0, CHANGE, nonce="3")
    with pytest.raises(ForbiddenError):
        town.do(2, "proposal.cancel", {"proposal": again, **reason})


def delegate(town: Town, by: int, to: int) -> None:
    body: dict[str, Any] = {
        "to": did(to),
        "scope": "all",
        "until": format_log_time(town.time_ms + 100 * DAY_MS),
        "reason": None,
    }
    town.do(by, "delegation.set", body)


def test_delegations_of_the_snapshot_count_once_and_ones_own_ballot_first() -> None:
    town = Town(5, {"delegation_cap_percent": 20})
    delegate(town, 1, 0)
    delegate(town, 2, 0)
    proposal = town.open(0, CHANGE)
    town.to_voting(proposal)
    delegate(town, 3, 0)  # too late for this vote
    vote = town.vote(0, proposal)
    assert vote

    def totals() -> tuple[int, int]:
        one = town.proposal(proposal)
        assert one.vote is not None
        counted = count(town.state, one, one.vote)
        return counted.totals["yes"], counted.totals["no"]

    assert totals() == (2, 0)  # one is carried: max(1, 20% of 5)
    town.vote(1, proposal, "no")
    assert totals() == (2, 1)  # the second's own ballot; the third's is carried
    town.do(2, "member.exit", {})
    assert totals() == (1, 1)


def test_what_can_no_longer_be_done_at_the_freeze_is_aborted() -> None:
    town = Town()
    proposal = town.open(0, ("member.remove", {"member": did(4)}))
    town.to_deliberation(proposal)
    town.do(4, "member.exit", {})
    town.wait_until(town.proposal(proposal).deliberation_until_ms + 1)
    assert town.phase(proposal) == "Aborted"
    ending = town.proposal(proposal).ending
    assert ending is not None
    assert ending.reason == "unknown-member"


def test_what_another_made_impossible_is_superseded() -> None:
    town = Town()
    register = ("system.register", REGISTER)
    first, second = town.open(0, register), town.open(1, register, expedited=True)
    third = town.open(2, register)  # a draft: it may still be amended
    town.to_deliberation(first)
    town.to_voting(first)
    for number in range(5):
        town.vote(number, first)
    town.close(first)
    town.to_deliberation(second)
    town.wait_until(town.proposal(first).timelock_until_ms - 1)
    town.wait_until(max(town.proposal(second).deliberation_until_ms + 1, town.time_ms))
    town.wait_until(max(town.proposal(first).timelock_until_ms + 1, town.time_ms))
    town.execute(first)
    assert town.phase(first) == "Executed"
    assert town.phase(second) == "Superseded"
    assert town.phase(third) in {"Draft", "Expired"}


def test_expedited_is_for_standard_only() -> None:
    town = Town()
    strong = ("parameter.set", {"name": "voting_s", "value": 700_000})
    with pytest.raises(RejectedError) as caught:
        town.open(0, strong, expedited=True)
    assert caught.value.kind == "not-expedited"
    proposal = town.open(0, CHANGE, expedited=True)
    town.to_voting(proposal)
    vote = town.proposal(proposal).vote
    assert vote is not None
    assert vote.deadline_ms - vote.snapshot_ms == DAY_MS
    assert vote.extension_ms == 12 * HOUR_MS
