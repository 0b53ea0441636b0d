"""JSON answers to somebody who signs in for a lost receipt, as models."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.answers import Answer


class SignInAddress(Answer):
    """Where the browser goes to sign in."""

    url: Annotated[str, Field(pattern="^https?://")]


class LostReceipts(Answer):
    """Where the receipts of whoever signed in stand."""

    status: Annotated[
        Literal["waiting", "ready", "stopped", "nothing"],
        Field(description="ready: there are links; stopped: by who holds the receipt"),
    ]
    more: Annotated[
        bool, Field(description="some wait still, beside those that are ready")
    ]
    available_at: Annotated[
        str | None,
        Field(description="when those that wait are ready; null: not yet known"),
    ]
    links: list[str]
