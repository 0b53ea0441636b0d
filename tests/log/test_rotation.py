"""Turning the key encryption key: nothing is lost, running writers follow."""

from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.errors import FatalError
from ledger.log.book import Book
from ledger.log.keyring import Keyring
from ledger.log.pending import Recorded
from ledger.log.rotation import Rotation, idle_epochs, rotate
from ledger.log.vault import LOOK_S, Vault
from ledger.storage.snapshot import snapshot
from tests.world.desk import Desk
from tests.world.service import decision

pytestmark = pytest.mark.postgres


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.s = 100.0

    def now_ms(self) -> int:
        return 0

    def monotonic_s(self) -> float:
        return self.s


async def epochs(desk: Desk) -> Mapping[int, int]:
    async with snapshot(desk.database) as moment:
        return await moment.epochs(desk.row.log_id)


async def turn(desk: Desk, book: Book, *, destroy_old: bool = False) -> Rotation:
    return await rotate(
        Keyring(desk.keys / "commons"),
        book.store,
        desk.row.log_id,
        count_epochs=lambda: epochs(desk),
        destroy_old=destroy_old,
    )


def keyring(folder: Path) -> Keyring:
    ring = Keyring(folder)
    ring.create("PRIVATE+KEY+x+00000000+AA==")
    return ring


async def test_a_running_writer_follows_and_every_secret_still_opens(
    database: str, tmp_path: Path
) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        before = [decision(id=str(uuid4())) for _ in range(3)]
        await desk.record(book, *before)
        assert await epochs(desk) == {1: 3}

        done = await turn(desk, book)
        assert done == Rotation(epoch=2, rewrapped=3, idle=[1], destroyed=[])
        assert await epochs(desk) == {2: 3}

        await desk.record(book, decision())
        assert await epochs(desk) == {2: 4}
        # A retry gets K again, which a changed K would contradict (Desk holds it so).
        again = await desk.record(book, *before)
        assert [isinstance(one, Recorded) and one.created for one in again] == [
            False
        ] * 3

        done = await turn(desk, book, destroy_old=True)
        assert (done.epoch, done.rewrapped, done.destroyed) == (3, 4, [1, 2])
        assert Keyring(desk.keys / "commons").epochs() == [3]
        again = await desk.record(book, *before)
        assert all(isinstance(one, Recorded) and one.secret for one in again)
        await desk.check()


async def test_nothing_is_destroyed_while_a_needed_key_is_missing(
    database: str, tmp_path: Path
) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        await desk.record(book, decision())
        ring = Keyring(desk.keys / "commons")
        ring.add_wrapping_key(2)
        lost = ring.folder / "kek" / "1.key"
        kept = lost.read_bytes()
        lost.unlink()
        with pytest.raises(FatalError, match="key encryption key 1 is missing"):
            await turn(desk, book, destroy_old=True)
        assert ring.epochs() == [2, 3]
        lost.write_bytes(kept)
        lost.chmod(0o600)
        assert (await turn(desk, book, destroy_old=True)).destroyed == [1, 2, 3]


def test_a_vault_looks_once_a_second_and_never_between_epoch_and_wrap(
    tmp_path: Path,
) -> None:
    ring, clock = keyring(tmp_path), Hand()
    vault = ring.vault(clock)
    ring.add_wrapping_key(2)
    assert vault.epoch == 1
    clock.s += LOOK_S
    wrapped = vault.wrap(bytes(32))  # wrapping does not look
    assert ring.vault().unwrap(1, wrapped) == bytes(32)
    assert vault.epoch == 2
    assert ring.vault().unwrap(2, vault.wrap(bytes(32))) == bytes(32)


def test_a_newer_epoch_is_read_on_demand_and_a_destroyed_one_forgotten(
    tmp_path: Path,
) -> None:
    ring, clock = keyring(tmp_path), Hand()
    vault = ring.vault(clock)
    old = vault.wrap(bytes(32))
    ring.add_wrapping_key(2)
    new = ring.vault().wrap(bytes(32))
    assert vault.unwrap(2, new) == bytes(32)
    ring.destroy_wrapping_key(1)
    clock.s += LOOK_S
    assert vault.epoch == 2
    with pytest.raises(FatalError, match="key encryption key 1 is missing"):
        vault.unwrap(1, old)


def test_an_unreadable_newer_key_does_not_stop_a_running_service(
    tmp_path: Path,
) -> None:
    ring, clock = keyring(tmp_path), Hand()
    vault = ring.vault(clock)
    (ring.folder / "kek" / "2.key").write_bytes(b"not a key\n")
    clock.s += LOOK_S
    assert vault.epoch == 1
    assert vault.unwrap(1, vault.wrap(bytes(32))) == bytes(32)


def test_keys_without_files_stay(tmp_path: Path) -> None:
    vault = Vault(index_key=bytes(32), wrapping_keys={1: bytes(32)})
    assert vault.epoch == 1
    vault.look()
    assert vault.unwrap(1, vault.wrap(bytes(32))) == bytes(32)
    assert idle_epochs(keyring(tmp_path), {}) == []
