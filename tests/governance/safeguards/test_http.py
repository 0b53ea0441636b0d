"""Rules in force over HTTP: every kind of request, and nothing of what is refused stays."""

import base64
import hashlib
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.canonical import format_base64url
from ledger.entries.decision import Submission, seal
from ledger.entries.moment import format_hour
from ledger.entries.statement import sign_statement
from ledger.ids import DecisionId, SystemId
from ledger.keys import SigningKey
from ledger.log.entropy import fresh
from tests.e2e.canaries import Canaries, find
from tests.e2e.contract import V1, Actor, hkdf, read
from tests.e2e.test_canaries import dump
from tests.governance.safeguards.rules import case, public_rule, rule
from tests.governance.world import REGISTER
from tests.world.service import ROOT, Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

DEPLOYER = SigningKey(b"\4" * 32)
EXPLAINED: dict[str, Any] = {"counterfactuals": [{"factor": "income"}]}


class Founded(Service):
    COMMAND = (sys.executable, "-m", "tests.governance.safeguards.serving")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Founded(env={"COUNTERFOIL_LOG_LEVEL": "debug"}) as service:
        yield service


@pytest.fixture(scope="module")
def enacted(service: Service) -> dict[str, str]:
    """The rules in force, and what enacted each."""
    founder = Actor.founder(service)
    found = {}
    for body in (rule(), public_rule(), rule("reading", effect="hold",
                 when="has(score)", require="human.involved",
                 tests=[case("pass", {"score": "1", "human": {"involved": True}}),
                        case("hold", {"score": "1"})])):  # fmt: skip
        answer = founder.act(service, "safeguard.enact", body)
        assert answer.status == 201, answer.body
        broken = {**body, "id": "broken", "require": "true"}
        answer_ = founder.act(service, "safeguard.enact", broken)
        assert answer_.json()["type"].endswith("#problem-rule-tests-fail")
        found[body["id"]] = answer.json()["id"]
    return found


def check_refusal(problem: dict[str, Any], enacted: dict[str, str]) -> None:
    assert problem["status"] == 422
    assert problem["type"].endswith("#problem-refused-by-rule")
    assert problem["rule"] == "reasons"
    assert problem["message"] == rule()["message"]
    assert problem["enacted_by"] == enacted["reasons"]
    assert problem["recorded"] is False


def test_every_kind_of_request_is_told_the_same(
    service: Service, enacted: dict[str, str]
) -> None:
    body = decision(id=str(uuid.uuid4()))
    for _ in range(2):  # the retry of a refused request too
        answer = service.post(body)
        assert answer.headers["Content-Type"] == "application/problem+json"
        check_refusal(answer.json(), enacted)
    refused, passed = service.post_lines([decision(), decision(**EXPLAINED)])
    check_refusal(refused, enacted)
    assert passed["status"] == 201
    assert passed["decision"] == "flagged"
    event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/here",
        "type": "org.counterfoil.decision.submit.v1",
        "data": decision(),
    }
    answer = service.request(
        "POST",
        f"{V1}/decisions",
        body=json.dumps(event).encode(),
        headers={
            "Authorization": f"Bearer {service.token}",
            "Content-Type": "application/cloudevents+json",
        },
    )
    check_refusal(answer.json(), enacted)


def test_the_answer_names_every_rule_that_applied(
    service: Service, enacted: dict[str, str]
) -> None:
    answer = service.post(decision(score="0.3", **EXPLAINED))
    assert answer.status == 201
    told = answer.json()
    assert told["status"] == "held"
    assert [(one["id"], one["outcome"], one["enacted_by"]) for one in told["safeguards"]] == [
        ("advice", "flag", enacted["advice"]),
        ("reading", "hold", enacted["reading"]),
        ("reasons", "pass", enacted["reasons"]),
    ]  # fmt: skip
    leaf = json.loads(base64.b64decode(told["receipt"]["leaf"]))
    assert leaf["data"]["results"] == [{"id": "advice", "outcome": "flag"}]
    rules = read(service, "/safeguards")["items"]
    names = {"id", "title", "when", "require", "message", "effect", "scope",
             "in_sealed_mode", "tests", "enacted_by"}  # fmt: skip
    held = [{name: one[name] for name in names} for one in rules]
    text = json.dumps(held, sort_keys=True, separators=(",", ":")).encode()
    hash_ = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=")
    assert leaf["data"]["rules"] == hash_.decode()


