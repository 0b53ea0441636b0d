"""A progress bar for long work: on standard error, only where a terminal is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

SHOWN_FROM: Final = 20_000  # entries; less is done within about a second

Show = Callable[[int, int], None]  # done, in all


@contextmanager
def bar(title: str, unit: str = "entries") -> Iterator[Show]:
    """Something to call with (done, in all); shows nothing for short work."""
    console = Console(stderr=True)
    progress = Progress(
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    task = progress.add_task(title, total=None)
    with progress:

        def show(done: int, total: int) -> None:
            progress.update(
                task, completed=done, total=total, visible=total >= SHOWN_FROM
            )

        yield show
