"""What people decided about did, and what came of it, as a value.

Sections: "shown", "claims", "contests", "grants", "helpers", "erasures", "reissues",
"legal_holds", "later" (rows in `contest` and `kept`). Nothing is ever taken from here.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from immutables import Map

from ledger.governance.cases.contest import Contest, PartName, contest_from
from ledger.governance.cases.kept import (
    Claim,
    Claims,
    Erasure,
    Event,
    Grant,
    Helper,
    LegalHold,
    Reissue,
    Shown,
    grant_from,
    helper_from,
    plain,
)
from ledger.ids import DecisionId, Did
from ledger.limits import CLAIMS_DAY_MAX

NO_HELPERS: Final[Map[Did, Helper]] = Map()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """What was said and done about decisions.

    The attributes from `by_decision` on only repeat what the sections say, to be found
    quickly.

    Attributes:
        shown: what receipts said, by decision.
        claims, helpers, erasures, reissues, later: by decision.
        contests, grants: by the id of an act.
        legal_holds: by what is held.
        by_decision: each decision's contests, in order.
        grants_by_decision: each decision's grants, in order.
        parts: every part that a contest names, to that contest.
        corrections: each decision that corrects another, to that other.
        owners: every key or seal key that claimed, to the decision it claimed.
        pending: decisions whose erasure waits.
        due: (due_ms, contest) of every contest that can become overdue, in order.
    """

    shown: Map[DecisionId, Shown] = field(default_factory=Map)
    claims: Map[DecisionId, Claims] = field(default_factory=Map)
    contests: Map[str, Contest] = field(default_factory=Map)
    grants: Map[str, Grant] = field(default_factory=Map)
    helpers: Map[DecisionId, Map[Did, Helper]] = field(default_factory=Map)
    erasures: Map[DecisionId, Erasure] = field(default_factory=Map)
    reissues: Map[DecisionId, tuple[Reissue, ...]] = field(default_factory=Map)
    legal_holds: Map[str, LegalHold] = field(default_factory=Map)
    later: Map[DecisionId, tuple[Event, ...]] = field(default_factory=Map)
    by_decision: Map[DecisionId, tuple[str, ...]] = field(default_factory=Map)
    grants_by_decision: Map[DecisionId, tuple[str, ...]] = field(default_factory=Map)
    parts: Map[str, str] = field(default_factory=Map)
    corrections: Map[DecisionId, DecisionId] = field(default_factory=Map)
    owners: Map[str, DecisionId] = field(default_factory=Map)
    pending: Map[DecisionId, None] = field(default_factory=Map)
    due: tuple[tuple[int, str], ...] = ()

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {
            "shown": {id_: plain(one) for id_, one in self.shown.items()},
            "claims": {id_: one.public() for id_, one in self.claims.items()},
            "contests": {id_: one.public() for id_, one in self.contests.items()},
            "grants": {id_: one.public() for id_, one in self.grants.items()},
            "helpers": {
                id_: {did: one.public() for did, one in named.items()}
                for id_, named in self.helpers.items()
            },
            "erasures": {id_: plain(one) for id_, one in self.erasures.items()},
            "reissues": {
                id_: [plain(one) for one in noted]
                for id_, noted in self.reissues.items()
            },
            "legal_holds": {name: plain(h) for name, h in self.legal_holds.items()},
            "later": {
                id_: [plain(one) for one in events]
                for id_, events in self.later.items()
            },
        }

    # ---- changes ----------------------------------------------------------------------

    def told(self, decision: DecisionId, event: Event) -> "Cases":
        """With one more entry about a decision."""
        events = (*self.later.get(decision, ()), event)
        return replace(self, later=self.later.set(decision, events))

    def with_shown(self, decision: DecisionId, shown: Shown) -> "Cases":
        """After a decision's receipt was shown."""
        if decision in self.shown:
            return self
        return replace(self, shown=self.shown.set(decision, shown))

    def with_claim(self, decision: DecisionId, key: Did, claim: Claim) -> "Cases":
        """After a decision, which was shown, was claimed with one more key."""
        shown = self.shown[decision]
        known = self.claims.get(decision)
        if known is None:
            known = Claims(system=shown.system, index=shown.index)
        claims = replace(
            known,
            keys=known.keys.set(key, claim),
            newest=(*known.newest, claim.claimed_ms)[-CLAIMS_DAY_MAX:],
        )
        return replace(
            self,
            claims=self.claims.set(decision, claims),
            owners=self.owners.update({key: decision, claim.seal_key: decision}),
        )

    def put(self, contest: Contest, named: Iterable[PartName] = ()) -> "Cases":
        """With a contest as it is now; `named`: the parts that it names newly."""
        before = self.contests.get(contest.id)
        by_decision, due = self.by_decision, self.due
        if before is None:
            of_decision = (*by_decision.get(contest.decision, ()), contest.id)
            by_decision = by_decision.set(contest.decision, of_decision)
        waited = before is not None and _can_be_late(before)
        if waited != _can_be_late(contest):
            mark = (contest.due_ms, contest.id)
            at = bisect_left(due, mark)
            due = (
                (*due[:at], *due[at + 1 :]) if waited else (*due[:at], mark, *due[at:])
            )
        parts = {one.part: contest.id for one in named}
        return replace(
            self,
            contests=self.contests.set(contest.id, contest),
            by_decision=by_decision,
            due=due,
            parts=self.parts.update(parts) if parts else self.parts,
            corrections=(
                self.corrections
                if contest.corrected is None
                else self.corrections.set(contest.corrected, contest.decision)
            ),
        )

    def late(self, time_ms: int) -> "Cases":
        """Once every contest due until `time_ms` is marked as overdue."""
        count = bisect_left(self.due, (time_ms + 1, ""))
        if not count:
            return self
        marked = {
            id_: replace(self.contests[id_], overdue_ms=due_ms)
            for due_ms, id_ in self.due[:count]
        }
        contests = self.contests.update(marked)
        return replace(self, contests=contests, due=self.due[count:])

    def put_grant(self, grant: Grant) -> "Cases":
        """With a grant as it is now."""
        by_decision = self.grants_by_decision
        if grant.id not in self.grants:
            of_decision = (*by_decision.get(grant.decision, ()), grant.id)
            by_decision = by_decision.set(grant.decision, of_decision)
        return replace(
            self,
            grants=self.grants.set(grant.id, grant),
            grants_by_decision=by_decision,
        )

    def put_helper(self, decision: DecisionId, did: Did, helper: Helper) -> "Cases":
        """With a helper as they are now."""
        named = self.helpers.get(decision, NO_HELPERS).set(did, helper)
        return replace(self, helpers=self.helpers.set(decision, named))

    def put_erasure(self, decision: DecisionId, erasure: Erasure) -> "Cases":
        """With an erasure as it is now."""
        pending = self.pending
        if erasure.stands:
            pending = pending.set(decision, None)
        elif decision in pending:
            pending = pending.delete(decision)
        erasures = self.erasures.set(decision, erasure)
        return replace(self, erasures=erasures, pending=pending)


