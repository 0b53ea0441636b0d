"""Open applications and invitations: which there are, and the room for more.

An application lapses after the community's own time; it then counts as absent, and is
taken away when another comes. There is room for a bounded number: beyond it the oldest
for which no member vouches gives way, so that strangers cannot lock a candidate out.
"""

from bisect import bisect_right
from dataclasses import replace

from ledger.errors import ForbiddenError, RejectedError
from ledger.governance.parameters import period_ms, value_of, word_of
from ledger.governance.people.held import Application
from ledger.governance.people.member import REMOVED
from ledger.governance.people.rights import community_of
from ledger.governance.people.room import People
from ledger.governance.state import State
from ledger.ids import Did
from ledger.limits import APPLICATIONS_MAX


def applicant_of(state: State, key: Did) -> Did:
    """Under which name this key applies: an earlier member's id, or itself.

    Raises:
        RejectedError: `member-exists`. ForbiddenError: `forbidden`: a revoked key.
            Nothing was recorded, here and below.
    """
    owner = state.people.owners.get(key)
    if owner is None:
        return key
    member = state.people.members[owner]
    if not member.may_act(key):
        raise ForbiddenError("forbidden", "the key was revoked by the member it is of")
    if member.belongs:
        raise RejectedError("member-exists", "the key is a present member's already")
    return owner


def application_of(state: State, applicant: Did, time_ms: int) -> Application | None:
    """The application or invitation of this name that has not lapsed."""
    found = state.people.applications.get(applicant)
    if found is None or lapsed(state, found, time_ms):
        return None
    return found


def lapsed(state: State, application: Application, time_ms: int) -> bool:
    """Whether its time has passed."""
    kept_ms = period_ms(community_of(state).parameters, "application_s")
    return time_ms >= application.since_ms + kept_ms


def applied_of(state: State, applicant: Did, time_ms: int) -> Application:
    """The open application that the applicant signed.

    Raises:
        RejectedError: `unknown-application`.
    """
    found = application_of(state, applicant, time_ms)
    if found is None or found.applied_ms is None:
        raise RejectedError(
            "unknown-application",
            "nobody of this name has an open application: they sign it themselves first",
        )
    return found


def check_growth(state: State, time_ms: int) -> None:
    """That one more may be admitted in the present period.

    Raises:
        RejectedError: `too-many-admissions`.
    """
    parameters = community_of(state).parameters
    people = state.people
    since_ms = time_ms - period_ms(parameters, "growth_period_s")
    newest = len(people.admitted) - bisect_right(people.admitted, since_ms)
    before = max(0, people.belonging - newest)
    share = before * value_of(parameters, "growth_percent") // 100
    most = max(value_of(parameters, "growth_least"), share)
    if newest >= most:
        raise RejectedError(
            "too-many-admissions",
            f"{newest:,} were admitted in the present period, and {most:,} may be: wait",
        )


def completes(state: State, application: Application, vouches: int) -> bool:
    """Whether so many vouches make an applicant a member now."""
    parameters = community_of(state).parameters
    return (
        word_of(parameters, "admission") != "vote"
        and application.applied_ms is not None
        and vouches >= value_of(parameters, "admission_vouches")
        and not was_removed(state.people, application.applicant)
    )


def was_removed(people: People, applicant: Did) -> bool:
    """Whether a vote removed them when they last belonged."""
    member = people.members.get(applicant)
    return member is not None and member.span.why == REMOVED


def displaced(state: State, time_ms: int) -> tuple[Did, ...] | None:
    """Whose applications give way to a new one; () if none can, None if none must."""
    open_ = state.people.applications
    old = tuple(id_ for id_, a in open_.items() if lapsed(state, a, time_ms))
    if old:
        return old
    if len(open_) < APPLICATIONS_MAX:
        return None
    bare = [(a.since_ms, id_) for id_, a in open_.items() if not a.vouches]
    return (min(bare)[1],) if bare else ()


def put_application(state: State, application: Application, time_ms: int) -> State:
    """With this application, and without those that give way to it."""
    applications = state.people.applications
    if application.applicant not in applications:
        for gone in displaced(state, time_ms) or ():
            applications = applications.delete(gone)
    applications = applications.set(application.applicant, application)
    return replace(state, people=replace(state.people, applications=applications))


def without_application(state: State, applicant: Did) -> State:
    """Without the application of this name, if there is one."""
    applications = state.people.applications
    if applicant not in applications:
        return state
    people = replace(state.people, applications=applications.delete(applicant))
    return replace(state, people=people)


def without_vouch(state: State, member: Did, applicant: Did) -> State:
    """Without this vouch; an invitation without any is gone too."""
    found = state.people.applications[applicant]
    vouches = tuple(vouch for vouch in found.vouches if vouch[0] != member)
    if not vouches and found.applied_ms is None:
        return without_application(state, applicant)
    applications = state.people.applications.set(
        applicant, replace(found, vouches=vouches)
    )
    return replace(state, people=replace(state.people, applications=applications))
