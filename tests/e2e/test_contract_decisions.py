"""CONTRACT, `POST /decisions`: media types, idempotency, answers, bounds."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e import raw
from tests.e2e.contract import (
    V1,
    Actor,
    b64,
    b64url,
    check_tlog_proof,
    head,
    keys,
    problem_of,
    read,
    send,
    system_body,
)
from tests.world.service import LEDGER, ROOT, Answer, Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

EVENT = "application/cloudevents+json"
EVENTS = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"
TYPE = "org.counterfoil.decision.submit.v1"
FULL: dict[str, Any] = {
    "system_version": "2026-11",
    "automation": "advisory",
    "score": "0.31",
    "threshold": "-0.5",
    "reasons": [
        {"code": "R1", "text": "…", "factor": "x", "direction": "against", "rank": 1}
    ],
    "counterfactuals": [{"factor": "x", "from": "1", "to": "2", "outcome": "accepted"}],
    "inputs": {"any": [1, 0.5, None, True, {"é": "ü"}]},
    "protected": {"sex": "female", "race_ethnicity": "x", "age_band": "y"},
    "human": {"involved": False, "could_override": True, "override": False},
    "recourse": {"how": "Write.", "deadline_days": 36500, "authority": "A"},
    "footprint": {"energy_wh": "0.42", "carbon_g": "0", "water_ml": "999999999.9"},
    "legal_basis": "§ 1",
    "parents": [str(uuid4())],
    "extension": [],
}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture(scope="module")
def other(service: Service) -> str:
    """A token of a second system: profile `open`, no version yet."""
    body = system_body("other", profile="open", outcomes=["ok"])
    assert Actor.founder(service).act(service, "system.register", body).status == 201
    issue = [*service.COMMAND, "tokens", "issue", LEDGER, "other"]
    done = subprocess.run(
        [*issue, "--data", str(service.data)],
        cwd=ROOT,
        env=service._environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def dump(value: object) -> bytes:
    return json.dumps(value).encode()


def event(data: Any, **changes: Any) -> dict[str, Any]:
    made = {"specversion": "1.0", "id": str(uuid4()), "source": "/x", "type": TYPE}
    return {**made, "data": data, **changes}


# ---- what is answered ------------------------------------------------------------------


def test_201(service: Service) -> None:
    made = decision(id=str(uuid4()), **FULL)
    answer = service.post(made)

    assert answer.status == 201, answer.body
    assert answer.headers["Content-Type"] == "application/json"
    told = answer.json()
    assert told.keys() == {"id", "index", "status", "safeguards", "receipt"}
    assert (told["id"], told["status"]) == (made["id"], "accepted")
    assert told["safeguards"] == []
    receipt = told["receipt"]
    assert receipt.keys() == {"leaf", "proof", "secret", "link"}
    vkey = keys(service)["vkeys"][0]
    check_tlog_proof(receipt["proof"], b64(receipt["leaf"]), told["index"], vkey)
    assert len(b64url(receipt["secret"])) == 32
    page = f"{service.ledger_url}/r"
    assert receipt["link"] == f"{page}#{told['id']}.{receipt['secret']}"


def test_one_head_whatever_the_connection_becomes(service: Service) -> None:
    """Kept alive the head is written by hand; closing, or old, it is aiohttp's."""
    body = dump(decision())
    kept = raw.head(service, Connection="", Content_Length=str(len(body))) + body
    closing = raw.head(service, Content_Length=str(len(body))) + body
    with raw.Wire(service.port) as wire:
        wire.send(kept + kept + closing)  # the third closes it
        first = b"HTTP/1.1 201 Created\r\n"
        nothing, *texts = wire.all().split(first)
    answers = [raw.Parsed(first + text) for text in texts]
    answers.append(raw.exchange(service, closing.replace(b"HTTP/1.1", b"HTTP/1.0", 1)))

    assert (nothing, len(answers)) == (b"", 4)
    for answer in answers:
        assert answer.status == 201
        assert answer.headers["Content-Length"] == str(len(answer.body))
        assert answer.headers["Date"].endswith(" GMT")
        assert json.loads(answer.body)["receipt"]["link"]
    changing = {"Content-Length", "Date", "Server", "Connection"}
    heads = [
        {name: value for name, value in answer.headers.items() if name not in changing}
        for answer in answers
    ]
    assert heads == [heads[0]] * 4


def test_ndjson_answers_line_by_line(service: Service) -> None:
    lines = [decision(), decision(surprise="x"), {}, decision(id=str(uuid4()))]
    body = b"\n".join([dump(lines[0]), b"not json", *map(dump, lines[1:])])

    answer = send(service, body, NDJSON)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == NDJSON
    first, *refused, last = [json.loads(one) for one in answer.body.splitlines()]
    for good in (first, last):
        assert list(good) == [
            *("status", "id", "index", "decision", "safeguards", "leaf", "secret")
        ]
        assert (good["status"], good["decision"]) == (201, "accepted")
        assert b64(good["leaf"]) == b64(
            read(service, f"/entries/{good['index']}")["leaf"]
        )
    assert last["id"] == lines[-1]["id"]
    assert last["index"] == first["index"] + 1
    assert [one["status"] for one in refused] == [400, 422, 422]
    assert {one["recorded"] for one in refused} == {False}
    again = json.loads(send(service, dump(lines[-1]), NDJSON).body)
    assert again == {**last, "status": 200}


