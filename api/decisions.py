"""`POST /decisions`: from the body's bytes to a receipt, in every media type."""

import asyncio
from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import orjson
from aiohttp import web

from api.answer import Kind, answer
from api.auth import Tokens
from api.body import read_body
from ledger.canonical import base64url, format_base64url
from ledger.entries.sealing import SealedRequest
from ledger.errors import (
    CounterfoilError,
    ForbiddenError,
    RejectedError,
    UnknownOutcomeError,
)
from ledger.limits import IDEMPOTENCY_KEY_BYTES_MAX
from ledger.log.book import Book
from ledger.log.pending import DecisionRequest, Outcome, Recorded
from schemas.cloudevents import parse_event_batch
from schemas.decision import ParsedDecision, parse_decision, split_ndjson
from schemas.problems import problem_for
from schemas.submission import (
    BATCHES,
    BODY_BYTES_MAX,
    NDJSON,
    SEALED,
    media_type_of,
    parse_one,
    parse_sealed,
)

SLICE: Final = 512  # decisions of a batch that are answered together
CREATED: Final = Kind(201, "application/json")
KNOWN: Final = Kind(200, "application/json")
LINES: Final = Kind(200, NDJSON)


class Decisions:
    """Records decisions for the systems whose tokens are shown."""

    def __init__(self, tokens: Tokens, base_url: str) -> None:
        """`base_url`: what links in receipts begin with."""
        self._tokens = tokens
        # One batch of events at a time: unlike lines, it is read into objects whole,
        # and 16 MiB of JSON are ten times that in memory.
        self._events = asyncio.Semaphore(1)
        self._base_url = base_url

    async def record(
        self, book: Book, request: web.BaseRequest, _: dict[str, str]
    ) -> web.StreamResponse:
        """One decision or a batch, by media type.

        Raises:
            CounterfoilError: the whole request is refused; nothing was recorded.
        """
        headers = request.headers
        system = await self._tokens.system(
            book.ledger.log_id, headers.get("Authorization")
        )
        media_type = media_type_of(headers.get("Content-Type"))
        key = _idempotency_key(headers.get("Idempotency-Key"), media_type)
        body = await read_body(request, BODY_BYTES_MAX[media_type])
        if media_type in BATCHES:
            lines = await self._record_batch(book, system, media_type, body)
            return answer(request, LINES, lines)
        decision = DecisionRequest(
            read=(
                partial(_read_sealed, system, body)
                if media_type == SEALED
                else partial(_read_one, system, media_type, headers, body)
            ),
            idempotency_key=key,
            body_bytes=len(body),
        )
        outcome = (await book.record([decision]))[0]
        if not isinstance(outcome, Recorded):
            raise outcome
        receipt = await self._receipt(book, outcome, is_sealed=media_type == SEALED)
        return answer(request, CREATED if outcome.created else KNOWN, receipt)

    async def _receipt(
        self, book: Book, recorded: Recorded, *, is_sealed: bool
    ) -> bytes:
        """Sealed mode's has no secret and no link: the client has them.

        Written by hand: what is not a code or base64 is JSON already.
        """
        own = b""
        if not is_sealed:
            secret, link = recorded.secret and format_base64url(recorded.secret), None
            if secret:
                place = f"{self._base_url}/{book.ledger.name}/r"
                link = f"{place}#{recorded.id}.{secret}"
            own = b',"secret":%b,"link":%b' % (orjson.dumps(secret), orjson.dumps(link))
        return (
            b'{"id":"%b","index":%d,"status":"%b","safeguards":%b,'
            b'"receipt":{"leaf":"%b","proof":%b%b}}'
            % (
                recorded.id.encode(),
                recorded.index,
                recorded.status.encode(),
                recorded.safeguards,
                b2a_base64(recorded.leaf, newline=False),
                await book.proof_json_of(recorded),
                own,
            )
        )

    # ---- batches --------------------------------------------------------------------

    async def _record_batch(
        self, book: Book, system: str, media_type: str, body: bytes
    ) -> bytes:
        if media_type == NDJSON:
            lines = [partial(_read_line, system, line) for line in split_ndjson(body)]
            return await _record_all(book, lines, len(body))
        async with self._events:
            events = parse_event_batch(body)
            reads = [partial(_read_event, system, event) for event in events]
            return await _record_all(book, reads, len(body))


async def _record_all(
    book: Book, reads: Sequence[Callable[[], ParsedDecision]], body_bytes: int
) -> bytes:
    # What each is counted for in the pool: its share of what came.
    each = body_bytes // max(len(reads), 1)
    parts = []
    # Each slice waits in the pool while the one before it is written.
    async with asyncio.TaskGroup() as group:
        for at in range(0, len(reads), SLICE):
            slice_ = reads[at : at + SLICE]
            parts.append(group.create_task(_record_slice(book, slice_, each)))
            await asyncio.sleep(0)
    return b"".join(part.result() for part in parts)


async def _record_slice(
    book: Book, reads: Sequence[Callable[[], ParsedDecision]], body_bytes: int
) -> bytes:
    requests = [DecisionRequest(read=read, body_bytes=body_bytes) for read in reads]
    try:
        outcomes: Sequence[Outcome] = await book.record(requests)
    except CounterfoilError as error:
        outcomes = [error] * len(requests)
    return b"".join([_line(outcome) for outcome in outcomes])


def _read_one(
    system: str, media_type: str, headers: Mapping[str, str], body: bytes
) -> ParsedDecision:
    return _own(system, parse_one(media_type, headers, body))


def _read_sealed(system: str, body: bytes) -> SealedRequest:
    request = parse_sealed(body)
    if request.statement.system != system:
        raise ForbiddenError(
            "wrong-system-token", "the token and the decision name different systems"
        )
    return request


def _read_line(system: str, line: bytes) -> ParsedDecision:
    return _own(system, parse_decision(line))


def _read_event(
    system: str, event: ParsedDecision | CounterfoilError
) -> ParsedDecision:
    if isinstance(event, CounterfoilError):
        raise event
    return _own(system, event)


def _own(system: str, parsed: ParsedDecision) -> ParsedDecision:
    """A decision of the token's own system.

    Raises:
        ForbiddenError: it names another.
    """
    if parsed.fields["system"] != system:
        raise ForbiddenError(
            "wrong-system-token", "the token and the decision name different systems"
        )
    return parsed


def _line(outcome: Outcome) -> bytes:
    if isinstance(outcome, UnknownOutcomeError):
        return b'{"status":"unknown"}\n'
    if isinstance(outcome, CounterfoilError):
        return problem_for(outcome).body + b"\n"
    secret = outcome.secret and b'"%b"' % base64url(outcome.secret)
    # Written by hand: every text here is a code or base64, which JSON does not escape.
    return (
        b'{"status":%d,"id":"%b","index":%d,"decision":"%b","safeguards":%b,'
        b'"leaf":"%b","secret":%b}\n'
        % (
            201 if outcome.created else 200,
            outcome.id.encode(),
            outcome.index,
            outcome.status.encode(),
            outcome.safeguards,
            b2a_base64(outcome.leaf, newline=False),
            secret or b"null",
        )
    )


def _idempotency_key(header: str | None, media_type: str) -> bytes | None:
    if header is None:
        return None
    if media_type in BATCHES:
        raise RejectedError("idempotency-key-on-batch", "a batch carries no such key")
    if not (
        1 <= len(header) <= IDEMPOTENCY_KEY_BYTES_MAX
        and header.isascii()
        and header.isprintable()
    ):
        raise RejectedError(
            "invalid-idempotency-key", "not 1 to 255 bytes of printable ASCII"
        )
    return header.encode()
