"""What the demo shows: numbered steps, a bar for long work, and plain text in a file.

     3 Record     ████████████████████ 7,214 of 7,214   6,120/s          1.2 s
                  7,214 receipts verified

On a terminal a step's line is drawn again until it is done. Elsewhere each line appears
once, whole, without bars and escape codes. Signs that the output cannot encode are
written in ASCII. Long words (addresses, commands) are never cut: they are for pasting.
"""

import textwrap
from typing import Final

from rich.console import Console
from rich.text import Text

_INDENT: Final = 14  # columns before a step's own text
_COLUMNS_MAX: Final = 80  # lines stay readable on a wide terminal
_COLUMNS_MIN: Final = 40  # below it a terminal wraps as it likes
_BAR: Final = 20
_TIME: Final = 8  # columns kept free for a time at the right edge
_ASCII: Final = str.maketrans(
    {"█": "#", "░": ".", "✗": "x", "✓": "+", "…": "...", "·": "-"}
)


class Screen:
    """The one who writes to standard output."""

    def __init__(self, console: Console | None = None) -> None:
        """`console`: knows the terminal, its width, colours and encoding."""
        self._console = console or Console(
            highlight=False, markup=False, emoji=False, soft_wrap=True
        )
        self._live = self._console.is_terminal and not self._console.is_dumb_terminal
        self._open = False  # a line is drawn that has no end yet
        try:
            "█✗…·".encode(self._console.encoding)
            self._ascii = False
        except (UnicodeEncodeError, LookupError):
            self._ascii = True

    @property
    def columns(self) -> int:
        """How wide a line may be."""
        width = self._console.width if self._live else _COLUMNS_MAX
        return max(_COLUMNS_MIN, min(width, _COLUMNS_MAX))

    def say(self, text: str = "", style: str = "") -> None:
        """One paragraph, from the first column."""
        for line in _wrap(text, self.columns - 1):
            self._print(Text(line, style=style))

    def verbatim(self, label: str, *lines: str) -> None:
        """A label, and beside it lines to paste, never wrapped by us."""
        for place, line in enumerate(lines):
            head = label if place == 0 else ""
            self._print(Text.assemble((f"{head:<9}", "bold"), line))

    def step(self, number: int, label: str) -> "Step":
        """Begins a step."""
        return Step(self, number, label)

    def end_line(self) -> None:
        """Ends a line that is still being drawn, as when a step fails."""
        if self._open:
            self._console.file.write("\n")
            self._console.file.flush()
            self._open = False

    # ---- for steps --------------------------------------------------------------------

    def draw(self, text: Text) -> None:
        """Draws a line that will be drawn again; nothing where that is not possible."""
        if self._live:
            self._console.file.write("\r\x1b[2K")
            # A line that wraps could not be drawn over.
            text.truncate(self.columns - 1)
            self._print(text, end="")
            self._open = True

    def settle(self, text: Text) -> None:
        """Draws a line for good."""
        if self._open:
            self._console.file.write("\r\x1b[2K")
            self._open = False
        self._print(text)

    def bar(self, done: int, total: int, room: int) -> str:
        """A bar no wider than `room`; empty where nothing is drawn twice."""
        width = min(_BAR, room) if self._live else 0
        if width < 4:
            return ""
        filled = done * width // total
        return "█" * filled + "░" * (width - filled) + " "

    def _print(self, text: Text, end: str = "\n") -> None:
        if self._ascii:
            text = Text(_encodable(text.plain), style=text.style)
        self._console.print(text, end=end)
        self._console.file.flush()


class Step:
    """One numbered step: a line while it works, lines when it is done."""

    def __init__(self, screen: Screen, number: int, label: str) -> None:
        self._screen = screen
        self._head = Text.assemble(
            (f"{number:>2} ", "cyan"), (f"{label:<{_INDENT - 4}} ", "bold")
        )
        screen.draw(self._head.copy())

    def working(self, text: str) -> None:
        """Says what is going on, until something else is known."""
        self._screen.draw(self._head + Text(text, style="dim"))

    def progress(
        self, done: int, total: int, *, rate: float | None = None, noun: str = ""
    ) -> None:
        """Draws the bar; `noun` says of what, where it is not the step's own work."""
        self._screen.draw(self._head + self._bar(done, total, rate, noun))

    def done_bar(self, done: int, total: int, rate: float, seconds: float) -> None:
        """The full bar stays, with the rate and the time it took."""
        self._finish([self._bar(done, total, rate, "").plain], seconds, "")

    def done(self, text: str, seconds: float | None = None, style: str = "") -> None:
        """What came of it, and how long it took; a second call adds lines below."""
        room = self._screen.columns - 1 - _INDENT
        self._finish(_wrap(text, room), seconds, style)

    def _finish(self, lines: list[str], seconds: float | None, style: str) -> None:
        if seconds is not None:
            lines = _with_time(
                lines, f"{seconds:.1f} s", self._screen.columns - 1 - _INDENT
            )
        for line in lines:
            self._screen.settle(self._head + Text(line, style=style))
            self._head = Text(" " * _INDENT)

    def _bar(self, done: int, total: int, rate: float | None, noun: str) -> Text:
        tail = f"{done:,} of {total:,}{noun and f' {noun}'}"
        if rate is not None:
            tail += f"   {rate:,.0f}/s"
        room = self._screen.columns - 1 - _INDENT - len(tail) - 1 - _TIME
        return Text(self._screen.bar(done, total, room) + tail)


def _wrap(text: str, width: int) -> list[str]:
    wrapped = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return wrapped or [""]


def _with_time(lines: list[str], time: str, room: int) -> list[str]:
    """The time at the right edge of the last line that has space for it."""
    *before, last = lines
    if len(last) + 2 + len(time) <= room:
        return [*before, f"{last}{time:>{room - len(last)}}"]
    return [*lines, f"{time:>{room}}"]


def _encodable(text: str) -> str:
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
