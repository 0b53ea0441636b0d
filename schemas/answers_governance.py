"""JSON answers about the community, as models: for the OpenAPI document and for tests."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger.limits import PAGE_ITEMS_MAX, TEXT_CHARS_MAX
from schemas.answers import Answer, Base64Url, Index, Size, System

Ppm = Annotated[int, Field(ge=0, le=1_000_000)]
Count = Annotated[int, Field(ge=0)]
Sized = Annotated[Size, Field(description="it is the state after so many entries")]
Next = Annotated[
    str | None, Field(description="send it as `cursor`; null: the last page")
]


class Open(BaseModel):
    """Says at least this; what a community adds later may stand beside it."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


class Section(Answer):
    """One section of the state, whole; SHA-256 of its JCS bytes is what `state` says."""

    size: Sized
    section: str
    value: dict[str, Any]


class Member(Open):
    """Somebody who belongs or belonged, by the key they joined with."""

    id: str
    status: str = Field(description="member, or how they left")
    may_vote: bool
    joined: str


class Actor(Answer):
    """A key that signs acts: its newest seq, and for whom it acts now."""

    size: Sized
    actor: str
    seq: Count
    member: str | None = Field(description="null: the key is of no present member")
    may_vote: bool


class Members(Answer):
    """A page of members."""

    size: Sized
    items: Annotated[list[Member], Field(max_length=PAGE_ITEMS_MAX)]
    next: Next


class Systems(Answer):
    """A page of systems."""

    size: Sized
    items: Annotated[list[System], Field(max_length=PAGE_ITEMS_MAX)]
    next: Next


class Listed(Open):
    """An item of a section of the state."""

    id: str


class Items(Answer):
    """A page of a section of the state, by id."""

    size: Sized
    items: Annotated[list[Listed], Field(max_length=PAGE_ITEMS_MAX)]
    next: Next


class Text(Answer):
    """What somebody said: show it as text, never as markup."""

    digest: Base64Url
    index: Annotated[Index, Field(description="of the act that names it")]
    slot: Literal["comment", "reason", "name"]
    text: Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX)]
    disclosure: Annotated[
        Base64Url, Field(description="RFC 9901; its SHA-256 is the digest")
    ]


class Opinions(Answer):
    """How some people answered a statement."""

    agree: Count
    disagree: Count
    seen: Annotated[Count, Field(description="a pass too")]


class Comment(Answer):
    """Something said about a proposal, and how far it is shared across groups."""

    id: Base64Url
    author: str
    kind: Literal["comment", "suggestion"]
    degree: Literal["must", "should", "should-not", "must-not"] | None
    replies_to: Base64Url | None
    at: str
    index: Index
    digest: Base64Url
    text: str | None = Field(description="null: not sent, or erased")
    opinions: Opinions
    groups: list[Opinions]
    consensus_ppm: Ppm = Field(
        description="product over groups of (agree + 1) / (seen + 2)"
    )
    flags: dict[str, int] = Field(
        description="why → by how many members; never deleted"
    )


class Comments(Answer):
    """A page of comments, those first that all groups can agree with."""

    size: Sized
    items: Annotated[list[Comment], Field(max_length=PAGE_ITEMS_MAX)]
    next: Next
    groups: list[Count] = Field(description="how many people each opinion group has")


class Step(Answer):
    """One moment of a proposal: past, or due if nothing changes it."""

    step: str
    at: str
    past: bool


class Proposal(Open):
    """A proposal: what it says, where it stands, what happens next."""

    size: Size | None = None
    key: Base64Url
    revision: Annotated[Base64Url, Field(description="its id, once frozen")]
    state: str
    class_: Annotated[str, Field(alias="class")]
    title: str
    proposer: str
    opened: str
    until: str | None = Field(description="when its state changes by itself")
    endorsements: Count
    comments: Count


class Proposals(Answer):
    """A page of proposals, by key."""

    size: Sized
    items: Annotated[list[Proposal], Field(max_length=PAGE_ITEMS_MAX)]
    next: Next


class Standing(Answer):
    """How an open vote stands, and what it would come to if it closed now."""

    opened: str
    closes: str
    extended: bool
    eligible: Count
    thresholds: dict[str, Any]
    ballots: Count
    sealed: bool = Field(description="until the close; then nobody knows how it stands")
    tally: dict[str, Any] | None = Field(description="as the ballot's method counts")
    closed_now: str | None = Field(
        description="NoQuorum, Defeated, Objected or Succeeded; null while sealed"
    )


class Ended(Answer):
    """How a proposal ended by an act or a rule."""

    state: str
    at: str
    by: str = Field(description="the act; the superseding proposal; empty: a rule")
    reason: str


class ProposalView(Proposal):
    """A proposal, whole; `vote` is null unless it is being voted on."""

    text: str
    actions: list[dict[str, Any]]
    options: list[dict[str, Any]]
    ballot: dict[str, Any]
    expedited: bool
    changes: list[str] = Field(description="what it would change, in words")
    endorsers: list[str] = Field(description="of the present wording")
    challenges: Count
    objections: Annotated[Count, Field(description="receipts that object")]
    receipts: Annotated[Count, Field(description="decisions of the 90 days before")]
    failure: str | None = Field(description="why the last execution was refused")
    ending: Ended | None
    timeline: list[Step]
    vote: Standing | None
    results: list[dict[str, Any]]
    ranked: list[Comment] = Field(description="the first comments; see /comments")
