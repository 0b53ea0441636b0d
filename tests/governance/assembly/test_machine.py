"""Random acts at random times: what must hold after each of them."""

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from ledger.entries.codec import decode_entry, encode_entry
from ledger.errors import RejectedError
from ledger.governance.assembly import phases
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.assembly.room import from_sections
from ledger.governance.assembly.status import closed_as
from ledger.governance.assembly.voting import count
from ledger.governance.evolve import evolve
from ledger.governance.parameters import PARAMETERS, value_of
from ledger.governance.people.room import from_sections as people_from
from ledger.governance.replay import replay
from ledger.governance.state import EMPTY, parameters_of
from ledger.ids import LeafIndex
from tests.governance.assembly.town import REASON, Town, did

MEMBERS = 5
# Short periods, so that a few hundred steps see whole courses.
QUICK = {
    name: max(row.least, 20)
    for name, row in PARAMETERS.items()
    if name.endswith("_s") and name not in {"proposal_interval_s", "newcomer_wait_s"}
}
QUICK |= {"draft_s": 3_000, "endorsing_s": 1_000, "ready_s": 60}
VALUES = st.sampled_from([1, 30, 60, 90, 365, 3650])
CHOICES = st.sampled_from(["yes", "yes", "yes", "no", "abstain", "objection"])
WHO = st.integers(0, MEMBERS - 1)
WAITS = st.sampled_from([1, 999, 1_000, 5_000, 10_000, 20_000, 20_001, 60_000])


def reachable(before: str, after: str) -> bool:
    """Whether the table leads from one state to another, over instants or in one step."""
    frontier, known = {before}, {before}
    while frontier:
        frontier = {
            n for name in frontier for n in phases.TRANSITIONS[name]
        } - known  # fmt: skip
        known |= frontier
    return after in known


