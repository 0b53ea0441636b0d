"""Disclosures: the sealed fields, in the format of RFC 9901 section 4.2.1.

    Disclosure = base64url(UTF-8 of the JSON text [salt, slot, value])
    digest     = base64url(SHA-256(ASCII of the Disclosure))

The JSON text is whatever the sealer wrote: it is hashed as it stands and is never
encoded again. Ours is compact, and its letters are not escaped. A decision has all the
slots, always, in this order; an absent field discloses null: so no slot can hold two
truths, and the number of digests says nothing.

Salts have at least 128 bits. Ours have 144: 24 letters without padding, so that one
base64 call makes all sixteen (docs/adr/0004-sealing.md).

Example: `["K8mQBZRzRI5uvUQqoWv6oA","score","0.31"]` becomes
`WyJLOG1RQlpSelJJNXV2VVFxb1d2Nm9BIiwic2NvcmUiLCIwLjMxIl0`.
"""

import struct
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ledger.canonical import base64url, format_base64url, parse_base64url
from ledger.entries.strict import parse_json
from ledger.errors import MalformedError
from ledger.limits import SALT_CHARS_MAX, SALT_CHARS_MIN, SEALED_BYTES_MAX

# CONTRACT's order; it never changes.
SLOTS: Final = (
    "decided_at",
    "outcome",
    "score",
    "threshold",
    "subject",
    "reasons",
    "counterfactuals",
    "inputs",
    "protected",
    "human",
    "recourse",
    "footprint",
    "legal_basis",
    "parents",
    "extension",
    "results",
)
SALT_BYTES: Final = 18  # 144 bits: 24 letters, no padding, no waste
SALTS_BYTES: Final = SALT_BYTES * len(SLOTS)

_URL = bytes.maketrans(b"+/", b"-_")
_MIDDLES = tuple(b'","' + slot.encode("ascii") + b'",' for slot in SLOTS)
_split = struct.Struct(f"{SALT_BYTES // 3 * 4}s" * len(SLOTS)).unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One opened slot.

    Attributes:
        slot: its name, one of `SLOTS`.
        salt: the sealer's salt, at least 22 letters.
        value: the JSON value; None when the field was absent.
        text: the Disclosure as it was sealed: what the digest is of.
    """

    slot: str
    salt: str
    value: Any
    text: str


def salt_texts(salts: bytes) -> tuple[bytes, ...]:
    """The sixteen salts as they stand in the JSON, from 288 random bytes."""
    assert len(salts) == SALTS_BYTES, "18 bytes a slot"  # noqa: S101 -- rule 34
    return _split(b2a_base64(salts, newline=False).translate(_URL))


def format_disclosures(
    salts: Sequence[bytes], values: Mapping[str, bytes]
) -> list[bytes]:
    """One Disclosure per slot, in the order of `SLOTS`.

    Args:
        salts: sixteen salts as text; fresh random ones for each decision.
        values: JSON text of the present slots; absent ones disclose null.
    """
    get = values.get
    return [
        b2a_base64(b'["' + salt + middle + get(slot, b"null") + b"]", newline=False)
        .translate(_URL)
        .rstrip(b"=")
        for slot, salt, middle in zip(SLOTS, salts, _MIDDLES, strict=True)
    ]


def digest(disclosure: bytes) -> str:
    """The digest that stands on the leaf: 43 letters of base64url."""
    return base64url(sha256(disclosure).digest()).decode("ascii")


def format_disclosure(slot: str, salt: str, value: bytes) -> str:
    """One Disclosure from the JSON text of its value."""
    text = b'["%b","%b",%b]' % (salt.encode("ascii"), slot.encode("ascii"), value)
    return format_base64url(text)


def parse_disclosure(text: str) -> Disclosure:
    """An opened Disclosure; any JSON spelling of `[salt, slot, value]` is accepted.

    Raises:
        MalformedError: not base64url, not JSON, not those three, an unknown slot, or a
            salt below 128 bits.
    """
    if len(text) > SEALED_BYTES_MAX:
        raise MalformedError(f"a disclosure longer than {SEALED_BYTES_MAX:,} letters")
    parts = parse_json(parse_base64url(text))
    if type(parts) is not list or len(parts) != 3:
        raise MalformedError("a disclosure is the JSON list [salt, slot, value]")
    salt, slot, value = parts
    if type(slot) is not str or slot not in SLOTS:
        raise MalformedError("a disclosure of a slot that does not exist")
    if type(salt) is not str or not SALT_CHARS_MIN <= len(salt) <= SALT_CHARS_MAX:
        raise MalformedError(f"a salt has {SALT_CHARS_MIN} to {SALT_CHARS_MAX} letters")
    return Disclosure(slot=slot, salt=salt, value=value, text=text)


def format_plaintext(disclosures: Sequence[bytes]) -> bytes:
    """What is encrypted: the JSON list of the Disclosures, in the order of `SLOTS`."""
    return b'["' + b'","'.join(disclosures) + b'"]'


def parse_plaintext(data: bytes) -> list[Disclosure]:
    """The sixteen Disclosures of a decrypted sealed part.

    Raises:
        MalformedError: not a JSON list of all the slots' Disclosures in their order.
    """
    items = parse_json(data)
    if type(items) is not list or not all(type(item) is str for item in items):
        raise MalformedError("a sealed part is a JSON list of texts")
    disclosures = [parse_disclosure(item) for item in items]
    if tuple(item.slot for item in disclosures) != SLOTS:
        raise MalformedError("a sealed part holds every slot once, in order")
    return disclosures
