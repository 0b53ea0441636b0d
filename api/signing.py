"""Signs an act for a person at this machine, against the ledger's present state."""

from typing import Any, Final

from ledger.entries.act import Act, format_payload, read_envelope, sign_act
from ledger.entries.moment import format_second
from ledger.keys import SigningKey
from ledger.log.book import Book

LIFE_MS: Final = 10 * 60 * 1000  # ms; long enough to be recorded, short to be held back


async def signed_act(
    book: Book, key: SigningKey, *, act: str, body: dict[str, Any], now_ms: int
) -> Act:
    """The act, with the actor's next sequence and the newest checkpoint as seen."""
    projected = await book.projection.refreshed()
    checkpoint = book.reader.newest()[0]
    payload = format_payload(
        genesis=book.ledger.genesis,
        act=act,
        actor=key.did,
        seq=projected.state.sequences.get(key.did, 0) + 1,
        until=format_second(now_ms + LIFE_MS),
        seen_size=checkpoint.size,
        seen_root=checkpoint.root,
        body=body,
    )
    return read_envelope(sign_act(key, payload))
