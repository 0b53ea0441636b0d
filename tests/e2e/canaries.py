"""Marked private strings: made, said to a service in every way, and searched for."""

import base64
import gzip
import hashlib
import json
import secrets
import uuid
from collections.abc import Iterator
from typing import Any

from tests.e2e.canaries_cases import say_cases
from tests.e2e.contract import Actor, digest, read
from tests.e2e.raw import exchange, head
from tests.world.service import LEDGER, Answer, Service, decision

DECISIONS = f"/{LEDGER}/v1/decisions"
EVENT = "application/cloudevents+json"
MARK = b"canary"  # what every private string begins with
HASHES = ("sha256", "sha512", "sha1", "md5", "sha3_256", "blake2b")


class Canaries:
    """Makes marked strings and every form in which one could be found."""

    def __init__(self) -> None:
        self.made: list[bytes] = []
        self.hashed: list[bytes] = []  # whose SHA-256 is public, and nothing else

    def new(self) -> str:
        text = MARK + secrets.token_hex(12).encode()
        self.made.append(text)
        return text.decode()

    def keep(self, secret: bytes) -> None:
        self.made.append(secret)

    def needles(self) -> dict[bytes, bytes]:
        """What to look for -> which canary it is a form of."""
        found = {form: one for one in self.made for form in forms(one)}
        return found | {form: one for one in self.hashed for form in spellings(one)}


def forms(one: bytes) -> Iterator[bytes]:
    """Every form in which `one` could be found."""
    yield from spellings(one)
    for name in HASHES:
        digest = hashlib.new(name, one).digest()
        yield digest
        yield from _hex(digest)
        yield base64.b64encode(digest).rstrip(b"=")
        yield base64.urlsafe_b64encode(digest).rstrip(b"=")


