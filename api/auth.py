"""Bearer tokens: hashed before anything else, then looked up; each is one system's.

A token is 256 random bits, so its SHA-256 can be stored and searched for plainly: there
is nothing to guess, and a lookup's timing tells about a hash, never about a token.
"""

import base64
import secrets
from collections import OrderedDict
from hashlib import sha256
from typing import Final

from ledger.clock import Clock
from ledger.errors import RejectedError
from ledger.ids import LogId
from ledger.storage.postgres import PostgresStore

TOKEN_PREFIX: Final = "cft_"  # noqa: S105 -- what secret scanners look for
FRESH_S: Final = 1.0  # seconds a lookup is believed: how late a revocation can act
CACHED_MAX: Final = 4_096  # tokens; unknown ones are not cached
HEADER_CHARS_MAX: Final = 200  # characters of a Bearer header that could be ours


def new_token() -> str:
    """A fresh token; shown once, never stored."""
    return (
        TOKEN_PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()[:43]
    )


def hash_token(token: str) -> bytes:
    """What is stored of a token."""
    return sha256(token.encode()).digest()


class Tokens:
    """Looks tokens up, believing a lookup for at most a second."""

    def __init__(self, store: PostgresStore, clock: Clock) -> None:
        """Owns its cache."""
        self._store = store
        self._clock = clock
        self._cache: OrderedDict[tuple[int, bytes], tuple[float, str]] = OrderedDict()

    async def system(self, log_id: LogId, header: str | None) -> str:
        """The system whose token `Authorization: Bearer …` carries.

        Raises:
            RejectedError: `no-token` or `unknown-token`; revoked ones are unknown.
        """
        scheme, _, token = (header or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise RejectedError("no-token", "no Bearer token was sent")
        if len(token) > HEADER_CHARS_MAX or not token.isascii():
            raise RejectedError("unknown-token", "that is not a token of this service")
        key = (log_id, hash_token(token))
        now_s = self._clock.monotonic_s()
        known = self._cache.get(key)
        if known is not None and now_s - known[0] < FRESH_S:
            return known[1]
        if known is not None:
            # One request asks again; those beside it believe the old answer meanwhile.
            self._cache[key] = (now_s, known[1])
        system = await self._store.token_system(*key)
        if system is None:
            self._cache.pop(key, None)
            raise RejectedError("unknown-token", "no live token of this ledger")
        self._cache[key] = (now_s, system)
        if len(self._cache) > CACHED_MAX:
            self._cache.popitem(last=False)
        return system
