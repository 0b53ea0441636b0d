"""Passkeys: WebAuthn assertions and the public keys that check them, offline.

    signed      = authenticatorData ‖ SHA-256(clientDataJSON)             WebAuthn § 7.2
    authenticatorData = SHA-256(rp id) ‖ flags ‖ count, 4 bytes ‖ …        WebAuthn § 6.1
    clientDataJSON    = {"type": "webauthn.get", "challenge": base64url, "origin", …}
    public key  = COSE_Key in CTAP2's canonical CBOR, one of
        ES256   a5 01 02 03 26 20 01 21 58 20 ‖ x ‖ 22 58 20 ‖ y           77 bytes
        EdDSA   a4 01 01 03 27 20 06 21 58 20 ‖ x                          42 bytes

CTAP2 fixes those bytes, so that no CBOR reader is needed: a key spelled otherwise is
refused. What is deliberately absent: the count is not compared, because an act's `seq`
already keeps it from counting twice and synced passkeys always send 0; attestation is
not read, because which make of authenticator a member has is nobody's business; RS256.

Any host may be the relying party `rp id`; its pages are `https://` on that host or below
it, and `http://` on localhost alone.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.canonical import parse_base64, parse_base64url
from ledger.entries.strict import parse_json
from ledger.errors import MalformedError, VerificationError
from ledger.keys import SIGNATURE_BYTES, verify
from ledger.limits import (
    AUTHENTICATOR_DATA_BYTES_MAX,
    CLIENT_DATA_BYTES_MAX,
    CREDENTIAL_ID_BYTES_MAX,
)

CREATED: Final = "webauthn.create"
GOT: Final = "webauthn.get"

_ES256 = bytes.fromhex("a5010203262001215820")
_ES256_Y = bytes.fromhex("225820")
_EDDSA = bytes.fromhex("a4010103272006215820")
_HEAD_BYTES = 37  # the hash of the rp id, the flags, the count
_PRESENT = 0x01  # flag UP: somebody was there
_ATTESTED = 0x40  # flag AT: a credential follows
_EXTENDED = 0x80  # flag ED: extensions follow
_AAGUID_BYTES = 16
_ECDSA_BYTES_MAX = 72  # DER of two 33-byte integers
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*", re.ASCII)
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]{1,253})(?::[0-9]{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What a passkey signed, as it stands in an envelope.

    Attributes:
        credential: its id, base64url.
        authenticator_data: the authenticator's own bytes.
        client_data: the browser's JSON, byte for byte.
        sig: DER of ECDSA (ES256), or the 64 bytes of Ed25519 (EdDSA).
    """

    credential: str
    authenticator_data: bytes
    client_data: bytes
    sig: bytes


def is_host(text: str) -> bool:
    """Whether `text` can be a relying party's id: a host's name in lower case."""
    return _HOST.fullmatch(text) is not None


def is_credential(text: str) -> bool:
    """Whether `text` is a credential's id: base64url of 1 to 1,023 bytes."""
    try:
        return 1 <= len(parse_base64url(text)) <= CREDENTIAL_ID_BYTES_MAX
    except MalformedError:
        return False


def read_assertion(signature: dict[str, Any]) -> Assertion:
    """The assertion in `{"keyid", "sig", "webauthn"}`.

    Raises:
        MalformedError: another shape, or parts beyond their bounds. Nothing was
            recorded, here and below.
    """
    asserted = signature["webauthn"]
    if (
        signature.keys() != {"keyid", "sig", "webauthn"}
        or type(asserted) is not dict
        or asserted.keys() != {"authenticatorData", "clientDataJSON"}
        or not all(type(text) is str for text in asserted.values())
        or type(signature["keyid"]) is not str
        or type(signature["sig"]) is not str
    ):
        raise MalformedError("a signature by a passkey of another shape")
    if not is_credential(signature["keyid"]):
        raise MalformedError("a keyid of a passkey is its credential's id, base64url")
    sig = parse_base64(signature["sig"])
    if not 8 <= len(sig) <= _ECDSA_BYTES_MAX:
        raise MalformedError("a passkey's signature has 8 to 72 bytes")
    return Assertion(
        credential=signature["keyid"],
        authenticator_data=read_authenticator_data(asserted["authenticatorData"]),
        client_data=read_client_data(asserted["clientDataJSON"]),
        sig=sig,
    )


def read_authenticator_data(text: str) -> bytes:
    """The bytes of authenticatorData from base64url.

    Raises:
        MalformedError: not base64url, or too short or long.
    """
    data = parse_base64url(text)
    if not _HEAD_BYTES <= len(data) <= AUTHENTICATOR_DATA_BYTES_MAX:
        raise MalformedError(
            f"authenticatorData has {_HEAD_BYTES} to "
            f"{AUTHENTICATOR_DATA_BYTES_MAX:,} bytes"
        )
    return data


