"""CONTRACT's rules of a decision, one by one."""

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError, RejectedError
from ledger.limits import BATCH_BYTES_MAX, DECISION_BYTES_MAX
from schemas.decision import (
    ParsedDecision,
    parse_decision,
    split_ndjson,
    try_parse_decision,
)
from schemas.faults import InvalidError
from tests.schemas.samples import FULL, MARKER, absent, changed, encoded

UUID7 = "018f7d0e-3c5a-7f7e-8a59-2f4f0e8b9c11"


def test_a_full_decision_is_kept_as_it_was_sent() -> None:
    parsed = parse_decision(encoded(FULL))
    assert parsed.fields == FULL
    assert parsed.decided_at_ms == 1_795_341_600_000


def test_the_least_decision() -> None:
    least = {
        "system": "s",
        "decided_at": "2026-11-22T10:00:00Z",
        "automation": "advisory",
        "outcome": {"code": "ok", "favourable": True},
        "subject": {"ref": "x"},
    }
    assert parse_decision(encoded(least)).fields == least


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", UUID7),
        ("id", str(FULL["id"]).upper()),
        ("id", str(FULL["id"]).replace("-", "")),
        ("id", "0b0f7d0e-3c5a-4f7e-ca59-2f4f0e8b9c11"),
        ("id", f"{FULL['id']}\n"),
        ("id", ""),
        ("system", absent()),
        ("system", None),
        ("system", ""),
        ("system", "a/b"),
        ("system", "x" * 65),
        ("system", "naïve"),
        ("system", "a\n"),
        ("system_version", "v 1"),
        ("system_version", "x" * 65),
        ("decided_at", absent()),
        ("decided_at", 1795428000),
        ("decided_at", "2026-11-22T10:00:00"),
        ("decided_at", "2026-11-22 10:00:00Z"),
        ("decided_at", "2026-11-22"),
        ("decided_at", "2026-02-30T10:00:00Z"),
        ("decided_at", "2025-02-29T10:00:00Z"),
        ("decided_at", "0000-01-01T10:00:00Z"),
        ("decided_at", "2026-13-01T10:00:00Z"),
        ("decided_at", "2026-11-22T24:00:00Z"),
        ("decided_at", "2026-12-31T23:59:60Z"),
        ("decided_at", "2026-11-22T10:60:00Z"),
        ("decided_at", "2026-11-22T10:00Z"),
        ("decided_at", "2026-11-22T10:00:00.Z"),
        ("decided_at", "2026-11-22T10:00:00,5Z"),
        ("decided_at", "2026-11-22T10:00:00+0100"),
        ("decided_at", "2026-11-22T10:00:00+24:00"),
        ("decided_at", "2026-11-22T10:00:00Z\n"),
        ("decided_at", "٢٠٢٦-11-22T10:00:00Z"),
        ("automation", absent()),
        ("automation", "Full"),
        ("outcome", absent()),
        ("outcome", "rejected"),
        ("outcome/code", absent()),
        ("outcome/code", "no spaces"),
        ("outcome/favourable", absent()),
        ("outcome/favourable", None),
        ("outcome/favourable", 0),
        ("outcome/favourable", "false"),
        ("score", 0.31),
        ("score", 1),
        ("score", ".5"),
        ("score", "01"),
        ("score", "+1"),
        ("score", "1."),
        ("score", "1e3"),
        ("score", "1234567890"),
        ("score", "0.1234567891"),
        ("score", "NaN"),
        ("score", "٣"),
        ("threshold", "-"),
        ("subject", absent()),
        ("subject", {}),
        ("subject/ref", ""),
        ("subject/ref", 8812),
        ("subject/ref", "x" * 257),
        ("subject/ref", "ü" * 129),
        ("reasons", absent()),
        ("reasons", []),
        ("reasons", {}),
        ("reasons", [{}]),
        ("reasons", [{"rank": 1}]),
        ("reasons", [None]),
        ("reasons", [{"code": "R"}] * 101),
        ("reasons/0/code", "a b"),
        ("reasons/0/text", ""),
        ("reasons/0/text", "x" * 10_001),
        ("reasons/0/direction", "up and down"),
        ("reasons/0/rank", 0),
        ("reasons/0/rank", 1.0),
        ("reasons/0/rank", True),
        ("reasons/0/rank", "1"),
        ("reasons/0/rank", 2**53),
        ("counterfactuals", [{}] * 101),
        ("counterfactuals/0/from", 2),
        ("protected/sex", ""),
        ("protected/source", 1),
        ("human/involved", 1),
        ("human/override", "no"),
        ("recourse/deadline_days", -1),
        ("recourse/deadline_days", 36_501),
        ("recourse/deadline_days", 1.5),
        ("footprint/energy_wh", "-1"),
        ("footprint/carbon_g", "-0"),
        ("footprint/water_ml", 1),
        ("legal_basis", ""),
        ("parents", ["x"]),
        ("parents", [UUID7]),
        ("parents", [FULL["id"]] * 101),
        ("parents", FULL["id"]),
    ],
)
def test_refuses(path: str, value: object) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_decision(encoded(changed(path, value)))
    assert caught.value.kind == "invalid-decision"
    assert any(
        f"/{path}".startswith(fault.pointer) or fault.pointer.startswith(f"/{path}")
        for fault in caught.value.faults
    )
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("decided_at", "2024-02-29t23:59:59.999999999z"),
        ("decided_at", "2026-11-22T10:00:00-00:00"),
        ("decided_at", "0001-01-01T00:00:00+23:59"),
        ("decided_at", "9999-12-31T23:59:59-23:59"),
        ("score", "0"),
        ("score", "-999999999.999999999"),
        ("subject/ref", "ü" * 128),
        ("subject/ref", "x" * 256),
        ("reasons/0/text", "😀" * 10_000),
        ("reasons", [{"text": "x"}] * 100),
        ("recourse/deadline_days", 0),
        ("recourse/deadline_days", 36_500),
        ("parents", []),
        ("inputs", [0.5, {"deep": None}]),
        ("inputs", "text"),
        ("inputs", 0),
        ("inputs", [1] * 101),
        ("extension", False),
    ],
)
def test_keeps(path: str, value: object) -> None:
    wanted = changed(path, value)
    assert parse_decision(encoded(wanted)).fields == wanted


