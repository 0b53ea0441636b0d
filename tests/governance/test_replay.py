"""A replay is `evolve`, entry by entry, whichever runs of ballots it takes at once."""

from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings, strategies as st

from ledger.entries.act import format_payload, read_envelope, sign_act
from ledger.entries.codec import decode_entry, encode_entry
from ledger.entries.entry import ActRecorded, Entry
from ledger.entries.moment import format_log_time
from ledger.errors import MalformedError
from ledger.governance.assembly.unsealing import sealing_of
from ledger.governance.ballots.sealing import seal_ballot
from ledger.governance.casting import Run, is_ballot
from ledger.governance.evolve import evolve
from ledger.governance.replay import CHUNK, replay
from ledger.governance.state import State
from ledger.ids import LeafIndex
from tests.governance.assembly.town import DAY_MS, HOUR_MS, LEDGER, REASON, Town, key
from tests.governance.ballots.test_sealed_vote import BALLOT as SEALED
from tests.governance.people.test_bodies import BODIES as PEOPLE
from tests.governance.test_any_entry import lived_in

OPTIONS = [{"option": name, "title": name, "actions": []} for name in "abc"]
MEMBERS = 5  # numbers beyond are nobody's keys
NOT_YET, OPEN, RANKED, CLOSED_BOX = range(4)  # the proposals of `voting`
# What may be wrong with a ballot; the last two are other entries, which end a run.
FAULTS = ["seq", "twice", "earlier", "genesis", "until", "ahead", "wording", "key"]
FAULTS += ["members", "passed", "delegation"]


@cache
def voting() -> tuple[Town, tuple[str, ...]]:
    """Three votes of different methods at once, one sealed, and a proposal before one."""
    town = Town(members=MEMBERS)
    before = town.open(0, nonce="before")
    made = [
        town.open(1, nonce="open"),
        town.open(
            2, nonce="ranked", options=OPTIONS, ballot={"method": "schulze", "seats": 1}
        ),
        town.open(3, nonce="sealed", ballot=SEALED),
    ]
    for one in made:
        town.to_deliberation(one)
    town.wait_until(max(town.proposal(one).pending_until_ms for one in made) + 1)
    town.do(4, "member.exit", {})
    assert [town.phase(one) for one in made] == ["Voting"] * 3
    return town, (before, *made)


class Step(NamedTuple):
    """One entry after `voting`."""

    by: int
    on: int
    choice: Any
    reason: str | None
    fault: str
    later_ms: int


STEPS = st.builds(
    Step,
    by=st.integers(0, MEMBERS),
    on=st.sampled_from([OPEN, OPEN, OPEN, RANKED, CLOSED_BOX, NOT_YET]),
    choice=st.sampled_from(
        ["yes", "yes", "no", "objection", [["a"], ["b"]], [], None, 7]
    ),
    reason=st.sampled_from([None, None, REASON, ""]),
    fault=st.sampled_from([""] * 6 + FAULTS),
    later_ms=st.sampled_from([0, 1, 1, 1, HOUR_MS, DAY_MS, 9 * DAY_MS]),
)


def body_of(town: Town, named: str, step: Step) -> dict[str, Any]:
    proposal = town.proposal(named)
    if step.on == CLOSED_BOX and step.choice != "no":
        reason = REASON if step.choice == "objection" else None
        sealing = sealing_of(proposal, key(step.by).did)
        box = seal_ballot("yes", reason, sealing, bytes([step.by + 1]) * 32)
        return {"proposal": proposal.revision, "sealed": box}
    said = {"choice": step.choice, "reason": step.reason}
    wording = {"wording": REASON, "key": named}.get(step.fault, proposal.revision)
    more = {"also": 1} if step.fault == "members" else {}
    return {"proposal": wording, **said, **more}


def act_of(
    town: Town, state: State, time_ms: int, name: str, body: Any, step: Step
) -> Entry:
    signer, away = key(step.by), {"until": -1, "ahead": 25 * HOUR_MS}
    steps = {"seq": 2, "twice": 0, "earlier": -1}
    seq = state.sequences.get(signer.did, 0) + steps.get(step.fault, 1)
    payload = format_payload(
        genesis=REASON if step.fault == "genesis" else town.genesis,
        act=name,
        actor=signer.did,
        seq=max(seq, 1),
        until=format_log_time(time_ms + away.get(step.fault, HOUR_MS)),
        seen_size=1,
        seen_root=b"\0" * 32,
        body=body,
    )
    act = read_envelope(sign_act(signer, payload))
    return ActRecorded(ledger=LEDGER, time_ms=time_ms, act=act)


