"""The constitution: a text, each line of which traces to what put it there.

    {"text", "blame": [[lines, by], …]}

`blame` tells, in order, how many lines each came from: the id of a proposal, or
"founding" for what entry 0 brought. A line that an amendment removes and puts back in
other words is that amendment's, all of it. The section is left out while the text is
the empty one of founding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from ledger.errors import RejectedError
from ledger.governance.commons.diff import Hunk, trace
from ledger.governance.lettering import is_line
from ledger.limits import (
    CONSTITUTION_CHARS_MAX,
    CONSTITUTION_FOUNDED_CHARS_MAX,
    CONSTITUTION_LINE_CHARS_MAX,
    CONSTITUTION_LINES_MAX,
)

FOUNDING: Final = "founding"  # never changes; no proposal has so short an id


@dataclass(frozen=True, slots=True)
class Constitution:
    """The text in force.

    Attributes:
        lines: at least one, which may be empty.
        blame: of each line, what put it there.
    """

    lines: tuple[str, ...] = ("",)
    blame: tuple[str, ...] = (FOUNDING,)

    @property
    def text(self) -> str:
        """The lines, a newline between each two."""
        return "\n".join(self.lines)

    def public(self) -> dict[str, Any]:
        """As JSON; nothing while nothing was written."""
        if self == Constitution():
            return {}
        return {
            "text": self.text,
            "blame": [[len(list(run)), by] for by, run in groupby(self.blame)],
        }


def constitution_from(public: Mapping[str, Any]) -> Constitution:
    """The constitution whose `public()` this is."""
    if not public:
        return Constitution()
    blame = [by for lines, by in public["blame"] for _ in range(lines)]
    return Constitution(tuple(public["text"].split("\n")), tuple(blame))


def found_constitution(text: object) -> Constitution:
    """The one that entry 0 brings; the empty one where it brings none that may stand."""
    if type(text) is not str or not may_found(text):
        return Constitution()
    lines = tuple(text.split("\n"))
    return Constitution(lines, (FOUNDING,) * len(lines))


def may_found(text: str) -> bool:
    """Whether a founding may bring this text."""
    lines = text.split("\n")
    return (
        len(text) <= CONSTITUTION_FOUNDED_CHARS_MAX
        and all(map(is_line, lines))
        and max(map(len, lines)) <= CONSTITUTION_LINE_CHARS_MAX
    )


def amend(constitution: Constitution, hunks: Sequence[Hunk], by: str) -> Constitution:
    """The constitution after an amendment.

    Raises:
        RejectedError: `diff-does-not-apply`, `nothing-changes`,
            `constitution-too-long`. Nothing was recorded.
    """
    lines: list[str] = []
    blame: list[str] = []
    for line in trace(constitution.lines, hunks):
        added = isinstance(line, str)
        lines.append(line if isinstance(line, str) else constitution.lines[line])
        blame.append(by if added else constitution.blame[line])  # type: ignore[index]
    found = Constitution(tuple(lines or [""]), tuple(blame or [by]))
    if found.lines == constitution.lines:
        raise RejectedError("nothing-changes", "the text would be the one in force")
    if len(lines) > CONSTITUTION_LINES_MAX or len(found.text) > CONSTITUTION_CHARS_MAX:
        raise RejectedError(
            "constitution-too-long",
            f"the text would have {len(lines):,} lines and {len(found.text):,} "
            f"characters: at most {CONSTITUTION_LINES_MAX:,} and "
            f"{CONSTITUTION_CHARS_MAX:,} are expected",
        )
    return found