def spellings(one: bytes) -> Iterator[bytes]:
    """`one` plainly, in hex, and in base64 at each alignment."""
    yield one
    yield from _hex(one)
    for shift in range(3):
        # At each alignment the letters in the middle depend on the canary alone.
        text = base64.b64encode(bytes(shift) + one + bytes(3))
        middle = text[-(-shift * 8 // 6) : (shift + len(one)) * 8 // 6]
        yield middle
        yield middle.translate(bytes.maketrans(b"+/", b"-_"))


def _hex(data: bytes) -> Iterator[bytes]:
    yield data.hex().encode()
    yield data.hex().upper().encode()


def private(canaries: Canaries) -> dict[str, Any]:
    """A decision whose every private field carries a canary of its own."""
    new = canaries.new
    return decision(
        subject={"ref": new()},
        reasons=[{"code": new()[:30], "text": new(), "factor": new(), "rank": 1}],
        counterfactuals=[
            {"factor": new(), "from": new(), "to": new(), "outcome": new()}
        ],
        inputs={new(): new(), "deep": [{"list": [new()]}]},
        protected={"sex": new(), "race_ethnicity": new(), "age_band": new()},
        recourse={"how": new(), "deadline_days": 30, "authority": new()},
        footprint={"energy_wh": "0.42", "region": new(), "method": new()},
        legal_basis=new(),
        extension={"nested": {new(): [new(), {"x": new()}]}},
    )


def find(data: bytes, needles: dict[bytes, bytes]) -> list[bytes]:
    return [form for form in needles if form in data]


class World:
    """A service at debug level after everything was said to it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.canaries = Canaries()
        self.refusals: list[bytes] = []
        self.accepted = 0
        self._single()
        self._batches()
        self._events()
        self._refused()
        self._malformed()
        self._elsewhere()
        self._said()
        say_cases(self.service, self.canaries, self.refusals)
        self.canaries.keep(service.token.encode())

    def _post(self, body: bytes, kind: str, **headers: str) -> Answer:
        return self.service.request(
            "POST",
            DECISIONS,
            body=body,
            headers={
                "Authorization": f"Bearer {self.service.token}",
                "Content-Type": kind,
                **{name.replace("_", "-"): text for name, text in headers.items()},
            },
        )

    def _took(self, secret: str) -> None:
        self.accepted += 1
        self.canaries.keep(base64.urlsafe_b64decode(secret + "="))
        self.canaries.keep(secret.encode())

    def _single(self) -> None:
        key = self.canaries.new()
        body = private(self.canaries)
        data = json.dumps(body).encode()
        kind = "application/json"
        answer = self._post(data, kind, Idempotency_Key=key)
        again = self._post(data, kind, Idempotency_Key=key)
        assert [answer.status, again.status] == [201, 200], again.body
        self._took(answer.json()["receipt"]["secret"])
        other = self._post(
            json.dumps(private(self.canaries)).encode(),
            "application/json",
            Idempotency_Key=key,
        )
        assert other.status == 422
        self.refusals.append(other.body)

    def _batches(self) -> None:
        lines = [json.dumps(private(self.canaries)).encode() for _ in range(70)]
        broken = json.dumps(private(self.canaries)).encode()[:-1]
        data = b"\n".join([*lines, broken])
        answer = self._post(
            gzip.compress(data), "application/x-ndjson", Content_Encoding="gzip"
        )
        for line in answer.body.splitlines():
            one = json.loads(line)
            if one["status"] == 201:
                self._took(one["secret"])
            else:
                self.refusals.append(line)

    def _events(self) -> None:
        def event() -> dict[str, Any]:
            return {
                "specversion": "1.0",
                "id": str(uuid.uuid4()),
                "source": f"/{self.canaries.new()}",
                "subject": self.canaries.new(),
                "type": "org.counterfoil.decision.submit.v1",
                "datacontenttype": "application/json",
                "data": private(self.canaries),
            }

        one = self._post(json.dumps(event()).encode(), EVENT)
        (self._took(one.json()["receipt"]["secret"]) if one.status == 201 else None)
        batch = json.dumps([event(), event()]).encode()
        many = self._post(batch, "application/cloudevents-batch+json")
        for line in many.body.splitlines():
            if (found := json.loads(line))["status"] == 201:
                self._took(found["secret"])
        binary = event()
        headers = {
            f"ce_{name}": value
            for name, value in binary.items()
            if name not in {"data", "datacontenttype"}
        }
        answer = self._post(
            json.dumps(binary["data"]).encode(), "application/json", **headers
        )
        assert answer.status == 201, answer.body
        self._took(answer.json()["receipt"]["secret"])

    def _refused(self) -> None:
        new = self.canaries.new
        tries: tuple[dict[str, Any], ...] = (
            {"system": new()[:40]},
            {"system_version": new()},
            {"outcome": {"code": "rejected", "favourable": False, "why": new()}},
            {new(): new()},
            {"score": new()},
            {"automation": new()},
            {"decided_at": new()},
            {"decided_at": "2020-01-01T00:00:00Z"},
            {"human": new()},
            {"parents": [new()]},
            {"reasons": []},
        )
        for changes in tries:
            answer = self._post(
                json.dumps({**private(self.canaries), **changes}).encode(),
                "application/json",
            )
            assert 400 <= answer.status < 500, answer.body
            self.refusals.append(answer.body)

    def _malformed(self) -> None:
        new = self.canaries.new
        for text in (
            f'{{"{new()}": 1, "{new()}": 2',
            f'{{"a": "{new()}", "a": "{new()}"}}',
            f'["{new()}"]',
            new(),
            f'{{"{new()}": 1e999}}',
            f'{{"{new()}": "\\ud800{new()}"}}',
        ):
            for kind in ("application/json", EVENT, "application/x-ndjson", new()):
                self.refusals.append(self._post(text.encode(), kind).body)

    def _elsewhere(self) -> None:
        new = self.canaries.new
        service = self.service
        for path in (
            f"/{new()}",
            f"/{new()[:20]}/v1/decisions",
            f"/{LEDGER}/v1/decisions/{new()}?{new()}={new()}",
            f"/{LEDGER}/v1/receipts/{new()}",
            f"/{LEDGER}/v1/decisions?system={new()}&since={new()}",
            f"/{LEDGER}/v1/sealed/{uuid.uuid4()}",
            f"/static/{new()}",
        ):
            answer = service.get(path, headers={"Authorization": f"Receipt {new()}"})
            self.refusals.append(answer.body)
        acts = service.request(
            "POST",
            f"/{LEDGER}/v1/acts",
            body=json.dumps({"payload": new(), new(): new()}).encode(),
            headers={"Content-Type": "application/json"},
        )
        self.refusals.append(acts.body)
        for raw in (
            f"{new()} / HTTP/1.1\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {new()}\x01\r\n\r\n",
            f"GET /{new()}{'a' * 9000} HTTP/1.1\r\nHost: x\r\n\r\n",
        ):
            self.refusals.append(exchange(service, raw.encode()).raw)
        token = head(service, Authorization=f"Bearer {new()}", Content_Length="0")
        self.refusals.append(exchange(service, token).raw)

    def _said(self) -> None:
        """What a member says about a proposal; the text is public, and nowhere else."""
        founder = Actor.founder(self.service)
        content: dict[str, Any] = {"title": "t", "text": "t", "actions": []}
        how = {"nonce": "n", "ballot": {"method": "yesno"}, "expedited": False}
        opened = founder.act(self.service, "proposal.open", {**content, **how})
        assert opened.status == 201, opened.body
        (proposal,) = read(self.service, "/proposals")["items"]
        salt = secrets.token_urlsafe(18)
        text, never = self.canaries.new(), self.canaries.new()
        self.spoken = text.encode()
        kept, refused = (
            base64.urlsafe_b64encode(json.dumps([salt, "comment", one]).encode())
            .rstrip(b"=")
            .decode()
            for one in (text, never)
        )
        # The Disclosure's own hash is its digest, and public; its salt is not.
        self.canaries.keep(salt.encode())
        hash_ = digest(kept.encode())
        body = {"proposal": proposal["key"], "digest": hash_, "kind": "comment"}
        act = founder.act(
            self.service, "comment.add", {**body, "degree": None, "replies_to": None}
        )
        assert act.status == 201, act.body
        for disclosure, status in ((refused, 404), (kept, 201), (text, 422)):
            answer = self.service.request(
                "POST",
                f"/{LEDGER}/v1/texts",
                body=json.dumps(
                    {"act": act.json()["id"], "disclosure": disclosure}
                ).encode(),
                headers={"Content-Type": "application/json"},
            )
            assert answer.status == status, answer.body
            if status != 201:
                self.refusals.append(answer.body)
        assert read(self.service, f"/texts/{hash_}")["text"] == text
        for path in ("texts", "proposals", "state", "systems"):
            answer = self.service.get(f"/{LEDGER}/v1/{path}/{self.canaries.new()}")
            self.refusals.append(answer.body)
