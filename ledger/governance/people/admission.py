"""How somebody becomes a member, and how they go.

Whatever the community's rule, an admission carries the applicant's own signature, with
their consent that open votes stay public for good, and those of two members at least;
where only one may vote, that one's. Only a founder, while that power lasts, admits alone.

    rule         applies             admitted by
    invite       who is vouched for  the last of application and k vouches
    vouch        anybody             the k-th vouch
    credential   who has one         the k-th vouch
    vote         anybody             the action member.admit, with two vouches

The action `member.admit` admits under every rule: a community too small for k vouches
can still grow. Who was removed comes back by that vote alone, however many vouch.
"""

from dataclasses import replace
from typing import Final

from ledger.errors import ForbiddenError, RejectedError
from ledger.governance.kinds import Context
from ledger.governance.parameters import word_of
from ledger.governance.people.applications import (
    applicant_of,
    application_of,
    applied_of,
    check_growth,
    completes,
    displaced,
    lapsed,
    put_application,
    was_removed,
    without_application,
    without_vouch,
)
from ledger.governance.people.bodies import Signed, credential_message, holds
from ledger.governance.people.electorate import electorate, may_vote
from ledger.governance.people.held import Application
from ledger.governance.people.member import BY_FOUNDER, BY_VOTE, HeldKey, Member, Span
from ledger.governance.people.rights import acting_member, community_of
from ledger.governance.state import State
from ledger.ids import Did
from ledger.limits import APPLICATIONS_MAX, INVITATIONS_MEMBER_MAX

SIGNERS: Final = 2  # members who sign for an applicant, whatever the rule


# ---- applying ------------------------------------------------------------------------


def check_apply(state: State, credential: Signed | None, context: Context) -> None:
    """That this key may apply now.

    Raises:
        RejectedError: `member-exists`, `already-applied`, `not-invited`,
            `credential-needed`, `too-many-applications`, `too-many-admissions`.
    """
    applicant = applicant_of(state, context.actor)
    found = application_of(state, applicant, context.time_ms)
    if found is not None and found.applied_ms is not None:
        raise RejectedError("already-applied", "the application is open already")
    rule = word_of(community_of(state).parameters, "admission")
    if rule == "invite" and (found is None or not found.vouches):
        raise RejectedError(
            "not-invited", "members invite here: ask one to vouch for you first"
        )
    _check_credential(state, rule, applicant, credential)
    if found is None and displaced(state, context.time_ms) == ():
        raise RejectedError(
            "too-many-applications",
            f"{APPLICATIONS_MAX:,} applications with vouches are open: wait",
        )
    if found is not None and completes(
        state, replace(found, applied_ms=context.time_ms), len(found.vouches)
    ):
        check_growth(state, context.time_ms)


def _check_credential(
    state: State, rule: str, applicant: Did, credential: Signed | None
) -> None:
    community = community_of(state)
    issuer = word_of(community.parameters, "admission_issuer")
    if rule != "credential":
        if credential is not None:
            raise RejectedError(
                "credential-needed", "no credential is asked for here: leave it null"
            )
        return
    if credential is None or credential.did != issuer:
        raise RejectedError(
            "credential-needed",
            "an applicant shows a credential of the issuer that the community named",
        )
    if not holds(credential, credential_message(community.genesis, applicant)):
        raise RejectedError(
            "credential-needed",
            "the credential's signature is not of this applicant in this ledger",
        )


def apply_apply(state: State, _: Signed | None, context: Context) -> State:
    """The application is open; with enough invitations, its applicant a member."""
    applicant = applicant_of(state, context.actor)
    found = application_of(state, applicant, context.time_ms) or Application(
        applicant=applicant, since_ms=context.time_ms
    )
    applied = replace(found, applied_ms=context.time_ms)
    if completes(state, applied, len(applied.vouches)):
        rule = word_of(community_of(state).parameters, "admission")
        return _admit(state, applicant, context, rule)
    return put_application(state, applied, context.time_ms)


def check_withdraw(state: State, _: None, context: Context) -> None:
    """That the actor has an application to withdraw.

    Raises:
        RejectedError: `unknown-application`, `member-exists`.
    """
    applied_of(state, applicant_of(state, context.actor), context.time_ms)


def apply_withdraw(state: State, _: None, context: Context) -> State:
    """The application is gone, and its vouches with it."""
    return without_application(state, applicant_of(state, context.actor))


# ---- vouching ------------------------------------------------------------------------


