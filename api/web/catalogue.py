"""What pages say, in each language: `api/web/locale/<lang>/<area>.json`.

    {"systems.count": {"one": "{n} system", "other": "{n} systems"},
     "system.runs": "{name} is run by {operator}."}

Keys are flat. A text holds `{placeholders}`. A text that depends on a number is a map
from CLDR's plural names to texts, chosen by the placeholder `n`, which is a whole number.
A browser reads the very same files. docs/TRANSLATING.md explains them to translators.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

import orjson

Message = str | Mapping[str, str]
Messages = Mapping[str, Message]

# In their own words, in the order in which pages offer them.
LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English",
    "es": "Español",
    "de": "Deutsch",
    "fr": "Français",
    "ar": "العربية",
}
DEFAULT: Final = "en"
RIGHT_TO_LEFT: Final = frozenset({"ar"})
SITE: Final = "site"  # the area of what every page says: header, footer, errors
PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}", re.ASCII)


class Catalogues:
    """Every message, by language and area; read once, at start."""

    def __init__(self) -> None:
        """Reads every catalogue of the package."""
        folder = files("api") / "web" / "locale"
        self._messages: dict[tuple[str, str], Messages] = {
            (language, file.name.removesuffix(".json")): orjson.loads(file.read_bytes())
            for language in LANGUAGES
            for file in (folder / language).iterdir()
            if file.name.endswith(".json")
        }

    @property
    def areas(self) -> frozenset[str]:
        """Every area that has a catalogue in the default language."""
        return frozenset(area for one, area in self._messages if one == DEFAULT)

    def messages(self, language: str, area: str) -> Messages:
        """The messages of one area; a language that lacks it has none."""
        return self._messages.get((language, area), {})

    def merged(self, language: str, area: str) -> Messages:
        """What a page of `area` may say: its own, the site's, and English for gaps."""
        merged: dict[str, Message] = {}
        for one in dict.fromkeys((DEFAULT, language)):
            merged |= self.messages(one, SITE)
            merged |= self.messages(one, area)
        return merged
