"""Charts of counts over time: the unit follows the span, gaps are drawn, the title is true."""

from datetime import UTC, datetime

import pytest
from babel import Locale

from api.web.catalogue import SITE, Catalogues
from api.web.chart import BARS_MAX, TABLE_ROWS_MAX, Chart, chart_of, chart_of_days
from api.web.language import Language
from api.web.words import Words
from tests.web.html import parse

WORDS = Words(Language("en", Locale.parse("en_GB")), Catalogues().merged("en", SITE))
START = int(datetime(2026, 11, 20, 9, tzinfo=UTC).timestamp()) // 3600


def said(chart: Chart) -> str:
    return parse(str(chart.finding)).text


@pytest.mark.parametrize(
    ("hours", "unit", "bars", "finding"),
    [
        (
            {START: 2, START + 5: 7},
            "hour",
            6,
            "The busiest hour began on 20 November, 14:00 (UTC): 7 of 9 decisions.",
        ),
        (
            {START: 1, START + 49: 3},
            "day",
            3,
            "The busiest day was 22 November 2026: 3 of 4 decisions.",
        ),
        (
            {START: 9, START + 24 * 100: 1},
            "week",
            15,
            "The busiest week began on 16 November 2026: 9 of 10 decisions.",
        ),
        (
            {START: 1, START + 24 * 800: 1},
            "month",
            27,
            "The busiest month was November 2026: 1 of 2 decisions.",
        ),
        (
            {START: 1, START + 24 * 365 * 12: 1_000},
            "year",
            13,
            "The busiest year was 2038: 1,000 of 1,001 decisions.",
        ),
    ],
)
def test_the_unit_follows_the_span(
    hours: dict[int, int], unit: str, bars: int, finding: str
) -> None:
    chart = chart_of(hours, WORDS)

    assert chart is not None
    assert (chart.unit, said(chart)) == (unit, finding)
    assert len(chart.rows) == bars <= min(BARS_MAX, TABLE_ROWS_MAX)
    assert sum(row.count for row in chart.rows) == sum(hours.values())
    drawn = parse(str(chart.svg)).one("svg").all("rect")
    assert len(drawn) == bars
    heights = [float(bar.attributes["height"]) for bar in drawn]
    counts = [row.count for row in reversed(chart.rows)]
    for height, count in zip(heights, counts, strict=True):
        assert (height > 0) == (count > 0)
    assert max(heights) == heights[counts.index(max(counts))]


def test_one_span_is_a_sentence_and_nothing_is_nothing() -> None:
    assert chart_of({}, WORDS) is None
    alone = chart_of({START: 7_214}, WORDS)
    assert alone is not None
    assert alone.svg == ""
    assert said(alone) == (
        "All 7,214 decisions were made in the hour from 20 November, 09:00 (UTC)."
    )


def test_counts_by_day_never_show_hours() -> None:
    day = START // 24
    chart = chart_of_days({day: 3, day + 1: 1}, WORDS)
    assert chart is not None
    assert chart.unit == "day"
    one = chart_of_days({day: 1}, WORDS)
    assert one is not None
    assert said(one) == "The only decision was made on 20 November 2026."


@pytest.mark.parametrize(
    ("code", "day"), [("de", "20. November 2026"), ("es", "20 de noviembre de 2026")]
)
def test_each_language_has_its_own_way_to_write_a_day(code: str, day: str) -> None:
    words = Words(Language(code, Locale.parse(code)), Catalogues().merged(code, SITE))
    one = chart_of_days({START // 24: 1}, words)
    assert one is not None
    assert day in said(one)


def test_labels_stay_within_the_picture() -> None:
    chart = chart_of({START + hour: 1 + (hour == 24) for hour in range(48)}, WORDS)
    assert chart is not None
    svg = parse(str(chart.svg)).one("svg")
    width = float(svg.attributes["viewbox"].split()[2])
    labels = svg.all("text")
    assert [one.text for one in labels] == [
        "2",
        "20 Nov, 09:00",
        "21 Nov, 09:00",
        "22 Nov, 08:00",
    ]
    for one in labels:
        assert 0 < float(one.attributes["x"]) < width
