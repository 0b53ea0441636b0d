r"""A case's parts: a statement, attachments, messages, reasons; one Disclosure each, encrypted.

    Disclosure = base64url(UTF-8 of the JSON text [salt, slot, value])   RFC 9901, 4.2.1
    digest     = base64url(SHA-256(ASCII of the Disclosure))
    blob       = nonce(12) ‖ AES-256-GCM(part key, Disclosure,
                                         AAD = "counterfoil/v1/part\0" ‖ ASCII of digest)
    part       = base64url(SHA-256(blob))

An act names a part as P = {"digest", "part"}; the ledger keeps the blob and cannot read
it. The values, by slot; every member named stands, `?` may, no other does:

    statement   {"ground": "decision|not-me|inputs|reasons|other", "text",
                 "fields"?: [{"field", "text"}], "dek"?: base64url of 32 bytes}
    attachment  {"name", "type", "data": base64}
    message     {"text"}
    reasons     {"text", "secret": base64url(K) or null, "id": UUID or null}: both or none

A text is 1 to 10,000 characters, none of them U+0000. `dek` is the decision's data key,
where the ledger has none of its own (sealed mode). `secret` and `id` are those of the
corrected decision. These bytes never change.
"""

import json
import re
from collections.abc import Callable, Mapping, Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import format_base64url, parse_base64, parse_base64url
from ledger.entries.disclosure import digest, format_disclosure
from ledger.entries.strict import parse_json
from ledger.errors import MalformedError, VerificationError
from ledger.ids import is_uuid4
from ledger.limits import (
    ATTACHMENT_NAME_CHARS_MAX,
    CASE_FIELD_CHARS_MAX,
    LIST_ITEMS_MAX,
    PART_BYTES_MAX,
    SALT_CHARS_MAX,
    SALT_CHARS_MIN,
    TEXT_CHARS_MAX,
)

# Never change.
GROUNDS: Final = ("decision", "not-me", "inputs", "reasons", "other")
NONCE_BYTES: Final = 12
GCM_TAG_BYTES: Final = 16
_DOMAIN: Final = b"counterfoil/v1/part\0"
_NAMED: Final = frozenset({"digest", "part"})
_TYPE: Final = re.compile(
    r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An opened part.

    Attributes:
        slot: "statement", "attachment", "message" or "reasons".
        value: of that slot's form.
        disclosure: as it was made; what the digest is of.
    """

    slot: str
    value: dict[str, Any]
    disclosure: str

    @property
    def digest(self) -> str:
        """What stands on the leaf."""
        return digest(self.disclosure.encode("ascii"))


def format_part(slot: str, salt: str, value: Mapping[str, Any]) -> Part:
    """A part to be sealed; `salt` is 22 letters or more, fresh and random.

    Raises:
        MalformedError: an unknown slot, or a value of another form. Nothing was recorded.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise MalformedError("a text that is not valid Unicode") from error
    return parse_part(format_disclosure(slot, salt, data))


def parse_part(disclosure: str) -> Part:
    """An opened Disclosure; any JSON spelling of `[salt, slot, value]` is accepted.

    Raises:
        MalformedError: not base64url, not JSON, not those three, an unknown slot, a salt
            below 128 bits, or a value of another form.
    """
    if len(disclosure) > PART_BYTES_MAX - NONCE_BYTES - GCM_TAG_BYTES:
        raise MalformedError(f"a part of more than {PART_BYTES_MAX:,} bytes")
    parts = parse_json(parse_base64url(disclosure))
    if type(parts) is not list or len(parts) != 3:
        raise MalformedError("a disclosure is the JSON list [salt, slot, value]")
    salt, slot, value = parts
    if type(slot) is not str or slot not in _READERS:
        raise MalformedError(f"a slot is one of {', '.join(_READERS)}")
    if type(salt) is not str or not SALT_CHARS_MIN <= len(salt) <= SALT_CHARS_MAX:
        raise MalformedError(f"a salt has {SALT_CHARS_MIN} to {SALT_CHARS_MAX} letters")
    if type(value) is not dict:
        raise MalformedError(f"the value of a {slot} is a JSON object")
    _READERS[slot](value)
    return Part(slot=slot, value=value, disclosure=disclosure)


# ---- blobs ---------------------------------------------------------------------------


def seal_part(part: Part, part_key: bytes, nonce: bytes) -> bytes:
    """The blob; `nonce` is 12 random bytes, never used again with this key."""
    assert len(nonce) == NONCE_BYTES, "12 bytes"  # noqa: S101 -- rule 34
    data, aad = part.disclosure.encode("ascii"), _DOMAIN + part.digest.encode("ascii")
    return nonce + AESGCM(part_key).encrypt(nonce, data, aad)


def part_name(blob: bytes) -> str:
    """What the act names as `part`: base64url(SHA-256(blob))."""
    return format_base64url(sha256(blob).digest())


def open_part(blob: bytes, part_key: bytes, named: Mapping[str, Any]) -> Part:
    """What a blob holds, if it is the one that the act names: P = {"digest", "part"}.

    Raises:
        VerificationError: another blob, another key, or not what the digest is of.
        MalformedError: it opens to something that is no part of a case.
    """
    if part_name(blob) != named["part"]:
        raise VerificationError("these are not the bytes that the act names")
    aad = _DOMAIN + str(named["digest"]).encode("ascii")
    try:
        data = AESGCM(part_key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], aad)
        part = parse_part(data.decode("ascii"))
    except (InvalidTag, ValueError) as error:
        raise VerificationError("this case's key does not open the part") from error
    if part.digest != named["digest"]:
        raise VerificationError("the part is not what the act's digest is of")
    return part


