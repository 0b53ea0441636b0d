"""What is kept of decisions that somebody spoke about: rows of the room's sections.

    shown        {decision: {"system", "index", "contest_key", "signed"}}
    claims       {decision: {"system", "index", "keys": {did: {"seal_key",
                  "claimed_ms", "act"}}}}
    grants       {id: {"decision", "to", "by", "purpose", "until_ms", "ended_ms",
                  "wrapped", "reads": [{"act", "at_ms"}]}}
    helpers      {decision: {did: {"scope", "until_ms", "by", "act", "ended_ms"}}}
    erasures     {decision: {"system", "asked_ms", "due_ms", "by", "executed_ms",
                  "withdrawn_ms"}}
    reissues     {decision: [{"noted_ms", "due_ms", "stopped_ms"}]}
    legal_holds  {"system:<id>" | "decision:<uuid>": {"reason", "by", "since_ms"}}
    later        {decision: [{"type", "id", "index", "at_ms", "about"}]}

A decision enters the state only where somebody showed its receipt, or the ledger itself
named it: `shown` is what such a receipt said, `later` everything since, in the log's
order; `about` is the contest or grant it belongs to, or null.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from immutables import Map

from ledger.ids import DecisionId, Did, SystemId

# Purposes of grants. They never change.
REVIEW: Final = "review"
AUDIT: Final = "audit"
HELP: Final = "help"
RESEARCH: Final = "research"
PURPOSES: Final = (REVIEW, AUDIT, HELP, RESEARCH)
# What a helper may do. They never change.
MAY_CONTEST: Final = "contest"
MAY_READ: Final = "read"
MAY_GRANT: Final = "grant"
MAY_ERASE: Final = "erase"
SCOPES: Final = (MAY_CONTEST, MAY_READ, MAY_GRANT, MAY_ERASE)


def plain(row: Any) -> dict[str, Any]:
    """A slotted row of plain values as JSON; `asdict` takes ten times as long."""
    return {name: getattr(row, name) for name in row.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a decision's receipt said, once somebody showed it.

    Attributes:
        system: that decided.
        index: of its entry.
        contest_key: of its secret K.
        signed: whether the deployer sealed and signed it: the ledger has no data key.
    """

    system: SystemId
    index: int
    contest_key: Did
    signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A key of the person's own that a receipt was claimed with.

    Attributes:
        seal_key: its X25519 public key, base64url.
        claimed_ms: log time.
        act: the act's id.
    """

    seal_key: str
    claimed_ms: int
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One recorded read under a grant."""

    act: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """That somebody may see a decision's private part, for a time, each read recorded.

    Attributes:
        id: of the act that gave it, took the case, or named the helper.
        decision: whose private part.
        to: the grantee: a key, or a member by id.
        by: the key that signed that act.
        purpose: "review", "audit", "help" or "research".
        until_ms: log time at which it lapses; None for a review that goes on.
        ended_ms: log time at which somebody ended it.
        wrapped: the data key sealed to the grantee, base64url; None where the ledger
            seals it at each read.
        reads: in order.
    """

    id: str
    decision: DecisionId
    to: Did
    by: Did
    purpose: str
    until_ms: int | None
    ended_ms: int | None = None
    wrapped: str | None = None
    reads: tuple[Read, ...] = ()

    def is_open(self, time_ms: int) -> bool:
        """Whether it allows a read at this log time."""
        return self.ended_ms is None and (
            self.until_ms is None or time_ms < self.until_ms
        )

    def public(self) -> dict[str, Any]:
        """As JSON, without the id, which is the name it stands under."""
        found = plain(self)
        del found["id"]
        return {**found, "reads": [plain(one) for one in self.reads]}


def grant_from(id_: str, public: Mapping[str, Any]) -> Grant:
    """The grant whose `public()` this is."""
    reads = tuple(Read(**one) for one in public["reads"])
    return Grant(**{**public, "id": id_, "reads": reads})


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """Somebody whom the person named to act in their stead.

    Attributes:
        scope: what they may do, in the order of `SCOPES`.
        until_ms: log time from which they may not.
        by: the key that named them.
        act: the act's id; with scope "read" also that of a grant.
        ended_ms: log time at which somebody ended it.
    """

    scope: tuple[str, ...]
    until_ms: int
    by: Did
    act: str
    ended_ms: int | None = None

    def is_in_force(self, time_ms: int) -> bool:
        """Whether they may act at this log time."""
        return self.ended_ms is None and time_ms < self.until_ms

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {**plain(self), "scope": list(self.scope)}


def helper_from(public: Mapping[str, Any]) -> Helper:
    """The helper whose `public()` this is."""
    return Helper(**{**public, "scope": tuple(public["scope"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """That a decision's private part is to be erased, or was.

    Attributes:
        system: that decided.
        asked_ms: log time.
        due_ms: log time from which it may be executed.
        by: the key that asked.
        executed_ms: log time of its execution.
        withdrawn_ms: log time at which it was taken back.
    """

    system: SystemId
    asked_ms: int
    due_ms: int
    by: Did
    executed_ms: int | None = None
    withdrawn_ms: int | None = None

    @property
    def stands(self) -> bool:
        """Whether it waits to be executed."""
        return self.executed_ms is None and self.withdrawn_ms is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reissue:
    """That a receipt was asked for again.

    Attributes:
        noted_ms: log time of the entry that says so.
        due_ms: log time from which it may be given.
        stopped_ms: log time at which a holder of the receipt stopped it.
    """

    noted_ms: int
    due_ms: int
    stopped_ms: int | None = None

    def waits(self, time_ms: int) -> bool:
        """Whether it can still be stopped at this log time."""
        return self.stopped_ms is None and time_ms < self.due_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """That nothing of a system or a decision may be erased.

    Attributes:
        reason: a code, or a digest.
        by: the proposal that set it.
        since_ms: log time.
    """

    reason: str
    by: str
    since_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry that says something about a decision.

    Attributes:
        type: the act's name, the action's, or "erasure.executed", "receipt.reissued".
        id: of the act, or of the entry that the ledger itself made.
        index: of the entry.
        at_ms: log time.
        about: the contest or grant it belongs to.
    """

    type: str
    id: str
    index: int
    at_ms: int
    about: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Who claimed one receipt.

    Attributes:
        system: that decided.
        index: of the decision's entry.
        keys: by did.
        newest: log times of the newest claims, in order; repeats what `keys` says.
    """

    system: SystemId
    index: int
    keys: Map[Did, Claim] = field(default_factory=Map)
    newest: tuple[int, ...] = ()

    def public(self) -> dict[str, Any]:
        """As JSON."""
        keys = {did: plain(claim) for did, claim in self.keys.items()}
        return {"system": self.system, "index": self.index, "keys": keys}