def _can_be_late(contest: Contest) -> bool:
    return contest.ended is None and contest.overdue_ms is None


def from_sections(sections: Mapping[str, Mapping[str, Any]]) -> Cases:
    """The room whose `sections()` these are, among others."""

    def of(name: str) -> Mapping[str, Any]:
        return sections.get(name, {})

    later = {
        DecisionId(id_): tuple(Event(**one) for one in events)
        for id_, events in of("later").items()
    }
    cases = Cases(
        shown=Map({DecisionId(id_): Shown(**one) for id_, one in of("shown").items()}),
        helpers=Map(
            {
                DecisionId(id_): Map(
                    {Did(did): helper_from(one) for did, one in named.items()}
                )
                for id_, named in of("helpers").items()
            }
        ),
        reissues=Map(
            {
                DecisionId(id_): tuple(Reissue(**one) for one in noted)
                for id_, noted in of("reissues").items()
            }
        ),
        legal_holds=Map(
            {name: LegalHold(**one) for name, one in of("legal_holds").items()}
        ),
        later=Map(later),
    )
    for id_, public in of("erasures").items():
        cases = cases.put_erasure(DecisionId(id_), Erasure(**public))
    # A decision's claims, contests and grants come in the order of their acts.
    order = {one.id: one.index for events in later.values() for one in events}
    for id_, public in of("claims").items():
        keys = [(did, Claim(**one)) for did, one in public["keys"].items()]
        for did, claim in sorted(keys, key=lambda pair: order[pair[1].act]):
            cases = cases.with_claim(DecisionId(id_), did, claim)
    contests = [contest_from(*row) for row in _in_order(of("contests"), order)]
    cases = _with_all(cases, contests)
    for id_, public in _in_order(of("grants"), order):
        cases = cases.put_grant(grant_from(id_, public))
    return cases


def _with_all(cases: Cases, contests: Iterable[Contest]) -> Cases:
    """As `put`, one after the other, and faster: when each is due is sorted once."""
    by_decision: dict[DecisionId, tuple[str, ...]] = {}
    for one in contests:
        by_decision[one.decision] = (*by_decision.get(one.decision, ()), one.id)
    return replace(
        cases,
        contests=Map({one.id: one for one in contests}),
        by_decision=Map(by_decision),
        parts=Map({part.part: one.id for one in contests for part in one.parts}),
        corrections=Map(
            {
                one.corrected: one.decision
                for one in contests
                if one.corrected is not None
            }
        ),
        due=tuple(
            sorted((one.due_ms, one.id) for one in contests if _can_be_late(one))
        ),
    )


def _in_order(
    rows: Mapping[str, Any], order: Mapping[str, int]
) -> list[tuple[str, Any]]:
    return sorted(rows.items(), key=lambda row: order[row[0]])
