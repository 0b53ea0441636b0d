"""Which characters public texts may hold: pinned, whatever the interpreter knows."""

import pytest

from ledger.governance.lettering import is_line, is_plain

SHOWN = [
    "Fjärde stycket, § 4 – “så”",
    "نص عربي\u200f، می\u200cخواهم",
    "הַבְרָכָה",
    "क्\u200dष",
    "日本語、한국어",
    "👩\u200d👩\u200d👧",
    "non\u00a0breaking",
    "\u0378",  # not assigned yet: whether it is may not decide
]


@pytest.mark.parametrize("text", SHOWN)
def test_every_script_may_be_written(text: str) -> None:
    assert is_line(text)
    assert is_plain(f"{text}\n{text}")
    assert not is_line(f"{text}\n")


@pytest.mark.parametrize(
    "code",
    [
        *(0x00, 0x08, 0x09, 0x0B, 0x0D, 0x1B, 0x7F, 0x85, 0x9F, 0xAD, 0x034F, 0x115F),
        *(0x180E, 0x200B, 0x2028, 0x2029, 0x202A, 0x202E, 0x2060, 0x2066, 0x2069),
        *(0x3164, 0xD800, 0xDFFF, 0xFDD0, 0xFEFF, 0xFFA0, 0xFFF9, 0xFFFE, 0xE0041),
    ],
)
def test_what_hides_or_turns_text_is_refused(code: int) -> None:
    assert not is_line(f"a{chr(code)}b")
    assert not is_plain(f"a{chr(code)}b")
