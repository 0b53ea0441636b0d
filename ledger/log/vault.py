"""The vault's cryptography: what wraps K, and the keyed hashes that join or retry.

K is wrapped by AES-KW (RFC 3394) under a key encryption key that lives in a file, never
in the database. The handle that joins one person's decisions, the hash of an
Idempotency-Key and the fingerprint of a body are HMACs under keys derived from another
file: without it they say nothing, and a plain hash of a guess matches none of them.

Key encryption keys turn: a new epoch's file appears beside the others while processes
run. A vault looks for it at most once a second, when it is asked which epoch to wrap
under, and forgets keys whose files were destroyed.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from ledger.clock import Clock
from ledger.entries.secret import hmac_pads
from ledger.errors import FatalError, VerificationError

HASH_BYTES: Final = 16  # bytes kept of each HMAC: 128 bits join and never collide
OPERATORS_KNOWN_MAX: Final = 1_024  # operators whose key is kept worked out
LOOK_S: Final = 1.0  # seconds a process may go on with an older epoch

# Epoch → key, of every key file; given what is known, so that none is read twice.
ReadKeys = Callable[[Mapping[int, bytes]], Mapping[int, bytes]]


class Vault:
    """Wraps and unwraps K; makes handles, retry keys and fingerprints."""

    def __init__(
        self,
        *,
        index_key: bytes,
        wrapping_keys: Mapping[int, bytes],
        read_keys: ReadKeys | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`wrapping_keys`: epoch → 32 bytes; the largest epoch wraps what is new.

        With `read_keys` and `clock` the keys follow their files; else they stay.
        """
        self._read_keys = read_keys
        self._clock = clock
        self._take(wrapping_keys)
        self._handle_key = hmac.digest(index_key, b"counterfoil/v1/handle", "sha256")
        self._pads: dict[str, tuple[bytes, bytes]] = {}  # operator → its HMAC's
        self._retry_key = hmac.digest(index_key, b"counterfoil/v1/retry", "sha256")
        self._body_key = hmac.digest(index_key, b"counterfoil/v1/body", "sha256")
        # Seals sign-ins that are on their way; ledger/log/signins.py.
        self.sign_in_key = hmac.digest(index_key, b"counterfoil/v1/sign-in", "sha256")

    def _take(self, wrapping_keys: Mapping[int, bytes]) -> None:
        self._wrapping_keys = dict(wrapping_keys)
        self._epoch = max(self._wrapping_keys)
        self._key = self._wrapping_keys[self._epoch]
        self._looked_s = 0.0 if self._clock is None else self._clock.monotonic_s()

    def look(self) -> None:
        """Follow the key files now; with none readable, what is known stays."""
        if self._read_keys is not None:
            self._take(self._read_keys(self._wrapping_keys) or self._wrapping_keys)

    @property
    def epoch(self) -> int:
        """The epoch that `wrap` wraps under until `epoch` is asked for again.

        Only this looks for a newer key, so a row's epoch is always that of its key:
        ask first, then wrap.
        """
        clock = self._clock
        if clock is not None and clock.monotonic_s() - self._looked_s >= LOOK_S:
            self.look()
        return self._epoch

    def wrap(self, secret: bytes) -> bytes:
        """K under the key of `epoch`; 40 bytes."""
        return aes_key_wrap(self._key, secret)

    def unwrap(self, epoch: int, wrapped: bytes) -> bytes:
        """K again.

        Raises:
            FatalError: the key of that epoch is not among the key files.
            VerificationError: the wrapped key was altered.
        """
        if epoch not in self._wrapping_keys:
            self.look()  # another process may have turned the key a moment ago
        key = self._wrapping_keys.get(epoch)
        if key is None:
            raise FatalError(
                f"key encryption key {epoch} is missing from the key folder: "
                "bring it back from the copy you keep elsewhere"
            )
        try:
            return aes_key_unwrap(key, wrapped)
        except (InvalidUnwrap, ValueError) as error:
            raise VerificationError("a wrapped key in the vault was altered") from error

    def handle(self, operator: str, reference: str) -> bytes:
        """What joins one deployer's decisions about one person; 16 bytes."""
        pads = self._pads.get(operator)
        if pads is None:
            key = hmac.digest(self._handle_key, operator.encode(), "sha256")
            if len(self._pads) >= OPERATORS_KNOWN_MAX:
                self._pads.clear()
            pads = self._pads[operator] = hmac_pads(key)
        inner, outer = pads
        digest = sha256(inner + reference.encode()).digest()
        return sha256(outer + digest).digest()[:HASH_BYTES]

    def retry_key(self, system: str, idempotency_key: bytes) -> bytes:
        """What finds a retry by its Idempotency-Key in its system; 16 bytes."""
        message = system.encode() + b"\0" + idempotency_key
        return hmac.digest(self._retry_key, message, "sha256")[:HASH_BYTES]

    def fingerprint(self, fields: Mapping[str, Any]) -> bytes:
        """Equal for equal parsed bodies, whatever their spelling; 16 bytes."""
        try:
            body = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # integers beyond 64 bits
            body = json.dumps(fields, sort_keys=True).encode()
        return hmac.digest(self._body_key, body, "sha256")[:HASH_BYTES]
