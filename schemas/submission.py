"""One request of `POST /decisions`, whatever its media type: a decision, or a batch."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from ledger.entries.sealing import SealedRequest, read_sealed_request
from ledger.errors import CounterfoilError, RejectedError
from ledger.limits import BATCH_BYTES_MAX, DECISION_BYTES_MAX, SEALED_BODY_BYTES_MAX
from schemas.cloudevents import (
    EVENT_BYTES_MAX,
    is_binary_event,
    parse_binary_event,
    parse_event,
    parse_event_batch,
)
from schemas.decision import (
    ParsedDecision,
    parse_decision,
    split_ndjson,
    try_parse_decision,
)
from schemas.strict_json import read_json

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
EVENT: Final = "application/cloudevents+json"
EVENT_BATCH: Final = "application/cloudevents-batch+json"
SEALED: Final = "application/vnd.counterfoil.sealed+json"
BATCHES: Final = frozenset({NDJSON, EVENT_BATCH})

BODY_BYTES_MAX: Final = {
    JSON: DECISION_BYTES_MAX,
    NDJSON: BATCH_BYTES_MAX,
    EVENT: EVENT_BYTES_MAX,
    EVENT_BATCH: BATCH_BYTES_MAX,
    SEALED: SEALED_BODY_BYTES_MAX,
}

_TYPES = "send " + ", ".join(BODY_BYTES_MAX) + ", in UTF-8"


@lru_cache(maxsize=64)
def media_type_of(content_type: str | None) -> str:
    """The media type of a `Content-Type` header, one of `BODY_BYTES_MAX`.

    Raises:
        RejectedError: `unsupported-media-type`: another, none, or not UTF-8.
    """
    media_type, *parameters = (content_type or "").split(";")
    media_type = media_type.strip().lower()
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "charset" and value.strip('"').lower() not in {
            "utf-8",
            "utf8",
        }:
            media_type = ""
    if media_type not in BODY_BYTES_MAX:
        raise RejectedError("unsupported-media-type", _TYPES)
    return media_type


def parse_one(
    media_type: str, headers: Mapping[str, str], body: bytes
) -> ParsedDecision:
    """The decision of a request that carries one (`JSON`, `EVENT`, binary event).

    Raises:
        MalformedError, InvalidError, RejectedError: as the format's own parser.
    """
    if media_type == EVENT:
        return parse_event(body)
    if is_binary_event(headers):
        return parse_binary_event(headers, body)
    return parse_decision(body)


def parse_sealed(body: bytes) -> SealedRequest:
    """The decision that a sealing client sent.

    Raises:
        MalformedError: not one JSON document.
        RejectedError: `invalid-sealed`.
        VerificationError: its signature does not hold.
    """
    return read_sealed_request(read_json(body))


def parse_batch(
    media_type: str, body: bytes
) -> list[ParsedDecision | CounterfoilError]:
    """The decisions of a batch (`NDJSON`, `EVENT_BATCH`), each or its own error.

    For a large NDJSON body prefer `split_ndjson` and `try_parse_decision` line by line,
    so that other requests are answered in between.

    Raises:
        MalformedError, InvalidError, RejectedError: the batch as a whole is refused.
    """
    if media_type == EVENT_BATCH:
        return parse_event_batch(body)
    return [try_parse_decision(line) for line in split_ndjson(body)]
