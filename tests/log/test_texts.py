"""Texts in the vault: kept only for an act that names them, encrypted, erased for good."""

from collections.abc import Mapping
from pathlib import Path

import asyncpg
import pytest

from ledger.entries.saying import format_saying, parse_saying
from ledger.errors import (
    ErasedError,
    MalformedError,
    NotFoundError,
    VerificationError,
)
from ledger.log.book import Book
from ledger.log.fsck import fsck
from ledger.log.keyring import Keyring
from ledger.log.pending import Recorded
from ledger.log.rotation import rotate
from ledger.storage.snapshot import snapshot
from tests.world.desk import Desk
from tests.world.service import decision

pytestmark = pytest.mark.postgres

SALT = "K8mQBZRzRI5uvUQqoWv6oA"
SAID = "canary: it rejects everybody over fifty"
REASON = format_saying("reason", SALT, SAID)
DIGEST = parse_saying(REASON).digest


async def called(desk: Desk, book: Book, digest: str = DIGEST) -> Recorded:
    """An act that names a text: a member's call to suspend."""
    body = {"system": "example", "reason": digest}
    outcome = await desk.act(book, "system.suspend_emergency", body)
    assert isinstance(outcome, Recorded), outcome
    return outcome


async def rows(database: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database)
    try:
        return list(await connection.fetch("SELECT * FROM texts"))
    finally:
        await connection.close()


async def test_kept_found_and_erased_for_good(database: str, tmp_path: Path) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        act = await called(desk, book)
        kept, created = await book.texts.keep(act.id, REASON)
        assert created
        assert (kept.saying.text, kept.index) == (SAID, act.index)
        assert await book.texts.keep(act.id, REASON) == (kept, False)
        assert await book.texts.find(DIGEST) == kept
        assert await book.texts.find_all([DIGEST, "A" * 43]) == {DIGEST: kept}
        assert await book.texts.find_all([]) == {}

        assert await book.texts.erase([DIGEST, "A" * 43]) == 1
        assert await book.texts.erase([DIGEST]) == 0
        assert await book.texts.find_all([DIGEST]) == {}
        for attempt in (
            book.texts.find(DIGEST),
            book.texts.keep(act.id, REASON),  # from somebody's copy
        ):
            with pytest.raises(ErasedError):
                await attempt
        (row,) = await rows(database)
        assert (row["epoch"], row["wrapped"], row["sealed"]) == (None, None, None)
        await desk.check()


async def test_it_lies_encrypted_in_one_table(database: str, tmp_path: Path) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        await book.texts.keep((await called(desk, book)).id, REASON)
        connection = await asyncpg.connect(database)
        try:
            names = await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
            for (name,) in names:
                for row in await connection.fetch(f'SELECT * FROM "{name}"'):
                    for value in row.values():
                        data = (
                            value if isinstance(value, bytes) else str(value).encode()
                        )
                        assert b"canary" not in data, name
                        assert REASON.encode() not in data, name
                        assert SALT.encode() not in data, name
        finally:
            await connection.close()


@pytest.mark.parametrize(
    ("disclosure", "kind"),
    [
        (format_saying("reason", SALT, "another text"), NotFoundError),
        (format_saying("comment", SALT, SAID), NotFoundError),  # another slot
        (format_saying("reason", SALT[:-1] + "B", SAID), NotFoundError),
        ("x", MalformedError),
    ],
)
async def test_what_the_act_does_not_name_is_refused(
    database: str, tmp_path: Path, disclosure: str, kind: type[Exception]
) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        act = await called(desk, book)
        with pytest.raises(kind) as caught:
            await book.texts.keep(act.id, disclosure)
        assert "canary" not in str(caught.value)
        assert await rows(database) == []


async def test_no_act_no_text(database: str, tmp_path: Path) -> None:
    """Not before its act, and not by an act of another ledger, which is not here."""
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        for act_id in ("A" * 43, book.ledger.genesis):
            with pytest.raises(NotFoundError):
                await book.texts.keep(act_id, REASON)
        assert await rows(database) == []


async def test_a_turned_key_still_opens_it_and_an_altered_row_does_not(
    database: str, tmp_path: Path
) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        kept, _ = await book.texts.keep((await called(desk, book)).id, REASON)

        async def count() -> Mapping[int, int]:
            async with snapshot(desk.database) as moment:
                return await moment.epochs(desk.row.log_id)

        assert await count() == {1: 1}
        done = await rotate(
            Keyring(desk.keys / "commons"),
            book.store,
            desk.row.log_id,
            count_epochs=count,
            destroy_old=True,
        )
        assert (done.rewrapped, done.destroyed) == (1, [1])
        assert await book.texts.find(DIGEST) == kept

        connection = await asyncpg.connect(database)
        await connection.execute("UPDATE texts SET sealed = sealed || '\\x00'::bytea")
        await connection.close()
        with pytest.raises(VerificationError):
            await book.texts.find(DIGEST)


async def findings(desk: Desk, book: Book, *, opened: bool) -> list[tuple[str, str]]:
    newest = book.released.newest()
    async with snapshot(desk.database) as moment:
        found = await fsck(
            moment,
            desk.row,
            released=None if newest is None else newest[0],
            vault=book.keyring.vault() if opened else None,
        )
    return found.findings


HARM = {
    "a text of another act": ("UPDATE texts SET position = 1", (True, True)),
    "a text of a decision": ("UPDATE texts SET position = 3", (True, True)),
    "a text past the end": ("UPDATE texts SET position = 9", (True, True)),
    "another digest": ("UPDATE texts SET digest = sha256('x')", (True, True)),
    "altered": ("UPDATE texts SET sealed = sealed || '\\x00'::bytea", (False, True)),
    "no key": ("UPDATE texts SET epoch = 9", (False, True)),
    "erased": (
        "UPDATE texts SET epoch = NULL, wrapped = NULL, sealed = NULL",
        (False, False),
    ),
}


@pytest.mark.parametrize("name", HARM)
async def test_fsck_finds_a_text_that_does_not_fit(
    database: str, tmp_path: Path, name: str
) -> None:
    statement, noticed = HARM[name]
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        await book.texts.keep((await called(desk, book)).id, REASON)
        await desk.record(book, decision())
        for opened in (False, True):
            assert await findings(desk, book, opened=opened) == []
        connection = await asyncpg.connect(database)
        await connection.execute(statement)
        await connection.close()
        for opened, wanted in zip((False, True), noticed, strict=True):
            found = await findings(desk, book, opened=opened)
            assert bool(found) == wanted, found
            assert "canary" not in str(found)
