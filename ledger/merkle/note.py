r"""Signed notes and their keys (C2SP signed-note@v1.0.0).

A note is a text that ends in a newline, an empty line, and one line a signature:

    This is an example message.

    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj…

    signature line = "— " name " " base64(key id ‖ signature) "\n"
    key id         = SHA-256(name ‖ "\n" ‖ type ‖ public key)[:4]
    verifier key   = name "+" hex(key id) "+" base64(type ‖ public key)
    signer key     = "PRIVATE+KEY+" name "+" hex(key id) "+" base64(type ‖ seed)

The whole is UTF-8 without control characters other than newline. The signer key's form is
golang.org/x/mod/sumdb/note's. Signature types never change: 0x01 Ed25519 over the text,
0x04 and 0x06 cosignatures (`cosignature.py`); keys of other types parse, so that a list
that holds some can be read, and verify nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol

from ledger.canonical import format_base64, parse_base64
from ledger.errors import MalformedError
from ledger.keys import PUBLIC_BYTES, SEED_BYTES, SigningKey, public_key, verify
from ledger.limits import NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX

ED25519: Final = 0x01
KEY_ID_BYTES: Final = 4

_DASH = "— "
_PRIVATE = "PRIVATE+KEY+"
_KEY_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")


# ---- keys -----------------------------------------------------------------------


def is_key_name(name: str) -> bool:
    """Whether `name` may name a key: not empty, no Unicode space, no plus, no control."""
    return (
        name != ""
        and "+" not in name
        and not any(char.isspace() or char < " " for char in name)
        and not any("\ud800" <= char <= "\udfff" for char in name)
    )


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key)."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[
        :KEY_ID_BYTES
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key under a name.

    Attributes:
        name: the log's origin or the witness's name.
        key_id: 4 bytes; with `name` it says which signature lines are this key's.
        kind: the signature type byte.
        public: the key as its type encodes it.
    """

    name: str
    key_id: bytes
    kind: int
    public: bytes


def verifier_key(name: str, public: bytes, kind: int = ED25519) -> VerifierKey:
    """The verifier key of a public key, with the key id the specification recommends.

    Raises:
        MalformedError: a name that may not name a key.
    """
    if not is_key_name(name):
        raise MalformedError("a key's name is empty, or has a space, '+' or control")
    identity = key_id(name, kind, public)
    return VerifierKey(name=name, key_id=identity, kind=kind, public=public)


def format_vkey(vkey: VerifierKey) -> str:
    """`name+hex+base64`, the form in which keys are handed around."""
    key = format_base64(bytes([vkey.kind]) + vkey.public)
    return f"{vkey.name}+{vkey.key_id.hex()}+{key}"


def parse_vkey(text: str) -> VerifierKey:
    """The key whose `format_vkey` is `text`.

    The key id is checked against the recommended formula, except for type 0x02 (ECDSA),
    which hashes another encoding of the key.

    Raises:
        MalformedError: another form, a key id that is not the key's, or an Ed25519 key
            that is not 32 bytes.
    """
    name, _, rest = text.partition("+")
    identity, plus, encoded = rest.partition("+")
    if not is_key_name(name) or not plus or not _KEY_ID.fullmatch(identity):
        raise MalformedError("not a verifier key: expected name+hex key id+base64")
    data = parse_base64(encoded)
    if len(data) < 2:
        raise MalformedError("a verifier key without a key")
    kind, public = data[0], data[1:]
    if kind in {0x01, 0x04} and len(public) != PUBLIC_BYTES:
        raise MalformedError("an Ed25519 verifier key that is not 32 bytes")
    if kind != 0x02 and key_id(name, kind, public).hex() != identity:
        raise MalformedError("a verifier key whose key id is not its key's")
    return VerifierKey(
        name=name, key_id=bytes.fromhex(identity), kind=kind, public=public
    )


class NoteSigner(Protocol):
    """Something that signs notes under a name: a key in memory, or one elsewhere."""

    @property
    def name(self) -> str:
        """The key's name; a log's is its origin."""
        ...

    @property
    def key_id(self) -> bytes:
        """4 bytes, as in the verifier key."""
        ...

    def sign(self, text: bytes) -> bytes:
        """The signature of a note's text, as its type defines it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerKey:
    """An Ed25519 private key under a name; its `repr` shows no secret."""

    name: str
    kind: int = ED25519
    key: SigningKey = field(repr=False)

    @property
    def vkey(self) -> VerifierKey:
        """The public half."""
        return verifier_key(self.name, self.key.public, self.kind)

    @property
    def key_id(self) -> bytes:
        """4 bytes, as in the verifier key."""
        return key_id(self.name, self.kind, self.key.public)

    def sign(self, text: bytes) -> bytes:
        """Ed25519 over the text (type 0x01)."""
        return self.key.sign(text)


def signer_key(name: str, seed: bytes, kind: int = ED25519) -> SignerKey:
    """The signer of a 32-byte Ed25519 seed.

    Raises:
        MalformedError: a name that may not name a key, or not 32 bytes.
    """
    if not is_key_name(name):
        raise MalformedError("a key's name is empty, or has a space, '+' or control")
    return SignerKey(name=name, kind=kind, key=SigningKey(seed))


def format_signer_key(signer: SignerKey) -> str:
    """The private key's text form, for a file that only its owner can read."""
    key = format_base64(bytes([signer.kind]) + signer.key.seed)
    return f"{_PRIVATE}{signer.name}+{signer.key_id.hex()}+{key}"


