"""Reviews: a member whom the community made a reviewer takes a contest and concludes it.

Whoever has to do with the system or with the person's side does not review. Taking a
contest opens a grant, so that every look at the private part is an entry; who recorded
none cannot say to have looked. A conclusion gives reasons; "changed" shows the decision
that replaces the contested one: the one public link between two decisions, made because
the person asked.
"""

from dataclasses import replace

from ledger.entries.disclosure import SLOTS
from ledger.errors import ConflictError, ForbiddenError, RejectedError
from ledger.governance.cases.apart import check_apart, may_review
from ledger.governance.cases.bodies import ConclusionOf, ReceiptOf
from ledger.governance.cases.contest import CHANGED, Contest
from ledger.governance.cases.contesting import (
    check_parts,
    contest_of,
    reviews,
    ungranted,
)
from ledger.governance.cases.kept import REVIEW, Grant
from ledger.governance.cases.states import (
    CONCLUDE,
    OVERDUE,
    RELEASE,
    TAKE,
    check_allowed,
    status_of,
)
from ledger.governance.cases.voices import event, show
from ledger.governance.kinds import Context
from ledger.governance.people.bodies import REVIEWER
from ledger.governance.people.rights import acting_member
from ledger.governance.people.roles import check_role
from ledger.governance.state import State
from ledger.limits import REVIEW_AFTER_MS


def check_reviewer(state: State, context: Context) -> None:
    """That the actor is a reviewer, whose term is in force.

    Raises:
        ForbiddenError: `forbidden`. Nothing was recorded, here and below.
    """
    check_role(state, context, REVIEWER)


def check_take(state: State, id_: str, context: Context) -> None:
    """That the reviewer may take the contest.

    Raises:
        NotFoundError: `unknown-contest`.
        RejectedError: `wrong-case-state`.
        ForbiddenError: `involved`: somebody of the system's, or of the person's side.
        ConflictError: `taken`: by one who may go on.
    """
    contest = contest_of(state, id_)
    member = check_role(state, context, REVIEWER)
    check_allowed(contest, TAKE, context.time_ms)
    check_apart(state, contest, member)
    holder = contest.reviewer
    if holder is not None and (
        holder == member
        or (
            status_of(contest, context.time_ms) != OVERDUE
            and may_review(state, contest, holder, context.time_ms)
        )
    ):
        raise ConflictError("taken", "a reviewer has taken this contest")


def apply_take(state: State, id_: str, context: Context) -> State:
    """The reviewer has it, and may read under a grant."""
    contest, member = state.cases.contests[id_], acting_member(state, context)
    cases = ungranted(state.cases, contest, context.time_ms)
    grant = Grant(
        id=context.act_id,
        decision=contest.decision,
        to=member,
        by=context.actor,
        purpose=REVIEW,
        until_ms=None,
    )
    taken = replace(
        contest, reviewer=member, taken_ms=context.time_ms, grant=context.act_id
    )
    cases = cases.put_grant(grant).put(taken)
    cases = cases.told(contest.decision, event(context, TAKE, id_))
    return replace(state, cases=cases)


def check_release(state: State, id_: str, context: Context) -> None:
    """That the actor has it.

    Raises:
        NotFoundError: `unknown-contest`.
        ForbiddenError: `forbidden`.
        RejectedError: `wrong-case-state`.
    """
    contest = contest_of(state, id_)
    check_allowed(contest, RELEASE, context.time_ms)
    if contest.reviewer != acting_member(state, context):
        raise ForbiddenError("forbidden", "the actor has not taken this contest")


def apply_release(state: State, id_: str, context: Context) -> State:
    """Another reviewer may take it."""
    contest = state.cases.contests[id_]
    cases = ungranted(state.cases, contest, context.time_ms)
    cases = cases.put(replace(contest, reviewer=None, taken_ms=None, grant=None))
    cases = cases.told(contest.decision, event(context, RELEASE, id_))
    return replace(state, cases=cases)


# ---- concluding ---------------------------------------------------------------------


def check_conclude(state: State, told: ConclusionOf, context: Context) -> None:
    """That the reviewer looked, and that a changed decision is a later one of the system.

    Raises:
        NotFoundError: `unknown-contest`.
        ForbiddenError: `forbidden`, `involved`.
        ConflictError: `part-used`, `correction-used`.
        RejectedError: `wrong-case-state`, `not-read`, `correction-needed`,
            `wrong-correction`, or as `show`.
    """
    contest = contest_of(state, told.contest)
    check_allowed(contest, CONCLUDE, context.time_ms)
    if contest.reviewer == acting_member(state, context):
        check_apart(state, contest, contest.reviewer)
    if not reviews(state, contest, context):
        raise ForbiddenError("forbidden", "the actor has not taken this contest")
    if any(code in SLOTS for code in told.looked_at) and not _has_read(state, contest):
        raise RejectedError(
            "not-read",
            "it says that a field of the decision was looked at, and no read by this "
            "reviewer is recorded since the contest opened",
        )
    check_parts(state.cases, (told.reasons,))
    if (told.conclusion == CHANGED) != (told.corrected is not None):
        raise RejectedError(
            "correction-needed",
            f"the conclusion {CHANGED} shows the corrected decision, and no other does",
        )
    if told.corrected is not None:
        _check_correction(state, contest, told.corrected, context)


def _has_read(state: State, contest: Contest) -> bool:
    cases = state.cases
    return any(
        read.at_ms >= contest.opened_ms
        for id_ in cases.grants_by_decision.get(contest.decision, ())
        if (grant := cases.grants[id_]).to == contest.reviewer
        for read in grant.reads
    )


def _check_correction(
    state: State, contest: Contest, corrected: ReceiptOf, context: Context
) -> None:
    shown, _ = show(state, corrected, context)
    if shown.system != contest.system or shown.index <= contest.index:
        raise RejectedError(
            "wrong-correction",
            "a corrected decision is of the same system, and later than the contested "
            "one",
        )
    other = state.cases.corrections.get(corrected.id, contest.decision)
    if other != contest.decision:
        raise ConflictError(
            "correction-used", "this decision corrects another one already"
        )


def apply_conclude(state: State, told: ConclusionOf, context: Context) -> State:
    """The review has ended; its grant lapses a while after."""
    contest, cases = state.cases.contests[told.contest], state.cases
    ended = replace(
        contest,
        ended=told.conclusion,
        ended_ms=context.time_ms,
        reasons=told.reasons,
        looked_at=told.looked_at,
        corrected=None if told.corrected is None else told.corrected.id,
    )
    cases = cases.put(ended, (told.reasons,))
    grant = cases.grants[str(contest.grant)]  # who concludes has taken it
    until_ms = context.time_ms + REVIEW_AFTER_MS
    cases = cases.put_grant(replace(grant, until_ms=until_ms))
    this = event(context, CONCLUDE, contest.id)
    cases = cases.told(contest.decision, this)
    if told.corrected is not None:
        shown, _ = show(state, told.corrected, context)
        cases = cases.with_shown(told.corrected.id, shown).told(told.corrected.id, this)
    return replace(state, cases=cases)
