"""Ed25519 keys (RFC 8032) and their names, `did:key`.

`did:key:z` ‖ base58btc(0xed01 ‖ public key): the W3C did:key method with the multicodec
prefix of Ed25519. Verification is libsodium's: it refuses a non-canonical S, public keys
of low order and non-canonical encodings, so that one signature means one key.

Example: `format_did_key(bytes.fromhex("2e6f…"))` is `did:key:z6Mkh…`.
"""

import re
from typing import Final

from nacl.bindings import (
    crypto_sign,
    crypto_sign_ed25519_pk_to_curve25519,
    crypto_sign_ed25519_sk_to_curve25519,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError, CryptoError

from ledger.errors import MalformedError
from ledger.ids import Did

SEED_BYTES: Final = 32
PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_BLOCK = 58**5
_DIGIT = {char: value for value, char in enumerate(_ALPHABET)}
_PREFIX = b"\xed\x01"  # multicodec ed25519-pub as a varint; never changes


class SigningKey:
    """An Ed25519 private key, expanded once.

    Attributes:
        public: the 32 bytes of the public key.
    """

    __slots__ = ("_secret", "public", "seed")

    def __init__(self, seed: bytes) -> None:
        """`seed`: 32 random bytes, the private key of RFC 8032."""
        if len(seed) != SEED_BYTES:
            raise MalformedError("an Ed25519 seed is 32 bytes")
        self.seed = seed
        self.public, self._secret = crypto_sign_seed_keypair(seed)

    def sign(self, message: bytes) -> bytes:
        """64 bytes; the same message always gives the same signature."""
        return crypto_sign(message, self._secret)[:SIGNATURE_BYTES]

    @property
    def did(self) -> Did:
        """The public key as a `did:key`."""
        return format_did_key(self.public)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is `public`'s on `message` (libsodium's strict policy)."""
    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public)
    except BadSignatureError:
        return False
    return True


def public_key(seed: bytes) -> bytes:
    """The 32-byte public key of a 32-byte seed."""
    return crypto_sign_seed_keypair(seed)[0]


def format_did_key(public: bytes) -> Did:
    """The `did:key` of a 32-byte Ed25519 public key."""
    number = int.from_bytes(_PREFIX + public, "big")
    # Five digits at a time: 58**5 fits one 30-bit digit of CPython's long integers,
    # whose division by such a number is its fast one.
    blocks = []
    for _ in range(9):
        number, block = divmod(number, _BLOCK)
        blocks.append(block)
    text = _PAIRS[number]  # 47 digits: nine times five, and two
    for block in reversed(blocks):
        upper = block // 3_364  # 58**2
        first = upper // 3_364
        text += (
            _ALPHABET[first]
            + _PAIRS[upper - first * 3_364]
            + _PAIRS[block - upper * 3_364]
        )
    return Did("did:key:z" + text)


def is_did_key(text: object) -> bool:
    """Whether `text` is what `format_did_key` would write, without decoding it.

    All names have 47 digits, and base58btc's digits are in ASCII order: so texts compare
    as the numbers do, and the prefix 0xed01 is a range between two names.
    """
    return (
        type(text) is str
        and _LOWEST <= text <= _HIGHEST
        and _NAME.fullmatch(text) is not None
    )


def parse_did_key(text: str) -> bytes:
    """The 32-byte Ed25519 public key that a `did:key` names.

    Raises:
        MalformedError: another method, another kind of key, or not base58btc.
    """
    if not is_did_key(text):
        raise MalformedError("not a did:key of an Ed25519 key")
    number = 0
    for char in text[9:]:
        number = number * 58 + _DIGIT[char]
    return number.to_bytes(34, "big")[2:]


def agreement_key(did: str) -> bytes:
    """The X25519 public key of a `did:key`: the birational image of its Ed25519 key.

    Raises:
        MalformedError: not an Ed25519 `did:key`, or a point that has none.
    """
    try:
        return crypto_sign_ed25519_pk_to_curve25519(parse_did_key(did))
    except (CryptoError, ValueError) as error:
        raise MalformedError("a key that no box can be sealed to") from error


def agreement_secret(key: SigningKey) -> bytes:
    """The X25519 secret key that belongs to an Ed25519 key."""
    return crypto_sign_ed25519_sk_to_curve25519(key.seed + key.public)


_NAME = re.compile(r"did:key:z[1-9A-HJ-NP-Za-km-z]{47}", re.ASCII)
_LOWEST = format_did_key(bytes(PUBLIC_BYTES))
_HIGHEST = format_did_key(b"\xff" * PUBLIC_BYTES)
