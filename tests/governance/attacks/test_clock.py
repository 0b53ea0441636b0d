"""The operator moves the machine's clock: log time never goes back, and acts notice."""

from pathlib import Path
from typing import Any

import pytest

from ledger.entries.entry import ActRecorded
from ledger.errors import RejectedError
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.assembly.status import phase_of
from ledger.governance.state import State
from ledger.log.book import Book
from ledger.log.pending import Recorded
from tests.audit.world import kinds, publish_and_look
from tests.governance.assembly.town import DAY_MS, LEDGER, SAFEGUARD, key
from tests.governance.attacks.hall import Hall
from tests.log.test_time_passed import DAY_MS as CLOCK_DAY_MS, OPENED, MovedClock
from tests.world.desk import Desk

CHANGE = ("parameter.set", SAFEGUARD)


async def state_of(book: Book) -> tuple[State, Proposal, str]:
    state = (await book.projection.refreshed()).state
    (proposal,) = state.assembly.proposals.values()
    return state, proposal, phase_of(proposal, state.log_time_ms)


@pytest.mark.postgres
async def test_a_clock_moved_back_reopens_nothing(
    database: str, tmp_path: Path
) -> None:
    """Over the writer: its log time is never before that of an entry already there."""
    clock = MovedClock()
    async with Desk(database, tmp_path, clock) as desk:
        book = await desk.open()
        action = {"action": "parameter.set", "body": SAFEGUARD}
        await desk.act(book, "proposal.open", {**OPENED, "actions": [action]})
        _, proposal, _ = await state_of(book)
        await desk.act(book, "proposal.submit", {"proposal": proposal.key})
        clock.ahead_ms = 9 * CLOCK_DAY_MS + 60_000
        ballot: dict[str, Any] = {
            "proposal": proposal.revision, "choice": "no", "reason": None,
        }  # fmt: skip
        cast = await desk.act(book, "ballot.cast", ballot)
        assert isinstance(cast, Recorded)
        clock.ahead_ms = 17 * CLOCK_DAY_MS
        await book.sequencer._tend_quietly()
        before, closed, phase = await state_of(book)
        assert phase == "Defeated"

        clock.ahead_ms = 10 * CLOCK_DAY_MS  # back into the vote
        refused = await desk.act(book, "ballot.cast", {**ballot, "choice": "yes"})
        assert isinstance(refused, RejectedError)
        assert refused.kind == "act-out-of-time", "it is judged by log time"
        assert any(event == "clock_behind_log_time" for event, _ in desk.log.seen)
        after, still, phase = await state_of(book)
        assert (still, phase) == (closed, "Defeated")
        assert after.log_time_ms == before.log_time_ms
        clock.ahead_ms = 17 * CLOCK_DAY_MS - 60_000  # back by less than an act lives
        version = {"system": "example", "version": "v2"}
        assert isinstance(await desk.act(book, "system.version", version), Recorded)
        after, *_ = await state_of(book)
        assert after.log_time_ms == before.log_time_ms + 1
        await desk.check()


async def test_an_entry_with_an_earlier_time_is_found(tmp_path: Path) -> None:
    """Written by an operator who keeps no rule: named, and the closed vote stays."""
    hall = Hall()
    proposal = hall.open(0, CHANGE)
    hall.to_voting(proposal)
    hall.vote(0, proposal, "no")
    in_vote_ms = hall.time_ms
    hall.close(proposal)
    closed = hall.proposal(proposal)
    hall.time_ms = in_vote_ms
    body = {"proposal": closed.revision, "choice": "yes", "reason": None}
    late = hall.sign(key(1), "ballot.cast", body)
    hall.append(ActRecorded(ledger=LEDGER, time_ms=in_vote_ms + 1, act=late))
    assert hall.proposal(proposal) == closed
    report = await publish_and_look(hall.log(), tmp_path)
    assert "time" in kinds(report)


def test_a_clock_moved_forward_lets_nobody_honest_act() -> None:
    """A vote cut short is not won: no quorum; and acts signed by true clocks are refused,
    so that everybody notices, and nothing is executed by whoever does not."""
    hall = Hall()
    proposal = hall.open(0, CHANGE)
    passed = hall.open(1, CHANGE)
    hall.to_deliberation(proposal)
    hall.pass_it(passed)
    true_ms = hall.time_ms
    execute = hall.sign(key(2), "proposal.execute", {"proposal": hall.id(passed)})
    hall.wait(30 * DAY_MS)  # the operator's clock
    assert hall.phase(proposal) == "NoQuorum"
    with pytest.raises(RejectedError) as caught:
        hall.record(execute)
    assert caught.value.kind == "act-out-of-time"
    assert hall.phase(passed) == "Expired", "what was not executed in time never is"
    assert hall.time_ms - true_ms == 30 * DAY_MS
    assert hall.state.community is not None
    assert "decided_at_age_days" not in hall.state.community.parameters
