"""`POST /lost/start` and `/lost/finish`: an identifier proved by signing in elsewhere.

    browser                      here                                    provider
    keeps 32 random bytes
    ── start: their SHA-256 ──▶  seals verifier, nonce and that hash
                                 into `state`
    ◀── the address ───────────
    ── goes there ─────────────────────────────────────────────────────▶ signs in
    ◀── comes back with code and state ─────────────────────────────────
    ── finish: code, state, ──▶  opens and spends the state, hands the
       the 32 bytes              code in, checks what it proves ───────▶
    ◀── waiting, or the links ──

No cookie, no session, no account. The proved value lives for the length of one request.
"""

from typing import Final

import orjson
from aiohttp import web

from api.answer import SAFE
from api.body import read_body
from api.oidc.port import Prover, Return
from ledger.canonical import format_base64url
from ledger.clock import Clock
from ledger.entries.moment import format_log_time
from ledger.errors import NotFoundError, RejectedError, UnavailableError
from ledger.limits import (
    SIGN_IN_BYTES_MAX,
    SIGN_INS_AT_ONCE,
    SIGN_INS_BURST,
    SIGN_INS_SECOND,
)
from ledger.log.book import Book
from schemas.lost import MEDIA_TYPE, parse_finish, parse_start

_HEADERS: Final = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    **SAFE,
}


class Lost:
    """Sign-ins of every ledger of this process."""

    def __init__(self, provider: Prover | None, base_url: str, clock: Clock) -> None:
        """`provider` is None where nobody can sign in."""
        self._provider = provider
        self._base_url = base_url
        self._pace = _Pace(clock)
        self._finishing = 0

    @property
    def place(self) -> str | None:
        """The host where people sign in; None where nobody can."""
        return None if self._provider is None else self._provider.host

    async def start(
        self, book: Book, request: web.BaseRequest, _: dict[str, str]
    ) -> web.Response:
        """Where the browser goes to sign in.

        Raises:
            CounterfoilError: refused; nothing was kept, as nothing ever is here.
        """
        provider = self._offered()
        binder = parse_start(await _read(request))
        self._pace.step()
        state, sign_in = book.sign_ins.begin(binder)
        address = await provider.address(sign_in, state, self._return_address(book))
        return _answer({"url": address})

    async def finish(
        self, book: Book, request: web.BaseRequest, _: dict[str, str]
    ) -> web.Response:
        """Where the receipts of whoever signed in stand.

        Raises:
            CounterfoilError: refused; nobody's receipt was asked for.
        """
        provider = self._offered()
        sent = parse_finish(await _read(request))
        if self._finishing >= SIGN_INS_AT_ONCE:
            raise UnavailableError("many people are signing in just now")
        self._finishing += 1
        try:
            sign_in = await book.sign_ins.take(sent.state, sent.binder)
            back = Return(
                code=sent.code,
                issuer=sent.issuer,
                redirect_uri=self._return_address(book),
            )
            identifier = await provider.identifier(sign_in, back)
            found = await book.proven.ask(identifier, _systems(provider, book))
        finally:
            self._finishing -= 1
        available_ms = found.available_ms
        page = f"{self._base_url}/{book.ledger.name}/r"
        return _answer(
            {
                "status": found.status,
                "more": found.more,
                "available_at": (
                    None if available_ms is None else format_log_time(available_ms)
                ),
                "links": [
                    f"{page}#{decision}.{format_base64url(secret)}"
                    for decision, secret in found.receipts
                ],
            }
        )

    def _offered(self) -> Prover:
        if self._provider is None:
            raise NotFoundError("no-sign-in", "no provider is configured here")
        return self._provider

    def _return_address(self, book: Book) -> str:
        """The exact redirect address; the provider knows it, and takes no other."""
        return f"{self._base_url}/{book.ledger.name}/lost/return"


def _systems(provider: Prover, book: Book) -> frozenset[str] | None:
    """The systems of this ledger that the provider knows people for; None: all."""
    if not provider.systems:
        return None
    here = str(book.ledger.name)
    return frozenset(system for ledger, system in provider.systems if ledger == here)


class _Pace:
    """So many at once, then so many a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = float(SIGN_INS_BURST)
        self._then_s = clock.monotonic_s()

    def step(self) -> None:
        now_s = self._clock.monotonic_s()
        gained = (now_s - self._then_s) * SIGN_INS_SECOND
        self._left = min(SIGN_INS_BURST, self._left + gained)
        self._then_s = now_s
        if self._left < 1:
            raise RejectedError("too-many-requests", "many people are signing in")
        self._left -= 1


async def _read(request: web.BaseRequest) -> bytes:
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip()
    if media_type.lower() != MEDIA_TYPE:
        raise RejectedError("unsupported-media-type", f"send {MEDIA_TYPE}")
    return await read_body(request, SIGN_IN_BYTES_MAX)


def _answer(body: dict[str, object]) -> web.Response:
    return web.Response(body=orjson.dumps(body), headers=_HEADERS)
