"""The words of one page in one language: texts, plurals, numbers, dates.

Everything handed to a text is data: it comes out escaped, apart from its neighbours in
direction (`<bdi>`), and with characters that reorder what a reader sees made visible.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from api.web.catalogue import PLACEHOLDER, Messages
from api.web.language import Language

# Embeddings, overrides and isolates turn text round (UAX 9); the rest has no business on
# a page. Line breaks and tabs stay, and so do the marks that Arabic and Hebrew need.
HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029\ufeff]"
)


def revealed(text: str) -> str:
    """`text` with every hidden or reordering character written out: ⟨U+202E⟩."""
    return HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def apart(value: object) -> Markup:
    """A value that somebody else wrote, isolated from the direction around it."""
    return Markup("<bdi>{}</bdi>").format(revealed(str(value)))


class Words:
    """What the templates of a page call."""

    def __init__(self, language: Language, messages: Messages) -> None:
        """`messages`: of the page's area and of the site, merged."""
        self.language = language
        self._messages = messages

    def text(self, key: str, /, **values: object) -> Markup:
        """The message `key` as HTML; numbers are written the language's way.

        Raises:
            KeyError: no such message or placeholder: a mistake of ours.
        """
        shown = {name: self._shown(value) for name, value in values.items()}
        return Markup(  # noqa: S704 -- the message and every value were escaped
            PLACEHOLDER.sub(
                lambda found: str(shown[found[1]]),
                str(escape(self._message(key, values))),
            )
        )

    def plain(self, key: str, /, **values: object) -> str:
        """The message `key` as text, for an attribute or a picture."""
        shown = {
            name: self.number(value) if type(value) is int else revealed(str(value))
            for name, value in values.items()
        }
        return PLACEHOLDER.sub(
            lambda found: shown[found[1]], self._message(key, values)
        )

    def named(self, group: str, name: str) -> str | Markup:
        """The word for one of a closed list, as `state.voting`; else the name itself."""
        key = f"{group}.{name}"
        return self.text(key) if key in self._messages else apart(name)

    def known(self, key: str) -> bool:
        """Whether there is such a message."""
        return key in self._messages

    def sentence(
        self, key: str, otherwise: str, name: str, values: Mapping[str, object]
    ) -> Markup:
        """The message `key` of values that may lack some; else `otherwise` of `name`."""
        if key not in self._messages:
            return self.text(otherwise, name=name)
        missing = self.text("not-named")
        asked = PLACEHOLDER.findall(str(self._messages[key]))
        shown = {one: values.get(one, missing) for one in asked}
        return self.text(key, **shown)

    def _message(self, key: str, values: Mapping[str, object]) -> str:
        message = self._messages[key]
        if isinstance(message, str):
            return message
        count = values["n"]
        assert isinstance(count, int), "`n` chooses the plural"  # noqa: S101 -- ours
        form = self.language.locale.plural_form(count)
        return message.get(form) or message["other"]

    def _shown(self, value: object) -> Markup:
        if isinstance(value, Markup):
            return value
        if type(value) is int:
            return escape(self.number(value))
        return apart(value)

    # ---- numbers and dates ---------------------------------------------------------

    def number(self, value: int) -> str:
        """A whole number: 7,214."""
        return str(format_decimal(value, locale=self.language.locale))

    def percent(self, part: int, whole: int) -> str:
        """A share in whole percent; nothing of nothing is nothing."""
        share = part / whole if whole else 0.0
        return str(format_percent(share, "#,##0%", locale=self.language.locale))

    def day(self, time_ms: int) -> Markup:
        """A date: 20 November 2026."""
        moment = datetime.fromtimestamp(time_ms / 1000, UTC)
        return _time(moment, format_date(moment, "long", self.language.locale))

    def moment(self, time_ms: int) -> Markup:
        """A date and time, in UTC and saying so: the server does not know your zone."""
        moment = datetime.fromtimestamp(time_ms / 1000, UTC)
        locale: Any = self.language.locale
        day = format_date(moment, "long", locale)
        clock = format_datetime(moment, "HH:mm", locale=locale)
        return _time(moment, self.plain("time.at", day=day, clock=clock))

    def moment_of(self, time: str) -> Markup:
        """The same, of a time as entries write it."""
        return self.moment(round(datetime.fromisoformat(time).timestamp() * 1000))


def _time(moment: datetime, shown: str) -> Markup:
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}">{}</time>').format(stamp, shown)
