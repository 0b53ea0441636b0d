r"""A sign-in elsewhere, on its way: what must be known when the person comes back.

Nothing of it is stored. It travels as the `state` of the authorization request, sealed,
so that any process of the service can go on with it:

    state     = base64url(nonce(12) ‖ AES-256-GCM(key, plaintext, AAD))      176 letters
    plaintext = verifier(32) ‖ nonce(32) ‖ binder(32) ‖ expires_ms(8 bytes, big-endian)
    key       = HMAC-SHA256(index key, "counterfoil/v1/sign-in")
    AAD       = "counterfoil/v1/sign-in\0" ‖ genesis

`binder` is the SHA-256 of 32 random bytes that the browser keeps: whoever holds the
state and the code, from a server's log or a shoulder, has not the browser. A state is
taken once: its hash is kept until it expires, and says nothing about anybody.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import format_base64url, parse_base64url
from ledger.clock import Clock
from ledger.errors import ConflictError, ForbiddenError, MalformedError, RejectedError
from ledger.limits import SIGN_IN_S
from ledger.log.identity import Ledger
from ledger.log.vault import Vault
from ledger.storage.postgres import PostgresStore

_DOMAIN: Final = b"counterfoil/v1/sign-in\0"  # never changes while one is on its way
_PART: Final = 32  # bytes of verifier, nonce and binder
_TIME: Final = 8  # bytes
_NONCE: Final = 12  # bytes
STATE_LETTERS: Final = 176  # (12 + 3 · 32 + 8 + 16) bytes in base64url


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One sign-in.

    Attributes:
        verifier: RFC 7636's, 43 letters.
        nonce: comes back inside the ID token, 43 letters.
        binder: SHA-256 of what the browser keeps.
        expires_ms: nobody takes it after.
    """

    verifier: str
    nonce: str
    binder: bytes
    expires_ms: int


class SignIns:
    """The sign-ins of one ledger."""

    def __init__(
        self, ledger: Ledger, store: PostgresStore, vault: Vault, clock: Clock
    ) -> None:
        """`vault` seals, with a key that every process has."""
        self._log_id = ledger.log_id
        self._spent = store.sign_ins
        self._cipher = AESGCM(vault.sign_in_key)
        self._bound_to = _DOMAIN + ledger.genesis.encode()
        self._clock = clock

    def begin(self, binder: bytes) -> tuple[str, SignIn]:
        """A new sign-in for the browser that keeps what `binder` is the hash of."""
        sign_in = SignIn(
            verifier=format_base64url(secrets.token_bytes(_PART)),
            nonce=format_base64url(secrets.token_bytes(_PART)),
            binder=binder,
            expires_ms=self._clock.now_ms() + SIGN_IN_S * 1_000,
        )
        return self.seal(sign_in), sign_in

    def seal(self, sign_in: SignIn) -> str:
        """The state that stands for it."""
        plaintext = (
            parse_base64url(sign_in.verifier, length=_PART)
            + parse_base64url(sign_in.nonce, length=_PART)
            + sign_in.binder
            + sign_in.expires_ms.to_bytes(_TIME, "big")
        )
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, plaintext, self._bound_to)
        return format_base64url(nonce + sealed)

    def open(self, state: str, kept: bytes) -> SignIn:
        """The sign-in of `state`, for the browser that kept `kept`.

        Raises:
            RejectedError: `sign-in-unknown`, not sealed by this ledger;
                `sign-in-expired`.
            ForbiddenError: `sign-in-elsewhere`, another browser began it.
        """
        try:
            sealed = parse_base64url(state)
            plaintext = self._cipher.decrypt(
                sealed[:_NONCE], sealed[_NONCE:], self._bound_to
            )
        except (MalformedError, InvalidTag, ValueError):
            raise RejectedError(
                "sign-in-unknown", "no sign-in of this ledger began with that state"
            ) from None
        verifier, nonce, binder, time = (
            plaintext[start:end]
            for start, end in ((0, 32), (32, 64), (64, 96), (96, 104))
        )
        if not hmac.compare_digest(binder, sha256(kept).digest()):
            raise ForbiddenError(
                "sign-in-elsewhere", "the sign-in began in another browser"
            )
        expires_ms = int.from_bytes(time, "big")
        if self._clock.now_ms() >= expires_ms:
            raise RejectedError(
                "sign-in-expired", f"a sign-in is finished within {SIGN_IN_S} s"
            )
        return SignIn(
            verifier=format_base64url(verifier),
            nonce=format_base64url(nonce),
            binder=binder,
            expires_ms=expires_ms,
        )

    async def take(self, state: str, kept: bytes) -> SignIn:
        """`open`, once: after this the state is spent, whatever comes of it.

        Raises:
            ConflictError: `sign-in-used`.
            RejectedError, ForbiddenError: as `open`; the state is not spent.
            UnavailableError: the database does not answer; likewise.
        """
        sign_in = self.open(state, kept)
        spent = await self._spent.spend(
            self._log_id,
            sha256(state.encode()).digest(),
            expires_ms=sign_in.expires_ms,
            now_ms=self._clock.now_ms(),
        )
        if not spent:
            raise ConflictError("sign-in-used", "this sign-in was finished before")
        return sign_in