@pytest.mark.parametrize(
    "path",
    [
        "",
        "outcome",
        "subject",
        "reasons/0",
        "counterfactuals/0",
        "protected",
        "human",
        "recourse",
        "footprint",
    ],
)
@pytest.mark.parametrize("value", [1, None])
def test_an_unknown_member_is_refused_without_its_name(
    path: str, value: object
) -> None:
    body = encoded(changed(f"{path}/{MARKER}".lstrip("/"), value))
    with pytest.raises(InvalidError) as caught:
        parse_decision(body)
    pointer = f"/{path}" if path else ""
    assert [f.pointer for f in caught.value.faults] == [pointer]
    assert MARKER not in str(caught.value)


@pytest.mark.parametrize(
    "path",
    [
        "id",
        "score",
        "inputs",
        "extension",
        "human",
        "human/override",
        "legal_basis",
        "reasons/0/code",
        "counterfactuals/0/from",
        "recourse/deadline_days",
        "protected/sex",
        "footprint/energy_wh",
        "parents",
        "counterfactuals",
    ],
)
def test_a_null_member_is_an_absent_one(path: str) -> None:
    parsed = parse_decision(encoded(changed(path, None)))
    assert parsed == parse_decision(encoded(changed(path, absent())))
    assert parsed.fields["reasons"]


def test_nulls_inside_any_json_stay() -> None:
    fields = parse_decision(encoded(FULL)).fields
    assert fields["inputs"]["gap"] is None
    assert fields["extension"][0] is None


