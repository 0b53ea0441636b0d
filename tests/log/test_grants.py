"""Grants: a recorded read opens the data key, to the key that signed it, for an hour."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.signing import signed_act
from ledger.entries.case import seal_dek, unseal_dek
from ledger.entries.codec import decode_entry
from ledger.entries.decision import SEALED_PREFIX, check_disclosures, open_with_dek
from ledger.entries.entry import DecisionRecorded
from ledger.entries.secret import derive
from ledger.errors import (
    ErasedError,
    ForbiddenError,
    NotFoundError,
    RejectedError,
    VerificationError,
)
from ledger.keys import SigningKey, agreement_key, agreement_secret
from ledger.limits import GRANT_READ_S
from ledger.log.book import Book
from ledger.log.entropy import fresh
from ledger.log.pending import Recorded
from tests.api.test_standing import Slow
from tests.governance.safeguards.test_sealed_mode import DEPLOYER, sealed, send
from tests.governance.world import REGISTER
from tests.log.casework import acts, person, proof
from tests.world.desk import Desk
from tests.world.person import Person
from tests.world.service import decision

pytestmark = pytest.mark.postgres

AUDITOR, STRANGER = SigningKey(b"\x21" * 32), SigningKey(b"\x22" * 32)
HOUR_MS = GRANT_READ_S * 1000


async def granted(desk: Desk, book: Book, who: Person, **changes: Any) -> Recorded:
    until = datetime.now(UTC) + timedelta(days=2)
    body = {
        "receipt": who.shown(await proof(book, who)),
        "to": AUDITOR.did,
        "purpose": "audit",
        "until": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "wrapped": None,
        **changes,
    }
    return await acts(desk, book, who.key, "grant.give", body)


async def looked(
    desk: Desk, book: Book, who: Person, grant: str, by: SigningKey = AUDITOR
) -> Recorded:
    body = {"grant": grant, "decision": who.id}
    return await acts(desk, book, by, "grant.read", body)


async def test_a_recorded_read_opens_it_for_an_hour(
    database: str, tmp_path: Path
) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who = await person(desk, book)
        grant = await granted(desk, book, who)
        read = await looked(desk, book, who, grant.id)
        now_ms = desk.clock.now_ms()
        found = await book.grants.key(grant.id, read.id, now_ms)
        assert found.wrapped is not None
        about = {"decision": who.id, "genesis": who.genesis, "grant": grant.id}
        secret = agreement_secret(AUDITOR)
        dek = unseal_dek(found.wrapped, secret, **about)
        assert dek == derive(who.secret).dek
        statement = who.leaf[who.leaf.index(b'"statement":') + 12 :]
        end = statement.index(b'"version":')
        end += statement[end:].index(b"}") + 1
        plain = AESGCM(dek).decrypt(
            *(found.sealed[:12], found.sealed[12:], SEALED_PREFIX + statement[:end])
        )
        assert plain.startswith(b'["')
        # Each answer is another box: nothing to compare with an earlier one.
        again = await book.grants.key(grant.id, read.id, now_ms)
        assert again.wrapped != found.wrapped
        with pytest.raises(VerificationError):
            unseal_dek(found.wrapped, agreement_secret(STRANGER), **about)

        for grant_id, read_id, time_ms in (
            (grant.id, read.id, now_ms + HOUR_MS + 1_000),
            (grant.id, grant.id, now_ms),
            (read.id, read.id, now_ms),
            ("A" * 43, read.id, now_ms),
            (grant.id, "A" * 43, now_ms),
        ):
            with pytest.raises(NotFoundError) as refused:
                await book.grants.key(grant_id, read_id, time_ms)
            told = "no such grant here, or no read that opens it"
            assert str(refused.value) == told
        await desk.check()


async def test_no_key_before_a_checkpoint_covers_the_read(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Committed is not enough: a look that could still be lost opens nothing."""
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who = await person(desk, book)
        grant = await granted(desk, book, who)
        act = await signed_act(
            book,
            AUDITOR,
            act="grant.read",
            body={"grant": grant.id, "decision": who.id},
            now_ms=desk.clock.now_ms(),
        )
        disk = Slow(book, monkeypatch)
        sent = asyncio.create_task(desk.send(book, act))
        await disk.began.wait()
        with pytest.raises(NotFoundError) as refused:
            await book.grants.key(grant.id, act.id, desk.clock.now_ms())
        assert str(refused.value) == "no such grant here, or no read that opens it"
        disk.goes_on.set()
        assert isinstance(await sent, Recorded)
        found = await book.grants.key(grant.id, act.id, desk.clock.now_ms())
        assert found.wrapped is not None


