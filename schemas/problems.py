"""Errors become answers here: RFC 9457 problem details. Nowhere else.

    {"type": "/docs#problem-id-used-otherwise", "status": 422,
     "title": "This id or key was used for another decision",
     "detail": "… Send the first decision unchanged, or make a new id and key.",
     "recorded": false}

`errors` lists `{"pointer", "detail"}` for a body that breaks the contract (a pointer is
a URI fragment of RFC 6901, as in RFC 9457's own example). The error tree maps so:

    RejectedError by its `kind`; one that the table lacks by its class
    MalformedError 400 · VerificationError 403 · UnavailableError 503
    UnknownOutcomeError 503 with `recorded` null · FatalError 503, its text kept back
    anything else 500 `internal`, `recorded` null: a mistake of ours, of unknown extent
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ledger.errors import (
    ConflictError,
    CounterfoilError,
    ErasedError,
    FatalError,
    ForbiddenError,
    MalformedError,
    NotFoundError,
    RejectedError,
    RuleRefusedError,
    UnavailableError,
    UnknownOutcomeError,
    VerificationError,
)
from schemas.faults import InvalidError
from schemas.kind import Kind
from schemas.kinds import KINDS

MEDIA_TYPE = "application/problem+json"
_FATAL_RETRY_S = 60  # seconds; a person has to act first
_BASE = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"}

# First match wins: a subclass stands before its base.
_REJECTED: tuple[tuple[type[RejectedError], str], ...] = (
    (ForbiddenError, "forbidden"),
    (ConflictError, "conflict"),
    (NotFoundError, "not-found"),
    (ErasedError, "erased"),
    (RejectedError, "rejected"),
)
_OTHERS: tuple[tuple[type[CounterfoilError], str], ...] = (
    (MalformedError, "malformed"),
    (VerificationError, "verification-failed"),
    (UnknownOutcomeError, "outcome-unknown"),
    (UnavailableError, "unavailable"),
    (FatalError, "not-signing"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer of failure, ready to send.

    Attributes:
        status: the HTTP status, the same as in the body.
        body: JSON without a line break, so that it is also a line of a batch's answer.
        headers: `Content-Type`, `Cache-Control` and what the status requires.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]


def problem_type(name: str) -> str:
    """The `type` of a kind: a path and fragment under which the kind is explained."""
    return f"/docs#problem-{name}"


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _headers_of(kind: Kind, retry_after_s: int) -> dict[str, str]:
    headers = dict(_BASE)
    if kind.status == 401:
        # RFC 6750 section 3: no error code when no token was sent.
        error = "" if kind.name == "no-token" else ', error="invalid_token"'
        headers["WWW-Authenticate"] = f'Bearer realm="counterfoil"{error}'
    if kind.status in {429, 503}:
        headers["Retry-After"] = str(max(1, retry_after_s))
    return headers


def problem_of(
    name: str,
    found: str = "",
    *,
    recorded: bool | None = False,
    retry_after_s: int = 1,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> Problem:
    """The problem of the kind `name`.

    Args:
        name: a kind of the table.
        found: what was found and expected, and no value of the request.
        recorded: whether anything reached the log; None when it is not known.
        retry_after_s: for kinds of status 429 and 503.
        headers: more headers, such as `Allow`.
        members: more members of the body (`errors`; `rule`, `message`, `enacted_by`).

    Raises:
        KeyError: no such kind: a mistake of the caller.
    """
    return _problem(
        KINDS[name],
        name,
        found=found,
        recorded=recorded,
        headers={**_headers_of(KINDS[name], retry_after_s), **(headers or {})},
        members=members or {},
    )


def _problem(
    kind: Kind,
    name: str,
    *,
    found: str,
    recorded: bool | None,
    headers: Mapping[str, str],
    members: Mapping[str, Any],
) -> Problem:
    body = {
        "type": problem_type(name),
        "status": kind.status,
        "title": kind.title,
        "detail": f"{_sentence(found)} {kind.advice}" if found else kind.advice,
        "recorded": recorded,
        **members,
    }
    return Problem(kind.status, orjson.dumps(body), headers)


def _rejected(error: RejectedError) -> Problem:
    base = next(name for one, name in _REJECTED if isinstance(error, one))
    kind = KINDS.get(error.kind) or KINDS[base]
    members: dict[str, Any] = {}
    if isinstance(error, InvalidError):
        members["errors"] = [
            {"pointer": f"#{fault.pointer}", "detail": fault.sentence}
            for fault in error.faults
        ]
    if isinstance(error, RuleRefusedError):
        members["rule"] = error.rule
        members["message"] = error.told
        members["enacted_by"] = error.enacted_by
    return _problem(
        kind,
        error.kind,
        found=str(error),
        recorded=error.recorded,
        headers=_headers_of(kind, 1),
        members=members,
    )


def problem_for(error: Exception) -> Problem:
    """The answer for any error that reached the edge.

    A FatalError's text, and that of an error outside the tree, is for the operator's
    log: it may name files, sizes or values.
    """
    if isinstance(error, RejectedError):
        return _rejected(error)
    name = next((name for one, name in _OTHERS if isinstance(error, one)), None)
    if name is None:
        return problem_of("internal", recorded=None)
    fatal = isinstance(error, FatalError)
    retry_after_s = _FATAL_RETRY_S if fatal else getattr(error, "retry_after_s", 1)
    return problem_of(
        name,
        "" if fatal else str(error),
        recorded=getattr(error, "recorded", None),
        retry_after_s=retry_after_s,
    )
