"""Random acts of people, helpers, reviewers and deployers, at random times."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from typing_extensions import override

from ledger.entries.codec import decode_entry, encode_entry
from ledger.entries.disclosure import SLOTS
from ledger.entries.moment import format_log_time
from ledger.errors import RejectedError
from ledger.governance.cases.contest import Contest
from ledger.governance.cases.kept import Claim
from ledger.governance.cases.queries import erasures_due
from ledger.governance.cases.room import from_sections
from ledger.governance.cases.states import status_of
from ledger.governance.evolve import evolve
from ledger.governance.snapshot import format_snapshot, parse_snapshot
from ledger.governance.state import State
from ledger.ids import LeafIndex
from ledger.keys import SigningKey
from tests.governance.assembly.town import DAY_MS, HOUR_MS, key
from tests.governance.cases.desk import (
    NGO,
    OTHER,
    OVERSEER,
    REVIEWERS,
    STRANGER,
    Desk,
    Held,
    claim_keys,
    new_desk,
    text_of,
)

PEOPLE = 3  # decisions at the beginning: two of one system, one of another
KEYS = 4  # keys that may claim
decisions = st.integers(0, PEOPLE - 1)
# Who signs: mostly one who may.
voices = st.sampled_from(
    (
        *("contest key", "contest key", "opener", "opener", "helper", "helper"),
        *("claim 0", "claim 1", "claim 2", "claim 3", "member", "reviewer", "stranger"),
    )
)
reviewers = st.sampled_from((*REVIEWERS, OVERSEER))
picks = st.integers(0, 5)
waits = st.sampled_from((1, HOUR_MS, DAY_MS, 7 * DAY_MS, 20 * DAY_MS))


def quick(state: State) -> State:
    """With a short retention floor: terms of reviewers outlive it."""
    assert state.community is not None
    parameters = {**state.community.parameters, "retention_floor_days": 10}
    community = replace(state.community, parameters=parameters)
    return replace(state, community=community)


NEEDS = {  # what a helper's scope has for each of these
    "contest.open": "contest",
    "case.say": "contest",
    "contest.withdraw": "contest",
    "contest.settle": "contest",
    "grant.give": "grant",
    "erasure.ask": "erase",
}
conclusions = st.sampled_from(("upheld", "changed", "withdrawn"))


class People(RuleBasedStateMachine):
    """Each rule tries one act; a refusal changes nothing."""

    desk: Desk

    @initialize()
    def begin(self) -> None:
        self.desk = new_desk()
        self.desk.state = quick(self.desk.state)
        systems = (None, None, OTHER)
        self.held: list[Held] = [
            self.desk.decide(number + 1, *([] if system is None else [system]))
            for number, system in enumerate(systems)
        ]
        self.tries = 0
        self.start = self.held[0].index
        self.contest(0, "contest key")
        self.name(0, "contest key", {"contest", "erase"}, 400)
        self.ended: dict[str, Contest] = {}
        self.claims: dict[tuple[str, str], Claim] = {}

    def signer(self, voice: str, of: str) -> SigningKey:
        """Whose key it is, about a decision, or a contest or grant of one."""
        cases, (kind, *rest) = self.desk.state.cases, voice.split()
        found: Any = cases.contests.get(of) or cases.grants.get(of)
        decision = of if found is None else found.decision
        known = [NGO, *(claim_keys(n).key for n in range(KEYS))]
        own = next((one.key for one in self.held if one.id == decision), STRANGER)
        if kind == "claim":
            return claim_keys(int(rest[0])).key
        if kind == "opener":
            opener = getattr(found, "opener", getattr(found, "by", own.did))
            return next((one for one in (*known, own) if one.did == opener), own)
        keys = {"contest": own, "helper": NGO, "member": key(0)}
        return {**keys, "reviewer": key(REVIEWERS[0])}.get(kind, STRANGER)

    def keeper(self, contest: str, by: int, mine: bool) -> SigningKey:
        """The contest's reviewer if that is asked for and there is one."""
        found = self.desk.state.cases.contests.get(contest)
        numbers = (*REVIEWERS, OVERSEER)
        if mine and found is not None and found.reviewer is not None:
            return next(key(n) for n in numbers if key(n).did == found.reviewer)
        return key(by)

    def attempt(self, by: SigningKey, act: str, body: dict[str, Any]) -> bool:
        before, size = self.desk.state, len(self.desk.entries)
        self.tries += 1
        if self.tries % 2:  # in one batch with what came before: at the same log time
            self.desk.time_ms -= 1
        try:
            self.desk.do(by, act, body)
        except RejectedError:
            assert (self.desk.state, len(self.desk.entries)) == (before, size)
            return False
        if by is NGO and act in NEEDS:
            self.check_helper(act, body)
        return True

    def check_helper(self, act: str, body: dict[str, Any]) -> None:
        """What a helper did it was named for, and in time."""
        if "receipt" in body:
            decision = body["receipt"]["id"]
        else:
            decision = self.desk.found(body["contest"]).decision
        helper = self.desk.state.cases.helpers[decision][NGO.did]
        assert helper.is_in_force(self.desk.time_ms)
        assert NEEDS[act] in helper.scope

    def some(self, of: Any, pick: int) -> str:
        """The id of a contest or grant, in the order they came; or of none."""
        ids = sorted(of, key=str)
        return str(ids[pick % len(ids)]) if ids else text_of(pick, "nothing")

    # ---- acts -------------------------------------------------------------------------

    @rule(of=decisions, number=st.integers(0, KEYS - 1))
    def claim(self, of: int, number: int) -> None:
        body = self.desk.claim_body(self.held[of], claim_keys(number))
        self.attempt(self.held[of].key, "receipt.claim", body)

    @rule(of=decisions, voice=voices)
    def contest(self, of: int, voice: str) -> None:
        held, by = self.held[of], self.signer(voice, self.held[of].id)
        open_before = self.open_ones(held, by)
        done = self.attempt(by, "contest.open", self.desk.opening(held))
        assert not (done and open_before)

    def open_ones(self, held: Held, by: SigningKey) -> list[Contest]:
        contests = self.desk.state.cases.contests.values()
        return [
            one
            for one in contests
            if (one.decision, one.opener, one.ended) == (held.id, by.did, None)
        ]

    @rule(voice=voices, pick=picks, share=st.booleans())
    def say(self, voice: str, pick: int, share: bool) -> None:
        contest = self.some(self.desk.state.cases.contests, pick)
        box = {"to": NGO.did, "box": text_of(pick, "box", 80)}
        if share:
            body: dict[str, Any] = {"contest": contest, "boxes": [box]}
        else:
            body = {"statement": self.desk.part(), "attachments": []}
            body["contest"] = contest
        self.attempt(
            self.signer(voice, contest), "case.share" if share else "case.say", body
        )

    @rule(voice=voices, pick=picks, act=st.sampled_from(("withdraw", "settle")))
    def end(self, voice: str, pick: int, act: str) -> None:
        contest = self.some(self.desk.state.cases.contests, pick)
        by = self.signer(voice, contest)
        if self.attempt(by, f"contest.{act}", {"contest": contest}):
            assert self.desk.found(contest).opener == by.did

    @rule(by=reviewers, pick=picks)
    def take(self, by: int, pick: int) -> None:
        contest = self.some(self.desk.state.cases.contests, pick)
        if self.attempt(key(by), "review.take", {"contest": contest}):
            assert (by, self.desk.found(contest).system) != (OVERSEER, "example")

    @rule(by=reviewers, pick=picks, mine=st.sampled_from((True, True, False)))
    def release(self, by: int, pick: int, mine: bool) -> None:
        contest = self.some(self.desk.state.cases.contests, pick)
        signer = self.keeper(contest, by, mine)
        self.attempt(signer, "review.release", {"contest": contest})

    @rule(
        by=reviewers,
        pick=picks,
        mine=st.sampled_from((True, True, False)),
        how=conclusions,
        looked=st.booleans(),
        of=decisions,
    )
    def conclude(
        self, by: int, pick: int, mine: bool, how: str, looked: bool, of: int
    ) -> None:
        contest = self.some(self.desk.state.cases.contests, pick)
        body = self.desk.concluding(
            contest,
            conclusion=how,
            looked_at=["reasons"] if looked else ["person"],
            corrected=self.desk.receipt(self.held[of]) if how == "changed" else None,
        )
        self.attempt(self.keeper(contest, by, mine), "review.conclude", body)

    @rule(by=reviewers, pick=picks)
    def look(self, by: int, pick: int) -> None:
        """A reviewer takes a case that is open and reads, as most do."""
        contests = self.desk.state.cases.contests
        contest = self.some([i for i, c in contests.items() if not c.reviewer], pick)
        if self.attempt(key(by), "review.take", {"contest": contest}):
            self.desk.read(str(self.desk.found(contest).grant), by)

    @rule(voice=voices, of=decisions, to=st.sampled_from((4, *REVIEWERS)))
    def give(self, voice: str, of: int, to: int) -> None:
        body = self.desk.granting(self.held[of], key(to).did)
        self.attempt(self.signer(voice, self.held[of].id), "grant.give", body)

    @rule(voice=voices, pick=picks)
    def end_grant(self, voice: str, pick: int) -> None:
        body = {"grant": self.some(self.desk.state.cases.grants, pick)}
        self.attempt(self.signer(voice, body["grant"]), "grant.end", body)

    @rule(by=st.sampled_from((4, *REVIEWERS, -1)), pick=picks)
    def read(self, by: int, pick: int) -> None:
        grant = self.some(self.desk.state.cases.grants, pick)
        found = self.desk.state.cases.grants.get(grant)
        decision = self.held[0].id if found is None else found.decision
        signer = NGO if by < 0 else key(by)
        if self.attempt(signer, "grant.read", {"grant": grant, "decision": decision}):
            assert found is not None
            assert found.is_open(self.desk.time_ms)
            assert found.to == signer.did

    @rule(
        voice=voices,
        of=decisions,
        scope=st.sets(
            st.sampled_from(("contest", "read", "grant", "erase")), min_size=1
        ),
        days=st.sampled_from((1, 20, 400)),
    )
    def name(self, of: int, voice: str, scope: set[str], days: int) -> None:
        until = format_log_time(self.desk.time_ms + days * DAY_MS)
        naming = self.desk.naming(self.held[of], NGO.did, *sorted(scope), until=until)
        self.attempt(self.signer(voice, self.held[of].id), "helper.name", naming)

    @rule(voice=voices, of=decisions)
    def end_helper(self, voice: str, of: int) -> None:
        body = {"decision": self.held[of].id, "helper": NGO.did}
        self.attempt(self.signer(voice, self.held[of].id), "helper.end", body)

    @rule(
        voice=voices,
        of=decisions,
        act=st.sampled_from(("erasure.ask", "erasure.withdraw", "reissue.stop")),
    )
    def ask(self, voice: str, of: int, act: str) -> None:
        held = self.held[of]
        body: dict[str, Any] = {"receipt": self.desk.receipt(held)}
        if act == "erasure.withdraw":
            body = {"decision": held.id}
        self.attempt(self.signer(voice, held.id), act, body)

    @rule(of=decisions, days=st.sampled_from((0, 11)))
    def forget(self, of: int, days: int) -> None:
        """A person asks for erasure; perhaps its time comes, and the day's sweep."""
        self.ask("contest key", of, "erasure.ask")
        if days:
            self.desk.wait(days * DAY_MS)
            self.sweep(honest=True, of=of)

    # ---- what the ledger does -----------------------------------------------------------

    @rule(honest=st.booleans(), of=decisions)
    def sweep(self, honest: bool, of: int) -> None:
        """An honest one names what is due; another one names anything."""
        now = self.desk.time_ms + 1
        due = erasures_due(self.desk.state, now)
        named = due if honest else [self.held[of].id]
        if not named:
            return
        self.desk.sweep(*named)
        for decision in named:
            erasure = self.desk.state.cases.erasures.get(decision)
            executed = erasure is not None and erasure.executed_ms == now
            assert executed is (decision in due)

    @rule(of=decisions)
    def reissue(self, of: int) -> None:
        self.desk.reissue(self.held[of].id)

    @rule(ms=waits)
    def wait(self, ms: int) -> None:
        self.desk.wait(ms)

    # ---- what holds ---------------------------------------------------------------------

    @invariant()
    def one_open_contest_for_each_key_and_decision(self) -> None:
        contests = self.desk.state.cases.contests.values()
        places = [(c.decision, c.opener) for c in contests if c.ended is None]
        assert len(places) == len(set(places))

    @invariant()
    def what_ended_never_changes(self) -> None:
        contests = self.desk.state.cases.contests
        for id_, contest in self.ended.items():
            assert contests[id_] == contest
        self.ended = {i: c for i, c in contests.items() if c.ended is not None}

    @invariant()
    def overdue_exactly_when_its_time_passed(self) -> None:
        desk, cases = self.desk, self.desk.state.cases
        now = desk.state.log_time_ms
        for contest in cases.contests.values():
            until = now if contest.ended_ms is None else contest.ended_ms
            late = until >= contest.due_ms
            assert contest.overdue_ms == (contest.due_ms if late else None)
            if contest.ended is None:
                assert (status_of(contest, now) == "overdue") is late
        waiting = [c for c in cases.contests.values() if c.ended is None]
        assert cases.due == tuple(
            sorted((c.due_ms, c.id) for c in waiting if c.overdue_ms is None)
        )

    @invariant()
    def claims_never_vanish(self) -> None:
        now: dict[tuple[str, str], Claim] = {
            (decision, did): claim
            for decision, claims in self.desk.state.cases.claims.items()
            for did, claim in claims.keys.items()
        }
        assert self.claims.items() <= now.items()
        self.claims = now
        assert len({did for _, did in now}) == len(now)  # one receipt a key

    @invariant()
    def who_says_to_have_looked_has_read(self) -> None:
        cases = self.desk.state.cases
        for contest in cases.contests.values():
            if any(code in SLOTS for code in contest.looked_at):
                assert any(
                    read.at_ms >= contest.opened_ms
                    for grant in cases.grants.values()
                    if (grant.decision, grant.to)
                    == (contest.decision, contest.reviewer)
                    for read in grant.reads
                )

    @invariant()
    def a_case_that_ended_lets_nobody_read_for_ever(self) -> None:
        cases = self.desk.state.cases
        for contest in cases.contests.values():
            if contest.ended is not None and contest.grant is not None:
                grant = cases.grants[contest.grant]
                assert grant.ended_ms is not None or grant.until_ms is not None

    @invariant()
    def the_sections_read_back(self) -> None:
        state = self.desk.state
        assert from_sections(state.cases.sections()) == state.cases

    @override
    def teardown(self) -> None:
        """The leaves replay to the same state, and the snapshot reads back."""
        desk = self.desk
        assert parse_snapshot(format_snapshot(desk.state)) == desk.state
        state = quick(new_desk().state)
        for index, entry in enumerate(desk.entries[self.start :], self.start):
            state = evolve(state, decode_entry(encode_entry(entry)), LeafIndex(index))
        assert state == desk.state
        assert state.root() == desk.state.root()


People.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestPeople = People.TestCase
