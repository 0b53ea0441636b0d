"""Contests: a person opens one, speaks in it, shares it with reviewers, ends it.

One contest may be open for each key and decision, so that a deployer who knows K and
contests first occupies nobody's place: a claimed key has its own. Only who opened one
may withdraw or settle it.
"""

from collections.abc import Iterable
from dataclasses import replace

from immutables import Map

from ledger.errors import ConflictError, ForbiddenError, NotFoundError, RejectedError
from ledger.governance.cases.apart import may_review
from ledger.governance.cases.bodies import BoxesOf, MessageOf, OpeningOf
from ledger.governance.cases.contest import (
    SETTLED,
    WITHDRAWN_BY_OPENER,
    Contest,
    PartName,
    Said,
)
from ledger.governance.cases.kept import MAY_CONTEST
from ledger.governance.cases.room import Cases
from ledger.governance.cases.states import (
    CONTEST_SETTLE,
    CONTEST_WITHDRAW,
    SAY,
    SHARE,
    check_allowed,
)
from ledger.governance.cases.voices import (
    begin,
    check_shown_voice,
    event,
    helps,
    is_own,
)
from ledger.governance.kinds import Context
from ledger.governance.parameters import value_of
from ledger.governance.people.electorate import member_of
from ledger.governance.state import State, parameters_of
from ledger.ids import DecisionId, SystemId
from ledger.limits import BOXES_CASE_MAX, CASE_MESSAGES_MAX

DAY_MS = 86_400_000


def contest_of(state: State, id_: str) -> Contest:
    """The contest of this id.

    Raises:
        NotFoundError: `unknown-contest`. Nothing was recorded, here and below.
    """
    contest = state.cases.contests.get(id_)
    if contest is None:
        raise NotFoundError("unknown-contest", "no contest was opened by such an act")
    return contest


def review_ms(state: State, system: SystemId) -> int:
    """Within how long a contest of this system's decisions is to be reviewed."""
    known = state.systems.get(system)
    days = None if known is None else known.review_days
    return DAY_MS * (
        value_of(parameters_of(state), "review_days") if days is None else days
    )


def check_open(state: State, told: OpeningOf, context: Context) -> None:
    """That the actor speaks for the decision and has no contest of it open.

    Raises:
        RejectedError, ForbiddenError, ErasedError: as `check_shown_voice`.
        ConflictError: `contest-open`, `part-used`.
        RejectedError: `key-used`: the seal key belongs to another decision.
    """
    decision, cases = told.receipt.id, state.cases
    check_shown_voice(state, told.receipt, context, MAY_CONTEST)
    if open_by(cases, decision, context.actor) is not None:
        raise ConflictError(
            "contest-open", "the actor has a contest of this decision that is open"
        )
    if cases.owners.get(told.seal_key, decision) != decision:
        raise RejectedError(
            "key-used", "the key is in use elsewhere: make one for this receipt alone"
        )
    check_parts(cases, told.message.parts)


def open_by(cases: Cases, decision: DecisionId, key: str) -> Contest | None:
    """The contest of a decision that `key` opened and that is open."""
    for id_ in cases.by_decision.get(decision, ()):
        contest = cases.contests[id_]
        if contest.opener == key and contest.ended is None:
            return contest
    return None


def check_parts(cases: Cases, named: Iterable[PartName]) -> None:
    """That no part stands in a contest, nor twice among these.

    Raises:
        ConflictError: `part-used`.
    """
    parts = [one.part for one in named]
    if len(set(parts)) != len(parts) or any(one in cases.parts for one in parts):
        raise ConflictError(
            "part-used", "a part stands in a case already: encrypt it again"
        )


def apply_open(state: State, told: OpeningOf, context: Context) -> State:
    """A review is due."""
    decision, id_ = told.receipt.id, context.act_id
    cases = begin(state, told.receipt, context, "contest.open", id_)
    shown = cases.shown[decision]
    said = Said(
        by=context.actor,
        act=id_,
        at_ms=context.time_ms,
        statement=told.message.statement,
        attachments=told.message.attachments,
    )
    contest = Contest(
        id=id_,
        decision=decision,
        system=shown.system,
        index=shown.index,
        opener=context.actor,
        helped=not is_own(cases, decision, shown, context.actor),
        seal_key=told.seal_key,
        tag=told.tag,
        opened_ms=context.time_ms,
        due_ms=context.time_ms + review_ms(state, shown.system),
        boxes=Map(told.boxes),
        said=(said,),
    )
    return replace(state, cases=cases.put(contest, said.parts))


# ---- speaking -----------------------------------------------------------------------


def check_opener(state: State, contest: Contest, context: Context) -> None:
    """That the actor opened it, and, as a helper, may still act.

    Raises:
        ForbiddenError: `forbidden`, `helper-ended`.
    """
    if context.actor != contest.opener:
        raise ForbiddenError("forbidden", "the actor did not open this contest")
    if contest.helped and not helps(
        state.cases, contest.decision, context.actor, MAY_CONTEST, context.time_ms
    ):
        raise ForbiddenError(
            "helper-ended", "the actor was a helper of the person, and is no longer"
        )


