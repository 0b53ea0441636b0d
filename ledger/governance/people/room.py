"""Members and what they hold, as a value.

section "members"       {did: `Member.public`}
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from immutables import Map

from ledger.governance.parameters import PARAMETERS
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

    The last four attributes only repeat what the sections say, to be found quickly.

    Attributes:
        members: everybody who ever belonged, by id.
        owners: every key that ever was a member's, to that member's id.
        belonging: how many are members now.
        later: how often somebody joined who is not a founder, over all time.
        admitted: log times of joining in the longest growth period before the newest one;
            founding and founders' own admissions left out.
    """

    members: Map[Did, Member] = field(default_factory=Map)
    owners: Map[Did, Did] = field(default_factory=Map)
    belonging: int = 0
    later: int = 0
    admitted: tuple[int, ...] = ()

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {"members": {id_: m.public() for id_, m in self.members.items()}}

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


def _newest(times_ms: Iterable[int]) -> tuple[int, ...]:
    times = tuple(times_ms)
    return tuple(time for time in times if time > times[-1] - _GROWTH_MS)


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
    members = {
        Did(id_): member_from(Did(id_), public)
        for id_, public in sections.get("members", {}).items()
    }
    spans = [span for member in members.values() for span in member.spans]
    return People(
        members=Map(members),
        owners=Map(
            {key.did: member.id for member in members.values() for key in member.keys}
        ),
        belonging=sum(member.belongs for member in members.values()),
        later=sum(span.by != BY_FOUNDING for span in spans),
        admitted=_newest(
            sorted(span.joined_ms for span in spans if span.by not in _NOT_COUNTED)
        ),
    )
