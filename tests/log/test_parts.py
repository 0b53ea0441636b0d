"""Parts of cases in the vault: kept only for an act that names them, read by the tag."""

from collections.abc import Mapping
from pathlib import Path

import asyncpg
import pytest

from ledger.canonical import parse_base64url
from ledger.entries.case import derive_case
from ledger.entries.part import open_part, part_name
from ledger.errors import (
    ErasedError,
    NotFoundError,
    RejectedError,
    VerificationError,
)
from ledger.limits import PART_BYTES_MAX
from ledger.log.book import Book
from ledger.log.fsck import fsck
from ledger.storage.snapshot import snapshot
from tests.log.casework import acts, contested, person
from tests.world.desk import Desk
from tests.world.person import Person
from tests.world.service import decision

pytestmark = pytest.mark.postgres

SAID = "canary: I have worked for five years"


async def rows(database: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database)
    try:
        return list(await connection.fetch("SELECT * FROM case_parts"))
    finally:
        await connection.close()


def tag(who: Person) -> bytes:
    return derive_case(who.case_key).tag


async def test_kept_read_and_erased_for_good(database: str, tmp_path: Path) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who = await person(desk, book)
        letter = b"a letter, " * 1_000
        act = await contested(
            *(desk, book, who, SAID), attached=[("letter.txt", letter)]
        )
        statement, attachment = who.blobs
        for blob in who.blobs:
            assert await book.parts.keep(blob) == (part_name(blob), True)
            assert await book.parts.keep(blob) == (part_name(blob), False)
            assert await book.parts.read(part_name(blob), tag(who)) == blob
        contest = book.projection.current.state.cases.contests[act.id]
        named = contest.said[0].statement.public()
        opened = open_part(statement, derive_case(who.case_key).part_key, named)
        assert opened.value["text"] == SAID
        held = await rows(database)
        assert {row["position"] for row in held} == {act.index}
        assert {row["contest"] for row in held} == {act.id}

        assert len(await book.store.parts.held(desk.row.log_id, act.id)) == 2
        assert await book.store.parts.erase(desk.row.log_id, [act.id, "A" * 43]) == 2
        assert await book.store.parts.erase(desk.row.log_id, [act.id]) == 0
        assert await book.store.parts.held(desk.row.log_id, act.id) == []
        for blob in (statement, attachment):
            with pytest.raises(ErasedError):
                await book.parts.read(part_name(blob), tag(who))
            with pytest.raises(ErasedError):
                await book.parts.keep(blob)  # from somebody's copy
            with pytest.raises(NotFoundError):
                await book.parts.read(part_name(blob), bytes(32))
        for row in await rows(database):
            assert (row["epoch"], row["wrapped"], row["sealed"]) == (None, None, None)
        await desk.check()


async def test_a_message_and_the_reasons_have_the_place_of_their_act(
    database: str, tmp_path: Path
) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who = await person(desk, book)
        contest = (await contested(desk, book, who)).id
        body = {"contest": contest, "statement": who.part("message", {"text": "more"})}
        said = await acts(
            *(desk, book, who.key, "case.say"), {**body, "attachments": []}
        )
        for blob in who.blobs:
            await book.parts.keep(blob)
        held = {row["part"]: row["position"] for row in await rows(database)}
        assert held[parse_base64url(part_name(who.blobs[1]))] == said.index


async def test_only_what_an_act_names_is_kept(database: str, tmp_path: Path) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who = await person(desk, book)
        who.part("message", {"text": "never named"})
        (early,) = who.blobs
        with pytest.raises(NotFoundError) as refused:
            await book.parts.keep(early)
        assert refused.value.kind == "not-named"
        await contested(desk, book, who)
        for blob, kind in (
            (early, "not-named"),
            (who.blobs[1] + b"\0", "not-named"),
            (who.blobs[1][:-1], "not-named"),
            (bytes(PART_BYTES_MAX), "not-named"),
            (bytes(PART_BYTES_MAX + 1), "body-too-large"),
            (bytes(28), "invalid-part"),
            (b"", "invalid-part"),
        ):
            with pytest.raises(RejectedError) as why:
                await book.parts.keep(blob)
            assert why.value.kind == kind
        assert await rows(database) == []


