"""Which language a person reads: what they chose, else what their browser says.

`?lang=fr` wins over `Accept-Language`; what neither names is English. A browser's region
stays for dates and numbers: `es-MX` reads Spanish, with Mexico's way to write a number.
Nothing is remembered: a chosen language travels in the links of the page, not in a cookie.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aiohttp import web
from babel import Locale, UnknownLocaleError

from api.web.catalogue import DEFAULT, LANGUAGES, RIGHT_TO_LEFT

TAGS_MAX: Final = 20  # of an Accept-Language header; browsers send a handful
LOCALES_KEPT_MAX: Final = 64  # parsed locales; five languages in their usual regions
# Of English without a region: the day before the month, as most of the world writes it.
REGIONS: Final = {"en": "en_GB"}


@dataclass(frozen=True, slots=True)
class Language:
    """What one answer is written in.

    Attributes:
        code: one of `LANGUAGES`.
        locale: Babel's, for dates, numbers and plurals.
        chosen: whether the person chose it by `?lang=`.
    """

    code: str
    locale: Locale
    chosen: bool = False

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, for the page's `dir`."""
        return "rtl" if self.code in RIGHT_TO_LEFT else "ltr"


def language_of(request: web.BaseRequest) -> Language:
    """The language of the answer to `request`; whatever is unknown is passed over."""
    asked = request.query.get("lang", "")
    preferred = list(_preferred(request.headers.get("Accept-Language", "")))
    if asked in LANGUAGES:
        tag = next((one for one in preferred if _code(one) == asked), asked)
        return Language(asked, _locale(tag), chosen=True)
    tag = next((one for one in preferred if _code(one) in LANGUAGES), DEFAULT)
    return Language(_code(tag), _locale(tag))


def _code(tag: str) -> str:
    return tag.partition("-")[0].lower()


def _preferred(header: str) -> Iterator[str]:
    """The tags of an Accept-Language header, most wanted first (RFC 9110, 12.5.4)."""
    weighted = []
    for part in header.split(",")[:TAGS_MAX]:
        tag, _, weight = part.partition(";")
        quality = weight.strip().removeprefix("q=")
        try:
            wanted = float(quality) if quality else 1.0
        except ValueError:
            continue
        if tag.strip() and wanted > 0:
            weighted.append((wanted, tag.strip()))
    # Stable: of equal weights the first named stays first.
    weighted.sort(key=lambda one: -one[0])
    return (tag for _, tag in weighted)


@lru_cache(maxsize=LOCALES_KEPT_MAX)
def _locale(tag: str) -> Locale:
    code = _code(tag)
    try:
        found = Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        found = Locale.parse(code)
    # A script of its own would need a catalogue of its own: keep the region only.
    region = found.territory
    if region is None:
        return Locale.parse(REGIONS.get(code, code))
    try:
        return Locale(code, region)
    except UnknownLocaleError:
        return Locale.parse(REGIONS.get(code, code))
