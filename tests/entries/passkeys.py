"""An authenticator and a browser, as WebAuthn describes them, for tests."""

import json
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.canonical import format_base64, format_base64url
from ledger.entries.act import PAYLOAD_TYPE, pae
from ledger.keys import SigningKey

HOST = "ledger.example"


class Authenticator:
    """One passkey: ES256, or EdDSA when `eddsa`."""

    def __init__(self, number: int, *, rp_id: str = HOST, eddsa: bool = False) -> None:
        self.rp_id = rp_id
        self.id = bytes([number]) * 32
        self.credential = format_base64url(self.id)
        self._ed = SigningKey(self.id) if eddsa else None
        self._ec = ec.derive_private_key(number, ec.SECP256R1())
        if self._ed is not None:
            self.public = bytes.fromhex("a4010103272006215820") + self._ed.public
        else:
            point = self._ec.public_key().public_numbers()
            self.public = (
                bytes.fromhex("a5010203262001215820")
                + point.x.to_bytes(32, "big")
                + bytes.fromhex("225820")
                + point.y.to_bytes(32, "big")
            )

    def sign(self, message: bytes) -> bytes:
        if self._ed is not None:
            return self._ed.sign(message)
        return self._ec.sign(message, ec.ECDSA(SHA256()))

    def data(self, flags: int = 0x05, *, rest: bytes = b"") -> bytes:
        return (
            sha256(self.rp_id.encode()).digest() + bytes([flags]) + b"\0\0\0\7" + rest
        )

    def created(self, flags: int = 0x45) -> bytes:
        rest = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self.public
        return self.data(flags, rest=rest)

    def enrolment(self, challenge: bytes, **said: Any) -> dict[str, Any]:
        """The body of a `passkey.enroll`."""
        return {
            "credential": self.credential,
            "public_key": format_base64url(self.public),
            "client_data": format_base64url(
                client_data(challenge, type_="webauthn.create", **said)
            ),
            "authenticator_data": format_base64url(self.created()),
        }

    def envelope(
        self, payload: bytes, *, flags: int = 0x05, **said: Any
    ) -> dict[str, Any]:
        """An act's envelope, signed by this passkey."""
        challenge = sha256(pae(payload)).digest()
        browser = client_data(challenge, **{"origin": f"https://{self.rp_id}", **said})
        data = self.data(flags)
        signature = {
            "keyid": self.credential,
            "sig": format_base64(self.sign(data + sha256(browser).digest())),
            "webauthn": {
                "authenticatorData": format_base64url(data),
                "clientDataJSON": format_base64url(browser),
            },
        }
        return {
            "payloadType": PAYLOAD_TYPE,
            "payload": format_base64(payload),
            "signatures": [signature],
        }


def client_data(
    challenge: bytes,
    *,
    type_: str = "webauthn.get",
    origin: str = f"https://{HOST}",
    **more: Any,
) -> bytes:
    said = {"type": type_, "challenge": format_base64url(challenge), "origin": origin}
    return json.dumps(said | more).encode()