def test_refusals_are_counted_on_the_next_leaf(
    service: Service, enacted: dict[str, str]
) -> None:
    assert enacted
    before = read(service, "/systems/example")["refused"]
    assert service.post(decision()).status == 422
    assert read(service, "/systems/example")["refused"] == before + 1
    told = service.post(decision(**EXPLAINED)).json()
    leaf = json.loads(base64.b64decode(told["receipt"]["leaf"]))
    assert leaf["data"]["refused"] == before + 1


def test_nothing_of_a_refused_decision_stays(
    service: Service, enacted: dict[str, str]
) -> None:
    assert enacted
    canaries = Canaries()
    new = canaries.new
    refused = decision(
        id=str(uuid.uuid4()),
        subject={"ref": new()},
        reasons=[{"code": new(), "text": new()}],
        inputs={new(): new()},
        protected={"sex": new()},
        recourse={"how": new()},
        legal_basis=new(),
        extension=[new()],
    )
    assert service.post(refused, key=new()).status == 422
    assert service.post_lines([refused])[0]["status"] == 422
    needles = {**canaries.needles(), refused["id"].encode(): b"id"}
    tables = dump(service)
    assert tables["entries"]
    for name, rows in tables.items():
        assert not find(rows, needles), name
    assert not find(service.log.encode(), needles)


def test_the_holder_of_the_secret_runs_the_rules_again(
    service: Service, enacted: dict[str, str], tmp_path: Path
) -> None:
    assert enacted
    told = service.post(decision(score="0.3", **EXPLAINED)).json()
    receipt = told["receipt"]
    secret = base64.urlsafe_b64decode(receipt["secret"] + "=")
    tag = base64.urlsafe_b64encode(hkdf(secret, "counterfoil/v1/tag")).rstrip(b"=")
    sealed = service.get(
        f"{V1}/sealed/{told['id']}",
        headers={"Authorization": f"Receipt {tag.decode()}"},
    ).body
    keys = read(service, "/keys")
    file = tmp_path / "one.counterfoil.json"
    file.write_text(
        json.dumps(
            {
                "counterfoil": 1,
                "origin": keys["origin"],
                "genesis": keys["genesis"],
                "id": told["id"],
                "index": told["index"],
                **{name: receipt[name] for name in ("leaf", "proof", "secret")},
                "sealed": base64.b64encode(sealed).decode(),
                "policy": keys["policy"],
            }
        )
    )
    rules = tmp_path / "rules.json"
    held = read(service, f"/decisions/{told['id']}/rules")
    rules.write_text(json.dumps(held))

    def verify() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "counterfoil", "verify", file, "--rules", rules],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    done = verify()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 safeguards, run again" in done.stdout
    held["rules"][0]["require"] = "true"
    rules.write_text(json.dumps(held))
    assert verify().returncode == 1


