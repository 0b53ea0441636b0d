r"""Unified diffs: how a constitution is amended, exactly or not at all.

A text is the lines between its newlines: `"a\nb"` has two, `"a\n"` has two (the second
is empty), `""` has one, empty. A diff is

    [--- anything\n+++ anything\n]
    (@@ -START[,COUNT] +START[,COUNT] @@\n (" "|"-"|"+")LINE\n …)+

COUNT is 1 when it is left out; where it is 0, START is the line before. Kept (" ") and
removed ("-") lines must be those of the text at exactly START: no fuzz, no offset, no
white space ignored. Hunks go forward and do not meet; their counts and their second
START are what their lines give. Any further byte is refused, the heading that `git diff`
puts after the second `@@` too: a voter reads it, and nothing checks it.

    --- constitution
    +++ constitution
    @@ -1,2 +1,3 @@
     Line one
     Line two
    +Line three
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from ledger.errors import MalformedError, RejectedError
from ledger.limits import DIFF_CHARS_MAX

KEPT: Final = " "
REMOVED: Final = "-"
ADDED: Final = "+"
CONTEXT_LINES: Final = 3  # lines kept around a change, as every diff tool does

_RANGE = r"(0|[1-9][0-9]{0,6})(?:,(0|[1-9][0-9]{0,6}))?"
_HUNK: Final = re.compile(f"@@ -{_RANGE} \\+{_RANGE} @@", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One place of change.

    Attributes:
        start: lines of the old text before it.
        new_start: lines of the new text before it.
        lines: (sign, line), in order; the sign is `KEPT`, `REMOVED` or `ADDED`.
    """

    start: int
    new_start: int
    lines: tuple[tuple[str, str], ...]

    def count(self, but: str) -> int:
        """How many lines have another sign than `but`."""
        return sum(sign != but for sign, _ in self.lines)


# ---- the form -------------------------------------------------------------------


def format_diff(hunks: Sequence[Hunk]) -> str:
    """The diff's text, without the two lines that name files."""
    parts = []
    for hunk in hunks:
        old = _format_range(hunk.start, hunk.count(ADDED))
        new = _format_range(hunk.new_start, hunk.count(REMOVED))
        parts.append(f"@@ -{old} +{new} @@\n")
        parts.extend(f"{sign}{line}\n" for sign, line in hunk.lines)
    return "".join(parts)


def parse_diff(diff: str) -> tuple[Hunk, ...]:
    """The hunks of a diff's text; at least one.

    Raises:
        MalformedError: too long, another form, or counts that its lines do not give.
    """
    if len(diff) > DIFF_CHARS_MAX:
        raise MalformedError(f"a diff longer than {DIFF_CHARS_MAX:,} characters")
    if not diff.endswith("\n"):
        raise MalformedError("a diff's last line ends in a newline")
    lines = diff[:-1].split("\n")
    at = 0
    if lines[0].startswith("--- "):
        if len(lines) < 2 or not lines[1].startswith("+++ "):
            raise MalformedError("a diff whose line --- is not followed by +++")
        at = 2
    hunks: list[Hunk] = []
    while at < len(lines):
        hunk, at = _parse_hunk(lines, at, len(hunks) + 1)
        hunks.append(hunk)
    if not hunks:
        raise MalformedError("a diff has at least one hunk, which begins with @@")
    _check_order(hunks)
    return tuple(hunks)


def _parse_hunk(lines: Sequence[str], at: int, number: int) -> tuple[Hunk, int]:
    head = _HUNK.fullmatch(lines[at])
    if head is None:
        raise MalformedError(
            f"hunk {number} begins with a line of the form @@ -1,2 +1,3 @@ and no more"
        )
    start, old = _parse_range(head[1], head[2])
    new_start, new = _parse_range(head[3], head[4])
    found: list[tuple[str, str]] = []
    while old or new:
        at += 1
        sign = lines[at][:1] if at < len(lines) else ""
        old -= sign in {KEPT, REMOVED}
        new -= sign in {KEPT, ADDED}
        if sign not in {KEPT, REMOVED, ADDED} or old < 0 or new < 0:
            raise MalformedError(
                f"hunk {number} does not have the lines that its @@ line counts; each "
                "begins with a space, - or +"
            )
        found.append((sign, lines[at][1:]))
    if not found:
        raise MalformedError(f"hunk {number} has no lines")
    return Hunk(start=start, new_start=new_start, lines=tuple(found)), at + 1


def _format_range(start: int, count: int) -> str:
    first = start + 1 if count else start
    return str(first) if count == 1 else f"{first},{count}"


def _parse_range(start: str, count: str | None) -> tuple[int, int]:
    """(lines before, how many)."""
    lines = 1 if count is None else int(count)
    before = int(start) - 1 if lines else int(start)
    if before < 0:
        raise MalformedError("a diff's lines are counted from 1")
    return before, lines


def _check_order(hunks: Sequence[Hunk]) -> None:
    end = grown = 0
    for number, hunk in enumerate(hunks, 1):
        if hunk.start < end:
            raise MalformedError(
                f"hunk {number} begins before the one ahead of it ends"
            )
        if hunk.new_start != hunk.start + grown:
            raise MalformedError(
                f"hunk {number} begins elsewhere in the new text than its + says"
            )
        end = hunk.start + hunk.count(ADDED)
        grown += hunk.count(REMOVED) - hunk.count(ADDED)


# ---- applying -------------------------------------------------------------------


def trace(base: Sequence[str], hunks: Sequence[Hunk]) -> list[int | str]:
    """The new text's lines: a number is that line of `base`, a text is an added line.

    Raises:
        RejectedError: `diff-does-not-apply`: a line kept or removed is another one.
    """
    found: list[int | str] = []
    at = 0
    for number, hunk in enumerate(hunks, 1):
        if hunk.start > len(base):
            raise _elsewhere(number, hunk.start)
        found.extend(range(at, hunk.start))
        at = hunk.start
        for sign, line in hunk.lines:
            if sign == ADDED:
                found.append(line)
                continue
            if at >= len(base) or base[at] != line:
                raise _elsewhere(number, at)
            if sign == KEPT:
                found.append(at)
            at += 1
    found.extend(range(at, len(base)))
    return found


def apply(base: str, diff: str) -> str:
    """The text that `diff` makes of `base`.

    Raises:
        MalformedError: not a diff.
        RejectedError: `diff-does-not-apply`.
    """
    lines = base.split("\n")
    traced = trace(lines, parse_diff(diff))
    return "\n".join(lines[line] if isinstance(line, int) else line for line in traced)


def _elsewhere(hunk: int, at: int) -> RejectedError:
    return RejectedError(
        "diff-does-not-apply",
        f"hunk {hunk} of the diff expects another line {at + 1:,} than the text in "
        "force has: make the diff again from the text in force",
    )


# ---- making ---------------------------------------------------------------------


def make_diff(old: str, new: str) -> str:
    """The diff that makes `new` of `old`; "" where they are equal.

    For whoever proposes; nothing that is replayed depends on it.
    """
    before, after = old.split("\n"), new.split("\n")
    groups = SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(
        CONTEXT_LINES
    )
    hunks = []
    for group in groups:
        lines: list[tuple[str, str]] = []
        for kind, i, i_end, j, j_end in group:
            if kind == "equal":
                lines += [(KEPT, line) for line in before[i:i_end]]
                continue
            lines += [(REMOVED, line) for line in before[i:i_end]]
            lines += [(ADDED, line) for line in after[j:j_end]]
        hunks.append(Hunk(start=group[0][1], new_start=group[0][3], lines=tuple(lines)))
    return format_diff(hunks)