async def test_everything_wrong_is_one_answer(database: str, tmp_path: Path) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who, other = await person(desk, book), await person(desk, book)
        await contested(desk, book, who)
        await contested(desk, book, other)
        await book.parts.keep(who.blobs[0])
        name, unsent = part_name(who.blobs[0]), part_name(other.blobs[0])
        said = set()
        for part, shown in (
            (name, bytes(32)),
            (name, tag(other)),
            (unsent, tag(other)),  # named, and never sent
            ("A" * 43, tag(who)),
            ("A" * 43, bytes(32)),
        ):
            with pytest.raises(NotFoundError) as refused:
                await book.parts.read(part, shown)
            said.add((refused.value.kind, str(refused.value)))
        assert said == {("not-found", "no such part here")}


async def test_it_lies_encrypted_twice_in_one_table(
    database: str, tmp_path: Path
) -> None:
    """Not even the blob, which a box on a leaf opens for ever, is in the database."""
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who = await person(desk, book)
        await contested(desk, book, who, SAID)
        await book.parts.keep(who.blobs[0])
        connection = await asyncpg.connect(database)
        try:
            names = await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
            needles = [b"canary", who.blobs[0][:24], who.case_key, tag(who)]
            for (name,) in names:
                for row in await connection.fetch(f'SELECT * FROM "{name}"'):
                    for value in row.values():
                        data = (
                            value if isinstance(value, bytes) else str(value).encode()
                        )
                        assert not [one for one in needles if one in data], name
        finally:
            await connection.close()


# ---- fsck and damage -----------------------------------------------------------------


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


HARM: Mapping[str, tuple[str, tuple[bool, bool]]] = {
    "of another act": ("UPDATE case_parts SET position = 1", (True, True)),
    "of a decision": ("UPDATE case_parts SET position = 2", (True, True)),
    "past the end": ("UPDATE case_parts SET position = 99", (True, True)),
    "another name": ("UPDATE case_parts SET part = sha256('x')", (True, True)),
    "another case": ("UPDATE case_parts SET contest = repeat('A', 43)", (True, True)),
    "altered": (
        "UPDATE case_parts SET sealed = sealed || '\\x00'::bytea",
        (False, True),
    ),
    "no key": ("UPDATE case_parts SET epoch = 9", (False, True)),
    "erased": (
        "UPDATE case_parts SET epoch = NULL, wrapped = NULL, sealed = NULL",
        (False, False),
    ),
}


async def test_fsck_finds_a_part_that_does_not_fit(
    database: str, tmp_path: Path
) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who = await person(desk, book)
        await contested(desk, book, who)
        await book.parts.keep(who.blobs[0])
        await desk.record(book, decision())
        connection = await asyncpg.connect(database)
        kept = await connection.fetchrow("SELECT * FROM case_parts")
        assert kept is not None
        for name, (statement, noticed) in HARM.items():
            for opened in (False, True):
                assert await findings(desk, book, opened=opened) == [], name
            await connection.execute(statement)
            for opened, wanted in zip((False, True), noticed, strict=True):
                found = await findings(desk, book, opened=opened)
                assert bool(found) == wanted, (name, found)
                assert "canary" not in str(found)
            if name == "altered":
                with pytest.raises(VerificationError):
                    await book.parts.read(part_name(who.blobs[0]), tag(who))
            await connection.execute(
                "UPDATE case_parts SET log_id = $1, part = $2, position = $3,"
                " contest = $4, epoch = $5, wrapped = $6, sealed = $7",
                *kept,
            )
        await connection.close()
