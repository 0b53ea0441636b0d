"""Shamir's secret sharing of 32 bytes over GF(2^8): any `threshold` shares give it back.

    share(x) = secret ⊕ c1·x ⊕ c2·x² ⊕ … ⊕ c(threshold-1)·x^(threshold-1)

byte by byte, in the field of AES: polynomials over bits modulo x^8 + x^4 + x^3 + x + 1.
x is the trustee's number, from 1. Fewer shares say nothing of the secret as long as the
coefficients are unpredictable; the caller passes them in. Not constant in time: it runs
on a member's own machine, and on shares that are already public.

Example (FIPS 197): 0x57 · 0x83 = 0xc1.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from ledger.errors import MalformedError

SECRET_BYTES: Final = 32


def _tables() -> tuple[tuple[int, ...], tuple[int, ...]]:
    powers, value = [], 1
    for _ in range(255):
        powers.append(value)
        value ^= value << 1  # times 3, which generates every element
        if value & 0x100:
            value ^= 0x11B
    logarithms = [0] * 256
    for exponent, power in enumerate(powers):
        logarithms[power] = exponent
    return tuple(powers), tuple(logarithms)


_POWERS, _LOGARITHMS = _tables()


def multiply(one: int, other: int) -> int:
    """The product of two field elements."""
    if not one or not other:
        return 0
    return _POWERS[(_LOGARITHMS[one] + _LOGARITHMS[other]) % 255]


@cache
def _times(one: int) -> bytes:
    """The table of products with `one`: 32 bytes are then multiplied at once."""
    return bytes(multiply(one, other) for other in range(256))


def _add(one: bytes, other: bytes) -> bytes:
    total = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return total.to_bytes(SECRET_BYTES, "big")


def _inverse(one: int) -> int:
    return _POWERS[-_LOGARITHMS[one] % 255]


def split(secret: bytes, coefficients: Sequence[bytes], shares: int) -> list[bytes]:
    """The shares of trustees 1 to `shares`; the threshold is len(coefficients) + 1."""
    made = []
    for x in range(1, shares + 1):
        share = bytes(SECRET_BYTES)
        for coefficient in (*reversed(coefficients), secret):  # Horner
            share = _add(share.translate(_times(x)), coefficient)
        made.append(share)
    return made


def combine(shares: Mapping[int, bytes]) -> bytes:
    """The secret: the polynomial through these points, at 0 (Lagrange).

    Args:
        shares: number → share, as many as the threshold. More agree or the result is
            not the secret; the caller checks it against its digest.

    Raises:
        MalformedError: a number outside 1 to 255, or a share of another length.
    """
    if not all(
        0 < x < 256 and len(share) == SECRET_BYTES for x, share in shares.items()
    ):
        raise MalformedError("a share is 32 bytes of a trustee numbered from 1")
    secret = bytes(SECRET_BYTES)
    for x, share in shares.items():
        factor = 1
        for other in shares:
            if other != x:
                factor = multiply(factor, multiply(other, _inverse(other ^ x)))
        secret = _add(secret, share.translate(_times(factor)))
    return secret