def reviews(state: State, contest: Contest, context: Context) -> bool:
    """Whether the actor is the reviewer who took it, and may go on."""
    member = member_of(state.people, context.actor)
    return (
        member is not None
        and member == contest.reviewer
        and may_review(state, contest, member, context.time_ms)
    )


def check_say(state: State, told: MessageOf, context: Context) -> None:
    """That the opener or the reviewer speaks, and not too often.

    Raises:
        NotFoundError: `unknown-contest`.
        ForbiddenError: `forbidden`, `helper-ended`.
        ConflictError: `part-used`.
        RejectedError: `wrong-case-state`, `too-many-messages`.
    """
    contest = contest_of(state, told.contest)
    if not reviews(state, contest, context):
        check_opener(state, contest, context)
    check_allowed(contest, SAY, context.time_ms)
    mine = sum(
        (one.by == contest.opener) == (context.actor == contest.opener)
        for one in contest.said
    )
    if mine >= CASE_MESSAGES_MAX:
        raise RejectedError(
            "too-many-messages",
            f"each side of a case says at most {CASE_MESSAGES_MAX} things in it",
        )
    check_parts(state.cases, told.parts)


def apply_say(state: State, told: MessageOf, context: Context) -> State:
    """It was said."""
    contest = state.cases.contests[told.contest]
    said = Said(
        by=context.actor,
        act=context.act_id,
        at_ms=context.time_ms,
        statement=told.statement,
        attachments=told.attachments,
    )
    cases = state.cases.put(replace(contest, said=(*contest.said, said)), said.parts)
    cases = cases.told(contest.decision, event(context, SAY, contest.id))
    return replace(state, cases=cases)


def check_share(state: State, told: BoxesOf, context: Context) -> None:
    """That the opener shares the case, or somebody who has a box of it.

    Only the opener may replace a box: else a reader could lock another out.

    Raises:
        NotFoundError: `unknown-contest`.
        ForbiddenError: `forbidden`, `helper-ended`.
        ConflictError: `box-exists`.
        RejectedError: `wrong-case-state`, `too-many-boxes`.
    """
    contest = contest_of(state, told.contest)
    if context.actor == contest.opener:
        check_opener(state, contest, context)
    elif context.actor not in contest.boxes:
        raise ForbiddenError(
            "forbidden", "the actor did not open this contest and has no box of it"
        )
    elif any(did in contest.boxes for did in told.boxes):
        raise ConflictError(
            "box-exists", "one of them has a box, which only the opener may replace"
        )
    check_allowed(contest, SHARE, context.time_ms)
    if len({*contest.boxes, *told.boxes}) > BOXES_CASE_MAX:
        raise RejectedError(
            "too-many-boxes", f"a case is shared with at most {BOXES_CASE_MAX}"
        )


def apply_share(state: State, told: BoxesOf, context: Context) -> State:
    """More people can read the case."""
    contest = state.cases.contests[told.contest]
    shared = replace(contest, boxes=contest.boxes.update(told.boxes))
    cases = state.cases.put(shared)
    cases = cases.told(contest.decision, event(context, SHARE, contest.id))
    return replace(state, cases=cases)


# ---- ending -------------------------------------------------------------------------


def check_withdraw(state: State, id_: str, context: Context) -> None:
    """That its opener withdraws it.

    Raises:
        NotFoundError, ForbiddenError, RejectedError: as `check_say`.
    """
    _check_ending(state, id_, context, CONTEST_WITHDRAW)


def check_settle(state: State, id_: str, context: Context) -> None:
    """That its opener is content.

    Raises:
        NotFoundError, ForbiddenError, RejectedError: as `check_say`.
    """
    _check_ending(state, id_, context, CONTEST_SETTLE)


def _check_ending(state: State, id_: str, context: Context, act: str) -> None:
    contest = contest_of(state, id_)
    check_opener(state, contest, context)
    check_allowed(contest, act, context.time_ms)


def apply_withdraw(state: State, id_: str, context: Context) -> State:
    """No review is due any longer."""
    return _end(state, id_, context, CONTEST_WITHDRAW, WITHDRAWN_BY_OPENER)


def apply_settle(state: State, id_: str, context: Context) -> State:
    """No review is due any longer: the person has what they asked for."""
    return _end(state, id_, context, CONTEST_SETTLE, SETTLED)


def _end(state: State, id_: str, context: Context, act: str, ended: str) -> State:
    contest = state.cases.contests[id_]
    cases = ungranted(state.cases, contest, context.time_ms)
    cases = cases.put(replace(contest, ended=ended, ended_ms=context.time_ms))
    cases = cases.told(contest.decision, event(context, act, id_))
    return replace(state, cases=cases)


def ungranted(cases: Cases, contest: Contest, time_ms: int) -> Cases:
    """Once whoever took the contest may no longer read by that."""
    grant = None if contest.grant is None else cases.grants[contest.grant]
    if grant is None or not grant.is_open(time_ms):
        return cases
    return cases.put_grant(replace(grant, ended_ms=time_ms))
