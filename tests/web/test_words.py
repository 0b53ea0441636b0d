"""Languages: which one is chosen, plurals, numbers and dates; strangers' text escaped."""

import json
from importlib.resources import files
from typing import Any

import orjson
import pytest
from aiohttp.test_utils import make_mocked_request
from babel import Locale
from markupsafe import Markup

from api.web.catalogue import LANGUAGES, PLACEHOLDER, SITE, Catalogues, Messages
from api.web.language import Language, language_of
from api.web.words import Words, revealed

CATALOGUES = Catalogues()
MESSAGES: Messages = {
    "hello": "Hello <b>{name}</b>",
    "systems": {"one": "{n} system", "other": "{n} systems"},
    "time.at": "{day}, {clock} UTC",
    "state.open": "open",
}


def words(code: str = "en", locale: str = "en_GB") -> Words:
    return Words(Language(code, Locale.parse(locale)), MESSAGES)


@pytest.mark.parametrize(
    ("path", "header", "code", "locale"),
    [
        ("/", "", "en", "en_GB"),
        ("/", "fr", "fr", "fr"),
        ("/", "nl, de-AT;q=0.9, en;q=0.8", "de", "de_AT"),
        ("/", "en;q=0.1, es-MX", "es", "es_MX"),
        ("/", "ar-EG", "ar", "ar_EG"),
        ("/", "en-US,en;q=0.9", "en", "en_US"),
        ("/", "fr;q=0, de;q=x, es", "es", "es"),
        ("/", "fr-ZZ-nonsense, \x00;;q=", "fr", "fr"),
        ("/", "zh-Hant-TW, ja", "en", "en_GB"),
        ("/?lang=ar", "fr", "ar", "ar"),
        ("/?lang=fr", "en, fr-CA", "fr", "fr_CA"),
        ("/?lang=xx", "es", "es", "es"),
        ("/?lang=../../en", "", "en", "en_GB"),
    ],
)
def test_the_language_of_a_request(
    path: str, header: str, code: str, locale: str
) -> None:
    request = make_mocked_request("GET", path, headers={"Accept-Language": header})

    found = language_of(request)

    assert (found.code, str(found.locale)) == (code, locale)
    assert found.direction == ("rtl" if code == "ar" else "ltr")


def test_what_strangers_wrote_comes_out_escaped_and_apart() -> None:
    shown = words().text("hello", name="<script>\u202eevil")

    assert shown == ("Hello &lt;b&gt;<bdi>&lt;script&gt;⟨U+202E⟩evil</bdi>&lt;/b&gt;")
    assert words().text("hello", name=Markup("<i>x</i>")).count("<i>x</i>") == 1
    assert words().plain("hello", name="\u2066<") == "Hello <b>⟨U+2066⟩<</b>"
    assert revealed("a\u200fb\nc") == "a\u200fb\nc"


def test_a_closed_list_has_words_and_what_is_unknown_shows_itself() -> None:
    assert words().named("state", "open") == "open"
    assert words().named("state", "<new>") == "<bdi>&lt;new&gt;</bdi>"


@pytest.mark.parametrize(("locale", "want"), [("en_GB", "7,214"), ("de", "7.214")])
def test_numbers_of_the_region(locale: str, want: str) -> None:
    assert words(locale=locale).number(7214) == want
    assert words(locale=locale).text("systems", n=7214) == f"{want} systems"


def test_plurals_and_shares() -> None:
    assert words().text("systems", n=1) == "1 system"
    assert words().text("systems", n=0) == "0 systems"
    assert words().percent(2, 3) == "67%"
    assert words().percent(0, 0) == "0%"


def test_dates_say_their_zone() -> None:
    at_ms = 1_795_000_000_123

    assert ">18 November 2026</time>" in words().day(at_ms)
    assert words(locale="en_US").day(at_ms).endswith(">November 18, 2026</time>")
    assert words().moment(at_ms).endswith(", 11:06 UTC</time>")
    assert 'datetime="2026-11-18T11:06:40Z"' in words().moment(at_ms)


# ---- the catalogues ----------------------------------------------------------------------


def areas() -> list[tuple[str, str]]:
    return [(one, area) for one in LANGUAGES for area in sorted(CATALOGUES.areas)]


@pytest.mark.parametrize(("language", "area"), areas())
def test_every_key_and_placeholder_stands_in_every_language(
    language: str, area: str
) -> None:
    english = CATALOGUES.messages("en", area)
    own = CATALOGUES.messages(language, area)

    assert sorted(own) == sorted(english)
    for key, message in own.items():
        assert isinstance(message, str) == isinstance(english[key], str), key
        if isinstance(message, str):
            assert placeholders(message) == placeholders(english[key]), key
        else:
            rules = Locale.parse(language).plural_form
            assert set(message) == set(rules.tags) | {"other"}, key
            wanted = placeholders(english[key]["other"]) - {"n"}  # type: ignore[index] # a map, as above
            for form, text in message.items():
                # "One decision" need not say the number; what counts many must.
                assert placeholders(text) - {"n"} == wanted, (key, form)
            assert "n" in placeholders(message["other"]), key


def placeholders(text: Any) -> set[str]:
    assert text.strip() == text
    assert text
    assert PLACEHOLDER.sub("", text).count("{") == 0, text
    return set(PLACEHOLDER.findall(text))


@pytest.mark.parametrize("area", sorted(Catalogues().areas | {SITE}))
def test_no_key_stands_twice(area: str) -> None:
    """A JSON reader keeps the last of two; a translator would search for the other."""
    for language in LANGUAGES:
        body = (files("api") / "web" / "locale" / language / f"{area}.json").read_text()
        pairs: list[str] = []

        def keep(found: list[tuple[str, Any]], into: list[str] = pairs) -> None:
            into.extend(name for name, _ in found)

        json.loads(body, object_pairs_hook=keep)
        top = list(orjson.loads(body))
        assert [name for name in pairs if pairs.count(name) > 1 and name in top] == []
