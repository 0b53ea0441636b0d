"""What waits to be written, and what became of it.

DecisionRequest  --admit, seal-->  Pending  --batch-->  Recorded | Known | an error
ActRequest       ------------------^
the sweep        ------------------^
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from ledger.entries.act import Act
from ledger.entries.decision import SealedDecision, Submission
from ledger.entries.sealing import SealedRequest
from ledger.errors import CounterfoilError, RejectedError
from ledger.governance.safeguards.ruleset import Verdict
from ledger.ids import DecisionId, LeafIndex
from ledger.log.release import Release


class Validated(Protocol):
    """A decision as the wire's schema leaves it.

    Attributes:
        fields: CONTRACT's JSON, validated, absent fields missing.
        decided_at_ms: `decided_at` as milliseconds since 1970 UTC.
    """

    @property
    def fields(self) -> Mapping[str, Any]:
        """CONTRACT's JSON, validated, absent fields missing."""
        ...

    @property
    def decided_at_ms(self) -> int:
        """`decided_at` as milliseconds since 1970 UTC."""
        ...


class DecisionRequest(NamedTuple):
    """A decision to record, not read yet.

    Attributes:
        read: validates the body; raises what answers it. Called with others' beside it,
            because one kind of work in a tight loop costs half of it one by one.
        idempotency_key: the header's bytes, or None.
        body_bytes: how much memory it takes, for the pool's bound.
    """

    read: Callable[[], Validated | SealedRequest]
    idempotency_key: bytes | None = None
    body_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A covered entry: durable, and under the signed checkpoint of `release`.

    Attributes:
        secret: K, for a decision this ledger sealed; None for an act, or when a retry
            comes too late to be given it again.
        release: proves the entry; None for a retry, whose proof comes from the tiles.
        created: False when a retry found what was recorded before.
        status: of a decision, by the rules in force when it was recorded.
        safeguards: JSON list of what each rule that applied said.
    """

    id: str
    index: LeafIndex
    leaf: bytes
    secret: bytes | None = None
    release: Release | None = None
    created: bool = True
    status: str = "accepted"
    safeguards: bytes = b"[]"


Outcome = Recorded | CounterfoilError


@dataclass(slots=True, eq=False)
class Waiter:
    """One request's answers; resolves when the last of its items is decided.

    `leave` is called with `count` and `held` once then: the pool has its room back.

    Every way out of the writer fills every place: a waiter never hangs.
    """

    outcomes: list[Outcome | None]
    left: int
    done: asyncio.Future[None]
    leave: Callable[[int, int], None]
    count: int
    held: int

    def put(self, place: int, outcome: Outcome) -> None:
        """Fill a place; the first outcome stands."""
        if self.outcomes[place] is None:
            self.outcomes[place] = outcome
            self.left -= 1
            if not self.left:
                self.leave(self.count, self.held)
                if not self.done.done():  # else its client hung up
                    self.done.set_result(None)


@dataclass(slots=True, eq=False, kw_only=True)
class PendingDecision:
    """A decision in the pool.

    Attributes:
        admitted_at: index of the last record of the state that admitted it.
        handle: what joins the deployer's decisions about this person; for the vault.
        given_id: the request's own id, if it has one: it may be a retry.
        sealed: what the leaf and the vault will hold.
        refusal: why it may not be recorded, which is its answer unless it is a retry of
            what was; then there is neither submission nor sealed.
        fields: the decision, for when the rules move before it is written; None where a
            sealing client kept it.
        verdict: what the rules said; the writer asks again if they moved.
        rules: hash of the rule set that it was held against.
    """

    waiter: Waiter
    place: int
    system: str
    submission: Submission | None
    admitted_at: int
    handle: bytes
    given_id: str | None
    retry_key: bytes | None
    fingerprint: bytes | None
    sealed: SealedDecision | None
    refusal: RejectedError | None = None
    fields: Mapping[str, Any] | None = None
    verdict: Verdict | None = None
    rules: str = ""

    @property
    def chose_marks(self) -> bool:
        """Whether a sealing client chose its tag and key, which must be new."""
        return self.sealed is not None and self.sealed.secret is None

    def put(self, outcome: Outcome) -> None:
        """Answer it."""
        self.waiter.put(self.place, outcome)


@dataclass(slots=True, eq=False, kw_only=True)
class PendingAct:
    """An act in the pool; decided under the head's lock.

    Attributes:
        seen_holds: whether what the actor has seen is in this history.
    """

    waiter: Waiter
    place: int
    act: Act
    seen_holds: bool
    verdict: None = None  # rules are about decisions
    chose_marks: bool = False

    def put(self, outcome: Outcome) -> None:
        """Answer it."""
        self.waiter.put(self.place, outcome)


@dataclass(slots=True, eq=False, kw_only=True)
class PendingErasure:
    """Asks for the entry that erases what is due; which that is, the lock decides."""

    waiter: Waiter
    place: int
    verdict: None = None
    chose_marks: bool = False

    def put(self, outcome: Outcome) -> None:
        """Answer it."""
        self.waiter.put(self.place, outcome)


@dataclass(slots=True, eq=False, kw_only=True)
class PendingReissue:
    """Asks for the entry that says which receipts were asked for again.

    Attributes:
        decisions: ids, sorted, each once.
        requests: ids of the requests that are noted by it.
    """

    waiter: Waiter
    place: int
    decisions: tuple[DecisionId, ...]
    requests: tuple[str, ...]
    verdict: None = None
    chose_marks: bool = False

    def put(self, outcome: Outcome) -> None:
        """Answer it."""
        self.waiter.put(self.place, outcome)


# What the ledger itself says, at its sweep.
PendingOwn = PendingErasure | PendingReissue
Pending = PendingDecision | PendingAct | PendingOwn
