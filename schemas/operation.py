"""What one operation of the HTTP API is: the row of the table in `operations.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

JSON: Final = "application/json"

# A schema by the name of a model or component, or written out.
Schema = str | Mapping[str, Any]
Method = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the path, the query or a header."""

    name: str
    place: Literal["path", "query", "header"]
    schema: Mapping[str, Any]
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of success: what it means, and its schema by media type."""

    description: str
    media: Mapping[str, Schema]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method at one path.

    Attributes:
        name: the name its handler is registered under, and OpenAPI's operationId.
        path: with `{parameters}`, each one segment unless it is `wild`.
        tag: the chapter of the documentation.
        bodies: schema of the request's body by media type; empty: there is none.
        problems: the kinds of problem it may answer, beside those every one may.
        auth: the security scheme, if any.
        wild: the last parameter may hold slashes.
        curl: an example that works when pasted; `$BASE` is the service's address.
    """

    name: str
    method: Method
    path: str
    tag: str
    summary: str
    replies: Mapping[int, Reply]
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    bodies: Mapping[str, Schema] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    auth: Literal["token", "receipt", "case", "read"] | None = None
    wild: bool = False
    curl: str = ""
