"""Grants: who may see a decision's private part, until when; and each look at it.

A grant is an act, and so is every read, so that the person sees both, and nobody can read
without leaving a trace. The ledger seals the data key to the grantee once a read is
recorded; where the deployer sealed the decision it has none, and the person's own act
carries it. A reviewer's grant comes with the case and goes with it.
"""

from dataclasses import replace

from ledger.errors import ForbiddenError, NotFoundError, RejectedError
from ledger.governance.cases.apart import may_review
from ledger.governance.cases.bodies import GrantOf, ReadOf
from ledger.governance.cases.claiming import check_until
from ledger.governance.cases.kept import MAY_GRANT, Grant, Read
from ledger.governance.cases.room import Cases
from ledger.governance.cases.voices import (
    begin,
    check_shown_voice,
    check_there,
    event,
    is_own,
    known,
)
from ledger.governance.kinds import Context
from ledger.governance.people.electorate import member_of
from ledger.governance.state import State
from ledger.ids import Did
from ledger.limits import GRANT_AHEAD_MS, GRANT_READS_MAX, GRANTS_KEY_MAX

GIVE = "grant.give"
END = "grant.end"
READ = "grant.read"


def grant_of(state: State, id_: str) -> Grant:
    """The grant of this id.

    Raises:
        NotFoundError: `unknown-grant`. Nothing was recorded, here and below.
    """
    grant = state.cases.grants.get(id_)
    if grant is None:
        raise NotFoundError("unknown-grant", "no grant was given by such an act")
    return grant


def check_give(state: State, told: GrantOf, context: Context) -> None:
    """That the actor may let somebody read, for so long.

    Raises:
        RejectedError, ForbiddenError, ErasedError: as `check_shown_voice`.
        RejectedError: `until-out-of-bounds`, `too-many-grants`, `wrong-wrapping`.
    """
    shown, _ = check_shown_voice(state, told.receipt, context, MAY_GRANT)
    check_until(told.until_ms, context.time_ms, GRANT_AHEAD_MS)
    if (told.wrapped is not None) != shown.signed:
        raise RejectedError(
            "wrong-wrapping",
            "wrapped is null where the ledger sealed the decision, and the data key, "
            "sealed to the grantee, where the deployer did",
        )
    cases = state.cases
    mine = [
        id_
        for id_ in cases.grants_by_decision.get(told.receipt.id, ())
        if cases.grants[id_].by == context.actor
        and cases.grants[id_].is_open(context.time_ms)
    ]
    if len(mine) >= GRANTS_KEY_MAX:
        raise RejectedError(
            "too-many-grants",
            f"one key gives at most {GRANTS_KEY_MAX} grants of a decision at a time",
        )


def apply_give(state: State, told: GrantOf, context: Context) -> State:
    """The grantee may read."""
    cases = begin(state, told.receipt, context, GIVE, context.act_id)
    grant = Grant(
        id=context.act_id,
        decision=told.receipt.id,
        to=told.to,
        by=context.actor,
        purpose=told.purpose,
        until_ms=told.until_ms,
        wrapped=told.wrapped,
    )
    return replace(state, cases=cases.put_grant(grant))


def check_end(state: State, id_: str, context: Context) -> None:
    """That the grant is open and the actor may end it.

    Raises:
        NotFoundError: `unknown-grant`.
        ForbiddenError: `forbidden`: a reviewer's is ended by releasing the case.
        RejectedError: `grant-ended`.
    """
    grant = grant_of(state, id_)
    if contest_of_grant(state.cases, grant) is not None:
        raise ForbiddenError(
            "forbidden", "a reviewer's grant ends with the case: release or withdraw it"
        )
    shown = known(state, grant.decision)
    if context.actor != grant.by and not is_own(
        state.cases, grant.decision, shown, context.actor
    ):
        raise ForbiddenError(
            "forbidden",
            "the actor did not give this grant, and its key is neither the contest key "
            "of that decision nor one that claimed it",
        )
    if not grant.is_open(context.time_ms):
        raise RejectedError("grant-ended", "the grant has ended already")


def apply_end(state: State, id_: str, context: Context) -> State:
    """The grantee may read no more."""
    grant = state.cases.grants[id_]
    cases = state.cases.put_grant(replace(grant, ended_ms=context.time_ms))
    cases = cases.told(grant.decision, event(context, END, id_))
    return replace(state, cases=cases)


# ---- reading ------------------------------------------------------------------------


def check_read(state: State, told: ReadOf, context: Context) -> None:
    """That the grant is the actor's, open, and of this decision.

    Raises:
        NotFoundError: `unknown-grant`.
        ForbiddenError: `forbidden`.
        ErasedError: `erased`.
        RejectedError: `grant-ended`, `another-decision`, `too-many-reads`.
    """
    grant = grant_of(state, told.grant)
    if not _is_of(state, grant, context):
        raise ForbiddenError("forbidden", "the grant was not given to the actor")
    if told.decision != grant.decision:
        raise RejectedError("another-decision", "the grant is of another decision")
    if not grant.is_open(context.time_ms):
        raise RejectedError("grant-ended", "the grant has ended")
    check_there(state, grant.decision)
    if len(grant.reads) >= GRANT_READS_MAX:
        raise RejectedError(
            "too-many-reads", f"{GRANT_READS_MAX:,} reads are recorded under this grant"
        )


def contest_of_grant(cases: Cases, grant: Grant) -> str | None:
    """The contest that was taken with the act of this grant."""
    event_ = next(
        (one for one in cases.later[grant.decision] if one.id == grant.id), None
    )
    if event_ is None or event_.type != "review.take":
        return None
    return event_.about


def _is_of(state: State, grant: Grant, context: Context) -> bool:
    """Whether the actor is the grantee; a reviewer only while one who may review."""
    contest = contest_of_grant(state.cases, grant)
    if contest is not None:
        return member_of(state.people, context.actor) == grant.to and may_review(
            state, state.cases.contests[contest], grant.to, context.time_ms
        )
    return is_key_of(state, grant.to, context.actor)


def is_key_of(state: State, grantee: Did, key: Did) -> bool:
    """Whether `key` may act for `grantee`: itself, or the member whose key it is."""
    owner = state.people.owners.get(grantee)
    if owner is None:
        return key == grantee
    return member_of(state.people, key) == owner


def apply_read(state: State, told: ReadOf, context: Context) -> State:
    """The read is on record."""
    grant = state.cases.grants[told.grant]
    read = Read(act=context.act_id, at_ms=context.time_ms)
    cases = state.cases.put_grant(replace(grant, reads=(*grant.reads, read)))
    cases = cases.told(grant.decision, event(context, READ, grant.id))
    return replace(state, cases=cases)
