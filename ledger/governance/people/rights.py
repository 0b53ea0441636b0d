"""Who may do what: asked before an act's body is read."""

from ledger.errors import FatalError, ForbiddenError
from ledger.governance.kinds import Context
from ledger.governance.parameters import period_ms, value_of
from ledger.governance.people.electorate import member_of
from ledger.governance.people.member import BY_FOUNDING
from ledger.governance.state import Community, State
from ledger.ids import Did


def community_of(state: State) -> Community:
    """The community, which entry 0 founded.

    Raises:
        FatalError: there is no entry 0 yet.
    """
    if state.community is None:
        raise FatalError("nobody has rights before entry 0")
    return state.community


def anybody(_state: State, _context: Context) -> None:
    """Whoever signs: what they may is asked once the body is read."""


def acting_member(state: State, context: Context) -> Did:
    """The member whose key acts.

    Raises:
        ForbiddenError: `forbidden`: the key is of nobody who belongs now. Nothing was
            recorded, here and below.
    """
    member = member_of(state.people, context.actor)
    if member is None:
        raise ForbiddenError(
            "forbidden", "the actor's key is not one of a present member of this ledger"
        )
    return member


def check_member(state: State, context: Context) -> None:
    """That the actor is a member.

    Raises:
        ForbiddenError: `forbidden`.
    """
    acting_member(state, context)


def check_founder(state: State, context: Context) -> None:
    """That the actor is a founder whose special powers last.

    Raises:
        ForbiddenError: `forbidden`.
    """
    member = state.people.members[acting_member(state, context)]
    if member.spans[0].by != BY_FOUNDING or len(member.spans) > 1:
        raise ForbiddenError(
            "forbidden", "the actor is not a founder, and only founders may do this"
        )
    if not founders_act(state, context.time_ms):
        raise ForbiddenError(
            "forbidden",
            "the founders' own powers have ended, as they do when enough members have "
            "joined, and with time: open a proposal",
        )


def founders_act(state: State, time_ms: int) -> bool:
    """Whether the founders' special powers last at `time_ms`.

    Raises:
        FatalError: there is no entry 0 yet.
    """
    community = community_of(state)
    parameters = community.parameters
    until_ms = community.founded_ms + period_ms(parameters, "founders_s")
    return time_ms < until_ms and (
        state.people.later < value_of(parameters, "founders_members")
    )