def told(steps: list[Step]) -> tuple[list[tuple[int, bytes]], list[State]]:
    """Leaves after `voting`, and the states that `evolve` makes of them, one by one."""
    town, proposals = voting()
    state, time_ms = town.state, town.time_ms
    leaves, states = [], [state]
    for index, step in enumerate(steps, len(town.entries)):
        time_ms += step.later_ms
        if step.fault == "passed":
            entry: Entry = replace(town.passed(), time_ms=time_ms)
        elif step.fault == "delegation":
            body = PEOPLE["delegation.set"] | {"to": key(1).did}
            entry = act_of(town, state, time_ms, "delegation.set", body, step)
        else:
            body = body_of(town, proposals[step.on], step)
            entry = act_of(town, state, time_ms, "ballot.cast", body, step)
        state = evolve(state, entry, LeafIndex(index))
        leaves.append((index, encode_entry(entry)))
        states.append(state)
    return leaves, states


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=24), st.integers(0, 24))
def test_it_is_evolve_one_by_one(steps: list[Step], cut: int) -> None:
    leaves, states = told(steps)
    start, cut = states[0], min(cut, len(leaves))
    part = replay(start, leaves[:cut])
    assert part == states[cut]
    assert replay(part, leaves[cut:]) == replay(start, leaves) == states[-1]
    assert replay(start, leaves).root() == states[-1].root()
    assert start == voting()[0].state  # what a run moves is its own until its end


def test_ballots_take_effect_in_a_run_and_the_last_one_counts() -> None:
    town, proposals = voting()
    steps = [Step(by, OPEN, "yes", None, "", 1) for by in (0, 1, 2, 4, 5)]
    steps += [Step(0, RANKED, [["b"], ["a"]], None, "", DAY_MS)]
    steps += [Step(1, CLOSED_BOX, "yes", None, "", 0), Step(0, OPEN, "no", None, "", 0)]
    steps += [Step(2, OPEN, "no", None, fault, 0) for fault in ("seq", "genesis")]
    leaves, states = told(steps)
    after = replay(town.state, leaves)
    assert after == states[-1]
    votes = [after.assembly.proposals[one].vote for one in proposals]
    cast = [{} if vote is None else dict(vote.ballots) for vote in votes]
    said = {who: ballot.choice for who, ballot in cast[OPEN].items()}
    assert said == {key(0).did: "no", key(1).did: "yes", key(2).did: "yes"}
    assert [len(one) for one in cast] == [0, 3, 1, 1]
    assert after.sequences[key(2).did] == town.state.sequences[key(2).did] + 4
    assert after.assembly.records == town.state.assembly.records + len(steps)
    assert len(after.assembly.marks) > len(town.state.assembly.marks)


def test_a_run_takes_ballots_only() -> None:
    town, _ = voting()
    taken = {entry.act.act for entry in town.entries if is_ballot(entry)}
    assert not taken
    ((index, leaf),), states = told([Step(0, OPEN, "yes", None, "", 1)])
    entry, run = decode_entry(leaf), Run(states[0])
    assert is_ballot(entry)
    run.take(entry, index)
    assert run.end() == states[1]


def test_a_log_from_its_founding_on() -> None:
    leaves = list(enumerate(lived_in()))
    state = State()
    for index, leaf in leaves:
        state = evolve(state, decode_entry(leaf), LeafIndex(index))
    assert replay(State(), leaves) == state
    assert replay(state, []) is state


@pytest.mark.parametrize("place", [0, 1, CHUNK - 1, CHUNK, CHUNK + 3])
def test_a_leaf_that_is_none_ends_it(place: int) -> None:
    leaf = lived_in()[-1]
    leaves = [(n, b"{}" if n == place else leaf) for n in range(CHUNK + 4)]
    with pytest.raises(MalformedError):
        replay(State(), leaves)
