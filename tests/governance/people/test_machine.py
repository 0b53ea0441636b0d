"""Random acts of a village: whatever is tried, the people's invariants hold."""

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.errors import CounterfoilError, RejectedError
from ledger.governance.people.delegation import cap_of, chosen, resolve
from ledger.governance.people.electorate import electorate, member_of
from ledger.governance.people.rights import founders_act
from ledger.keys import SigningKey
from tests.governance.people.world import CONSENT, DAY_MS, World, key, new_key
from tests.governance.world import FOUNDER

VILLAGERS = [FOUNDER, *(key(number) for number in range(8))]
SPARE = [key(number) for number in range(30, 36)]
people = st.sampled_from(VILLAGERS)
UNTIL = "2027-08-01T00:00:00Z"
UNTIL_SOON = "2026-12-01T00:00:00Z"


class Village(RuleBasedStateMachine):
    """Each rule tries one act; a refusal changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(parameters={"newcomer_wait_s": 3_600})
        self.ended = False  # whether founders' powers were ever seen to have ended

    def attempt(self, act: str, by: SigningKey, **body: object) -> None:
        before = self.world.state
        try:
            self.world.do(act, by, **body)
        except CounterfoilError:
            assert self.world.state is before

    def enact(self, action: str, **body: object) -> None:
        before = self.world.state
        try:
            self.world.enact(action, **body)
        except RejectedError:
            assert self.world.state is before

    @initialize(number=st.integers(0, 5))
    def begin(self, number: int) -> None:
        for villager in VILLAGERS[1 : number + 1]:
            self.apply(villager)
            self.attempt("member.admit", FOUNDER, applicant=villager.did)
        self.world.pass_time(DAY_MS)

    @rule(whom=people, friends=st.lists(people, min_size=2, max_size=3, unique=True))
    def welcome(self, whom: SigningKey, friends: list[SigningKey]) -> None:
        self.apply(whom)
        for friend in friends:
            self.vouch(friend, whom)

    @rule(
        whom=people,
        friends=st.lists(people, min_size=2, max_size=3, unique=True),
        new=st.sampled_from(SPARE),
    )
    def lose_keys(
        self, whom: SigningKey, friends: list[SigningKey], new: SigningKey
    ) -> None:
        self.name_contacts(whom, friends)
        for friend in friends[:2]:
            self.recover(friend, whom, new)

    @rule(by=people)
    def apply(self, by: SigningKey) -> None:
        self.attempt("member.apply", by, **CONSENT)

    @rule(by=people, whom=people)
    def vouch(self, by: SigningKey, whom: SigningKey) -> None:
        self.attempt("member.vouch", by, applicant=whom.did)

    @rule(by=people, whom=people)
    def unvouch(self, by: SigningKey, whom: SigningKey) -> None:
        self.attempt("vouch.withdraw", by, applicant=whom.did)

    @rule(by=people, whom=people)
    def admit(self, by: SigningKey, whom: SigningKey) -> None:
        self.attempt("member.admit", by, applicant=whom.did)

    @rule(by=people)
    def leave(self, by: SigningKey) -> None:
        self.attempt("member.exit", by)

    @rule(whom=people)
    def vote_out(self, whom: SigningKey) -> None:
        self.enact("member.remove", member=whom.did)

    @rule(whom=people)
    def vote_in(self, whom: SigningKey) -> None:
        self.enact("member.admit", applicant=whom.did)

    @rule(by=people, to=people, soon=st.booleans())
    def delegate(self, by: SigningKey, to: SigningKey, soon: bool) -> None:
        self.attempt(
            "delegation.set",
            by,
            to=to.did,
            scope="standard" if soon else "all",
            until=UNTIL_SOON if soon else UNTIL,
            reason=None,
        )

    @rule(by=people, scope=st.sampled_from(("all", "standard")))
    def take_back(self, by: SigningKey, scope: str) -> None:
        self.attempt("delegation.revoke", by, scope=scope)

    @rule(by=people, whom=people, new=st.sampled_from(SPARE))
    def change_key(self, by: SigningKey, whom: SigningKey, new: SigningKey) -> None:
        self.attempt("key.rotate", by, **new_key(new, whom))

    @rule(by=people, contacts=st.lists(people, max_size=3, unique=True))
    def name_contacts(self, by: SigningKey, contacts: list[SigningKey]) -> None:
        dids = [contact.did for contact in contacts]
        self.attempt("recovery.set", by, contacts=dids, threshold=min(2, len(dids)))

    @rule(by=people, whom=people, new=st.sampled_from(SPARE))
    def recover(self, by: SigningKey, whom: SigningKey, new: SigningKey) -> None:
        body = {"member": whom.did, **new_key(new, whom)}
        self.attempt("recovery.approve", by, **body)

    @rule(by=people, role=st.sampled_from(("guardian", "auditor")))
    def appoint(self, by: SigningKey, role: str) -> None:
        self.enact("role.appoint", role=role, member=by.did, until=UNTIL)

    @rule(hours=st.sampled_from((1, 5, 24 * 4, 24 * 40)))
    def wait(self, hours: int) -> None:
        self.world.pass_time(hours * DAY_MS // 24)

    @invariant()
    def one_key_names_one_member_for_ever(self) -> None:
        found = [
            held.did for m in self.world.people.members.values() for held in m.keys
        ]
        assert len(found) == len(set(found)) == len(self.world.people.owners)

    @invariant()
    def every_member_can_act(self) -> None:
        for member in self.world.people.members.values():
            able = [
                held.did
                for held in member.keys
                if member_of(self.world.people, held.did) == member.id
            ]
            assert bool(able) is member.belongs

    @invariant()
    def nobody_votes_twice_and_nobody_who_left(self) -> None:
        world, now = self.world, self.world.time_ms + 1
        electors = electorate(world.people, now, world.parameters)
        assert electors <= {m.id for m in world.people.members.values() if m.belongs}
        edges = chosen(world.people, now, electors, ("standard", "all"))
        for every in (1, 2, 3):
            direct = sorted(electors)[::every]
            found = resolve(edges, electors, direct, cap_of(len(electors), {}))
            assert found.weights.keys() == set(direct)
            assert sum(found.weights.values()) <= len(electors)

    @invariant()
    def no_role_and_no_vouch_of_somebody_who_left(self) -> None:
        people_ = self.world.people
        for holders in people_.roles.values():
            assert all(people_.members[id_].belongs for id_ in holders)
        for application in people_.applications.values():
            assert application.applicant not in people_.owners or (
                not people_.members[people_.owners[application.applicant]].belongs
            )
            assert all(people_.members[id_].belongs for id_, _ in application.vouches)

    @invariant()
    def founders_powers_never_come_back(self) -> None:
        lasts = founders_act(self.world.state, self.world.time_ms)
        assert not (self.ended and lasts)
        self.ended = not lasts

    @invariant()
    def growth_is_bounded(self) -> None:
        spans = [
            span
            for member in self.world.people.members.values()
            for span in member.spans
        ]
        week = self.world.time_ms - 7 * DAY_MS
        later = [s for s in spans if s.by not in {"founding", "founder"}]
        assert sum(span.joined_ms > week for span in later) <= 3
        assert sum(span.by == "founder" for span in spans) <= 5


Village.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestVillage = Village.TestCase