def test_events(service: Service) -> None:
    structured = event(decision())
    told = send(service, dump(structured), EVENT)
    assert told.status == 201
    assert told.json()["id"] == structured["id"]
    assert send(service, dump(structured), EVENT).status == 200

    bad = event(decision(), type="org.else.v1")
    batched = [event(decision()), bad, event(decision(), id="x"), structured]
    answer = send(service, dump(batched), EVENTS)
    assert answer.status == 200
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert [line["status"] for line in lines] == [201, 422, 422, 200]
    assert lines[0]["id"] == batched[0]["id"]

    made = decision()
    context = {"ce_specversion": "1.0", "ce_source": "/x", "ce_type": TYPE}
    binary = send(service, dump(made), ce_id=str(uuid4()), **context)
    assert binary.status == 201
    own = str(uuid4())
    differ = send(service, dump({**made, "id": str(uuid4())}), ce_id=own, **context)
    assert problem_of(differ)["status"] == 422
    assert send(service, dump(made), ce_id="7", **context).status == 422


@pytest.mark.parametrize("part", ["ce_id", "ce_type", "ce_source"])
def test_an_event_without_its_version_is_not_taken_for_plain_json(
    service: Service, part: str
) -> None:
    answer = send(service, dump(decision()), **{part: "x"})

    assert problem_of(answer)["type"] == "/docs#problem-invalid-event"


# ---- idempotency -------------------------------------------------------------------------


def same(first: Answer, again: Answer) -> bool:
    assert (first.status, again.status) == (201, 200), again.body
    one, other = first.json(), again.json()
    for told in (one, other):
        told["receipt"].pop("proof")  # under the newest checkpoint of its time
    return bool(one == other)


def test_the_same_id(service: Service, other: str) -> None:
    made = decision(id=str(uuid4()), score=None)
    first = service.post(made)

    assert same(first, service.post(made))
    spelt = json.dumps(dict(reversed(made.items())), indent=3).encode()
    assert same(first, send(service, spelt))
    changed = service.post({**made, "automation": "partial"})
    assert problem_of(changed)["type"] == "/docs#problem-id-used-otherwise"
    assert changed.status == 422
    assert same(first, service.post({**made, "extension": None})), "null is absent"
    theirs = {**made, "system": "other", "outcome": {"code": "ok", "favourable": True}}
    assert send(service, dump(theirs), token=other).status == 409


def test_the_same_key(service: Service, other: str) -> None:
    made, key = decision(), "k" * 255
    first = service.post(made, key=key)

    assert same(first, service.post(made, key=key))
    assert service.post({**made, "automation": "partial"}, key=key).status == 422
    # A key is the token's system's own; another system's is another key.
    theirs = {**made, "system": "other", "outcome": {"code": "ok", "favourable": True}}
    assert send(service, dump(theirs), token=other, Idempotency_Key=key).status == 201


def test_an_id_and_a_key(service: Service) -> None:
    one, two = decision(id=str(uuid4())), decision(id=str(uuid4()))
    first = service.post(one, key="one")
    assert service.post(two, key="two").status == 201

    assert same(first, service.post(one, key="one"))
    assert same(first, service.post(one))
    crossed = problem_of(service.post(one, key="two"))
    assert crossed["status"] == 422
    assert crossed["type"] == "/docs#problem-id-and-key-differ"
    unnamed = {name: value for name, value in one.items() if name != "id"}
    assert service.post(unnamed, key="one").status == 422, "another body"


def test_neither_id_nor_key_records_again(service: Service) -> None:
    made = decision()
    first, again = service.post(made), service.post(made)

    assert (first.status, again.status) == (201, 201)
    assert first.json()["index"] != again.json()["index"]


@pytest.mark.parametrize("media_type", [NDJSON, EVENTS])
def test_a_batch_takes_no_key(service: Service, media_type: str) -> None:
    before = head(service).size
    answer = send(service, dump(decision()), media_type, Idempotency_Key="k")

    assert answer.status == 400
    assert problem_of(answer)["recorded"] is False
    assert head(service).size == before


def test_a_key_has_its_bounds(service: Service) -> None:
    for key in ("k" * 256, "a\tb"):
        assert send(service, dump(decision()), Idempotency_Key=key).status == 400


# ---- who may, what may -------------------------------------------------------------------


def test_tokens(service: Service, other: str) -> None:
    body = dump(decision())
    path = f"{V1}/decisions"
    json_type = {"Content-Type": "application/json"}

    none = service.request("POST", path, body=body, headers=json_type)
    assert none.status == 401
    assert none.headers["WWW-Authenticate"].startswith("Bearer")
    assert problem_of(none)["recorded"] is False
    assert send(service, body, token="cft_unknown").status == 401
    assert send(service, body, token=other).status == 403
    unknown = dump(decision(system="unregistered"))
    assert problem_of(send(service, unknown))["status"] == 403
    assert send(service, body, "text/plain").status == 415
    assert send(service, body, "application/json; charset=latin1").status == 415


