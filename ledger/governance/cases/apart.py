"""Who may not review: whoever has to do with the system, or acted on the person's side.

Being named a helper is not enough, for nobody is asked before: else whoever knows K could
name every reviewer, and nobody would be left. Having acted as one is.
"""

from ledger.errors import ForbiddenError
from ledger.governance.cases.contest import Contest
from ledger.governance.people.bodies import REVIEWER
from ledger.governance.people.roles import holders
from ledger.governance.state import State
from ledger.ids import Did


def involvement(state: State, contest: Contest, member: Did) -> str | None:
    """What a member has to do with the case; None: nothing that is known."""
    keys = {member, *(held.did for held in state.people.members[member].keys)}
    system = state.systems.get(contest.system)
    if system is not None and keys & {*system.keys, *system.overseers}:
        return "signs for this system or oversees it"
    cases, decision = state.cases, contest.decision
    claims = cases.claims.get(decision)
    erasure = cases.erasures.get(decision)
    acted = {
        *(() if claims is None else claims.keys),
        *(() if erasure is None else (erasure.by,)),
        *(cases.contests[id_].opener for id_ in cases.by_decision[decision]),
    }
    if keys & acted or any(
        (grant := cases.grants[id_]).by in keys and grant.to != member
        for id_ in cases.grants_by_decision.get(decision, ())
    ):
        return "acted for the person"
    return None


def check_apart(state: State, contest: Contest, member: Did) -> None:
    """That the member has nothing to do with the case.

    Raises:
        ForbiddenError: `involved`. Nothing was recorded.
    """
    why = involvement(state, contest, member)
    if why is not None:
        raise ForbiddenError("involved", f"the actor {why}: another must review")


def may_review(state: State, contest: Contest, member: Did, time_ms: int) -> bool:
    """Whether a member is a reviewer now, and has nothing to do with the case."""
    return (
        member in holders(state.people, REVIEWER, time_ms)
        and involvement(state, contest, member) is None
    )
