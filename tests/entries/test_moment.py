"""Times: one spelling each, real dates, and the standard library as oracle."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings, strategies as st

from ledger.entries.moment import (
    format_hour,
    format_log_time,
    format_second,
    is_hour,
    is_second,
    parse_log_time,
    parse_utc,
)
from ledger.errors import MalformedError

moments = st.integers(0, 253_402_300_799_999)


@given(moments)
@settings(max_examples=200)
def test_times_come_back_and_are_the_librarys(time_ms: int) -> None:
    text = format_log_time(time_ms)
    assert parse_log_time(text) == parse_utc(text) == time_ms
    moment = datetime.fromtimestamp(time_ms // 1000, UTC)
    assert text == moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time_ms % 1000:03d}Z"
    assert parse_utc(format_second(time_ms)) == time_ms // 1000 * 1000
    assert is_second(format_second(time_ms))
    hour = format_hour(time_ms // 3_600_000)
    assert parse_utc(hour) == time_ms // 3_600_000 * 3_600_000
    assert is_hour(hour)


@pytest.mark.parametrize("time_ms", [-1, 253_402_300_800_000])
def test_years_have_four_digits(time_ms: int) -> None:
    with pytest.raises(MalformedError):
        format_log_time(time_ms)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-11-22 10:00:00Z",
        "2026-11-22t10:00:00z",
        "2026-11-22T10:00:00+00:00",
        "2026-11-22T24:00:00Z",
        "2026-W47-7T10:00:00Z",
        "2026-11-22T1000:0:0Z",
        "2026-326-10T10:00:00Z",
        "2026-11-22T10:60:00Z",
        "2026-11-22T10:00:60Z",
        "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "0000-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "2026-11-22T10:00:00.Z",
        "2026-11-22T10:00:00.1234567890Z",
        "2026-11-22T10:00:00Z\n",
        "٢٠٢٦-11-22T10:00:00Z",
    ],
)
def test_another_form_is_refused(text: str) -> None:
    assert not is_second(text)
    with pytest.raises(MalformedError):
        parse_utc(text)
    with pytest.raises(MalformedError):
        parse_log_time(text)


def test_seconds_and_hours() -> None:
    assert is_second("2026-11-22T10:04:31Z")
    assert not is_hour("2026-11-22T10:04:31Z")
    assert not is_hour("2026-11-31T10:00:00Z")
    assert not is_second("2026-11-22T10:04:31.000Z")
    assert parse_utc("2026-11-22T10:00:00.1239Z") % 1000 == 123