class Assemblies(RuleBasedStateMachine):
    """Five members, any acts, any clock."""

    town: Town

    @initialize(percent=st.integers(0, 10), least=st.integers(1, 3))
    def found(self, percent: int, least: int) -> None:
        more = {
            "endorsement_percent": percent,
            "endorsement_least": least,
            "proposals_member_max": 3,
        }
        self.town = Town(MEMBERS, {**QUICK, **more})
        self.phases: dict[str, str] = {}
        self.results: dict[str, tuple[Any, ...]] = {}
        self.executions: Counter[str] = Counter()
        self.nonce = 0

    def attempt(self, by: int, act: str, body: dict[str, Any]) -> bool:
        """Whether it was recorded; a refusal changes nothing."""
        before = self.town.state
        try:
            self.town.do(by, act, body)
        except RejectedError:
            assert self.town.state == before
            return False
        return True

    def pick(self, data: st.DataObject) -> Proposal | None:
        proposals = self.town.state.assembly.proposals
        if not proposals:
            return None
        keys = sorted(proposals, key=lambda k: proposals[k].opened_ms)
        return proposals[data.draw(st.sampled_from(keys))]

    @rule(by=WHO, value=VALUES, expedited=st.booleans())
    def open(self, by: int, value: int, expedited: bool) -> None:
        self.nonce += 1
        body = {"name": "decided_at_age_days", "value": value}
        self.attempt(by, "proposal.open", {
            "nonce": str(self.nonce), "title": "t", "text": "",
            "actions": [{"action": "parameter.set", "body": body}],
            "ballot": {"method": "yesno"}, "expedited": expedited,
        })  # fmt: skip

    @rule(by=WHO, data=st.data())
    def submit(self, by: int, data: st.DataObject) -> None:
        if (one := self.pick(data)) is not None:
            del by
            who = next(n for n in range(MEMBERS) if did(n) == one.proposer)
            self.attempt(who, "proposal.submit", {"proposal": one.key})

    @rule(by=WHO, data=st.data())
    def endorse(self, by: int, data: st.DataObject) -> None:
        if (one := self.pick(data)) is not None:
            body = {"proposal": one.key, "revision": one.revision}
            self.attempt(by, "proposal.endorse", body)

    @rule(by=WHO, data=st.data(), title=st.sampled_from("abc"))
    def amend(self, by: int, data: st.DataObject, title: str) -> None:
        if (one := self.pick(data)) is not None:
            said = {**one.content.public(), "title": title}
            self.attempt(by, "proposal.amend", {"proposal": one.key, **said})

    @rule(by=WHO, data=st.data(), choice=CHOICES)
    def vote(self, by: int, data: st.DataObject, choice: str) -> None:
        if (one := self.pick(data)) is not None:
            body = {"proposal": one.revision, "choice": choice, "reason": REASON}
            self.attempt(by, "ballot.cast", body)

    @rule(data=st.data())
    def all_vote_yes(self, data: st.DataObject) -> None:
        if (one := self.pick(data)) is not None:
            for by in range(MEMBERS):
                body = {"proposal": one.revision, "choice": "yes", "reason": None}
                self.attempt(by, "ballot.cast", body)

    @rule(by=WHO, data=st.data())
    def challenge(self, by: int, data: st.DataObject) -> None:
        if (one := self.pick(data)) is not None:
            body = {"proposal": one.revision, "reason": REASON}
            self.attempt(by, "proposal.challenge", body)

    @rule(by=WHO, data=st.data())
    def withdraw(self, by: int, data: st.DataObject) -> None:
        if (one := self.pick(data)) is not None:
            self.attempt(by, "proposal.withdraw", {"proposal": one.key})

    @rule(by=WHO, data=st.data())
    def execute(self, by: int, data: st.DataObject) -> None:
        if (one := self.pick(data)) is not None:
            self.execute_one(by, one)

    def execute_one(self, by: int, one: Proposal) -> None:
        """Effects if and only if executed; never before its time, never after."""
        town = self.town
        before = value_of(parameters_of(town.state), "decided_at_age_days")
        if self.attempt(by, "proposal.execute", {"proposal": one.revision}):
            now = town.proposal(one.key)
            assert now.timelock_until_ms < town.time_ms <= now.ready_until_ms
            after = value_of(parameters_of(town.state), "decided_at_age_days")
            if town.phase(one.key) == phases.EXECUTED:
                self.executions[one.key] += 1
                assert after == now.content.actions[0].body["value"]
            else:
                assert town.phase(one.key) == phases.FAILED
                assert after == before

    @rule(by=st.integers(3, MEMBERS - 1))
    def leave(self, by: int) -> None:
        self.attempt(by, "member.exit", {})

    @rule(span=WAITS)
    def wait(self, span: int) -> None:
        self.town.wait(span)

    @rule(data=st.data(), steps=st.integers(1, 12))
    def go_on_and_on(self, data: st.DataObject, steps: int) -> None:
        if (one := self.pick(data)) is not None:
            for _ in range(steps):
                self.step(self.town.proposal(one.key))
                self.states_follow_the_table()

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        if (one := self.pick(data)) is not None:
            self.step(one)

    def step(self, one: Proposal) -> None:  # noqa: C901 -- a row a state
        """What naturally comes next for a proposal."""
        town = self.town
        phase = town.phase(one.key)
        if phase == phases.DRAFT:
            who = next(n for n in range(MEMBERS) if did(n) == one.proposer)
            self.attempt(who, "proposal.submit", {"proposal": one.key})
        elif phase == phases.ENDORSING:
            for by in range(MEMBERS):
                body = {"proposal": one.key, "revision": one.revision}
                self.attempt(by, "proposal.endorse", body)
        elif phase in phases.OPEN_TO_EXECUTION:
            self.execute_one(0, one)
        elif phase == phases.VOTING and one.vote and not one.vote.ballots:
            for by in range(MEMBERS):
                ballot = {"proposal": one.revision, "choice": "yes", "reason": None}
                self.attempt(by, "ballot.cast", ballot)
        elif phase not in phases.TERMINAL:
            moments = (
                one.deliberation_until_ms, one.frozen_until_ms, one.pending_until_ms,
                one.vote.deadline_ms if one.vote else 0,
                one.challenge_until_ms, one.timelock_until_ms,
            )  # fmt: skip
            later = [ms + 1 for ms in moments if ms >= town.time_ms]
            if later:
                town.wait_until(min(later))

    @rule(data=st.data())
    def wait_for_something(self, data: st.DataObject) -> None:
        del data
        next_ms = self.town.state.assembly.next_ms
        if next_ms is not None:
            self.town.wait_until(max(next_ms, self.town.time_ms))

    # ---- what must hold -----------------------------------------------------------

    @invariant()
    def states_follow_the_table(self) -> None:
        town = self.town
        for key in town.state.assembly.proposals:
            after = town.phase(key)
            before = self.phases.get(key, phases.DRAFT)
            assert reachable(before, after), (before, after)
            self.phases[key] = after

    @invariant()
    def results_are_final(self) -> None:
        for key, one in self.town.state.assembly.proposals.items():
            known = self.results.get(key, ())
            assert one.results[: len(known)] == known
            self.results[key] = one.results

    @invariant()
    def tallies_equal_a_recount_and_no_more_than_the_eligible(self) -> None:
        town = self.town
        for one in town.state.assembly.proposals.values():
            if one.vote is not None:
                counted = count(town.state, one, one.vote)
                words = Counter(cast.choice for cast in one.vote.ballots.values())
                assert counted.totals == {
                    word: words[word] for word in ("yes", "no", "abstain", "objection")
                }
                assert counted.weight <= one.vote.eligible
                assert set(one.vote.ballots) <= one.vote.electorate
            for result in one.results:
                totals = result.count["totals"]
                assert sum(totals.values()) <= result.eligible
                assert result.outcome != "Objected"

    @invariant()
    def executed_once(self) -> None:
        assert all(times == 1 for times in self.executions.values())

    @invariant()
    def the_agenda_is_what_is_open(self) -> None:
        assembly = self.town.state.assembly
        for key, one in assembly.proposals.items():
            assert (key in assembly.agenda) == (closed_as(one) is None)
        assert assembly.next_ms == min(assembly.agenda.values(), default=None)

    @precondition(lambda self: len(self.town.entries) % 5 == 0)
    @invariant()
    def a_replay_and_a_snapshot_give_the_same(self) -> None:
        town, state = self.town, EMPTY
        for index, entry in enumerate(town.entries):
            state = evolve(state, decode_entry(encode_entry(entry)), LeafIndex(index))
        assert state.root() == town.state.root()
        leaves = enumerate(map(encode_entry, town.entries))
        assert replay(EMPTY, leaves) == state
        sections = state.sections()
        again = from_sections(sections, people_from(sections))
        assert again.sections() == state.assembly.sections()
        assert again.agenda == state.assembly.agenda
        assert again.next_ms == state.assembly.next_ms
        assert again.opened_ms == state.assembly.opened_ms
        for key, one in again.proposals.items():
            assert one == state.assembly.proposals[key]


TestAssemblies = Assemblies.TestCase
TestAssemblies.settings = settings(
    max_examples=40,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
