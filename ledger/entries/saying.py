"""What members say, kept off the leaf: one salted Disclosure each, as decisions have.

    Disclosure = base64url(UTF-8 of the JSON text [salt, slot, text])   RFC 9901, 4.2.1
    digest     = base64url(SHA-256(ASCII of the Disclosure))

An act names the digest; its member `digest` is of slot "comment", and a member `reason`
or `name` of the slot so called. The text is 1 to 10,000 characters, kept and served as
it was sent: whoever shows it decides how to show it safely. Without the Disclosure the
digest says nothing, not even to one who guesses the text: the salt has 128 bits or more.

Example: `["K8mQBZRzRI5uvUQqoWv6oA","comment","We need this."]` becomes
`WyJLOG1RQlpSelJJNXV2VVFxb1d2Nm9BIiwiY29tbWVudCIsIldlIG5lZWQgdGhpcy4iXQ`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.canonical import parse_base64url
from ledger.entries.disclosure import digest, format_disclosure
from ledger.entries.strict import parse_json
from ledger.errors import MalformedError
from ledger.limits import (
    SALT_CHARS_MAX,
    SALT_CHARS_MIN,
    SAYING_LETTERS_MAX,
    TEXT_CHARS_MAX,
)

# Member of an act's body to the slot of the Disclosure it is the digest of. Never changes.
SLOTS: Final[Mapping[str, str]] = {
    "digest": "comment",
    "reason": "reason",
    "name": "name",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """An opened Disclosure of something said.

    Attributes:
        slot: "comment", "reason" or "name".
        text: what was said.
        disclosure: as it was made; what the digest is of.
    """

    slot: str
    text: str
    disclosure: str

    @property
    def digest(self) -> str:
        """What stands on the leaf."""
        return digest(self.disclosure.encode("ascii"))


def format_saying(slot: str, salt: str, text: str) -> str:
    """The Disclosure of a text; `salt` is 22 letters or more, fresh and random."""
    return format_disclosure(slot, salt, json.dumps(text, ensure_ascii=False).encode())


def parse_saying(disclosure: str) -> Saying:
    """An opened Disclosure; any JSON spelling of `[salt, slot, text]` is accepted.

    Raises:
        MalformedError: not base64url, not JSON, not those three, an unknown slot, a salt
            below 128 bits, or a text out of its bounds.
    """
    if len(disclosure) > SAYING_LETTERS_MAX:
        raise MalformedError(f"a disclosure longer than {SAYING_LETTERS_MAX:,} letters")
    parts = parse_json(parse_base64url(disclosure))
    if type(parts) is not list or len(parts) != 3:
        raise MalformedError("a disclosure is the JSON list [salt, slot, text]")
    salt, slot, text = parts
    if type(slot) is not str or slot not in SLOTS.values():
        raise MalformedError(f"a slot is one of {', '.join(SLOTS.values())}")
    if type(salt) is not str or not SALT_CHARS_MIN <= len(salt) <= SALT_CHARS_MAX:
        raise MalformedError(f"a salt has {SALT_CHARS_MIN} to {SALT_CHARS_MAX} letters")
    if type(text) is not str or not 1 <= len(text) <= TEXT_CHARS_MAX or "\0" in text:
        raise MalformedError(
            f"a text is 1 to {TEXT_CHARS_MAX:,} characters, none U+0000"
        )
    return Saying(slot=slot, text=text, disclosure=disclosure)


def names(body: Mapping[str, Any], saying: Saying) -> bool:
    """Whether an act of this body names the saying, in the member of its slot."""
    return any(
        slot == saying.slot and body.get(member) == saying.digest
        for member, slot in SLOTS.items()
    )
