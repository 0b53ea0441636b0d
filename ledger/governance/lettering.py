r"""Which characters public texts may hold: fixed here, whatever the Unicode of the day.

Texts on leaves are replayed for ever, so the rule may not move with the interpreter's
Unicode tables (`str.isprintable` does). What is refused is listed; the rest of Unicode,
assigned or not, stands. Refused, because a reader would see something other than what is
there: controls, every line end but `\n`, the bidirectional embeddings, overrides and
isolates, characters without width or shape, and what is no character at all. The marks
that Arabic, Hebrew, Persian and Indic text needs (U+061C, U+200C to U+200F) may stand.
"""

import re
from typing import Final

# Never changes: a wider or narrower rule would replay an old text differently.
_REFUSED: Final = re.compile(
    "["
    "\x00-\x09\x0b-\x1f\x7f-\x9f"  # controls, save the newline
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # no shape of their own
    "\u200b\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"  # no width; bidi; line ends
    "\ud800-\udfff\ufdd0-\ufdef\ufff0-\uffff"  # no characters
    "\U000e0000-\U000e0fff"  # tags: text within text
    "]"
)


def is_line(text: str) -> bool:
    """Whether `text` is one line that shows all it holds."""
    return "\n" not in text and _REFUSED.search(text) is None


def is_plain(text: str) -> bool:
    r"""Whether `text` is lines, ended by `\n` alone, that show all they hold."""
    return _REFUSED.search(text) is None
