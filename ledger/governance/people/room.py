"""Members and what they hold, as a value.

section "members"       {did: `Member.public`}
section "applications"  {did: `Application.public`}
section "roles"         {role: {did: `Appointment.public`}}
section "recoveries"    {did: `Recovery.public`}
section "delegations"   {did: [`Delegation.public`, in order of index]}
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from immutables import Map

from ledger.governance.parameters import PARAMETERS
from ledger.governance.people.held import (
    Application,
    Appointment,
    Delegation,
    Recovery,
    application_from,
    recovery_from,
)
from ledger.governance.people.member import (
    BY_FOUNDER,
    BY_FOUNDING,
    HeldKey,
    Member,
    Span,
    member_from,
)
from ledger.ids import Did

_GROWTH_MS: Final = 1_000 * PARAMETERS["growth_period_s"].most
_NOT_COUNTED: Final = frozenset({BY_FOUNDING, BY_FOUNDER})


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Members and what they hold.

    The last five attributes only repeat what the sections say, to be found quickly.

    Attributes:
        members: everybody who ever belonged, by id.
        applications: those open, and some that have lapsed.
        roles: by role, then by member; some have lapsed.
        recoveries: of members who named contacts.
        delegations: by the member whose vote it is, in order of index.
        owners: every key that ever was a member's, to that member's id.
        due: of recoveries that enough contacts agree on, when they come due.
        belonging: how many are members now.
        later: how often somebody joined who is not a founder, over all time.
        admitted: log times of joining in the longest growth period before the newest;
            founding and founders' own admissions left out.
    """

    members: Map[Did, Member] = field(default_factory=Map)
    applications: Map[Did, Application] = field(default_factory=Map)
    roles: Map[str, Map[Did, Appointment]] = field(default_factory=Map)
    recoveries: Map[Did, Recovery] = field(default_factory=Map)
    delegations: Map[Did, tuple[Delegation, ...]] = field(default_factory=Map)
    owners: Map[Did, Did] = field(default_factory=Map)
    due: Map[Did, int] = field(default_factory=Map)
    belonging: int = 0
    later: int = 0
    admitted: tuple[int, ...] = ()

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {
            "members": {id_: m.public() for id_, m in self.members.items()},
            "applications": {id_: a.public() for id_, a in self.applications.items()},
            "roles": {
                role: {id_: held.public() for id_, held in holders.items()}
                for role, holders in self.roles.items()
                if holders
            },
            "recoveries": {id_: r.public() for id_, r in self.recoveries.items()},
            "delegations": {
                id_: [delegation.public() for delegation in made]
                for id_, made in self.delegations.items()
            },
        }

    def join(self, member: Member) -> "People":
        """With a member whose newest span has just begun."""
        span = member.span
        counted = span.by not in _NOT_COUNTED
        admitted = (*self.admitted, span.joined_ms) if counted else self.admitted
        return replace(
            self,
            members=self.members.set(member.id, member),
            owners=self.owners.update({key.did: member.id for key in member.keys}),
            belonging=self.belonging + 1,
            later=self.later + (span.by != BY_FOUNDING),
            admitted=_newest(admitted),
        )

    def put(self, member: Member) -> "People":
        """With a member changed who belongs or belonged before."""
        before = self.members[member.id]
        owners = self.owners
        if member.keys != before.keys:
            owners = owners.update({key.did: member.id for key in member.keys})
        return replace(
            self,
            members=self.members.set(member.id, member),
            owners=owners,
            belonging=self.belonging + member.belongs - before.belongs,
        )

    def put_recovery(self, member: Did, recovery: Recovery | None) -> "People":
        """With a member's recovery set, or taken away."""
        due = self.due.delete(member) if member in self.due else self.due
        if recovery is None:
            recoveries = self.recoveries
            if member in recoveries:
                recoveries = recoveries.delete(member)
            return replace(self, recoveries=recoveries, due=due)
        if recovery.due_ms is not None:
            due = due.set(member, recovery.due_ms)
        recoveries = self.recoveries.set(member, recovery)
        return replace(self, recoveries=recoveries, due=due)


def _newest(times_ms: tuple[int, ...]) -> tuple[int, ...]:
    """Of times in order, those in the longest growth period before the last."""
    if not times_ms:
        return ()
    return times_ms[bisect_right(times_ms, times_ms[-1] - _GROWTH_MS) :]


def found(founders: Iterable[Did], time_ms: int) -> People:
    """The people of a new community: its founders."""
    people = People()
    for did in founders:
        if did in people.members:
            continue
        span = Span(joined_ms=time_ms, index=0, by=BY_FOUNDING)
        key = HeldKey(did=did, added_ms=time_ms)
        people = people.join(Member(id=did, spans=(span,), keys=(key,)))
    return people


def from_sections(sections: Mapping[str, Mapping[str, Any]]) -> People:
    """The people whose `sections()` these are."""
    named = cast("Mapping[Did, Any]", sections.get("members", {}))
    members = {id_: member_from(id_, public) for id_, public in named.items()}
    spans = [span for member in members.values() for span in member.spans]
    people = People(
        members=Map(members),
        applications=Map(
            {
                Did(id_): application_from(Did(id_), public)
                for id_, public in sections.get("applications", {}).items()
            }
        ),
        roles=Map(
            {
                role: Map({Did(id_): Appointment(**h) for id_, h in holders.items()})
                for role, holders in sections.get("roles", {}).items()
            }
        ),
        delegations=Map(
            {
                Did(id_): tuple(Delegation(**public) for public in made)
                for id_, made in sections.get("delegations", {}).items()
            }
        ),
        owners=Map(
            {key.did: member.id for member in members.values() for key in member.keys}
        ),
        belonging=sum(member.belongs for member in members.values()),
        later=sum(span.by != BY_FOUNDING for span in spans),
        admitted=_newest(
            tuple(sorted(s.joined_ms for s in spans if s.by not in _NOT_COUNTED))
        ),
    )
    for id_, public in sections.get("recoveries", {}).items():
        people = people.put_recovery(Did(id_), recovery_from(public))
    return people