def test_profile_open(service: Service, other: str) -> None:
    outcome = {"code": "ok", "favourable": True}
    decided_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    made = decision(system="other", outcome=outcome, decided_at=f"{decided_at}.9Z")
    told = send(service, dump(made), token=other)

    assert told.status == 201
    entry = json.loads(b64(told.json()["receipt"]["leaf"]))
    assert entry["time"] == f"{decided_at}Z"
    statement = entry["data"]["statement"]
    assert statement["outcome"] == outcome
    assert statement["version"] is None
    assert entry["source"] == "/commons/systems/other"
    unknown = {**made, "outcome": {"code": "unknown", "favourable": True}}
    refused = send(service, dump(unknown), token=other)
    assert problem_of(refused)["type"] == "/docs#problem-unknown-outcome"


def ago(**parts: float) -> str:
    moment = datetime.now(UTC) - timedelta(**parts)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


TAKEN: dict[str, dict[str, Any]] = {
    "ref-256": {"subject": {"ref": "é" * 128}},
    "text-10000": {"legal_basis": "é" * 10_000},
    "code-64": {"outcome": {"code": "A.z_0-" + "x" * 58, "favourable": True}},
    "list-100": {"reasons": [{"code": "R"}] * 100},
    "days-0": {"recourse": {"deadline_days": 0}},
    "decimal": {"score": "-123456789.123456789"},
    "favourable": {"outcome": {"code": "x", "favourable": True}, "reasons": None},
    "null-inside": {"human": {"override": None}, "protected": None},
    "depth-32": {"extension": json.loads("[" * 31 + "]" * 31)},
    "offset": {"decided_at": ago(hours=-1).replace("Z", "+01:00")},
    "old": {"decided_at": ago(days=29.9)},
    "ahead": {"decided_at": ago(minutes=-4.5)},
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "ref-257": ({"subject": {"ref": "x" * 257}}, "/subject/ref"),
    "text-10001": ({"legal_basis": "x" * 10_001}, "/legal_basis"),
    "text-empty": ({"legal_basis": ""}, "/legal_basis"),
    "code-65": ({"outcome": {"code": "x" * 65, "favourable": True}}, "/outcome/code"),
    "list-101": ({"parents": [str(uuid4())] * 101}, "/parents"),
    "days": ({"recourse": {"deadline_days": 36_501}}, "/recourse/deadline_days"),
    "decimal-10": ({"score": "1234567890"}, "/score"),
    "decimal-zero": ({"score": "01"}, "/score"),
    "decimal-number": ({"score": 0.31}, "/score"),
    "negative": ({"footprint": {"energy_wh": "-1"}}, "/footprint/energy_wh"),
    "no-reason": ({"reasons": None}, "/reasons"),
    "no-system": ({"system": None}, "/system"),
    "automation": ({"automation": "none"}, "/automation"),
    "uuid-7": ({"id": "018f4e3a-7e8c-7cc3-98c4-dc0c0c07398f"}, "/id"),
    "no-zone": ({"decided_at": "2026-11-22T10:00:00"}, "/decided_at"),
    "no-date": ({"decided_at": "2026-02-30T10:00:00Z"}, "/decided_at"),
    "rank-bool": ({"reasons": [{"code": "R", "rank": True}]}, "/reasons/0/rank"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_at_the_bound(service: Service, name: str) -> None:
    answer = service.post(decision(**TAKEN[name]))

    assert answer.status == 201, answer.body


@pytest.mark.parametrize("name", REFUSED)
def test_past_the_bound(service: Service, name: str) -> None:
    changes, pointer = REFUSED[name]
    answer = service.post(decision(**changes))

    problem = problem_of(answer)
    assert (problem["status"], problem["recorded"]) == (422, False)
    assert [error["pointer"] for error in problem["errors"]] == [f"#{pointer}"]
    for value in changes.values():
        assert json.dumps(value) not in answer.body.decode(), "repeats the request"


@pytest.mark.parametrize("past", [{"days": 30.1}, {"minutes": -5.5}])
def test_the_wrong_time(service: Service, past: dict[str, float]) -> None:
    problem = problem_of(service.post(decision(decided_at=ago(**past))))

    assert problem["type"] == "/docs#problem-decided-at-out-of-range"
    assert problem["status"] == 422


def test_sizes(service: Service) -> None:
    frame = len(dump(decision(extension="")))
    fits = decision(extension="x" * (64 * 1024 - frame))
    assert service.post(fits).status == 201
    assert service.post({**fits, "extension": fits["extension"] + "x"}).status == 413
    lines = send(service, b"{}\n" * 10_001, NDJSON)
    assert lines.status == 413
    assert problem_of(lines)["recorded"] is False
