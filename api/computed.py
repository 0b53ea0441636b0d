"""Answers that cost much, worked out once while what they follow from is the same.

A state is made of values: as long as the very same objects go in, the same comes out. So
many readers of one proposal cost one count, and what is under way is waited for.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")
COMPUTED_MAX: Final = 64  # answers kept; a few proposals are read at a time


class Computed(Generic[T]):
    """The newest answer of each name."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._kept: OrderedDict[
            Hashable, tuple[tuple[object, ...], asyncio.Task[T]]
        ] = OrderedDict()

    async def get(
        self, name: Hashable, follows: tuple[object, ...], work: Callable[[], T]
    ) -> T:
        """What `work` gives, beside the loop; kept while `follows` are the same objects.

        Raises:
            Exception: what `work` raised.
        """
        held = self._kept.get(name)
        if held is None or not _same(held[0], follows):
            held = (follows, asyncio.create_task(asyncio.to_thread(work)))
            self._kept[name] = held
        self._kept.move_to_end(name)
        while len(self._kept) > COMPUTED_MAX:
            self._kept.popitem(last=False)
        # A reader who hangs up does not take the answer from the others.
        return await asyncio.shield(held[1])


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(one) == len(other) and all(
        a is b for a, b in zip(one, other, strict=True)
    )
