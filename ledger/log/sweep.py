"""The sweep of one ledger: once a day, by one process of all, what is due is done.

    (0) take the ledger's turn; if another process has it, that one sweeps
    (1) erase: what is due, in order of id, up to 1,000 decisions an entry
    (2) erase again what the log says is erased and lies in the vault all the same
    (3) note which receipts were asked for again
    (4) turn: a key encryption key that is a day old gets a successor
    (5) wrap what older epochs wrap again under the newest
    (6) destroy the keys that no backup needs any more

Every step begins anew where a crash left it: what (1) may have begun is known from the
file of erased ids and from the log, what (4) to (6) have begun from the key files and the
database. So a sweep that died is no more than a sweep that comes later.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger.clock import Clock
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ErasureExecuted
from ledger.errors import RejectedError
from ledger.governance.cases.queries import erasures_due
from ledger.log.book import Book
from ledger.log.pending import Recorded
from ledger.log.rotation import idle_epochs, rewrap, turn

DAY_S: Final = 24 * 3600
# Sweeps come once a day, now and then a little early: a key is turned by the next one all
# the same, and never twice by two that follow a start.
EPOCH_S: Final = 20 * 3600  # seconds after which a sweep turns the key

CountEpochs = Callable[[], Awaitable[Mapping[int, int]]]


@dataclass(slots=True, kw_only=True)
class Swept:
    """What a sweep did.

    Attributes:
        erased: decisions erased now.
        again: rows that had come back and were erased again.
        noted: requests for receipts that an entry now tells.
        epoch: the newest epoch afterwards.
        turned: whether it is new.
        rewrapped: keys wrapped again under it.
        destroyed: older epochs whose keys were destroyed.
        missing: epochs that wrap something and whose key files are not at hand.
    """

    erased: int = 0
    again: int = 0
    noted: int = 0
    epoch: int = 0
    turned: bool = False
    rewrapped: int = 0
    destroyed: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)


async def sweep(
    book: Book,
    *,
    count_epochs: CountEpochs,
    clock: Clock,
    backup_retention_days: int,
    every_s: int = 0,
    turn_now: bool = False,
) -> Swept | None:
    """Sweep one ledger; None where another process does, or it is not due.

    Args:
        book: of the ledger, started.
        count_epochs: how many keys each epoch wraps, read now.
        clock: says which keys are old.
        backup_retention_days: how long a backup is kept: a key is destroyed as many days
            after its successor was made.
        every_s: how long ago the last sweep must be.
        turn_now: turn the key though it is young.

    Raises:
        CounterfoilError: what stopped it; all before it is done, all after it is not.
    """
    sweeps, log_id = book.store.sweeps, book.ledger.log_id
    if not await _is_due(book, clock, every_s):
        return None
    async with sweeps.turn(log_id) as ours:  # (0)
        if not ours or not await _is_due(book, clock, every_s):
            return None
        swept = Swept()
        swept.erased = await _erase(book, clock)  # (1)
        swept.again = await book.erase_again(whole=True)  # (2)
        swept.noted = await book.reissues.sweep(book.sequencer.intake)  # (3)
        await _turn(book, swept, count_epochs, clock, turn_now=turn_now)  # (4), (5)
        await _destroy(book, swept, count_epochs, clock, backup_retention_days)  # (6)
        await sweeps.note(log_id, clock.now_ms())
        return swept


async def _is_due(book: Book, clock: Clock, every_s: int) -> bool:
    last_ms = await book.store.sweeps.newest_ms(book.ledger.log_id)
    return last_ms is None or clock.now_ms() - last_ms >= 1_000 * every_s


async def _erase(book: Book, clock: Clock) -> int:
    await book.settle_erasures()
    done = 0
    while True:
        state = (await book.projection.refreshed()).state
        if not erasures_due(state, max(clock.now_ms(), state.log_time_ms + 1)):
            return done
        outcome = await book.sequencer.intake.erase()
        if isinstance(outcome, RejectedError):
            return done  # withdrawn, or held, a moment ago
        if not isinstance(outcome, Recorded):
            raise outcome
        entry = decode_entry(outcome.leaf)
        done += len(entry.decisions) if isinstance(entry, ErasureExecuted) else 0


async def _turn(
    book: Book,
    swept: Swept,
    count_epochs: CountEpochs,
    clock: Clock,
    *,
    turn_now: bool,
) -> None:
    keyring, store, log_id = book.keyring, book.store, book.ledger.log_id
    newest = keyring.epochs()[-1]
    made_s = keyring.made_s(newest) or 0.0
    swept.turned = turn_now or clock.now_ms() / 1000 - made_s >= EPOCH_S
    swept.epoch = await turn(keyring, store, log_id) if swept.turned else newest
    held = await count_epochs()
    at_hand = set(keyring.epochs())
    # A backup older than the retention brought them: nobody can open these rows.
    swept.missing = sorted(set(held) - at_hand)
    swept.rewrapped = await rewrap(keyring, store, log_id, sorted(set(held) & at_hand))


async def _destroy(
    book: Book,
    swept: Swept,
    count_epochs: CountEpochs,
    clock: Clock,
    backup_retention_days: int,
) -> None:
    keyring, now_s = book.keyring, clock.now_ms() / 1000
    idle = idle_epochs(keyring, await count_epochs())
    epochs = keyring.epochs()
    for epoch in idle:
        retired_s = keyring.made_s(epochs[epochs.index(epoch) + 1])
        if retired_s is None or now_s - retired_s < backup_retention_days * DAY_S:
            continue
        # Point of no return: what WAL, dead rows and old backups hold under it is gone.
        keyring.destroy_wrapping_key(epoch)
        swept.destroyed.append(epoch)
