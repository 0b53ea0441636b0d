"""Every JSON answer of success, as a model: for the OpenAPI document and for tests.

The service writes its answers as bytes on the hot path and never builds these; a test
that reads an answer back through its model is what holds the two together.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger.limits import (
    NAMED_DECISIONS_MAX,
    PAGE_ITEMS_MAX,
    PROOF_HASHES_MAX,
    TREE_SIZE_MAX,
)
from schemas.shapes import UUID4_PATTERN

Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]
Base64Url = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Index = Annotated[int, Field(ge=0, le=TREE_SIZE_MAX)]
Size = Annotated[int, Field(ge=1, le=TREE_SIZE_MAX)]
Hashes = Annotated[list[Base64], Field(max_length=PROOF_HASHES_MAX)]
DecisionId = Annotated[str, Field(pattern=UUID4_PATTERN)]
Status = Literal["accepted", "flagged", "held"]


class Answer(BaseModel):
    """Closed and strict: an answer says what is documented and no more."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SafeguardResult(Answer):
    """What one rule in force said about the decision."""

    id: str
    outcome: Literal["pass", "flag", "hold", "unverified"] = Field(
        description="unverified: in sealed mode the ledger cannot run this rule"
    )
    message: str
    enacted_by: str


class Receipt(Answer):
    """The other half: leaf, proof, and the secret that opens the private part.

    `secret` and `link` are null for a retry after 24 hours, or after a claim.
    """

    leaf: Base64
    proof: str = Field(description="c2sp.org/tlog-proof@v1 text")
    secret: Base64Url | None = None
    link: str | None = Field(None, description="the page of the person decided about")


class Recorded(Answer):
    """A decision that is durable and under a signed checkpoint."""

    id: DecisionId
    index: Index
    status: Status
    safeguards: list[SafeguardResult]
    receipt: Receipt


class RecordedLine(Answer):
    """One line of a batch's answer: recorded. Proofs come from `/receipts`."""

    status: Literal[200, 201]
    id: DecisionId
    index: Index
    decision: Status
    safeguards: list[SafeguardResult]
    leaf: Base64
    secret: Base64Url | None = None


class UnknownLine(Answer):
    """One line of a batch's answer: sent to the database, and no word came back."""

    status: Literal["unknown"]


class Fault(Answer):
    """One thing wrong with a body; `pointer` is a fragment of RFC 6901."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """Why there is no answer of success (RFC 9457); repeats nothing of the request."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    type: str = Field(pattern="^/docs#problem-[a-z0-9-]+$")
    status: Annotated[int, Field(ge=400, le=599)]
    title: str
    detail: str = Field(description="what was found, and what to do")
    recorded: bool | None = Field(description="null: not known; retry with the same id")
    errors: list[Fault] = Field(default=[], description="only when a body is invalid")


class ActReceipt(Answer):
    """Proof that an act stands in the log."""

    leaf: Base64
    proof: str


class ActRecorded(Answer):
    """An act that is durable and under a signed checkpoint."""

    index: Index
    id: Base64Url
    receipt: ActReceipt


class ReissueAsked(Answer):
    """A request for receipts, kept until the next sweep notes it."""

    id: DecisionId = Field(description="the request's own")
    available_at: str | None = Field(description="null until an entry names it")


class Reissue(Answer):
    """Where a request for receipts stands."""

    status: Literal["waiting", "ready", "stopped", "nothing"]
    available_at: str | None = Field(description="when the links are given")
    links: Annotated[list[str], Field(max_length=NAMED_DECISIONS_MAX)]


class Entry(Answer):
    """One entry of the log."""

    index: Index
    leaf: Base64


class Entries(Answer):
    """A page of the log."""

    items: Annotated[list[Entry], Field(max_length=PAGE_ITEMS_MAX)]
    next: str | None


class Later(BaseModel):
    """A later entry about a decision; an overseer's also says what was decided."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    type: str = Field(description="as on the leaf")
    id: str = Field(description="the entry's; its proof is at /receipts/{id}")
    index: Index
    time: str
    about: str | None = Field(description="the contest or grant it belongs to")


class HeldBack(Answer):
    """A legal hold, which the community set."""

    reason: str = Field(description="a code, or a digest")
    by: str = Field(description="the proposal that set it")
    since_ms: int = Field(description="log time")


class DecisionView(Answer):
    """What is public of a decision: its entry, and the later entries about it."""

    id: DecisionId
    index: Index
    status: Literal["accepted", "flagged", "held", "confirmed", "turned-down"] = Field(
        description="by public safeguards, and by what an overseer said of a hold"
    )
    entry: dict[str, Any] = Field(description="the leaf, as JSON")
    leaf: Base64
    later: list[Later] = Field(description="in the log's order")
    claims: Annotated[
        int, Field(ge=0, description="keys that claimed the receipt as theirs")
    ]
    erased: bool = Field(description="the private part is gone; the proof stays")
    erasure_due_ms: int | None = Field(
        description="log time from which an erasure that was asked for may be executed"
    )
    legal_holds: list[HeldBack] = Field(
        description="why the private part may not be erased now: of the decision, then "
        "of its system"
    )


class RulesFile(Answer):
    """What a decision was held against; the rules' hash stands on its leaf."""

    rules: list[dict[str, Any]]
    system: dict[str, str]


class DecisionItem(Answer):
    """A decision in a list."""

    id: DecisionId
    index: Index
    system: str
    time: str


class Decisions(Answer):
    """A page of decisions."""

    items: Annotated[list[DecisionItem], Field(max_length=PAGE_ITEMS_MAX)]
    next: str | None


class InclusionProof(Answer):
    """That an entry stands at `index` of the tree of `size` (RFC 6962 section 2.1.1)."""

    index: Index
    size: Size
    leaf_hash: Base64
    hashes: Hashes
    checkpoint: str | None = Field(description="null for a size older than the newest")


class ConsistencyProof(Answer):
    """That the tree of `to` begins with that of `from` (RFC 6962 section 2.1.2)."""

    from_: Annotated[Index, Field(alias="from")]
    to: Index
    hashes: Annotated[list[Base64], Field(max_length=2 * PROOF_HASHES_MAX)]


class Keys(Answer):
    """What a stranger needs to verify this ledger."""

    origin: str
    genesis: Base64Url
    vkeys: list[str] = Field(min_length=1, description="signed-note verifier keys")
    policy: str = Field(description="tlog-policy text")


class State(Answer):
    """The governance state after `size` entries; a replay must give the same root."""

    size: Size
    root: Hex
    sections: dict[str, Hex]


class System(BaseModel):
    """An AI system, as the community registered it, and what it recorded."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    id: str
    name: str
    profile: Literal["sealed", "open"]
    status: str
    outcomes: list[str]
    versions: list[str]
    seq: Annotated[int, Field(ge=0, description="decisions recorded so far")]
    refused: Annotated[int, Field(ge=0, description="decisions refused so far")]


class Community(BaseModel):
    """The ledger's community: founders and parameters."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    ledger: str
    origin: str
    genesis: Base64Url
    vkeys: list[str]
    founders: list[str]
    parameters: dict[str, Any]


class Health(BaseModel):
    """Whether the process lives, or can answer."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    status: Literal["live", "ready"]
