"""Who carries whose vote: resolved when counting, from what stood at the snapshot.

    (1) chosen   of each elector's delegations that stand, the one of the narrowest scope
    (2) walk     from an elector without a ballot along these, at most 3 hops, to the
                 first who cast one; nobody on the way has a ballot, all are electors
    (3) cap      at most max(1, 5% of the electorate) votes are carried by one member:
                 those that reached them first; the rest count nowhere

A vote reaches a delegate when the newest delegation on its way was set; of those that
came together the nearer counts first, then the earlier set. A ring of delegations ends
nowhere and harms nobody. A delegation made before either member last joined is cut: so
is one to or from somebody who left, for ever, also when they leave while a vote runs.

Σ weights ≤ electors: each elector counts once, with their own ballot or on the one way.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ledger.errors import RejectedError
from ledger.governance.assembly.classes import CLASSES
from ledger.governance.kinds import Context
from ledger.governance.parameters import period_ms, value_of
from ledger.governance.people.bodies import Entrusted
from ledger.governance.people.electorate import span_at
from ledger.governance.people.held import Delegation
from ledger.governance.people.rights import acting_member, community_of
from ledger.governance.people.room import People
from ledger.governance.state import State
from ledger.ids import Did, SystemId
from ledger.limits import (
    DELEGATION_DEPTH_MAX,
    DELEGATION_KEPT_MS,
    DELEGATIONS_KEPT_MAX,
    DELEGATIONS_MEMBER_MAX,
)

ALL: Final = "all"
SYSTEM: Final = "system:"
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What delegations come to in one vote.

    Attributes:
        weights: every direct voter to their own vote and those they carry.
        carried: every elector whose vote is carried, to the voter who carries it.
        over: electors whose vote reached a voter beyond the cap; it counts nowhere.
    """

    weights: dict[Did, int]
    carried: dict[Did, Did]
    over: frozenset[Did]


def scopes_of(class_: str, systems: Collection[SystemId]) -> tuple[str, ...]:
    """The scopes that a proposal falls under, the narrowest first."""
    return (*(f"{SYSTEM}{system}" for system in sorted(systems)), class_, ALL)


