"""CONTRACT, `POST /acts` and "State": who may, in which order, what is answered."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import rfc8785

from tests.e2e.contract import (
    ACT_TYPE,
    V1,
    Actor,
    b64,
    check_tlog_proof,
    digest,
    head,
    keys,
    post_act,
    problem_of,
    read,
    system_body,
)
from tests.world.oracle import hash_leaf
from tests.world.service import LEDGER, Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

REGISTER = "system.register"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture(scope="module")
def founder(service: Service) -> Actor:
    return Actor.founder(service)


def hours(count: float) -> str:
    until = datetime.now(UTC) + timedelta(hours=count)
    return until.strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- recorded ---------------------------------------------------------------------------


def test_201_and_the_leaf(service: Service, founder: Actor) -> None:
    payload = founder.payload(service, REGISTER, system_body("one"))
    envelope = founder.envelope(payload)
    answer = post_act(service, envelope)
    founder.seq += 1

    assert answer.status == 201, answer.body
    told = answer.json()
    assert told.keys() == {"index", "id", "receipt"}
    assert told["id"] == digest(payload)
    assert told["receipt"].keys() == {"leaf", "proof"}
    leaf = b64(told["receipt"]["leaf"])
    vkey = keys(service)["vkeys"][0]
    check_tlog_proof(told["receipt"]["proof"], leaf, told["index"], vkey)
    entry = json.loads(leaf)
    assert leaf == rfc8785.dumps(entry)
    moment = entry.pop("time")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)
    assert entry == {
        "specversion": "1.0",
        "id": told["id"],
        "source": f"/{LEDGER}/actors/{founder.did}",
        "type": "org.counterfoil.act.system.register.v1",
        "datacontenttype": "application/json",
        "data": {"envelope": envelope},
    }
    receipt = service.get(f"{V1}/receipts/{told['id']}")
    check_tlog_proof(receipt.body.decode(), leaf, told["index"], vkey)

    again = post_act(service, dict(reversed(envelope.items())))
    assert again.status == 200
    assert again.json()["index"] == told["index"]
    assert again.json()["receipt"]["leaf"] == told["receipt"]["leaf"]


def test_the_same_payload_badly_signed_is_no_retry(
    service: Service, founder: Actor
) -> None:
    payload = founder.payload(service, REGISTER, system_body("two"))
    assert post_act(service, founder.envelope(payload)).status == 201
    founder.seq += 1
    forged = Actor(b"\1" * 32).envelope(payload)
    forged["signatures"][0]["keyid"] = founder.did

    assert post_act(service, forged).status == 403


def test_a_system_may_record_at_once(service: Service, founder: Actor) -> None:
    body = {"system": "example", "version": "2027-01"}
    assert founder.act(service, "system.version", body).status == 201

    assert read(service, "/systems/example")["versions"] == ["2026-11", "2027-01"]
    told = service.post(decision()).json()
    entry = json.loads(b64(told["receipt"]["leaf"]))
    assert entry["data"]["statement"]["version"] == "2027-01"
    assert service.post(decision(system_version="2026-11")).status == 201
    assert service.post(decision(system_version="2028")).status == 422


# ---- refused ------------------------------------------------------------------------------


def test_seq(service: Service, founder: Actor) -> None:
    for seq in (founder.seq, founder.seq + 2, 1):
        answer = founder.act(service, REGISTER, system_body("seq"), seq=seq)
        assert answer.status == 409
        problem = problem_of(answer)
        assert problem["recorded"] is False
        assert str(founder.seq + 1) in problem["detail"]


def test_right_and_signature(service: Service, founder: Actor) -> None:
    nobody = Actor(b"\2" * 32)
    answer = nobody.act(service, REGISTER, system_body("x"))
    assert answer.status == 403
    assert problem_of(answer)["type"] == "/docs#problem-forbidden"

    payload = founder.payload(service, REGISTER, system_body("x"))
    by_other = nobody.envelope(payload)
    assert post_act(service, by_other).status == 403
    by_other["signatures"][0]["keyid"] = founder.did
    assert post_act(service, by_other).status == 403


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"until": "2026-01-01T00:00:00Z"}, 422),
        ({"until": 24.1}, 422),
        ({"until": 23.9}, 201),
        ({"until": "2026-13-01T00:00:00Z"}, 422),
        ({"until": "2026-11-23T10:00:00+01:00"}, 422),
        ({"seq": 0}, 422),
        ({"seq": True}, 422),
        ({"v": 2}, 422),
        ({"act": "member.invite"}, 422),
        ({"act": "x"}, 422),
        ({"body": []}, 422),
        ({"body": {"system": "x"}}, 422),
        ({"body": system_body("example")}, 422),
        ({"body": system_body("..")}, 422),
        ({"seen": {"size": 9999, "root": base64.b64encode(bytes(32)).decode()}}, 422),
        ({"seen": {"size": 1, "root": base64.b64encode(bytes(32)).decode()}}, 422),
        ({"seen": {"size": 0, "root": base64.b64encode(bytes(32)).decode()}}, 422),
        ({"surprise": 1}, 422),
    ],
)
def test_what_the_state_or_the_form_refuses(
    service: Service, founder: Actor, changes: dict[str, Any], status: int
) -> None:
    before = head(service).size
    if isinstance(changes.get("until"), float):  # hours from now, not from collection
        changes = {"until": hours(changes["until"])}
    wanted = {"act": REGISTER, "body": system_body(f"s{founder.seq}"), **changes}

    answer = founder.act(service, **wanted)

    assert answer.status == status, answer.body
    if status != 201:
        assert problem_of(answer)["recorded"] is False
        assert head(service).size == before


def test_an_older_tree_may_be_what_was_seen(service: Service, founder: Actor) -> None:
    root = base64.b64encode(hash_leaf(b64(read(service, "/entries/0")["leaf"])))
    seen = {"size": 1, "root": root.decode()}

    body = system_body("seen")
    assert founder.act(service, REGISTER, body, seen=seen).status == 201


def test_envelopes_that_are_none(service: Service, founder: Actor) -> None:
    payload = founder.payload(service, REGISTER, system_body("form"))
    good = founder.envelope(payload)
    (signature,) = good["signatures"]
    loose = json.dumps(json.loads(payload)).encode()
    forms: tuple[dict[str, Any], ...] = (
        {"payloadType": "application/json"},
        {"extra": 1},
        {"payload": good["payload"].rstrip("=") + "===="},
        {"payload": base64.urlsafe_b64encode(payload + b">>>???").decode()},
        {"payload": base64.b64encode(loose).decode()},
        {"signatures": []},
        {"signatures": [signature, signature]},
        {"signatures": [{**signature, "x": 1}]},
        {"signatures": [{**signature, "sig": signature["sig"][:-4]}]},
    )
    for changes in forms:
        answer = post_act(service, {**good, **changes})
        assert answer.status == 422, changes
        assert problem_of(answer)["recorded"] is False
    long = founder.payload(service, REGISTER, {"x": "y" * 40_000})
    assert post_act(service, founder.envelope(long)).status in {413, 422}


def test_what_is_no_json_or_another_media_type(service: Service) -> None:
    for body in (b"{", b'{"payload":1,"payload":2}', b"\xff", b'{"a":"\\u0000"}'):
        sent = {"Content-Type": "application/json"}
        answer = service.request("POST", f"{V1}/acts", body=body, headers=sent)
        assert answer.status == 400, body
    sent = {"Content-Type": "text/plain"}
    assert service.request("POST", f"{V1}/acts", body=b"{}", headers=sent).status == 415
    big = service.request(
        "POST",
        f"{V1}/acts",
        body=b" " * 70_000,
        headers={"Content-Type": "application/json"},
    )
    assert big.status == 413
    assert ACT_TYPE not in problem_of(big)["detail"]


def test_an_act_for_another_ledger(service: Service, founder: Actor) -> None:
    answer = founder.act(service, REGISTER, system_body("x"), genesis="A" * 43)

    assert answer.status == 422
    assert problem_of(answer)["type"] == "/docs#problem-another-ledger"


def test_no_value_of_an_act_is_repeated(service: Service, founder: Actor) -> None:
    canaries: tuple[dict[str, Any], ...] = (
        {"seq": 777_123},
        {"act": "canary.777123"},
        {"body": {"777123": "777123"}},
        {"body": system_body("x", impact_level="777123")},
    )
    for changes in canaries:
        wanted = {"act": REGISTER, "body": system_body("x"), **changes}
        answer = founder.act(service, **wanted)
        assert answer.status in {409, 422}
        assert b"777123" not in answer.body.replace(b",", b""), answer.body


# ---- state --------------------------------------------------------------------------------


def test_state(service: Service, founder: Actor) -> None:
    before = read(service, "/state")
    assert before.keys() == {"size", "root", "sections"}
    assert before["size"] <= head(service).size
    sections = {"community": read(service, "/community"), "systems": {}}
    systems = read(service, "/systems")
    assert systems["next"] is None
    for item in systems["items"]:
        assert read(service, f"/systems/{item['id']}") == item
        sections["systems"][item.pop("id")] = item
        del item["seq"], item["refused"]

    for name in before["sections"].keys() - sections.keys():
        sections[name] = read(service, f"/state/{name}")["value"]
    hashes = {k: sha256(rfc8785.dumps(v)).hexdigest() for k, v in sections.items()}
    assert before["sections"] == hashes
    assert before["root"] == sha256(rfc8785.dumps(hashes)).hexdigest()
    read(service, "/systems/nobody", 404)

    service.post(decision())
    after = read(service, "/state")
    assert after["root"] == before["root"], "a decision moves nothing"
    assert after["size"] == before["size"] + 1
    assert founder.act(service, REGISTER, system_body("last")).status == 201
    assert read(service, "/state")["root"] != before["root"]
