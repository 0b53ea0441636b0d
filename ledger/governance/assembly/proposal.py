r"""A proposal, as a value: what was said of it, and no status.

    key       = base64url(SHA-256("counterfoil/v1/draft\0" ‖ JCS {"genesis", "proposer",
                "nonce"}))
    revision  = base64url(SHA-256("counterfoil/v1/proposal\0" ‖ JCS {"genesis",
                "proposer", "nonce", "title", "text", "actions" | "options", "ballot",
                "expedited"}))

The key names it for life; the revision names one wording of it, and is its *id* once it
is frozen. Endorsements, ballots and what it enacted name the revision, so that nothing
signed for one wording counts for another. Its state is derived (`status.phase_of`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, NamedTuple

from immutables import Map

from ledger.canonical import format_base64url, jcs
from ledger.governance.assembly.classes import Thresholds
from ledger.ids import Did

_DRAFT: Final = b"counterfoil/v1/draft\0"  # never change
_PROPOSAL: Final = b"counterfoil/v1/proposal\0"


@dataclass(frozen=True, slots=True)
class ActionOf:
    """One action, as proposed: its name and body."""

    action: str
    body: Mapping[str, Any]

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {"action": self.action, "body": dict(self.body)}


@dataclass(frozen=True, slots=True)
class Option:
    """One of several things to choose from, by its code, and what choosing it does."""

    option: str
    title: str
    actions: tuple[ActionOf, ...]

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "option": self.option,
            "title": self.title,
            "actions": [one.public() for one in self.actions],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One wording of a proposal.

    Attributes:
        title, text: for people; public for good.
        actions: what is done if it passes; () where there are options.
        options: () for a vote of yes or no.
        ballot: {"method", "seats"}, and "sealed": {"trustees", "threshold"} where
            ballots are sealed until the close.
        expedited: whether the vote is the short one.
    """

    title: str
    text: str
    actions: tuple[ActionOf, ...]
    options: tuple[Option, ...]
    ballot: Mapping[str, Any]
    expedited: bool

    def public(self) -> dict[str, Any]:
        """As JSON, with either `actions` or `options`, as it was proposed."""
        said: dict[str, Any] = {
            "title": self.title,
            "text": self.text,
            "ballot": dict(self.ballot),
            "expedited": self.expedited,
        }
        if self.options:
            said["options"] = [one.public() for one in self.options]
        else:
            said["actions"] = [one.public() for one in self.actions]
        return said

    def all_actions(self) -> tuple[ActionOf, ...]:
        """Every action it may do, whichever option is chosen."""
        return self.actions + tuple(
            action for option in self.options for action in option.actions
        )


def key_of(genesis: str, proposer: Did, nonce: str) -> str:
    """The stable key; see the module."""
    named = {"genesis": genesis, "proposer": proposer, "nonce": nonce}
    return format_base64url(sha256(_DRAFT + jcs(named)).digest())


def revision_of(genesis: str, proposer: Did, nonce: str, content: Content) -> str:
    """The id of one wording; see the module."""
    said = {
        "genesis": genesis,
        "proposer": proposer,
        "nonce": nonce,
        **content.public(),
    }
    return format_base64url(sha256(_PROPOSAL + jcs(said)).digest())


