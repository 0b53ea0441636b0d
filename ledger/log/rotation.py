"""Turning the key encryption key of a ledger's vault.

    (1) a new epoch's key file is written; whatever is wrapped from now on uses it
    (2) wait until every running process has seen it, then write the head once,
        unchanged: a batch that was planned under the old epoch finds another version of
        the head and is planned again, so none is still on its way
    (3) every older wrapped key is unwrapped and wrapped again, in batches
    (4) count: an epoch that wraps nothing is no longer needed
    (5) if asked, such old keys are destroyed; backups made before need them

A crash at any point loses nothing: both keys exist until (5), and turning again goes on.
Sealed parts are not touched: only what wraps their K changes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ledger.errors import FatalError
from ledger.ids import LeafIndex, LogId
from ledger.log.keyring import Keyring
from ledger.log.vault import LOOK_S
from ledger.storage.port import NewEntries
from ledger.storage.postgres import PostgresStore

REWRAP_ROWS: Final = 500  # rows a statement; a few ms of row locks
SEEN_S: Final = 2 * LOOK_S  # seconds until every process has looked for a newer key

Progress = Callable[[int], None]  # keys wrapped again so far
CountEpochs = Callable[[], Awaitable[Mapping[int, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a rotation did.

    Attributes:
        epoch: the new one.
        rewrapped: how many keys were wrapped again.
        idle: older epochs whose key files exist and that wrap nothing any more.
        destroyed: those of them whose files were destroyed.
    """

    epoch: int
    rewrapped: int
    idle: list[int]
    destroyed: list[int]


def idle_epochs(keyring: Keyring, counts: Mapping[int, int]) -> list[int]:
    """Older epochs whose key files exist and that wrap nothing."""
    return [epoch for epoch in keyring.epochs()[:-1] if not counts.get(epoch)]


async def rotate(
    keyring: Keyring,
    store: PostgresStore,
    log_id: LogId,
    *,
    count_epochs: CountEpochs,
    destroy_old: bool,
    progress: Progress = lambda _done: None,
) -> Rotation:
    """Turn the key; see the module.

    Args:
        keyring: of the ledger.
        store: its database.
        log_id: the ledger.
        count_epochs: how many keys each epoch wraps, read now.
        destroy_old: whether (5) is asked for.
        progress: told how many keys were wrapped again.

    Raises:
        FatalError: a key file cannot be written, or one that is needed is missing; then
            nothing was destroyed.
        VerificationError: a wrapped key was altered; nothing was destroyed.
        UnavailableError: the database does not answer; turn again.
    """
    epoch = await turn(keyring, store, log_id)  # (1), (2)
    held = list(await count_epochs())
    rewrapped = await rewrap(keyring, store, log_id, held, progress=progress)  # (3)
    idle = idle_epochs(keyring, await count_epochs())  # (4)
    destroyed = []
    if destroy_old:
        for old in idle:
            # Point of no return: what an older backup holds under this key is gone.
            keyring.destroy_wrapping_key(old)  # (5)
            destroyed.append(old)
    return Rotation(epoch=epoch, rewrapped=rewrapped, idle=idle, destroyed=destroyed)


async def turn(keyring: Keyring, store: PostgresStore, log_id: LogId) -> int:
    """(1) and (2): a new epoch, under which all that is recorded from now on is wrapped.

    Raises:
        FatalError: the key file cannot be written.
        UnavailableError: the database does not answer; the new epoch is in force.
    """
    epochs = keyring.epochs()
    if not epochs:
        raise FatalError(f"no key encryption key in {keyring.folder / 'kek'}")
    epoch = epochs[-1] + 1
    keyring.add_wrapping_key(epoch)  # (1)
    await _wait_seen(store, log_id)  # (2)
    return epoch


async def _wait_seen(store: PostgresStore, log_id: LogId) -> None:
    await asyncio.sleep(SEEN_S)
    session = await store.session(log_id)
    try:
        head = (await session.lock([], [], [])).head
        await session.append(
            NewEntries(
                start=LeafIndex(head.size),
                version=head.version,
                head=replace(head, version=head.version + 1),
            )
        )
        await session.commit()
    finally:
        await session.close()


async def rewrap(
    keyring: Keyring,
    store: PostgresStore,
    log_id: LogId,
    epochs: Sequence[int],
    *,
    progress: Progress = lambda _done: None,
) -> int:
    """(3): wrap what is under these epochs again under the newest; how many keys.

    Raises:
        FatalError: the key of one of them is missing.
        VerificationError: a wrapped key was altered.
        UnavailableError: the database does not answer; begin again.
    """
    vault = keyring.vault(follows=False)  # so that it wraps under one epoch to the end
    epoch = vault.epoch
    older = [one for one in epochs if one < epoch]
    done = 0
    for table in store.keyed:
        last = table.before
        while older and (
            found := await table.wrapped_keys(
                log_id, epochs=older, after=last, limit=REWRAP_ROWS
            )
        ):
            wrapped = [(d, vault.wrap(vault.unwrap(old, key))) for d, old, key in found]
            await table.rewrap(log_id, epoch, wrapped)
            last, done = found[-1][0], done + len(found)
            progress(done)
    return done
