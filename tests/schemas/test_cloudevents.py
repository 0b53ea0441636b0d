"""CloudEvents 1.0 in three modes carry the same decision, or are refused."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import CounterfoilError, MalformedError, RejectedError
from ledger.limits import DECISION_BYTES_MAX
from schemas import submission
from schemas.cloudevents import (
    EVENT_TYPE,
    is_binary_event,
    parse_binary_event,
    parse_event,
    parse_event_batch,
)
from schemas.decision import ParsedDecision, parse_decision
from schemas.faults import InvalidError
from tests.schemas.samples import FULL, MARKER, absent, encoded

OTHER_ID = "5f1c1a52-6f2e-4b0e-9a53-0c6a2c1d9e77"


def event(**changes: object) -> dict[str, Any]:
    made = {
        "specversion": "1.0",
        "id": FULL["id"],
        "source": "/scoring",
        "type": EVENT_TYPE,
        "time": "2026-11-22T10:00:01Z",
        "datacontenttype": "application/json",
        "traceparent": "00-abc-01",
        "data": {name: FULL[name] for name in FULL if name != "id"},
        **changes,
    }
    return {name: value for name, value in made.items() if value is not absent()}


def headers(**changes: str) -> dict[str, str]:
    sent = {
        "ce-specversion": "1.0",
        "CE-Id": FULL["id"],
        "ce-source": quote("/scöring"),
        "ce-type": EVENT_TYPE,
        "Content-Type": "application/json",
    }
    return {
        **sent,
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }


def test_three_modes_carry_the_same_decision() -> None:
    plain = parse_decision(encoded(FULL))
    assert parse_event(encoded(event())) == plain
    assert parse_event(encoded(event(data=FULL))) == plain
    assert parse_event_batch(encoded([event(), event()])) == [plain, plain]
    assert parse_binary_event(headers(), encoded(event()["data"])) == plain


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("specversion", 1.0),
        ("specversion", absent()),
        ("id", absent()),
        ("id", None),
        ("id", "e-1"),
        ("source", ""),
        ("source", absent()),
        ("source", 3),
        ("type", "org.counterfoil.decision.submit.v2"),
        ("type", ["a"]),
        ("time", "yesterday"),
        ("subject", ""),
        ("datacontenttype", "application/xml"),
        ("dataschema", 1),
        ("data", absent()),
        ("data", "{}"),
        ("data", {**FULL, "id": OTHER_ID}),
        ("data", {**FULL, "id": ["x"]}),
        ("data_base64", "e30="),
        ("Upper", "x"),
        ("list", []),
    ],
)
def test_refuses(name: str, value: object) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_event(encoded(event(**{name: value})))
    assert caught.value.kind == "invalid-event"


def test_a_fault_in_the_data_is_placed_in_the_data() -> None:
    with pytest.raises(InvalidError) as caught:
        parse_event(encoded(event(data={**FULL, "score": MARKER})))
    assert [fault.pointer for fault in caught.value.faults] == ["/data/score"]
    assert caught.value.kind == "invalid-decision"
    assert MARKER not in str(caught.value)


def test_one_bad_event_is_its_own_answer() -> None:
    got = parse_event_batch(encoded([event(), 3, event(type="x"), event()]))
    assert [isinstance(one, ParsedDecision) for one in got] == [
        True,
        False,
        False,
        True,
    ]
    assert all(isinstance(one, CounterfoilError) for one in got[1:3])


def test_a_batch_as_a_whole() -> None:
    assert parse_event_batch(b"[]") == []
    with pytest.raises(InvalidError):
        parse_event_batch(encoded(event()))
    with pytest.raises(MalformedError):
        parse_event_batch(b"[")
    with pytest.raises(RejectedError, match="at most 10,000"):
        parse_event_batch(b"[" + b"1," * 10_000 + b"1]")


def test_a_decision_keeps_its_own_depth_and_size_inside_an_event() -> None:
    def nested(levels: int) -> Any:
        value: Any = 1
        for _ in range(levels):
            value = [value]
        return value

    kept = parse_event(encoded(event(data={**FULL, "inputs": nested(31)})))
    assert kept.fields["inputs"] == nested(31)
    with pytest.raises(MalformedError):
        parse_event(encoded(event(data={**FULL, "inputs": nested(32)})))
    large = {**FULL, "inputs": "x" * DECISION_BYTES_MAX}
    with pytest.raises(RejectedError) as caught:
        parse_event(encoded(event(data=large)))
    assert caught.value.kind == "body-too-large"
    got = parse_event_batch(encoded([event(data=large), event()]))
    assert isinstance(got[0], RejectedError)
    assert isinstance(got[1], ParsedDecision)


@pytest.mark.parametrize(
    "changes",
    [{"ce_type": "x"}, {"ce_specversion": "0.3"}, {"ce_data": "{}"}, {"ce_time": "x"}],
)
def test_refuses_binary(changes: dict[str, str]) -> None:
    assert is_binary_event(headers(**changes))
    with pytest.raises(InvalidError):
        parse_binary_event(headers(**changes), encoded(FULL))


def test_a_plain_request_is_no_event() -> None:
    assert not is_binary_event({"Content-Type": "application/json"})


@pytest.mark.parametrize(
    ("content_type", "want"),
    [
        ("application/json", submission.JSON),
        ("Application/JSON; charset=UTF-8", submission.JSON),
        ('application/x-ndjson;charset="utf-8"', submission.NDJSON),
        ("application/cloudevents+json", submission.EVENT),
        ("application/cloudevents-batch+json", submission.EVENT_BATCH),
    ],
)
def test_media_types(content_type: str, want: str) -> None:
    assert submission.media_type_of(content_type) == want


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/json; charset=latin-1"]
)
def test_other_media_types_are_refused(content_type: str | None) -> None:
    with pytest.raises(RejectedError) as caught:
        submission.media_type_of(content_type)
    assert caught.value.kind == "unsupported-media-type"


def test_a_submission_is_read_by_its_media_type() -> None:
    plain = parse_decision(encoded(FULL))
    body = encoded(FULL)
    assert submission.parse_one(submission.JSON, {}, body) == plain
    assert submission.parse_one(submission.JSON, headers(), body) == plain
    assert submission.parse_one(submission.EVENT, {}, encoded(event())) == plain
    assert submission.parse_batch(submission.NDJSON, body + b"\n" + body) == [plain] * 2
    assert submission.parse_batch(submission.EVENT_BATCH, encoded([event()])) == [plain]


_junk: st.SearchStrategy[Any] = st.sampled_from(
    [MARKER, {MARKER: MARKER}, [MARKER], 1.5, -1, True, None, "", [[]]]
)
_names = st.sampled_from([*event(), "subject", "dataschema", MARKER, MARKER.lower()])


@given(_names, _junk, st.integers(0, 1500), st.integers(0, 8), st.binary(max_size=4))
@settings(max_examples=300, deadline=None)
def test_mutations_raise_the_two_kinds_only_and_repeat_nothing(
    name: str, junk: Any, at: int, cut: int, put: bytes
) -> None:
    body = bytearray(encoded(event(**{name: junk})))
    body[at : at + cut] = put
    for parse, sent in (
        (parse_event, bytes(body)),
        (parse_event_batch, b"[" + body + b"]"),
    ):
        error = _refusal(parse, bytes(sent))
        assert MARKER not in f"{error}{getattr(error, 'faults', '')}"
        assert error is None or error.__context__ is None


def _refusal(parse: Callable[[bytes], object], sent: bytes) -> CounterfoilError | None:
    try:
        parse(sent)
    except (MalformedError, RejectedError) as error:
        return error
    return None


@given(st.dictionaries(st.text(max_size=8).map("ce-{}".format), st.text(max_size=20)))
@settings(max_examples=200, deadline=None)
def test_any_headers_are_refused_in_words(sent: dict[str, str]) -> None:
    with pytest.raises(InvalidError):
        parse_binary_event(sent, encoded(FULL))
