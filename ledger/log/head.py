"""The guard of the head: what may be signed, and what makes the ledger refuse.

The newest head ever released is kept beside the keys and, where tiles are published, in
their folder too. A database behind it, or with another history below it, was restored
from an older copy or belongs to another ledger. To sign on would show two histories, so
the process refuses, says how to recover, and signs nothing until a person has looked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from ledger.clock import Clock
from ledger.errors import (
    BehindReleasedError,
    FatalError,
    MalformedError,
    UnknownOutcomeError,
    VerificationError,
)
from ledger.ids import TreeSize
from ledger.log.identity import Ledger
from ledger.log.nodes import Nodes
from ledger.log.release import Release
from ledger.log.released import ReleasedFile
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.frontier import Extension, Frontier, extend
from ledger.storage.port import Head, WriteSession

Signer = Callable[[Checkpoint], bytes]
Opener = Callable[[bytes], Checkpoint]


FLUSH_S: Final = 0.0004  # seconds; after a longer one the next are done in a thread
THREAD_FLUSHES: Final = (
    32  # flushes in a thread, whose turn alone takes longer, then one not
)


class HeadGuard:
    """Signs committed heads, and only those that continue what was released."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        sign: Signer,
        open_checkpoint: Opener,
        released: ReleasedFile,
        clock: Clock,
        read_head: Callable[[], Awaitable[Head]],
        published: Sequence[Path] = (),
    ) -> None:
        """`published`: checkpoint files of tile folders to compare with at connection."""
        self._ledger = ledger
        self._sign = sign
        self._open = open_checkpoint
        self._released = released
        self._clock = clock
        self._in_thread = 0  # flushes still to be done in a thread
        self._read_head = read_head
        self._published = published

    def newest(self) -> tuple[Checkpoint, bytes] | None:
        """The newest released checkpoint, by any process, and its note."""
        return self._released.newest()

    def is_overtaken(self, head: Head) -> bool:
        """Whether a head past or beside this one was released; never refuses.

        Our own last head may still be on its way to the disk: that is no overtaking.
        """
        newest = self._released.newest()
        if newest is None or newest[0].size < head.size:
            return False
        same_size = newest[0].size == head.size
        return not (same_size and newest[0].root == _frontier(head).root())

    def check(self, head: Head) -> None:
        """What each batch checks, under the lock.

        Raises:
            BehindReleasedError: the head is behind or beside the newest released one.
        """
        released = self._released.newest()
        if released is None:
            return
        checkpoint = released[0]
        if checkpoint.size > head.size:
            raise _behind(checkpoint, head.size)
        if checkpoint.size == head.size and checkpoint.root != _frontier(head).root():
            raise _beside(checkpoint)

    async def verify(self, session: WriteSession) -> None:
        """What every new connection checks: the released heads lie in this history.

        Raises:
            BehindReleasedError: one of them does not; nothing will be signed.
            UnavailableError: the database does not answer.
        """
        locked = await session.lock([], [], [])
        try:
            for checkpoint in self._all_released():
                if checkpoint.size > locked.head.size:
                    raise _behind(checkpoint, locked.head.size)
                root = await Nodes(session.tile).root(TreeSize(checkpoint.size))
                if root != checkpoint.root:
                    raise _beside(checkpoint)
        finally:
            await session.rollback()

    def _all_released(self) -> list[Checkpoint]:
        found = []
        if (released := self._released.newest()) is not None:
            found.append(released[0])
        for path in self._published:
            try:
                found.append(self._open(path.read_bytes()))
            except FileNotFoundError:
                continue
            except (OSError, MalformedError, VerificationError) as error:
                raise BehindReleasedError(
                    f"the published checkpoint {path} is not one this ledger's key "
                    "signed: look at it before anything is signed on"
                ) from error
        return found

    def sign(self, extension: Extension) -> Release:
        """The signed checkpoint of a committed head; to be kept before it is shown."""
        checkpoint = Checkpoint(
            origin=self._ledger.origin,
            size=extension.frontier.size,
            root=extension.root,
        )
        return Release(checkpoint, self._sign(checkpoint), extension)

    async def keep(self, release: Release) -> None:
        """Keep a head as released; only then may it be handed out.

        In the loop while the disk is quick, since a thread's turn costs more than that; a
        slow disk must not stop the loop.

        Raises:
            UnknownOutcomeError: it was committed and could not be released: a retry with
                the same id or key gets the receipt.
        """
        try:
            if self._in_thread:
                self._in_thread -= 1
                await asyncio.to_thread(self._advance, release)
                return
            started = self._clock.monotonic_s()
            self._advance(release)
            if self._clock.monotonic_s() - started > FLUSH_S:
                self._in_thread = THREAD_FLUSHES
        except FatalError as error:
            raise UnknownOutcomeError(str(error)) from error

    def _advance(self, release: Release) -> None:
        self._released.advance(release.checkpoint, release.note)

    async def release_committed(self, head: Head) -> None:
        """Release a committed head that its writer did not live to sign."""
        released = self._released.newest()
        if released is None or released[0].size < head.size:
            await self.keep(self.sign(extend(_frontier(head), [])))

    async def untended(self) -> bool:
        """Whether a committed head waits to be signed.

        Raises:
            UnavailableError: the database does not answer.
        """
        head = await self._read_head()
        released = self._released.newest()
        return released is None or released[0].size != head.size


def _frontier(head: Head) -> Frontier:
    return Frontier.decode(head.size, head.nodes)


def _behind(checkpoint: Checkpoint, size: int) -> BehindReleasedError:
    return BehindReleasedError(
        f"the ledger refuses to sign: its database holds {size:,} entries, but "
        f"a checkpoint of {checkpoint.size:,} was already released. An older copy was "
        "restored. Nothing was lost from published tiles: run `counterfoil recover "
        "--from TILES` (see deploy/RUNBOOK.md, 'the ledger refuses to sign')"
    )


def _beside(checkpoint: Checkpoint) -> BehindReleasedError:
    return BehindReleasedError(
        "the ledger refuses to sign: its database holds another history than the "
        f"checkpoint of {checkpoint.size:,} entries that was already released. See "
        "deploy/RUNBOOK.md, 'the ledger refuses to sign'"
    )