def check_vouch(state: State, applicant: Did, context: Context) -> None:
    """That this member may vouch for this applicant now.

    Raises:
        ForbiddenError: `forbidden`: a newcomer who may not vote yet.
        RejectedError: `unknown-application`, `member-exists`, `already-vouched`,
            `too-many-vouches`, `too-many-applications`,
            `too-many-admissions`.
    """
    member = acting_member(state, context)
    people, parameters = state.people, community_of(state).parameters
    if not may_vote(people, member, context.time_ms, parameters):
        raise ForbiddenError(
            "forbidden", "a newcomer vouches once the waiting time to vote is over"
        )
    rule = word_of(parameters, "admission")
    found = application_of(state, applicant, context.time_ms)
    if rule != "invite":
        applied_of(state, applicant, context.time_ms)
    elif applicant_of(state, applicant) != applicant:
        raise RejectedError(
            "unknown-member", "an earlier member is invited by their id"
        )
    vouched = () if found is None else found.vouches
    if any(voucher == member for voucher, _ in vouched):
        raise RejectedError("already-vouched", "this member vouched already")
    _check_invitations(state, member, context.time_ms)
    if found is None and displaced(state, context.time_ms) == ():
        raise RejectedError(
            "too-many-applications",
            f"{APPLICATIONS_MAX:,} applications with vouches are open: wait",
        )
    if found is not None and completes(state, found, len(vouched) + 1):
        check_growth(state, context.time_ms)


def _check_invitations(state: State, member: Did, time_ms: int) -> None:
    made = sum(
        any(voucher == member for voucher, _ in application.vouches)
        for application in state.people.applications.values()
        if not lapsed(state, application, time_ms)
    )
    if made >= INVITATIONS_MEMBER_MAX:
        raise RejectedError(
            "too-many-vouches",
            f"this member vouches for {made} applicants already: withdraw one, or wait",
        )


def apply_vouch(state: State, applicant: Did, context: Context) -> State:
    """One vouch more; the last one that is needed admits."""
    member = acting_member(state, context)
    found = application_of(state, applicant, context.time_ms) or Application(
        applicant=applicant, since_ms=context.time_ms
    )
    vouches = sorted(
        (*found.vouches, (member, context.time_ms)), key=lambda v: (v[1], v[0])
    )
    vouched = replace(found, vouches=tuple(vouches))
    if completes(state, vouched, len(vouches)):
        rule = word_of(community_of(state).parameters, "admission")
        return _admit(state, applicant, context, rule)
    return put_application(state, vouched, context.time_ms)


def check_withdraw_vouch(state: State, applicant: Did, context: Context) -> None:
    """That this member's vouch stands.

    Raises:
        RejectedError: `unknown-application`.
    """
    member = acting_member(state, context)
    found = application_of(state, applicant, context.time_ms)
    if found is None or all(voucher != member for voucher, _ in found.vouches):
        raise RejectedError(
            "unknown-application",
            "this member vouches for no open application so named",
        )


def apply_withdraw_vouch(state: State, applicant: Did, context: Context) -> State:
    """The vouch is gone; an invitation without any is gone too."""
    return without_vouch(state, acting_member(state, context), applicant)


# ---- admitting -----------------------------------------------------------------------


def check_founder_admits(state: State, applicant: Did, context: Context) -> None:
    """That a founder may admit this applicant.

    Raises:
        RejectedError: `unknown-application`, `removed-member`.
    """
    applied_of(state, applicant, context.time_ms)
    if was_removed(state.people, applicant):
        raise RejectedError(
            "removed-member", "a vote removed this member, and only a vote admits again"
        )


def apply_founder_admits(state: State, applicant: Did, context: Context) -> State:
    """The applicant is a member."""
    return _admit(state, applicant, context, BY_FOUNDER)


def check_vote_admits(state: State, applicant: Did, context: Context) -> None:
    """That a vote may admit this applicant.

    Raises:
        RejectedError: `unknown-application`, `vouches-needed`, `too-many-admissions`.
    """
    found = applied_of(state, applicant, context.time_ms)
    parameters = community_of(state).parameters
    needed = min(SIGNERS, len(electorate(state.people, context.time_ms, parameters)))
    if len(found.vouches) < needed:
        raise RejectedError(
            "vouches-needed",
            f"{len(found.vouches)} members vouch for the applicant: expected {needed}",
        )
    check_growth(state, context.time_ms)


def apply_vote_admits(state: State, applicant: Did, context: Context) -> State:
    """The applicant is a member."""
    return _admit(state, applicant, context, BY_VOTE)


def _admit(state: State, applicant: Did, context: Context, by: str) -> State:
    state = without_application(state, applicant)
    span = Span(joined_ms=context.time_ms, index=context.index, by=by)
    earlier = state.people.members.get(applicant)
    if earlier is None:
        key = HeldKey(did=applicant, added_ms=context.time_ms)
        member = Member(id=applicant, spans=(span,), keys=(key,))
    else:
        member = replace(earlier, spans=(*earlier.spans, span))
    return replace(state, people=state.people.join(member))