class Ballot(NamedTuple):
    """A member's last ballot.

    Attributes:
        act_id: of the act that cast it.
        time_ms: when, in log time.
        choice: as the ballot's method reads it; of a sealed one until it is opened, as
            `ballots.sealing.keep` keeps it.
        reason: the digest of a reason in the vault, or None.
    """

    act_id: str
    time_ms: int
    choice: Any
    reason: str | None

    def public(self) -> list[Any]:
        """As JSON: [act id, log time in ms, choice, reason]."""
        return [self.act_id, self.time_ms, self.choice, self.reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One vote on a proposal, from its snapshot; everything here but ballots is frozen.

    Attributes:
        snapshot_ms: the electorate and delegations are those of this log time; voting
            begins after it.
        first_deadline_ms: the deadline without extensions; a ballot at it counts.
        deadline_ms: the present one.
        extension_ms: how much one extension adds; together at most one voting period.
        thresholds: what it needs.
        parameters: the community's numbers at the snapshot.
        eligible: how many may vote: the denominator, for good.
        sample: how it stood an extension before the deadline; None: not taken yet.
        ballots: member to last ballot; emptied at the count (they are in the log).
        reveal_ms: how long ballots may be opened after the deadline; 0: not sealed.
        shares: voter to trustee's number to the share published of that ballot.
        electorate: who may vote; derived from the members and `snapshot_ms`.
    """

    snapshot_ms: int
    first_deadline_ms: int
    deadline_ms: int
    extension_ms: int
    thresholds: Thresholds
    parameters: Mapping[str, Any]
    eligible: int
    sample: str | None = None
    ballots: Map[Did, Ballot] = field(default_factory=Map)
    reveal_ms: int = 0
    shares: Map[Did, Map[int, str]] = field(default_factory=Map)
    electorate: frozenset[Did] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A vote's result: final, whatever is recorded later.

    Attributes:
        outcome: "NoQuorum", "Defeated", "Objected" or "Succeeded"; "Unopened": too few
            trustees opened the sealed ballots, so the vote is repeated openly.
        counted_ms: log time at which its deadline had passed.
        eligible: the denominator.
        thresholds: what it needed.
        parameters: the community's numbers at the snapshot; its periods follow them.
        count: what its method counted, as `ballots.method.Result.public` writes it.
    """

    outcome: str
    counted_ms: int
    eligible: int
    thresholds: Thresholds
    parameters: Mapping[str, Any]
    count: Mapping[str, Any]

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "outcome": self.outcome,
            "counted_ms": self.counted_ms,
            "eligible": self.eligible,
            "thresholds": self.thresholds.public(),
            "parameters": dict(self.parameters),
            "count": dict(self.count),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a proposal ended by an act or a rule.

    Attributes:
        state: "Withdrawn", "Cancelled", "Aborted", "Superseded", "Expired" or
            "Executed".
        time_ms: log time.
        by: the id of the act, or of the proposal that superseded it; "" for a rule.
        reason: the digest of a guardian's reason, or the kind of refusal that aborted it.
    """

    state: str
    time_ms: int
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The last execution that was refused: by which act, when, and the refusal's kind."""

    act_id: str
    time_ms: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal; its state is derived.

    Attributes:
        key: for life.
        revision: of the present wording; its id once frozen.
        proposer: the member.
        nonce: the proposer's own.
        content: the present wording.
        class_: "routine" until objected to; else the strictest of its actions', when it
            was worded, and then at its snapshot.
        loosens: whether an action may loosen the protection of the people decided about,
            likewise; objections ask the present state besides.
        amendments: how often it was amended.
        opened_ms: log time of its first wording.
        draft_until_ms: when a draft lapses.
        submitted_ms: None while a draft.
        endorsing_until_ms: when endorsing lapses.
        endorsements: member to the revision endorsed.
        confirmed: how many members endorsed the present revision. Derived.
        endorsed: whether those were enough.
        deliberation_until_ms, frozen_until_ms, pending_until_ms: each phase's last
            moment; 0 until the first deliberation begins. The last is the snapshot.
        frozen: whether deliberation has ended and its actions were checked again.
        vote: the present one; None before a snapshot and after its count.
        results: of the votes so far, in order; final.
        challenge_until_ms, timelock_until_ms, ready_until_ms: as above, from the last
            result; 0 unless it succeeded.
        challenges: member to act id, of the present challenge period.
        challenged: whether a challenge had the vote repeated; once.
        objections: index of a decision's leaf to the objecting act, to this wording.
        braked: whether the people decided about sent it back; once for what it does.
        opened_index: of the act that opened it, or that last changed what it does.
        receipts_index: of the first entry of the 90 days before; objections come from
            decisions in between.
        receipts: how many decisions were recorded there.
        failure: the last execution that was refused.
        ending: how it ended by an act or a rule.
    """

    key: str
    revision: str
    proposer: Did
    nonce: str
    content: Content
    class_: str
    loosens: bool
    amendments: int
    opened_ms: int
    draft_until_ms: int
    submitted_ms: int | None = None
    endorsing_until_ms: int = 0
    endorsements: Map[Did, str] = field(default_factory=Map)
    confirmed: int = 0
    endorsed: bool = False
    frozen: bool = False
    deliberation_until_ms: int = 0
    frozen_until_ms: int = 0
    pending_until_ms: int = 0
    vote: Vote | None = None
    results: tuple[Result, ...] = ()
    challenge_until_ms: int = 0
    timelock_until_ms: int = 0
    ready_until_ms: int = 0
    challenges: Map[Did, str] = field(default_factory=Map)
    challenged: bool = False
    objections: Map[int, str] = field(default_factory=Map)
    braked: bool = False
    opened_index: int = 0
    receipts_index: int = 0
    receipts: int = 0
    failure: Failure | None = None
    ending: Ending | None = None