def cap_of(electors: int, parameters: Mapping[str, Any]) -> int:
    """How many votes one member may carry beside their own."""
    return max(1, electors * value_of(parameters, "delegation_cap_percent") // 100)


def chosen(
    people: People, time_ms: int, electors: frozenset[Did], scopes: Sequence[str]
) -> dict[Did, Delegation]:
    """(1) Each elector's delegation for these scopes, as it stood at `time_ms`."""
    rank = {scope: place for place, scope in enumerate(scopes)}
    since: dict[Did, int] = {}

    def cut(delegation: Delegation, member: Did) -> bool:
        if member not in since:
            span = span_at(people.members[member], time_ms)
            since[member] = 0 if span is None else span.index
        return delegation.index <= since[member]

    found: dict[Did, Delegation] = {}
    for member, made in people.delegations.items():
        if member not in electors:
            continue
        standing = [
            (rank[d.scope], d.index, d)
            for d in made
            if d.scope in rank and d.to in electors and stands(d, time_ms)
            if not cut(d, member) and not cut(d, d.to)
        ]
        if standing:
            found[member] = min(standing)[2]
    return found


def uncut(
    people: People, edges: Mapping[Did, Delegation], time_ms: int
) -> dict[Did, Delegation]:
    """Those of `chosen` at `time_ms` that no exit has cut since, on either side.

    Whoever left before a vote is counted brings no vote and carries none but their own
    ballot, also if they joined again.
    """

    def stayed(member: Did) -> bool:
        span = span_at(people.members[member], time_ms)
        return span is not None and span.ended_ms is None

    return {
        member: edge
        for member, edge in edges.items()
        if stayed(member) and stayed(edge.to)
    }


def stands(delegation: Delegation, time_ms: int) -> bool:
    """Whether it stood just before `time_ms`."""
    ended_ms = delegation.ended_ms
    return delegation.from_ms < time_ms <= delegation.until_ms and (
        ended_ms is None or time_ms <= ended_ms
    )


def resolve(
    edges: Mapping[Did, Delegation],
    electors: frozenset[Did],
    direct: Collection[Did],
    cap: int,
) -> Resolution:
    """(2) (3) The weight of every direct voter.

    Args:
        edges: `chosen`.
        electors: who may vote.
        direct: who cast a ballot; others than electors count nothing.
        cap: how many votes one may carry beside their own.
    """
    voters = electors.intersection(direct)
    reached: dict[Did, list[tuple[int, int, int, Did]]] = {}
    for elector in edges:
        if elector in voters or elector not in electors:
            continue
        at, newest = elector, 0
        for hops in range(1, DELEGATION_DEPTH_MAX + 1):
            edge = edges.get(at)
            if edge is None or edge.to not in electors:
                break
            at, newest = edge.to, max(newest, edge.index)
            if at in voters:
                own = edges[elector].index
                reached.setdefault(at, []).append((newest, hops, own, elector))
                break
    weights = dict.fromkeys(voters, 1)
    carried: dict[Did, Did] = {}
    over: list[Did] = []
    for voter, votes in reached.items():
        votes.sort()
        weights[voter] += min(cap, len(votes))
        carried.update((elector, voter) for *_, elector in votes[:cap])
        over.extend(elector for *_, elector in votes[cap:])
    return Resolution(weights=weights, carried=carried, over=frozenset(over))


# ---- the acts ------------------------------------------------------------------------


def check_set(state: State, entrusted: Entrusted, context: Context) -> None:
    """That the actor may delegate so.

    Raises:
        RejectedError: `unknown-member`, `unknown-scope`, `unknown-system`,
            `term-out-of-bounds`, `too-many-delegations`. Nothing was recorded.
    """
    member = acting_member(state, context)
    to = state.people.members.get(entrusted.to)
    if entrusted.to == member or to is None or not to.belongs:
        raise RejectedError(
            "unknown-member", "a delegate is another present member, by their id"
        )
    _check_scope(state, entrusted.scope)
    term_ms = period_ms(community_of(state).parameters, "delegation_s")
    if not context.time_ms < entrusted.until_ms <= context.time_ms + term_ms:
        raise RejectedError(
            "term-out-of-bounds",
            f"a delegation ends within {term_ms // _DAY_MS:,} days, and not before it "
            "begins",
        )
    made = state.people.delegations.get(member, ())
    others = [
        d for d in made if _open(d, context.time_ms) and d.scope != entrusted.scope
    ]
    if len(others) >= DELEGATIONS_MEMBER_MAX:
        raise RejectedError(
            "too-many-delegations",
            f"{len(others)} delegations of this member stand: revoke one first",
        )
    if len(_kept(made, context.time_ms)) >= DELEGATIONS_KEPT_MAX:
        raise RejectedError(
            "too-many-delegations",
            f"this member set {DELEGATIONS_KEPT_MAX} within some 400 days: wait",
        )


def _check_scope(state: State, scope: str) -> None:
    if scope.startswith(SYSTEM):
        if SystemId(scope.removeprefix(SYSTEM)) not in state.systems:
            raise RejectedError("unknown-system", "no system of this id is registered")
    elif scope != ALL and scope not in CLASSES:
        raise RejectedError(
            "unknown-scope",
            f"a scope is {ALL}, {', '.join(CLASSES)}, or {SYSTEM} and a system's id",
        )


def _open(delegation: Delegation, time_ms: int) -> bool:
    return delegation.ended_ms is None and time_ms < delegation.until_ms


def _kept(made: tuple[Delegation, ...], time_ms: int) -> tuple[Delegation, ...]:
    oldest_ms = time_ms - DELEGATION_KEPT_MS
    return tuple(
        d for d in made if min(d.until_ms, d.ended_ms or d.until_ms) > oldest_ms
    )


def _ended(
    made: tuple[Delegation, ...], scope: str, time_ms: int
) -> tuple[Delegation, ...]:
    return tuple(
        replace(d, ended_ms=time_ms) if d.scope == scope and _open(d, time_ms) else d
        for d in _kept(made, time_ms)
    )


def apply_set(state: State, entrusted: Entrusted, context: Context) -> State:
    """The delegation stands; the one of the same scope before it has ended."""
    member = acting_member(state, context)
    made = state.people.delegations.get(member, ())
    new = Delegation(
        to=entrusted.to,
        scope=entrusted.scope,
        index=context.index,
        from_ms=context.time_ms,
        until_ms=entrusted.until_ms,
        reason=entrusted.reason,
    )
    return _with(state, member, (*_ended(made, new.scope, context.time_ms), new))


def check_revoke(state: State, scope: str, context: Context) -> None:
    """That a delegation of this scope stands.

    Raises:
        RejectedError: `unknown-delegation`. Nothing was recorded.
    """
    made = state.people.delegations.get(acting_member(state, context), ())
    if not any(d.scope == scope and _open(d, context.time_ms) for d in made):
        raise RejectedError(
            "unknown-delegation", "no delegation of this scope stands for the actor"
        )


def apply_revoke(state: State, scope: str, context: Context) -> State:
    """The delegation has ended."""
    member = acting_member(state, context)
    made = state.people.delegations[member]
    return _with(state, member, _ended(made, scope, context.time_ms))


def _with(state: State, member: Did, made: tuple[Delegation, ...]) -> State:
    delegations = state.people.delegations.set(member, made)
    return replace(state, people=replace(state.people, delegations=delegations))
