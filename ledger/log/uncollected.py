"""Work during which the collector rests: what makes many values, none of them in a cycle.

A state is millions of small values. While one is read or replayed, a collector that looks
for cycles among them again and again takes longer than the work itself.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No collection within; afterwards as before."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