async def test_nobody_else_records_a_read(database: str, tmp_path: Path) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who = await person(desk, book)
        grant = await granted(desk, book, who)
        for key in (STRANGER, who.key):
            with pytest.raises(ForbiddenError):
                await looked(desk, book, who, grant.id, key)


async def test_what_the_person_ends_opens_nothing(
    database: str, tmp_path: Path
) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who = await person(desk, book)
        grant = await granted(desk, book, who)
        read = await looked(desk, book, who, grant.id)
        await acts(desk, book, who.key, "grant.end", {"grant": grant.id})
        with pytest.raises(NotFoundError):
            await book.grants.key(grant.id, read.id, desk.clock.now_ms())
        with pytest.raises(RejectedError):
            await looked(desk, book, who, grant.id)


async def test_what_was_erased_is_gone(database: str, tmp_path: Path) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who = await person(desk, book)
        grant = await granted(desk, book, who)
        read = await looked(desk, book, who, grant.id)
        connection = await asyncpg.connect(database)
        await connection.execute("DELETE FROM vault")
        await connection.close()
        with pytest.raises(ErasedError):
            await book.grants.key(grant.id, read.id, desk.clock.now_ms())


async def test_after_a_claim_a_retry_learns_no_secret(
    database: str, tmp_path: Path
) -> None:
    async with Desk(database, tmp_path) as desk:
        book, other = await desk.open(), await desk.open()
        body = decision()
        (first,) = await desk.record(book, body, key=b"retry")
        (again,) = await desk.record(book, body, key=b"retry")
        assert isinstance(first, Recorded)
        assert isinstance(again, Recorded)
        assert first.secret == again.secret is not None
        who = Person(
            genesis=book.ledger.genesis,
            id=first.id,
            index=first.index,
            leaf=first.leaf,
            secret=first.secret or b"",
        )
        _, claim = who.claim(await proof(book, who))
        await acts(desk, book, who.key, "receipt.claim", claim)
        for writer in (book, other):
            (told,) = await desk.record(writer, body, key=b"retry")
            assert isinstance(told, Recorded)
            assert (told.index, told.secret) == (first.index, None)


# ---- sealed mode: the ledger has no K -------------------------------------------------


async def sealed_for(desk: Desk, book: Book) -> Person:
    """Somebody about whom a deployer sealed a decision itself."""
    register = {**REGISTER, "system": "sealer", "keys": [DEPLOYER.did], "versions": []}
    assert isinstance(await desk.act(book, "system.register", register), Recorded)
    ((_, entropy),) = fresh(1)
    outcome = await send(book, sealed(book, entropy=entropy))
    assert isinstance(outcome, Recorded), outcome
    return Person(
        genesis=book.ledger.genesis,
        id=outcome.id,
        index=outcome.index,
        leaf=outcome.leaf,
        secret=entropy.secret,
    )


async def test_a_sealed_decisions_key_is_the_persons_to_give(
    database: str, tmp_path: Path
) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        who = await sealed_for(desk, book)
        with pytest.raises(RejectedError) as refused:
            await granted(desk, book, who)
        assert refused.value.kind == "wrong-wrapping"
        dek = derive(who.secret).dek
        wrapped = seal_dek(
            dek,
            agreement_key(AUDITOR.did),
            decision=who.id,
            genesis=who.genesis,
            grant=None,
            ephemeral=b"\x09" * 32,
        )
        grant = await granted(desk, book, who, wrapped=wrapped)
        read = await looked(desk, book, who, grant.id)
        found = await book.grants.key(grant.id, read.id, desk.clock.now_ms())
        assert found.wrapped == wrapped
        assert found.wrapped is not None
        opened = unseal_dek(
            found.wrapped,
            agreement_secret(AUDITOR),
            decision=who.id,
            genesis=who.genesis,
            grant=None,
        )
        entry = decode_entry(who.leaf)
        assert isinstance(entry, DecisionRecorded)
        fields = open_with_dek(opened, entry.statement_jcs, found.sealed)
        check_disclosures(entry.statement, fields)

        # A helper's grant brings no key: it is in the statement that the person writes.
        until = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        named = {
            "receipt": who.shown(await proof(book, who)),
            "helper": STRANGER.did,
            "scope": ["read"],
            "until": until,
        }
        helper = await acts(desk, book, who.key, "helper.name", named)
        seen = await looked(desk, book, who, helper.id, STRANGER)
        given = await book.grants.key(helper.id, seen.id, desk.clock.now_ms())
        assert (given.wrapped, given.sealed) == (None, found.sealed)
