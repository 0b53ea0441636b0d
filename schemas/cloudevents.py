"""Decisions that arrive as CloudEvents 1.0: structured, batched and binary.

    {"specversion": "1.0", "id": "0b0f7d0e-…", "source": "/scoring",
     "type": "org.counterfoil.decision.submit.v1", "data": {…a decision…}}

The event's `id` is the decision's; a `data.id` must equal it. Context attributes are
checked as the specification says (names of lower-case letters and digits; `source` not
empty; `time` RFC 3339) and then dropped: only `data` is recorded. In binary mode the
attributes are `ce-*` headers, percent-encoded, and the body is the data. `data_base64`
is refused: a decision is JSON.

An event wraps its decision in one level, a batch in two, so reading allows those; the
decision itself still has its 32 levels and 64 KiB.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from ledger.errors import CounterfoilError, MalformedError, RejectedError
from ledger.ids import is_uuid4
from ledger.limits import (
    BATCH_BYTES_MAX,
    BATCH_DECISIONS_MAX,
    DECISION_BYTES_MAX,
    JSON_DEPTH_MAX,
    TEXT_CHARS_MAX,
)
from schemas.decision import ParsedDecision, validate_decision
from schemas.faults import Fault, InvalidError
from schemas.strict_json import read_json
from schemas.times import parse_time_ms

EVENT_TYPE: Final = "org.counterfoil.decision.submit.v1"  # never changes
SPECVERSION: Final = "1.0"
# Room for the attributes around a decision of the largest size.
EVENT_BYTES_MAX: Final = DECISION_BYTES_MAX + 16 * 1024

_NAME = re.compile(r"[a-z0-9]{1,64}", re.ASCII)
_JSON_TYPE = re.compile(
    r"application/(json|[a-z0-9!#$&^_.-]+\+json)( *;.*)?", re.IGNORECASE
)
_TEXTS = ("source", "subject", "dataschema", "datacontenttype", "time")
_FRAME = frozenset({"specversion", "id", "type", "data", *_TEXTS})


def _is_time(text: str) -> bool:
    try:
        parse_time_ms(text)
    except MalformedError:
        return False
    return True


def _fixed_faults(event: Mapping[str, Any]) -> list[Fault]:
    found = []
    if event.get("specversion") != SPECVERSION:
        found.append(Fault("/specversion", f'must be "{SPECVERSION}"'))
    if event.get("type") != EVENT_TYPE:
        found.append(Fault("/type", f'must be "{EVENT_TYPE}"'))
    identifier = event.get("id")
    if type(identifier) is not str or not is_uuid4(identifier):
        found.append(Fault("/id", "must be a lower-case random UUID (version 4)"))
    if "source" not in event:
        found.append(Fault("/source", "is required"))
    if "data" not in event:
        found.append(Fault("/data", "is required: the decision, as JSON"))
    return found


def _text_faults(event: Mapping[str, Any]) -> list[Fault]:
    found = []
    for name in _TEXTS:
        value = event.get(name, "-")
        if type(value) is not str or not 1 <= len(value) <= TEXT_CHARS_MAX:
            found.append(Fault(f"/{name}", "must be a string that is not empty"))
    time, content_type = event.get("time"), event.get("datacontenttype")
    if type(time) is str and not _is_time(time):
        found.append(Fault("/time", "must be an RFC 3339 time with a zone"))
    if type(content_type) is str and not _JSON_TYPE.fullmatch(content_type):
        found.append(Fault("/datacontenttype", "must be a JSON media type"))
    return found


def _extension_faults(event: Mapping[str, Any]) -> list[Fault]:
    if "data_base64" in event:
        return [Fault("/data_base64", "is not taken; send the decision as `data`")]
    extensions = [(name, event[name]) for name in event if name not in _FRAME]
    if all(
        _NAME.fullmatch(name) and type(value) in {str, bool, int}
        for name, value in extensions
    ):
        return []
    return [
        Fault("", "an extension attribute is not as CloudEvents 1.0 section 3 says")
    ]


def _data_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The decision in a checked event, with the event's id.

    Raises:
        InvalidError: the event breaks CloudEvents 1.0 or names another decision.
    """
    faults = _fixed_faults(event) + _text_faults(event) + _extension_faults(event)
    if not faults:
        data = event["data"]
        if type(data) is not dict:
            faults = [Fault("/data", "must be an object")]
        elif data.get("id") is not None and data["id"] != event["id"]:
            faults = [Fault("/data/id", "must equal the event's id, or be absent")]
        else:
            return {**data, "id": event["id"]}
    raise InvalidError("invalid-event", faults)


