"""Real services whose clock a test moves on: what takes days need not be waited for.

    offset = Offset(folder / "clock")
    with offset.here():                       # this process's clock, and …
        Service(command=offset.command)       # … that of `counterfoil` as a process
        offset.forward(86_400_000)            # both: a day later

The machine's clock goes on below it: a test may ask for long periods, act within them
however slow the machine is, and then let them pass. Nothing else of the program is other
than what an operator runs.
"""

import contextlib
import mmap
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ledger.clock import SystemClock

VARIABLE: Final = "TEST_CLOCK_FILE"
_MS: Final = struct.Struct("=q")  # aligned, so a reader sees the old or the new one


class Offset:
    """How far the clock is moved on, in a file that all who share it read."""

    command: Final = (sys.executable, "-m", "tests.world.later")

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_MS.size))
        self.path = path
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _MS.size)

    @property
    def ms(self) -> int:
        return int(_MS.unpack(self._shared)[0])

    @property
    def environment(self) -> dict[str, str]:
        return {VARIABLE: str(self.path)}

    def forward(self, ms: int) -> None:
        """It is `ms` later; never earlier."""
        assert ms >= 0
        self._shared[:] = _MS.pack(self.ms + ms)

    @contextlib.contextmanager
    def here(self) -> Iterator[None]:
        """This process's `SystemClock` is moved too, until the end of the block."""
        real = SystemClock.now_ms

        def now_ms(clock: SystemClock) -> int:
            return real(clock) + self.ms

        SystemClock.now_ms = now_ms  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            SystemClock.now_ms = real  # type: ignore[method-assign]


if __name__ in {"__main__", "__mp_main__"}:  # the second is a worker of the first
    _stack = contextlib.ExitStack()
    _stack.enter_context(Offset(Path(os.environ[VARIABLE])).here())

if __name__ == "__main__":
    from counterfoil import main

    main()
