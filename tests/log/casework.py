"""Cases on one ledger in this process: people who hold receipts, and their acts."""

from typing import Any

from api.signing import signed_act
from ledger.errors import CounterfoilError
from ledger.ids import TreeSize
from ledger.keys import SigningKey
from ledger.log.book import Book
from ledger.log.pending import Recorded
from tests.world.desk import Desk
from tests.world.person import Person
from tests.world.service import decision


async def person(desk: Desk, book: Book, **changes: Any) -> Person:
    """Somebody about whom a decision was recorded."""
    (outcome,) = await desk.record(book, decision(**changes))
    assert isinstance(outcome, Recorded), outcome
    assert outcome.secret is not None
    return Person(
        genesis=book.ledger.genesis,
        id=outcome.id,
        index=outcome.index,
        leaf=outcome.leaf,
        secret=outcome.secret,
    )


async def proof(book: Book, who: Person) -> list[bytes]:
    """Of their leaf, in the tree that the next act has seen."""
    size = TreeSize(book.reader.size())
    return list((await book.reader.inclusion(who.index, size)).hashes)


async def acts(
    desk: Desk, book: Book, key: SigningKey, name: str, body: dict[str, Any]
) -> Recorded:
    """An act that is recorded."""
    now_ms = desk.clock.now_ms()
    act = await signed_act(book, key, act=name, body=body, now_ms=now_ms)
    outcome = await desk.send(book, act)
    if isinstance(outcome, CounterfoilError):
        raise outcome
    return outcome


async def contested(
    desk: Desk, book: Book, who: Person, text: str = "x", **more: Any
) -> Recorded:
    """They contest; nothing was sent but the act."""
    body = who.opening(await proof(book, who), text, **more)
    return await acts(desk, book, who.key, "contest.open", body)
