"""The one place that reads the clock.

Everything else takes a `Clock`, so that tests move time and a replay needs none.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """Wall time for what is recorded, monotonic time for what is measured."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z; may step back."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never step back, for durations only."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Seconds that never step back."""
        return time.perf_counter()
