"""A chart of counts over time, drawn on the server: its title is what it shows.

    ▁▃█▂   "The busiest day was 20 November 2026: 41 of 97 decisions."

The unit follows from the span: hours for two days, else days, weeks, months, years, so
that there are never more bars than fit a phone. Bars are one colour, labels stand at what
they name, and the page prints the same numbers as a table beneath.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from babel.dates import format_skeleton
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from api.web.figures import HOURS
from api.web.words import Words

BARS_MAX: Final = 48  # bars that can still be told apart at 360 px
TABLE_ROWS_MAX: Final = 60  # rows beneath; as many as there can be bars, or a few more
# Drawn at 480 × 240 and scaled to the column: letters are 12 px on a phone, 21 at a desk.
WIDTH: Final = 480
HEIGHT: Final = 240
TOP: Final = 28  # room for the label of the highest bar
BASE: Final = 204  # where the bars stand
LETTERS: Final = 16  # px of a label
_HOUR_S: Final = 3_600
_YEARS: Final = 10_000  # all there are: a leaf writes four digits

# What the title and the labels call a time, by unit: CLDR skeletons, which each language
# has its own pattern for.
_SKELETONS: Final = {
    "hour": ("MMMMd Hm", "MMMd Hm"),
    "day": ("yMMMMd", "MMMd"),
    "week": ("yMMMMd", "MMMd"),
    "month": ("yMMMM", "yMMM"),
    "year": ("y", "y"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One span of time: its name in a table and under the axis, and its count."""

    name: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A finding, the picture that shows it, and the numbers behind it.

    Attributes:
        finding: a sentence; the title.
        unit: "hour", "day", "week", "month" or "year".
        svg: the picture; empty where one bar would say no more than the sentence.
        rows: newest first; at most `TABLE_ROWS_MAX`.
        left_out: how many earlier rows there are.
    """

    finding: Markup
    unit: str
    svg: Markup
    rows: tuple[Bar, ...]
    left_out: int


def chart_of(hours: Mapping[int, int], words: Words) -> Chart | None:
    """The chart of counts by hour since 1970; None of nothing."""
    if not hours:
        return None
    unit, starts = _spans(min(hours), max(hours))
    counts = dict.fromkeys(starts, 0)
    for hour, count in hours.items():
        counts[_start(unit, _moment(hour))] += count
    bars = [_bar(unit, start, counts[start], words) for start in starts]
    total, most = sum(hours.values()), max(bars, key=lambda bar: bar.count)
    finding = "all" if most.count == total else "busiest"
    key = f"chart.{finding}.{unit}"
    alone = len(bars) == 1
    return Chart(
        finding=words.text(key, when=most.name, n=most.count, total=total),
        unit=unit,
        svg=Markup("") if alone else _draw(bars[-BARS_MAX:], words),
        rows=tuple(reversed(bars))[:TABLE_ROWS_MAX],
        left_out=max(0, len(bars) - TABLE_ROWS_MAX),
    )


def chart_of_all(
    hours: Mapping[int, int], days: Mapping[int, int], words: Words
) -> Chart | None:
    """The chart of the same counts by hour and by day: hours only while they are few.

    A year has 8,766 hours, and a page must not walk through them each time.
    """
    if days and max(days) - min(days) < BARS_MAX // HOURS + 1:
        return chart_of(hours, words)
    return chart_of_days(days, words)


def chart_of_days(days: Mapping[int, int], words: Words) -> Chart | None:
    """The chart of counts by day since 1970; it never shows hours."""
    return chart_of({day * HOURS: count for day, count in days.items()}, words)


# ---- spans of time ---------------------------------------------------------------------


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * _HOUR_S, UTC)


def _spans(first: int, last: int) -> tuple[str, list[datetime]]:
    """The finest unit that fits, and the start of each of its spans, gaps included."""
    # Counts by day stand at midnight; hours would draw what is not known.
    by_day = first % HOURS == 0 and last % HOURS == 0
    for unit in (
        ("day", "week", "month") if by_day else ("hour", "day", "week", "month")
    ):
        starts = _starts(unit, first, last, BARS_MAX + 1)
        if len(starts) <= BARS_MAX:
            return unit, starts
    return "year", _starts("year", first, last, _YEARS)


def _starts(unit: str, first: int, last: int, most: int) -> list[datetime]:
    found: list[datetime] = []
    at, end = _start(unit, _moment(first)), _moment(last)
    while at <= end and len(found) < most:
        found.append(at)
        at = _next(unit, at)
    return found


def _start(unit: str, at: datetime) -> datetime:
    if unit == "hour":
        return at
    day = at.replace(hour=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())  # ISO 8601: from Monday
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _next(unit: str, at: datetime) -> datetime:
    if unit == "hour":
        return at + timedelta(hours=1)
    step = {"day": 1, "week": 7, "month": 31, "year": 366}[unit]
    return _start(unit, at + timedelta(days=step))


def _bar(unit: str, start: datetime, count: int, words: Words) -> Bar:
    locale = words.language.locale
    name, label = (
        ", ".join(format_skeleton(one, start, locale=locale) for one in parts.split())
        for parts in _SKELETONS[unit]
    )
    return Bar(name, label, count)


# ---- the picture -----------------------------------------------------------------------


def _draw(bars: list[Bar], words: Words) -> Markup:
    """Bars from left to right in every language: time runs so on every axis here."""
    most = max(bar.count for bar in bars) or 1
    pitch = WIDTH / len(bars)
    width = max(2.0, pitch * 0.8)
    peak = next(place for place, bar in enumerate(bars) if bar.count == most)
    shapes = []
    for place, bar in enumerate(bars):
        height = (BASE - TOP) * bar.count / most
        # A count above nothing is never drawn as nothing.
        height = max(height, 1.5) if bar.count else 0
        left = place * pitch + (pitch - width) / 2
        shapes.append(
            f'<rect class="bar" x="{left:.1f}" y="{BASE - height:.1f}"'
            f' width="{width:.1f}" height="{height:.1f}"/>'
        )
    count = str(format_decimal(most, locale=words.language.locale))
    shapes.append(_label(count, (peak + 0.5) * pitch, TOP - 8))
    shapes += _axis_labels(bars, peak, pitch)
    return Markup(  # noqa: S704 -- numbers and escaped labels
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" direction="ltr" aria-hidden="true"'
        f' font-size="{LETTERS}">{"".join(shapes)}'
        f'<path class="axis" d="M0 {BASE}H{WIDTH}" fill="none"/></svg>'
    )


def _axis_labels(bars: list[Bar], peak: int, pitch: float) -> list[str]:
    """First and last always; the highest too, where it touches neither."""
    last = len(bars) - 1
    centres = {
        place: _within(bars[place].label, (place + 0.5) * pitch)
        for place in {0, peak, last}
    }
    fits = all(
        abs(centres[peak] - centres[other])
        > _half(bars[peak].label) + _half(bars[other].label) + LETTERS / 2
        for other in (0, last)
    )
    places = sorted({0, last, peak} if fits else {0, last})
    return [
        _label(bars[place].label, centres[place], BASE + LETTERS + 6)
        for place in places
    ]


def _half(text: str) -> float:
    """About half of what a label is wide."""
    return len(text) * LETTERS * 0.3


def _within(text: str, x: float) -> float:
    """Where a label is centred, so that it stays in the picture."""
    half = _half(text)
    return min(max(x, half), WIDTH - half)


def _label(text: str, x: float, y: float) -> str:
    x = _within(text, x)
    return f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{escape(text)}</text>'
