"""What became of a commit whose answer was never seen: only its head's lock can tell."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from ledger.errors import UnavailableError, UnknownOutcomeError
from ledger.storage.port import NewEntries, WriteSession

RESOLVE_TRIES: Final = 6  # times to ask what became of a commit, over about 6 s


async def was_written(
    new: NewEntries,
    *,
    ready: Callable[[], Awaitable[WriteSession]],
    drop: Callable[[], Awaitable[None]],
) -> bool:
    """Whether the batch stands in the log.

    The head's lock waits for the lost connection's transaction to end, so what is read
    under it is final.

    Args:
        new: the batch.
        ready: a session that was compared with what was released.
        drop: gives up the session at hand.

    Raises:
        UnknownOutcomeError: the database did not come back in time.
        FatalError: it came back unfit to be signed; nobody could look.
    """
    start = new.start
    stop = start + len(new.leaves)
    for attempt in range(RESOLVE_TRIES):
        if attempt:
            await asyncio.sleep(0.1 * 2**attempt)
        try:
            session = await ready()
            locked = await session.lock([], [], [])
            written = await session.leaf_hashes(start, stop)
            await session.rollback()
        except UnavailableError:
            await drop()
            continue
        # A count alone leaves no trace to find: its client asks again, and at worst one
        # refusal is counted twice.
        return stop > start and locked.head.size >= stop and written == new.hashes
    raise UnknownOutcomeError(
        "the database went away during a commit and did not come back"
    )
