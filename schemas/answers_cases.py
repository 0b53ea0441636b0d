"""JSON answers about contests and grants, as models: for OpenAPI and for tests."""

from typing import Annotated, Literal

from pydantic import Field

from ledger.limits import PAGE_ITEMS_MAX
from schemas.answers import Answer, Base64, Base64Url, Index, Later
from schemas.answers_governance import Next, Open, Sized

Did = Annotated[str, Field(pattern="^did:key:z6Mk")]
Milliseconds = Annotated[int, Field(description="ms since 1970, log time")]


class PartName(Answer):
    """A part that is kept."""

    part: Annotated[Base64Url, Field(description="SHA-256 of its bytes")]


class Named(Answer):
    """A part as an act names it."""

    digest: Base64Url
    part: Base64Url


class Said(Answer):
    """One message of a case; the first is the statement that opened it."""

    by: Did
    act: Base64Url
    at_ms: Milliseconds
    statement: Named
    attachments: list[Named]


class Contest(Open):
    """A contest: who asked, where it stands, by when, and every entry of it."""

    id: Base64Url
    decision: str
    system: str
    index: Annotated[Index, Field(description="of the decision")]
    opener: Did
    helped: bool = Field(description="the opener was a helper of the person")
    seal_key: Annotated[Base64Url, Field(description="X25519, of the opener")]
    tag: Annotated[Base64Url, Field(description="SHA-256 of the case's tag")]
    opened_ms: Milliseconds
    due_ms: Milliseconds
    overdue_ms: Milliseconds | None
    reviewer: Did | None
    taken_ms: Milliseconds | None
    grant: Base64Url | None
    boxes: dict[str, Base64Url]
    said: list[Said]
    ended: str | None
    ended_ms: Milliseconds | None
    reasons: Named | None
    looked_at: list[str]
    corrected: str | None
    status: Literal[
        "open",
        "taken",
        "overdue",
        "upheld",
        "changed",
        "withdrawn",
        "settled",
        "withdrawn-by-opener",
    ]
    due: str
    overdue: bool = Field(description="it is late, or was before it ended")
    timeline: list[Later]


class Contests(Answer):
    """A page of contests, by id."""

    size: Sized
    items: Annotated[list[Contest], Field(max_length=PAGE_ITEMS_MAX)]
    next: Next


class Read(Answer):
    """A recorded read."""

    act: Base64Url
    at_ms: Milliseconds


class Grant(Open):
    """A grant: to whom, for what, until when, and every read under it."""

    id: Base64Url
    decision: str
    to: Did
    by: Did
    purpose: Literal["review", "audit", "help", "research"]
    until_ms: Milliseconds | None
    ended_ms: Milliseconds | None
    wrapped: Base64Url | None
    reads: list[Read]
    open: bool = Field(description="it still opens the decision")


class GrantKey(Answer):
    """What a recorded read opens."""

    wrapped: Base64Url | None = Field(
        description="box of the data key; null: it is in the case's statement"
    )
    sealed: Base64
