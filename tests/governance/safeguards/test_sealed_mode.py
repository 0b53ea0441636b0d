"""Sealed mode: what the ledger cannot read, held against what it can."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from ledger.canonical import format_base64, format_base64url
from ledger.entries.codec import decode_entry
from ledger.entries.decision import Submission, seal
from ledger.entries.entry import DecisionRecorded
from ledger.entries.moment import format_hour
from ledger.entries.statement import sign_statement
from ledger.errors import (
    ConflictError,
    ForbiddenError,
    RejectedError,
    RuleRefusedError,
    VerificationError,
)
from ledger.ids import DecisionId, SystemId
from ledger.keys import SigningKey
from ledger.log.book import Book
from ledger.log.entropy import fresh
from ledger.log.pending import DecisionRequest, Outcome, Recorded
from schemas.submission import parse_sealed
from tests.governance.safeguards.rules import founders_enact, public_rule, rule
from tests.governance.world import REGISTER
from tests.world.desk import Desk
from tests.world.service import decision

pytestmark = pytest.mark.postgres
DEPLOYER = SigningKey(b"\4" * 32)
STRANGER = SigningKey(b"\5" * 32)


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    with founders_enact():
        async with Desk(database, tmp_path) as desk:
            yield desk


async def open_book(desk: Desk) -> Book:
    book = await desk.open()
    body = {**REGISTER, "system": "sealer", "keys": [DEPLOYER.did], "versions": []}
    assert isinstance(await desk.act(book, "system.register", body), Recorded)
    return book


def sealed(
    book: Book,
    *,
    entropy: Any = None,
    key: SigningKey = DEPLOYER,
    system: str = "sealer",
    automation: str = "full",
    **changes: Any,
) -> dict[str, Any]:
    """What the client library will send."""
    submission = Submission(
        id=DecisionId(str(uuid4())),
        system=SystemId(system),
        version=None,
        profile="sealed",
        automation=automation,
        time=format_hour(int(datetime.now(UTC).timestamp()) // 3600),
        outcome=None,
        values={"outcome": b'{"code":"rejected","favourable":false}'},
    )
    made = seal(book.ledger.genesis, submission, entropy or fresh(1)[0][1])
    rules = book.projection.current.state.safeguards.rule_set.hash
    sig = format_base64url(sign_statement(key, made.statement))
    return {
        "statement": orjson.loads(made.statement),
        "signature": {"keyid": key.did, "sig": sig},
        "sealed": format_base64(made.sealed),
        "rules": rules,
        "handle": format_base64url(b"our own name"),
        **changes,
    }


async def send(book: Book, body: dict[str, Any]) -> Outcome:
    data = orjson.dumps(body)
    request = DecisionRequest(read=lambda: parse_sealed(data), body_bytes=len(data))
    return (await book.record([request]))[0]


async def test_recorded_as_it_was_signed_and_found_again(desk: Desk) -> None:
    book = await open_book(desk)
    ((_, entropy),) = fresh(1)
    body = sealed(book, entropy=entropy)
    outcome = await send(book, body)
    assert isinstance(outcome, Recorded), outcome
    assert (outcome.secret, outcome.created, outcome.status) == (None, True, "accepted")
    entry = decode_entry(outcome.leaf)
    assert isinstance(entry, DecisionRecorded)
    assert entry.keyid == DEPLOYER.did
    assert orjson.loads(entry.statement_jcs) == body["statement"]
    again = await send(book, body)
    assert isinstance(again, Recorded)
    assert (again.index, again.created, again.secret) == (outcome.index, False, None)
    other = await send(book, {**body, "handle": None})
    assert isinstance(other, RejectedError)
    assert other.kind == "id-used-otherwise"
    await desk.check()


async def test_a_used_tag_or_key_is_a_conflict(desk: Desk) -> None:
    book = await open_book(desk)
    ((_, entropy),) = fresh(1)
    assert isinstance(await send(book, sealed(book, entropy=entropy)), Recorded)
    again = await send(book, sealed(book, entropy=entropy))
    assert isinstance(again, ConflictError)
    assert again.kind == "tag-used"
    ((_, other),) = fresh(1)
    both = [sealed(book, entropy=other) for _ in range(2)]
    requests = [
        DecisionRequest(read=lambda one=one: parse_sealed(orjson.dumps(one)))  # type: ignore[misc]
        for one in both
    ]
    outcomes = await book.record(requests)
    assert sum(isinstance(one, Recorded) for one in outcomes) == 1


async def test_a_tag_taken_from_a_public_leaf_is_a_conflict(desk: Desk) -> None:
    book = await open_book(desk)
    (public,) = await desk.record(book, decision())
    assert isinstance(public, Recorded)
    theirs = orjson.loads(public.leaf)["data"]["statement"]
    for name in ("subject_tag", "contest_key"):
        body = sealed(book)
        body["statement"][name] = theirs[name]
        statement = orjson.dumps(body["statement"], option=orjson.OPT_SORT_KEYS)
        body["signature"]["sig"] = format_base64url(sign_statement(DEPLOYER, statement))
        outcome = await send(book, body)
        assert isinstance(outcome, ConflictError), name
        assert outcome.kind == "tag-used"


async def test_who_may_seal(desk: Desk) -> None:
    book = await open_book(desk)
    assert isinstance(await send(book, sealed(book, key=STRANGER)), ForbiddenError)
    forged = sealed(book)
    forged["statement"]["automation"] = "advisory"
    assert isinstance(await send(book, forged), VerificationError)
    elsewhere = sealed(book, system="nobody")
    assert isinstance(await send(book, elsewhere), RejectedError)


async def test_another_rule_set_is_a_conflict(desk: Desk) -> None:
    book = await open_book(desk)
    old = sealed(book)
    await desk.act(book, "safeguard.enact", public_rule())
    outcome = await send(book, old)
    assert isinstance(outcome, ConflictError)
    assert outcome.kind == "other-rules"
    flagged = await send(book, sealed(book))
    assert isinstance(flagged, Recorded)
    assert flagged.status == "flagged"
    await desk.check()


@pytest.mark.parametrize(
    ("says", "status"),
    [("refuse", None), ("flag", "flagged"), ("unverified", "accepted")],
)
async def test_a_rule_that_reads_a_sealed_field(
    desk: Desk, says: str, status: str | None
) -> None:
    """The ledger cannot run it; the rule itself says what then happens."""
    book = await open_book(desk)
    await desk.act(book, "safeguard.enact", rule(in_sealed_mode=says))
    outcome = await send(book, sealed(book))
    if status is None:
        assert isinstance(outcome, RuleRefusedError)
        counters = await book.store.counters(book.ledger.log_id)
        assert counters["sealer"] == (0, 1)
    else:
        assert isinstance(outcome, Recorded)
        assert outcome.status == status
        entry = decode_entry(outcome.leaf)
        assert isinstance(entry, DecisionRecorded)
        assert entry.results == ()
    await desk.check()


@pytest.mark.parametrize(
    "changes",
    [
        {"sealed": "AAAA"},
        {"sealed": None},
        {"handle": "="},
        {"handle": ""},
        {"rules": "x"},
        {"signature": {}},
        {"statement": {}},
        {"statement": []},
        {"more": 1},
    ],
)
async def test_another_form_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    book = await open_book(desk)
    outcome = await send(book, {**sealed(book), **changes})
    assert isinstance(outcome, RejectedError)
    assert outcome.kind == "invalid-sealed"
