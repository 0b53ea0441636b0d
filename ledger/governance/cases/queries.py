"""What others ask of the cases: pure, and none of it stands in the state."""

from typing import Any

from ledger.entries.moment import format_log_time
from ledger.governance.cases.contest import Contest
from ledger.governance.cases.erasing import put_off
from ledger.governance.cases.kept import Event, Grant, Reissue
from ledger.governance.state import State
from ledger.ids import DecisionId


def claimed(state: State, decision: DecisionId) -> bool:
    """Whether a key of the person's own claimed the receipt."""
    return decision in state.cases.claims


def claims_of(state: State, decision: DecisionId) -> int:
    """How many keys claimed the receipt."""
    claims = state.cases.claims.get(decision)
    return 0 if claims is None else len(claims.keys)


def contests_of(state: State, decision: DecisionId) -> list[Contest]:
    """A decision's contests, in the order they were opened."""
    cases = state.cases
    return [cases.contests[id_] for id_ in cases.by_decision.get(decision, ())]


def grants_of(state: State, decision: DecisionId) -> list[Grant]:
    """A decision's grants, in the order they were given."""
    cases = state.cases
    return [cases.grants[id_] for id_ in cases.grants_by_decision.get(decision, ())]


def part_contest(state: State, part: str) -> str | None:
    """The contest whose act names SHA-256 (base64url) of an encrypted blob."""
    return state.cases.parts.get(part)


def corrects(state: State, decision: DecisionId) -> Contest | None:
    """The contest whose review this decision came of: the first, if there are several."""
    contested = state.cases.corrections.get(decision)
    if contested is None:
        return None
    contests = contests_of(state, contested)
    return next((one for one in contests if one.corrected == decision), None)


def is_erased(state: State, decision: DecisionId) -> bool:
    """Whether the decision's private part was erased."""
    erasure = state.cases.erasures.get(decision)
    return erasure is not None and erasure.executed_ms is not None


def erasures_due(state: State, time_ms: int) -> list[DecisionId]:
    """Decisions whose private part is to be erased at this log time, in order of id."""
    cases = state.cases
    due = (one for one in cases.pending if put_off(cases, one, time_ms) is None)
    return sorted(due)


def reissue_of(state: State, decision: DecisionId) -> Reissue | None:
    """The newest re-issue of a decision; `waits` and `stopped_ms` say where it stands."""
    newest = state.cases.reissues.get(decision, ())[-1:]
    return newest[0] if newest else None


def later_of(state: State, decision: DecisionId) -> list[dict[str, Any]]:
    """Every entry since that says something of a decision, in the log's order.

    Each is {"type", "id", "index", "time", "about"}: `about` names the contest or grant
    that the entry belongs to, or is null.
    """
    return [_told(one) for one in state.cases.later.get(decision, ())]


def timeline_of(state: State, contest: Contest) -> list[dict[str, Any]]:
    """The entries of one contest, from its opening, in the log's order."""
    events = state.cases.later.get(contest.decision, ())
    return [_told(one) for one in events if one.about == contest.id]


def _told(event: Event) -> dict[str, Any]:
    return {
        "type": event.type,
        "id": event.id,
        "index": event.index,
        "time": format_log_time(event.at_ms),
        "about": event.about,
    }