def test_strangers_replay_it(service: Service, enacted: dict[str, str]) -> None:
    """As auditors who know of the founders' power do."""
    assert enacted
    done = subprocess.run(
        [*Founded.COMMAND, "audit", service.ledger_url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_dry_run_over_what_was_recorded(
    service: Service, enacted: dict[str, str], tmp_path: Path
) -> None:
    assert enacted
    (one,) = service.post_lines([decision(score="0.9", **EXPLAINED)])
    file = tmp_path / "rule.json"
    file.write_text(
        json.dumps(
            rule("new", when="true", require='has(score) && score < decimal("0.5")',
                 tests=[case("pass", {"score": "0.1"}), case("refuse", {})])
        )
    )  # fmt: skip

    def run(*more: str) -> Any:
        done = subprocess.run(
            [*Founded.COMMAND, "dryrun", "commons", file, "--json",
             "--data", service.data, *more],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    blind = run()
    assert blind["rules"][0]["applies"] == 0
    assert blind["unread"] == blind["decisions"] > 0
    seen = run("--vault")
    assert seen["unread"] == 0
    assert one["id"] in seen["rules"][0]["ids"]


def test_a_held_decision_waits_for_its_overseer(
    service: Service, enacted: dict[str, str]
) -> None:
    founder, overseer = Actor.founder(service), Actor(b"\x61" * 32)
    founder.seq = read(service, f"/actors/{founder.did}")["seq"]
    body = {"system": "example", "overseers": [overseer.did]}
    assert founder.act(service, "system.overseers", body).status == 201
    told = service.post(decision(score="0.3", **EXPLAINED)).json()
    assert told["status"] == "held"
    assert enacted["reading"]
    place = f"/decisions/{told['id']}"
    # It is a rule over a sealed field that holds it: the public sees the flag alone.
    assert read(service, place)["status"] == "flagged"
    said = {"system": "example", "decision": told["id"], "confirm": True}
    assert founder.act(service, "hold.confirm", said).status == 403
    answer = overseer.act(service, "hold.confirm", said)
    assert answer.status == 201, answer.body
    seen = read(service, place)
    assert seen["status"] == "confirmed"
    assert seen["later"][0]["act"] == answer.json()["id"]
    again = overseer.act(service, "hold.confirm", {**said, "confirm": False})
    assert again.status == 409


def test_sealed_mode_on_the_wire(service: Service, enacted: dict[str, str]) -> None:
    founder = Actor.founder(service)
    founder.seq = read(service, f"/actors/{founder.did}")["seq"]
    register = {**REGISTER, "system": "sealer", "versions": [], "keys": [DEPLOYER.did]}
    assert founder.act(service, "system.register", register).status == 201
    # Rules over sealed fields refuse in sealed mode, as these say: let them flag.
    flag = rule(in_sealed_mode="flag")
    assert founder.act(service, "safeguard.amend", flag).status == 201
    assert founder.act(service, "safeguard.repeal", {"id": "reading"}).status == 201
    issued = subprocess.run(
        [*Founded.COMMAND, "tokens", "issue", "commons", "sealer", "--data", service.data],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    token = issued.stdout.strip().splitlines()[-1]
    some = json.loads(
        base64.b64decode(service.post(decision(**EXPLAINED)).json()["receipt"]["leaf"])
    )
    rules = some["data"]["rules"]
    body = sealed_body(read(service, "/keys")["genesis"], rules)

    def post(body: dict[str, Any], token: str = token) -> Any:
        return service.request(
            "POST",
            f"{V1}/decisions",
            body=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/vnd.counterfoil.sealed+json",
            },
        )

    answer = post(body)
    assert answer.status == 201, answer.body
    told = answer.json()
    assert set(told["receipt"]) == {"leaf", "proof"}
    assert told["status"] == "flagged"
    assert {one["id"]: one["outcome"] for one in told["safeguards"]} == {
        "advice": "flag",
        "reasons": "flag",
    }
    leaf = json.loads(base64.b64decode(told["receipt"]["leaf"]))
    assert leaf["data"]["signature"] == body["signature"]
    assert leaf["data"]["statement"] == body["statement"]
    again = post(body)
    assert (again.status, again.json()["index"]) == (200, told["index"])
    assert post(body, service.token).status == 403
    other = post(sealed_body(read(service, "/keys")["genesis"], "A" * 43))
    assert other.status == 409
    assert other.json()["type"].endswith("#problem-other-rules")
    forged = json.loads(json.dumps(body))
    forged["statement"]["id"] = str(uuid.uuid4())
    assert post(forged).status == 403
    assert post({**body, "more": 1}).status == 422
    test_strangers_replay_it(service, enacted)


def sealed_body(genesis: str, rules: str) -> dict[str, Any]:
    """What the client library will send."""
    submission = Submission(
        id=DecisionId(str(uuid.uuid4())),
        system=SystemId("sealer"),
        version=None,
        profile="sealed",
        automation="full",
        time=format_hour(int(time.time()) // 3600),
        outcome=None,
        values={"outcome": b'{"code":"rejected","favourable":false}'},
    )
    made = seal(genesis, submission, fresh(1)[0][1])
    sig = format_base64url(sign_statement(DEPLOYER, made.statement))
    return {
        "statement": json.loads(made.statement),
        "signature": {"keyid": DEPLOYER.did, "sig": sig},
        "sealed": base64.b64encode(made.sealed).decode(),
        "rules": rules,
        "handle": None,
    }
