"""What several operations share: parameters, schemas, media types."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.limits import PAGE_ITEMS, PAGE_ITEMS_MAX, TREE_SIZE_MAX
from schemas.operation import JSON, Parameter, Reply
from schemas.shapes import UUID4_PATTERN
from schemas.times import TIME_PATTERN

TEXT: Final = "text/plain"
HTML: Final = "text/html"
BYTES: Final = "application/octet-stream"
STRING: Final = {"type": "string"}
BINARY: Final[Mapping[str, Any]] = {}  # OpenAPI 3.1: raw bytes have no schema
INDEX: Final = {"type": "integer", "minimum": 0, "maximum": TREE_SIZE_MAX}
SIZE: Final = {**INDEX, "minimum": 1}
TIME: Final = {"type": "string", "pattern": TIME_PATTERN, "format": "date-time"}
TILE_INDEX: Final = r"^(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?$"


def query(
    name: str, schema: Mapping[str, Any], description: str, *, required: bool = False
) -> Parameter:
    """A parameter of the query."""
    return Parameter(
        name=name,
        place="query",
        schema=schema,
        description=description,
        required=required,
    )


def path_parameter(name: str, schema: Mapping[str, Any], description: str) -> Parameter:
    """A parameter of the path."""
    return Parameter(
        name=name, place="path", schema=schema, description=description, required=True
    )


def ok(description: str, schema: str | Mapping[str, Any], media: str = JSON) -> Reply:
    """An answer of success in one media type."""
    return Reply(description=description, media={media: schema})


LEDGER = path_parameter(
    "ledger", {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,39}$"}, "the ledger"
)
ID = path_parameter(
    "id", {"type": "string", "pattern": UUID4_PATTERN}, "the decision's id"
)
LIMIT = query(
    "limit",
    {
        "type": "integer",
        "minimum": 1,
        "maximum": PAGE_ITEMS_MAX,
        "default": PAGE_ITEMS,
    },
    "items of a page, at most",
)
TILE = path_parameter(
    "index",
    {"type": "string", "pattern": TILE_INDEX, "examples": ["000"]},
    "C2SP tile index, such as x001/234 or 000.p/17; its slashes are not escaped",
)