def read_client_data(text: str) -> bytes:
    """The bytes of clientDataJSON from base64url.

    Raises:
        MalformedError: not base64url, or too long.
    """
    data = parse_base64url(text)
    if len(data) > CLIENT_DATA_BYTES_MAX:
        raise MalformedError(
            f"clientDataJSON longer than {CLIENT_DATA_BYTES_MAX:,} bytes"
        )
    return data


def check_client_data(data: bytes, *, type_: str, challenge: bytes) -> str:
    """That a browser made this for `challenge`; the origin it was made at.

    Raises:
        VerificationError: not clientDataJSON, of another ceremony or challenge, or made
            inside another site's page.
    """
    try:
        said = parse_json(data)
        if type(said) is not dict:
            raise VerificationError("clientDataJSON is not a JSON object")
        if said.get("type") != type_:
            raise VerificationError(f"clientDataJSON is not of the type {type_}")
        asked = said.get("challenge")
        if type(asked) is not str or parse_base64url(asked) != challenge:
            raise VerificationError("the passkey answered another challenge")
    except MalformedError as error:
        raise VerificationError("clientDataJSON does not parse") from error
    if said.get("crossOrigin", False) is not False:
        raise VerificationError("the passkey was asked inside another site's page")
    origin = said.get("origin")
    if type(origin) is not str:
        raise VerificationError("clientDataJSON names no origin")
    return origin


def check_origin(origin: str, rp_id: str) -> None:
    """That `origin` is a page of the relying party.

    Raises:
        VerificationError: another site's, or not https.
    """
    parts = _ORIGIN.fullmatch(origin)
    if parts is None:
        raise VerificationError("the origin is not that of a page")
    scheme, host = parts.groups()
    if host != rp_id and not host.endswith(f".{rp_id}"):
        raise VerificationError(
            "the passkey was used at another site than it is enrolled for"
        )
    if scheme != "https" and rp_id != "localhost":
        raise VerificationError("the passkey was used at a page without https")


def check_authenticator_data(data: bytes, rp_id: str) -> None:
    """That an authenticator made this for the relying party, with somebody there.

    Raises:
        VerificationError: for another site, or nobody touched it.
    """
    if data[:32] != sha256(rp_id.encode("ascii")).digest():
        raise VerificationError("the passkey answered for another site")
    if not data[32] & _PRESENT:
        raise VerificationError("the passkey says that nobody was present")


def read_attested(data: bytes) -> tuple[bytes, bytes]:
    """The credential's id and public key of a new passkey's authenticatorData.

    Raises:
        VerificationError: no credential, cut short, with stray bytes, or a key that is
            neither ES256 nor EdDSA in canonical CBOR.
    """
    start = _HEAD_BYTES + _AAGUID_BYTES + 2
    if not data[32] & _ATTESTED or len(data) < start:
        raise VerificationError("the authenticator's data holds no new passkey")
    id_bytes = int.from_bytes(data[start - 2 : start], "big")
    rest = data[start + id_bytes :]
    key = rest[: 77 if rest.startswith(_ES256) else 42]
    check_public_key(key)
    # Extensions are CBOR that nothing here reads; without them every byte is known.
    if len(rest) != len(key) and not data[32] & _EXTENDED:
        raise VerificationError("the authenticator's data goes on after the key")
    return data[start : start + id_bytes], key


def check_public_key(key: bytes) -> None:
    """That this is a COSE key of ES256 or EdDSA, canonical, its point on the curve.

    Raises:
        VerificationError: any other.
    """
    if len(key) == 42 and key.startswith(_EDDSA):
        return
    _point(key)


def _point(key: bytes) -> ec.EllipticCurvePublicKey:
    if len(key) != 77 or not key.startswith(_ES256) or key[42:45] != _ES256_Y:
        raise VerificationError(
            "a passkey's key is ES256 or EdDSA, in canonical CBOR: this one is not"
        )
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), b"\x04" + key[10:42] + key[45:]
        )
    except ValueError as error:
        raise VerificationError("a passkey's key that is no point of P-256") from error


def check_assertion(
    assertion: Assertion, *, public_key: bytes, rp_id: str, challenge: bytes
) -> None:
    """That the passkey of `public_key` answered `challenge` at its own site.

    Raises:
        VerificationError: it did not.
    """
    origin = check_client_data(assertion.client_data, type_=GOT, challenge=challenge)
    check_origin(origin, rp_id)
    check_authenticator_data(assertion.authenticator_data, rp_id)
    message = assertion.authenticator_data + sha256(assertion.client_data).digest()
    if public_key.startswith(_EDDSA):
        if len(assertion.sig) != SIGNATURE_BYTES or not verify(
            public_key[10:], message, assertion.sig
        ):
            raise VerificationError("the passkey's signature does not hold")
        return
    try:
        _point(public_key).verify(assertion.sig, message, ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise VerificationError("the passkey's signature does not hold") from error