def parse_signer_key(text: str) -> SignerKey:
    """The key whose `format_signer_key` is `text`.

    Raises:
        MalformedError: another form or type; the message never shows the text.
    """
    name, _, rest = text.removeprefix(_PRIVATE).partition("+")
    identity, plus, encoded = rest.partition("+")
    if not text.startswith(_PRIVATE) or not plus or not is_key_name(name):
        raise MalformedError("not a signer key")
    data = parse_base64(encoded)
    if len(data) != 1 + SEED_BYTES or data[0] not in {0x01, 0x04}:
        raise MalformedError("a signer key that is not of Ed25519")
    if key_id(name, data[0], public_key(data[1:])).hex() != identity:
        raise MalformedError("a signer key whose key id is not its key's")
    return signer_key(name, data[1:], data[0])


# ---- notes ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature line.

    Attributes:
        name: the key's name.
        key_id: 4 bytes.
        data: the signature as its type encodes it, at least one byte.
    """

    name: str
    key_id: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its signature lines, in order, none of them verified yet."""

    text: bytes
    signatures: tuple[Signature, ...]


def sign(text: bytes, signer: NoteSigner) -> Signature:
    """The signature line of `signer` on `text`."""
    return Signature(name=signer.name, key_id=signer.key_id, data=signer.sign(text))


def verify_ed25519(vkey: VerifierKey, text: bytes, signature: Signature) -> bool:
    """Whether a signature of type 0x01 holds."""
    return vkey.kind == ED25519 and verify(vkey.public, text, signature.data)


def format_signature(signature: Signature) -> bytes:
    """One signature line with its newline."""
    data = format_base64(signature.key_id + signature.data)
    return f"{_DASH}{signature.name} {data}\n".encode()


def format_note(note: Note) -> bytes:
    """The note's bytes.

    Raises:
        MalformedError: a text that is not UTF-8 lines, or no signature, or too many.
    """
    data = note.text + b"\n" + b"".join(map(format_signature, note.signatures))
    if parse_note(data) != note:
        raise MalformedError("not a note: its parts would be read as others")
    return data


def parse_note(data: bytes) -> Note:
    """The note whose `format_note` is `data`.

    Raises:
        MalformedError: not UTF-8, a control character, no signature, a line that is not
            one, more than 100 of them, or more than 1,000,000 bytes.
    """
    if len(data) > NOTE_BYTES_MAX:
        raise MalformedError(f"a note longer than {NOTE_BYTES_MAX:,} bytes")
    if _CONTROL.search(data):
        raise MalformedError("a control character in a note")
    text, empty_line, lines = data.rpartition(b"\n\n")
    if not empty_line or not lines.endswith(b"\n"):
        raise MalformedError("not a note: expected a text, an empty line, signatures")
    try:
        text.decode()
        parts = lines[:-1].decode().split("\n")
    except UnicodeDecodeError as error:
        raise MalformedError("a note that is not UTF-8") from error
    if len(parts) > NOTE_SIGNATURES_MAX:
        raise MalformedError(f"more than {NOTE_SIGNATURES_MAX} signatures on a note")
    return Note(text + b"\n", tuple(map(_parse_signature, parts)))


def _parse_signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not is_key_name(name):
        raise MalformedError("a line on a note that is not a signature")
    data = parse_base64(encoded)
    if len(data) <= KEY_ID_BYTES:
        raise MalformedError("a signature on a note without a signature")
    return Signature(name=name, key_id=data[:KEY_ID_BYTES], data=data[KEY_ID_BYTES:])


def signatures_of(
    note: Note, vkeys: Sequence[VerifierKey]
) -> list[tuple[VerifierKey, Signature]]:
    """The signature lines of known keys, each with its key; the rest is to be ignored."""
    known = {(vkey.name, vkey.key_id): vkey for vkey in vkeys}
    return [
        (known[signature.name, signature.key_id], signature)
        for signature in note.signatures
        if (signature.name, signature.key_id) in known
    ]