def test_a_time_is_floored_to_the_millisecond_across_zones() -> None:
    parsed = parse_decision(
        encoded(changed("decided_at", "1970-01-01T01:00:00.0019999+01:00"))
    )
    assert parsed.decided_at_ms == 1


@pytest.mark.parametrize("value", [[], "x", 1, None, True])
def test_another_value_than_an_object_breaks_the_contract(value: object) -> None:
    with pytest.raises(InvalidError):
        parse_decision(encoded(value))


def test_the_size_is_checked_first() -> None:
    body = encoded(FULL)
    assert parse_decision(body.ljust(DECISION_BYTES_MAX)).fields == FULL
    with pytest.raises(RejectedError) as caught:
        parse_decision(body.ljust(DECISION_BYTES_MAX + 1))
    assert caught.value.kind == "body-too-large"


def test_repeated_names_are_malformed_not_invalid() -> None:
    with pytest.raises(MalformedError):
        parse_decision(encoded(FULL)[:-1] + b',"syst\\u0065m":"other"}')


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb", [b"a\r", b"b"]),
        (b"a\n\nb\n", [b"a", b"", b"b"]),
        (b"a\n\n", [b"a", b""]),
        (b"\n", [b""]),
    ],
)
def test_lines(body: bytes, lines: list[bytes]) -> None:
    assert split_ndjson(body) == lines


def test_thousands_of_faults_are_counted_not_written() -> None:
    body = encoded({**FULL, **{f"{MARKER}{index}": 1 for index in range(2_000)}})
    with pytest.raises(InvalidError, match="in 2,000 places") as caught:
        parse_decision(body)
    assert len(caught.value.faults) == 1
    assert MARKER not in str(caught.value)


def test_a_batch_is_bounded() -> None:
    assert len(split_ndjson(b"x\n" * 10_000)) == 10_000
    assert len(split_ndjson(b"x\n" * 9_999 + b"x")) == 10_000
    for body in (b"x\n" * 10_000 + b"x", b" " * (BATCH_BYTES_MAX + 1)):
        with pytest.raises(RejectedError) as caught:
            split_ndjson(body)
        assert caught.value.kind == "body-too-large"
    with pytest.raises(MalformedError):
        split_ndjson(b"")


def test_one_bad_line_is_its_own_answer() -> None:
    good = encoded(FULL)
    got = [
        try_parse_decision(line) for line in split_ndjson(good + b"\n\n{}\r\n" + good)
    ]
    kinds = [type(one) for one in got]
    assert kinds == [ParsedDecision, MalformedError, InvalidError, ParsedDecision]


_junk: st.SearchStrategy[Any] = st.sampled_from(
    [MARKER, {MARKER: MARKER}, [MARKER], 1e9, -1, True, None, "", [[]], MARKER * 900]
)
_paths = st.sampled_from(
    [
        *FULL,
        "outcome/code",
        "subject/ref",
        "reasons/0",
        "reasons/0/rank",
        "human/involved",
        "footprint/method",
        "recourse/how",
        f"human/{MARKER}",
        "parents/0",
        "counterfactuals/0/from",
        MARKER,
        f"{MARKER}~",
    ]
)


@given(_paths, _junk, st.integers(0, 1200), st.integers(0, 8), st.binary(max_size=4))
@settings(max_examples=400, deadline=None)
def test_mutations_raise_the_two_kinds_only_and_repeat_nothing(
    path: str, junk: Any, at: int, cut: int, put: bytes
) -> None:
    body = bytearray(encoded(changed(path, junk)))
    body[at : at + cut] = put
    outcome = try_parse_decision(bytes(body))
    if isinstance(outcome, ParsedDecision):
        assert json.loads(bytes(body))
    else:
        assert MARKER not in repr(outcome) + str(outcome)
        assert outcome.__context__ is None
        if isinstance(outcome, InvalidError):
            assert MARKER not in repr(outcome.faults)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_random_bytes_are_refused(body: bytes) -> None:
    assert not isinstance(try_parse_decision(body), ParsedDecision)
