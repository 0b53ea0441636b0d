"""Until when a proposal is as it is: what members plan by, in every face alike."""

from dataclasses import replace

from hypothesis import given, settings, strategies as st

from api.member.view import proposal_view
from api.proposals import _item
from api.web.proposals import brief
from ledger.entries.moment import format_log_time
from ledger.governance.assembly import phases
from ledger.governance.assembly.proposal import Ending, Proposal, Vote
from ledger.governance.assembly.status import due_ms, ends_ms, phase_of
from tests.governance.assembly.town import DAY_MS, SAFEGUARD, Town

MOMENTS = st.integers(0, 30)
LAST = 80  # after every moment there is
BLANK = Town(3)
KEY = BLANK.open(0, ("parameter.set", SAFEGUARD))
ONE = BLANK.proposal(KEY)
ENDED = Ending(state=phases.WITHDRAWN, time_ms=1, by="", reason="")


def voting() -> Vote:
    town = Town(3)
    key = town.open(0, ("parameter.set", SAFEGUARD))
    course(town, key, phases.VOTING)
    vote = town.proposal(key).vote
    assert vote is not None
    return vote


def course(town: Town, key: str, until: str) -> list[tuple[str, int, int]]:
    """(state, when it began, until when it was said to be), up to a state."""
    town.do(0, "proposal.submit", {"proposal": key})
    one = town.proposal(key)
    for by in range(1, 3):
        if town.phase(key) == phases.ENDORSING:
            body = {"proposal": key, "revision": one.revision}
            town.do(by, "proposal.endorse", body)
    seen = []
    while True:
        one, phase = town.proposal(key), town.phase(key)
        ends = ends_ms(one, town.time_ms)
        assert ends is not None
        seen.append((phase, town.time_ms, ends))
        if phase == until:
            return seen
        if phase == phases.VOTING:
            for by in range(3):
                ballot = {"proposal": one.revision, "choice": "yes", "reason": None}
                town.do(by, "ballot.cast", ballot)
        town.wait_until(ends - 1)
        assert town.phase(key) == phase, "it lasted as long as was said"
        town.wait_until(ends)
        assert town.phase(key) != phase, "and no longer"


VOTE = voting()


@st.composite
def votes(draw: st.DrawFn) -> Vote:
    first = draw(MOMENTS)
    return replace(
        VOTE,
        snapshot_ms=0,
        first_deadline_ms=first,
        deadline_ms=first + draw(st.integers(0, 10)),
        extension_ms=draw(st.integers(0, 5)),
        sample=draw(st.sampled_from([None, "Succeeded"])),
        reveal_ms=draw(st.sampled_from([0, 0, 7])),
    )


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    """Any: also such as no course leads to."""
    later = draw(st.booleans())
    return replace(
        ONE,
        draft_until_ms=draw(MOMENTS),
        submitted_ms=draw(st.sampled_from([None, 0])),
        endorsing_until_ms=draw(MOMENTS),
        endorsed=draw(st.booleans()),
        frozen=draw(st.booleans()),
        deliberation_until_ms=draw(MOMENTS),
        frozen_until_ms=draw(MOMENTS),
        pending_until_ms=draw(MOMENTS),
        vote=draw(st.none() | votes()),
        challenge_until_ms=draw(MOMENTS) if later else 0,
        timelock_until_ms=draw(MOMENTS) if later else 0,
        ready_until_ms=draw(MOMENTS) if later else 0,
        ending=draw(st.sampled_from([None, None, None, ENDED])),
    )


@settings(max_examples=1000, deadline=None)
@given(proposals(), MOMENTS)
def test_it_is_the_first_moment_at_which_the_state_differs(
    one: Proposal, time_ms: int
) -> None:
    now, ends = phase_of(one, time_ms), ends_ms(one, time_ms)
    differs = [t for t in range(time_ms, LAST) if phase_of(one, t) != now]
    if differs:
        assert ends == differs[0]
        assert phase_of(one, ends - 1) == now
    else:  # only an entry can end it: when that is due, if it is
        due = due_ms(one)
        assert ends == (due if due is not None and due > time_ms else None)


def test_a_whole_course_lasts_as_said_with_the_default_periods() -> None:
    town = Town(3)
    key = town.open(0, ("parameter.set", SAFEGUARD))
    days = {
        phase: round((ends - began) / DAY_MS)
        for phase, began, ends in course(town, key, phases.READY)
    }
    assert days == {
        phases.DELIBERATION: 7, phases.FROZEN: 1, phases.PENDING: 1, phases.VOTING: 7,
        phases.CHALLENGE: 1, phases.TIMELOCK: 3, phases.READY: 14,
    }  # fmt: skip


def test_every_face_says_the_same() -> None:
    town = Town(3)
    key = town.open(0, ("parameter.set", SAFEGUARD))
    for until in (phases.FROZEN, phases.VOTING):
        town = Town(3)
        key = town.open(0, ("parameter.set", SAFEGUARD))
        course(town, key, until)
        one = town.proposal(key)
        ends = ends_ms(one, town.time_ms)
        assert ends is not None
        assert ends != due_ms(one), "or this would show nothing"
        assert proposal_view(town.state, one)["until_ms"] == ends
        assert _item(town.state, one)["until"] == format_log_time(ends - 1)
        assert brief(one, town.time_ms).until_ms == ends - 1