def is_part_size(length: int) -> bool:
    """Whether a blob can have so many bytes."""
    return NONCE_BYTES + GCM_TAG_BYTES < length <= PART_BYTES_MAX


def named_parts(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every P that an act's body names: its statement, its reasons, its attachments."""
    found = [body.get("statement"), body.get("reasons")]
    attached = body.get("attachments")
    if isinstance(attached, list):
        found += attached
    return [one for one in found if isinstance(one, dict) and one.keys() == _NAMED]


# ---- values --------------------------------------------------------------------------


def _members(
    value: dict[str, Any], must: set[str], may: AbstractSet[str] = frozenset()
) -> None:
    if not must <= value.keys() <= must | may:
        raise MalformedError(f"its members are {', '.join(sorted(must | may))}")


def _text(value: Any, chars_max: int = TEXT_CHARS_MAX) -> None:
    if type(value) is not str or not 1 <= len(value) <= chars_max or "\0" in value:
        raise MalformedError(f"a text is 1 to {chars_max:,} characters, none U+0000")


def _key(value: Any) -> None:
    if type(value) is not str:
        raise MalformedError("a key is the base64url of 32 bytes")
    parse_base64url(value, length=32)


def _statement(value: dict[str, Any]) -> None:
    _members(value, {"ground", "text"}, {"fields", "dek"})
    if value["ground"] not in GROUNDS:
        raise MalformedError(f"a ground is one of {', '.join(GROUNDS)}")
    _text(value["text"])
    fields = value.get("fields", [])
    if type(fields) is not list or len(fields) > LIST_ITEMS_MAX:
        raise MalformedError(f"fields are a list of at most {LIST_ITEMS_MAX}")
    for item in fields:
        if type(item) is not dict:
            raise MalformedError("an item of fields is a JSON object")
        _members(item, {"field", "text"})
        _text(item["field"], CASE_FIELD_CHARS_MAX)
        _text(item["text"])
    if "dek" in value:
        _key(value["dek"])


def _attachment(value: dict[str, Any]) -> None:
    _members(value, {"name", "type", "data"})
    _text(value["name"], ATTACHMENT_NAME_CHARS_MAX)
    if type(value["type"]) is not str or not _TYPE.fullmatch(value["type"]):
        raise MalformedError("a type is a media type in lower case, as text/plain")
    if type(value["data"]) is not str:
        raise MalformedError("the data of an attachment is base64")
    parse_base64(value["data"])


def _message(value: dict[str, Any]) -> None:
    _members(value, {"text"})
    _text(value["text"])


def _reasons(value: dict[str, Any]) -> None:
    _members(value, {"text", "secret", "id"})
    _text(value["text"])
    secret, decision = value["secret"], value["id"]
    if (secret is None) != (decision is None):
        raise MalformedError("secret and id stand both, or neither")
    if secret is not None:
        _key(secret)
        if type(decision) is not str or not is_uuid4(decision):
            raise MalformedError("an id is a random UUID in lower case")


_READERS: Final[Mapping[str, Callable[[dict[str, Any]], None]]] = MappingProxyType(
    {
        "statement": _statement,
        "attachment": _attachment,
        "message": _message,
        "reasons": _reasons,
    }
)
PART_SLOTS: Final = tuple(_READERS)
