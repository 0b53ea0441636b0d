"""What somebody with a receipt sends over HTTP, signed by the letter of the contract."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.contract import Actor, b64, b64url, head, hkdf, keys, read
from tests.world.person import Person
from tests.world.service import LEDGER, Answer, Service, decision

V1 = f"/{LEDGER}/v1"
BYTES = "application/octet-stream"
SAID = "I have worked for five years."


def person(service: Service, **changes: Any) -> Person:
    answer = service.post(decision(**changes))
    assert answer.status == 201, answer.body
    told = answer.json()
    return Person(
        genesis=keys(service)["genesis"],
        id=told["id"],
        index=told["index"],
        leaf=b64(told["receipt"]["leaf"]),
        secret=b64url(told["receipt"]["secret"]),
    )


def proof(service: Service, who: Person) -> list[bytes]:
    size = head(service).size
    found = read(service, f"/proofs/inclusion?index={who.index}&size={size}")
    return [b64(one) for one in found["hashes"]]


def actor(who: Person) -> Actor:
    """Whoever holds the receipt."""
    return Actor(hkdf(who.secret, "counterfoil/v1/contest"))


def does(service: Service, by: Actor, act: str, body: dict[str, Any]) -> Any:
    answer = by.act(service, act, body)
    assert answer.status == 201, answer.body
    return answer.json()


def contests(service: Service, who: Person, by: Actor, **more: Any) -> str:
    body = who.opening(proof(service, who), SAID, **more)
    return str(does(service, by, "contest.open", body)["id"])


def keep(service: Service, blob: bytes, kind: str = BYTES, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    return service.request(
        "POST", f"{V1}/parts", body=blob, headers={"Content-Type": kind, **sent}
    )


def fetch(service: Service, part: str, shown: str | None) -> Answer:
    headers = {} if shown is None else {"Authorization": shown}
    return service.get(f"{V1}/parts/{part}", headers=headers)


def later(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
