"""A browser's part in a sign-in, without one: what it keeps, what it sends."""

import hashlib
import json
import secrets
import urllib.parse
from collections.abc import Mapping
from typing import Any

from ledger.canonical import format_base64url
from tests.world.service import Answer, Service


class Tab:
    """One tab at one ledger.

    Attributes:
        binder: what it keeps in its own storage.
    """

    def __init__(self, service: Service, ledger: str = "commons") -> None:
        self.service = service
        self.ledger = ledger
        self.binder = secrets.token_bytes(32)

    def post(self, step: str, body: Mapping[str, Any]) -> Answer:
        return self.service.request(
            "POST",
            f"/{self.ledger}/v1/lost/{step}",
            body=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )

    def start(self) -> str:
        """Where to sign in."""
        hash_ = hashlib.sha256(self.binder).digest()
        answer = self.post("start", {"binder": format_base64url(hash_)})
        assert answer.status == 200, answer.body
        url: str = answer.json()["url"]
        return url

    def finish(self, back: Mapping[str, str], **changes: object) -> Answer:
        """Bring back what the provider's redirect carried."""
        body = {
            "binder": format_base64url(self.binder),
            "state": back.get("state"),
            "code": back.get("code"),
            "iss": back.get("iss"),
        }
        return self.post("finish", {**body, **changes})


def asked(url: str) -> dict[str, str]:
    """The parameters of an authorization request."""
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


def kind(answer: Answer) -> str:
    """The kind of a problem, which says too that nothing was recorded."""
    body = answer.json()
    assert body["recorded"] is False, body
    return str(body["type"]).removeprefix("/docs#problem-")
