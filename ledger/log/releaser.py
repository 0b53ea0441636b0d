"""Steps (6) and (7): sign what the writer committed, keep it as released, answer.

Beside the writer, because a flush to disk need not hold up the next batch: what was
committed during one flush shares the next.
"""

import asyncio
from collections import deque
from typing import Any

from ledger.errors import CounterfoilError, UnknownOutcomeError
from ledger.log.batch import Plan
from ledger.log.head import HeadGuard


class Releaser:
    """Answers committed batches, in order, once a signed head covers them."""

    def __init__(self, guard: HeadGuard, log: Any) -> None:
        """`guard` signs and keeps."""
        self._guard = guard
        self._log = log
        self._committed: deque[Plan] = deque()  # owner: the writer, then this task
        self._ready = asyncio.Event()
        self._closing = False

    def add(self, done: Plan) -> None:
        """Take over a committed batch; its waiters are this task's from here on."""
        self._committed.append(done)
        self._ready.set()

    def close(self) -> None:
        """Nothing more will come; what is here is still released."""
        self._closing = True
        self._ready.set()

    async def run(self) -> None:
        """Release what comes until `close`; the task's body."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            while self._committed:
                batches = list(self._committed)
                self._committed.clear()
                try:
                    await self._release(batches)
                except CounterfoilError as error:
                    self._fail(batches, error)
                except Exception as error:  # noqa: BLE001 -- ours; waiters must not hang
                    name = type(error).__name__
                    self._fail(batches, UnknownOutcomeError(f"not released ({name})"))
                    self._log.exception("releaser_failed")
            if self._closing:
                return

    async def _release(self, batches: list[Plan]) -> None:
        releases = [self._guard.sign(done.extension) for done in batches]
        # The newest covers the others: one flush for all.
        await self._guard.keep(releases[-1])
        for done, release in zip(batches, releases, strict=True):
            done.answer(release)

    def _fail(self, batches: list[Plan], error: CounterfoilError) -> None:
        self._log.warning("release_failed", error=str(error), batches=len(batches))
        for done in batches:
            for pending, *_ in done.accepted:
                pending.put(error)
            done.refuse()