def _decision_of(event: object) -> ParsedDecision:
    if type(event) is not dict:
        raise InvalidError("invalid-event", [Fault("", "must be an object")])
    present = {name: value for name, value in event.items() if value is not None}
    data = _data_of(present)
    try:
        return validate_decision(data)
    except InvalidError as error:
        moved = [Fault(f"/data{f.pointer}", f.sentence) for f in error.faults]
    raise InvalidError("invalid-decision", moved)


def _check_data_bytes(event: object) -> None:
    """Only for bodies above one decision's bound; written compactly, as sent at best."""
    if type(event) is dict:
        written = json.dumps(
            event.get("data"), ensure_ascii=False, separators=(",", ":")
        )
        if len(written.encode()) > DECISION_BYTES_MAX:
            raise RejectedError(
                "body-too-large", f"a decision is at most {DECISION_BYTES_MAX:,} bytes"
            )


def parse_event(body: bytes) -> ParsedDecision:
    """The decision in one structured event (`application/cloudevents+json`).

    Raises:
        MalformedError: not one JSON document.
        InvalidError: `invalid-event`, `invalid-decision`.
        RejectedError: `body-too-large`. Nothing was recorded in any of these.
    """
    if len(body) > EVENT_BYTES_MAX:
        raise RejectedError(
            "body-too-large", f"an event is at most {EVENT_BYTES_MAX:,} bytes"
        )
    event = read_json(body, depth_max=JSON_DEPTH_MAX + 1)
    if len(body) > DECISION_BYTES_MAX:
        _check_data_bytes(event)
    return _decision_of(event)


def parse_event_batch(body: bytes) -> list[ParsedDecision | CounterfoilError]:
    """The decisions in a batch of events, in order; an error is that event's answer.

    An empty batch is one (CloudEvents JSON format, section 4), and answers nothing.

    Raises:
        MalformedError: not one JSON document.
        InvalidError: not a list.
        RejectedError: `body-too-large`, above 16 MiB or 10,000 events.
            Nothing was recorded in any of these.
    """
    if len(body) > BATCH_BYTES_MAX:
        raise RejectedError(
            "body-too-large", f"a batch is at most {BATCH_BYTES_MAX:,} bytes"
        )
    events = read_json(body, depth_max=JSON_DEPTH_MAX + 2)
    if type(events) is not list:
        raise InvalidError("invalid-event", [Fault("", "must be a list of events")])
    if len(events) > BATCH_DECISIONS_MAX:
        raise RejectedError(
            "body-too-large", f"a batch is at most {BATCH_DECISIONS_MAX:,} decisions"
        )
    answers: list[ParsedDecision | CounterfoilError] = []
    for event in events:
        try:
            if len(body) > DECISION_BYTES_MAX:
                _check_data_bytes(event)
            answers.append(_decision_of(event))
        except RejectedError as error:
            answers.append(error)
    return answers


def is_binary_event(headers: Mapping[str, str]) -> bool:
    """Whether the request is a binary-mode event (HTTP binding, section 3.1).

    One `ce-` header is enough: an event that lacks its `ce-specversion` is refused, and
    not taken for plain JSON, which would lose its `ce-id`.
    """
    return any([name[:3].lower() == "ce-" for name in headers])  # noqa: C419 -- hot


def parse_binary_event(headers: Mapping[str, str], body: bytes) -> ParsedDecision:
    """The decision of a binary-mode event: `ce-*` headers, the body is the data.

    Args:
        headers: the request's; others than `ce-*` are not looked at.
        body: the decision's JSON; its media type was checked by the caller.

    Raises:
        MalformedError: the body is not one JSON document.
        InvalidError: `invalid-event`, `invalid-decision`.
        RejectedError: `body-too-large`. Nothing was recorded in any of these.
    """
    if len(body) > DECISION_BYTES_MAX:
        raise RejectedError(
            "body-too-large", f"a decision is at most {DECISION_BYTES_MAX:,} bytes"
        )
    event: dict[str, Any] = {}
    for name, value in headers.items():
        attribute = name.lower().removeprefix("ce-")
        if attribute == name.lower():
            continue
        if attribute in event or attribute == "data":
            raise InvalidError(
                "invalid-event", [Fault("", "a ce- header is repeated, or is ce-data")]
            )
        event[attribute] = unquote(value, errors="replace")
    event["data"] = read_json(body)
    return _decision_of(event)
