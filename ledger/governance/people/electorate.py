"""Who may vote: pure functions of the people, a time and the community's parameters.

"At a time" means just before it: what a batch does in the very millisecond of a deadline
comes after that deadline. So a snapshot is the same whether it is taken when its time
comes or told later from the history.
"""

from collections.abc import Mapping
from typing import Any

from ledger.governance.parameters import period_ms
from ledger.governance.people.member import BY_FOUNDING, Member, Span
from ledger.governance.people.room import People
from ledger.ids import Did


def member_of(people: People, key: Did) -> Did | None:
    """The member for whom `key` may act now: one who belongs, by a key not revoked."""
    member = people.members.get(key)  # first: most act by the key that names them
    if member is None:
        owner = people.owners.get(key)
        if owner is None:
            return None
        member = people.members[owner]
    if member.spans[-1].ended_ms is not None:  # as `belongs`: every act comes by here
        return None
    for held in member.keys:
        if held.did == key:
            return member.id if held.revoked_ms is None else None
    return None


def electorate(
    people: People, time_ms: int, parameters: Mapping[str, Any]
) -> frozenset[Did]:
    """Members who may vote at `time_ms`: they belong, and their waiting is over."""
    wait_ms = period_ms(parameters, "newcomer_wait_s")
    return frozenset(
        id_
        for id_, member in people.members.items()
        if _span_that_votes(member, time_ms, wait_ms) is not None
    )


def may_vote(
    people: People, member: Did, time_ms: int, parameters: Mapping[str, Any]
) -> bool:
    """Whether `member` is of the electorate at `time_ms`."""
    found = people.members.get(member)
    wait_ms = period_ms(parameters, "newcomer_wait_s")
    return found is not None and _span_that_votes(found, time_ms, wait_ms) is not None


def span_at(member: Member, time_ms: int) -> Span | None:
    """The span in which they belonged just before `time_ms`."""
    return _span_that_votes(member, time_ms, 0)


def _span_that_votes(member: Member, time_ms: int, wait_ms: int) -> Span | None:
    return next(
        (s for s in reversed(member.spans) if _votes(s, time_ms, wait_ms)), None
    )


def _votes(span: Span, time_ms: int, wait_ms: int) -> bool:
    if span.ended_ms is not None and span.ended_ms < time_ms:
        return False
    if span.by == BY_FOUNDING:  # nobody could vote if founders waited
        return span.joined_ms <= time_ms
    return span.joined_ms + wait_ms < time_ms
