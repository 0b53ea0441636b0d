"""The members of a decision as they are sent, as types that pydantic validates.

TypedDicts, not models: a decision is validated once, kept as the plain JSON it came as
and sealed value by value; building objects would double the cost (21-29 µs against 51).
Everything is strict (no `"1"` for 1) and closed (an unknown member is refused). A null
member is an absent one and is taken out before validation, see `schemas.decision`.
"""

from typing import Annotated, Any, Literal, NotRequired, Required

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from ledger.limits import (
    DEADLINE_DAYS_MAX,
    INTEGER_MAX,
    LIST_ITEMS_MAX,
    SUBJECT_REF_BYTES_MAX,
    TEXT_CHARS_MAX,
)
from schemas.times import TIME_PATTERN

CLOSED = ConfigDict(extra="forbid", strict=True)

# `pydantic` runs these in a linear-time engine in which `$` is the end of the text.
UUID4_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
CODE_PATTERN = "^[A-Za-z0-9._-]{1,64}$"
VERSION_PATTERN = "^[A-Za-z0-9._+-]{1,64}$"
AMOUNT_PATTERN = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$"
DECIMAL_PATTERN = r"^-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$"

Id = Annotated[str, Field(pattern=UUID4_PATTERN)]
Code = Annotated[str, Field(pattern=CODE_PATTERN)]
Version = Annotated[str, Field(pattern=VERSION_PATTERN)]
Decimal = Annotated[str, Field(pattern=DECIMAL_PATTERN)]
Amount = Annotated[str, Field(pattern=AMOUNT_PATTERN)]
Text = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX)]
Time = Annotated[
    str, Field(pattern=TIME_PATTERN, json_schema_extra={"format": "date-time"})
]
Rank = Annotated[int, Field(ge=1, le=INTEGER_MAX)]
Days = Annotated[int, Field(ge=0, le=DEADLINE_DAYS_MAX)]
# Bytes are counted in `schemas.decision`; characters are never more than bytes.
SubjectRef = Annotated[str, Field(min_length=1, max_length=SUBJECT_REF_BYTES_MAX)]


class Outcome(TypedDict):
    """What was decided."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]  # pydantic's documented spelling
    code: Code
    favourable: bool


class Subject(TypedDict):
    """Whom it was decided about, in the deployer's own words."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    ref: SubjectRef


class Reason(TypedDict, total=False):
    """One reason; at least `code` or `text`. `direction` is for, against or neutral."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    code: Code
    text: Text
    factor: Text
    direction: Code
    rank: Rank


Counterfactual = TypedDict(
    "Counterfactual",
    {"factor": Text, "from": Text, "to": Text, "outcome": Text},
    total=False,
)
"""What would have changed the outcome."""
Counterfactual.__pydantic_config__ = CLOSED  # type: ignore[attr-defined]


class Protected(TypedDict, total=False):
    """Protected attributes, and who stated them; used for measuring bias only."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    sex: Text
    race_ethnicity: Text
    age_band: Text
    source: Text


class Human(TypedDict, total=False):
    """Whether a person took part."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    involved: bool
    could_override: bool
    override: bool


class Recourse(TypedDict, total=False):
    """What the person can do about it."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    how: Text
    deadline_days: Days
    authority: Text


class Footprint(TypedDict, total=False):
    """What the decision cost: watt-hours, grams of CO2, millilitres of water."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    energy_wh: Amount
    carbon_g: Amount
    water_ml: Amount
    region: Text
    method: Text


class Decision(TypedDict, total=False):
    """One automated decision, as an AI service sends it."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]
    id: Id
    system: Required[Code]
    system_version: Version
    decided_at: Required[Time]
    automation: Required[Literal["full", "partial", "advisory"]]
    outcome: Required[Outcome]
    score: Decimal
    threshold: Decimal
    subject: Required[Subject]
    reasons: Annotated[list[Reason], Field(max_length=LIST_ITEMS_MAX)]
    counterfactuals: Annotated[list[Counterfactual], Field(max_length=LIST_ITEMS_MAX)]
    inputs: NotRequired[Any]
    protected: Protected
    human: Human
    recourse: Recourse
    footprint: Footprint
    legal_basis: Text
    parents: Annotated[list[Id], Field(max_length=LIST_ITEMS_MAX)]
    extension: NotRequired[Any]
