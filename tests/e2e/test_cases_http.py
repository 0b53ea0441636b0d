"""Cases over HTTP: claims, contests, parts, grants; every wrong header, size and name.

Signed by the letter of the contract (PyNaCl, `rfc8785`); boxes opened by `cryptography`.
"""

import json
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ledger.entries.part import part_name
from schemas.answers import DecisionView
from schemas.answers_cases import Contest, Contests, Grant, GrantKey, PartName
from tests.e2e.casework import (
    BYTES,
    SAID,
    V1,
    actor,
    contests,
    does,
    fetch,
    keep,
    later,
    person,
    proof,
)
from tests.e2e.contract import (
    Actor,
    b64,
    b64url,
    check_tlog_proof,
    hkdf,
    keys,
    open_sealed,
    problem_of,
    read,
    to_b64url,
)
from tests.world.person import Person
from tests.world.service import Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


# ---- a contest and its parts ---------------------------------------------------------


def test_a_contest_is_public_and_what_is_said_is_not(service: Service) -> None:
    who = person(service)
    by = actor(who)
    before = DecisionView.model_validate(read(service, f"/decisions/{who.id}"))
    assert (before.later, before.claims, before.erased) == ([], 0, False)
    contest = contests(service, who, by, attached=[("cv.txt", b"five years")])
    for blob in who.blobs:
        assert keep(service, blob).status == 201
        again = keep(service, blob)
        assert (again.status, again.json()) == (200, {"part": part_name(blob)})
        PartName.model_validate(again.json())

    view = read(service, f"/contests/{contest}")
    Contest.model_validate(view)
    assert (view["status"], view["overdue"], view["decision"]) == (
        *("open", False),
        who.id,
    )
    assert view["due"].startswith("20")
    (opened,) = view["timeline"]
    assert opened["type"] == "org.counterfoil.act.contest.open.v1"
    text = service.get(f"{V1}/receipts/{opened['id']}").body.decode()
    leaf = b64(read(service, f"/entries/{opened['index']}")["leaf"])
    check_tlog_proof(text, leaf, opened["index"], keys(service)["vkeys"][0])
    assert SAID.encode() not in leaf

    names = [view["said"][0]["statement"], *view["said"][0]["attachments"]]
    for named, blob in zip(names, who.blobs, strict=True):
        got = fetch(service, named["part"], f"Case {who.tag}")
        assert (got.status, got.body) == (200, blob)
        assert got.headers["Cache-Control"] == "no-store"
        assert got.headers["Content-Type"] == BYTES
        assert fetch(service, named["part"], f"case  {who.tag} ").status == 200

    seen = DecisionView.model_validate(read(service, f"/decisions/{who.id}"))
    assert [(one.type, one.id, one.about) for one in seen.later] == [
        (opened["type"], contest, contest)
    ]


def test_contests_are_listed_and_asked_for(service: Service) -> None:
    first, second = person(service), person(service)
    made = {contests(service, who, actor(who)) for who in (first, second)}
    page = read(service, "/contests")
    Contests.model_validate(page)
    assert made <= {one["id"] for one in page["items"]}
    of_one = read(service, f"/contests?decision={first.id}")["items"]
    assert [one["decision"] for one in of_one] == [first.id]
    assert read(service, "/contests?system=example&status=open&limit=1")["next"]
    one = read(service, "/contests?limit=1")
    two = read(service, f"/contests?limit=1&cursor={one['next']}")
    assert one["items"][0]["id"] < two["items"][0]["id"]
    assert read(service, "/contests?system=other")["items"] == []
    assert read(service, "/contests?status=overdue")["items"] == []
    for query in ("decision=x", "system=%20", "status=late", "limit=0", "more=1"):
        assert read(service, f"/contests?{query}", 400)["type"].endswith(
            "invalid-parameter"
        )
    for name in ("A" * 43, "x", first.id):
        assert read(service, f"/contests/{name}", 404)
        assert read(service, f"/grants/{name}", 404)


@pytest.mark.parametrize(
    ("body", "kind", "headers", "status", "problem"),
    [
        (bytes(29), BYTES, {}, 404, "not-named"),
        (b"", BYTES, {}, 422, "invalid-part"),
        (bytes(28), BYTES, {}, 422, "invalid-part"),
        (bytes(400_001), BYTES, {}, 413, "body-too-large"),
        (bytes(29), "application/json", {}, 415, "unsupported-media-type"),
        (bytes(29), "", {}, 415, "unsupported-media-type"),
        (
            bytes(29),
            BYTES,
            {"Content_Encoding": "compress"},
            415,
            "unsupported-encoding",
        ),
        (bytes(29), BYTES, {"Content_Encoding": "gzip"}, 400, None),
    ],
)
def test_parts_that_are_refused(
    service: Service,
    body: bytes,
    kind: str,
    headers: dict[str, str],
    status: int,
    problem: str | None,
) -> None:
    answer = keep(service, body, kind, **headers)
    assert answer.status == status, answer.body
    told = problem_of(answer)
    assert told["recorded"] is False
    if problem is not None:
        assert told["type"] == f"/docs#problem-{problem}"


def test_every_wrong_question_about_a_part_is_one_answer(service: Service) -> None:
    who, other = person(service), person(service)
    contests(service, who, actor(who))
    contests(service, other, actor(other))
    keep(service, who.blobs[0])
    name = part_name(who.blobs[0])
    answers = [
        fetch(service, part, shown)
        for part, shown in (
            (name, None),
            (name, ""),
            (name, "Case"),
            (name, who.tag),
            (name, f"Bearer {who.tag}"),
            (name, f"Receipt {who.tag}"),
            (name, f"Case {other.tag}"),
            (name, f"Case {who.tag[:-1]}"),
            (name, f"Case {who.tag}="),
            (name, f"Case {who.tag}A"),
            (name, f"Case {who.tag} x"),
            (part_name(other.blobs[0]), f"Case {other.tag}"),  # never sent
            ("A" * 43, f"Case {who.tag}"),
            ("A" * 42, f"Case {who.tag}"),
            ("%00", f"Case {who.tag}"),
            (who.id, f"Case {who.tag}"),
        )
    ]
    assert {one.status for one in answers} == {404}
    assert len({one.body for one in answers}) == 1
    assert problem_of(answers[0])["type"] == "/docs#problem-not-found"


# ---- grants --------------------------------------------------------------------------


def test_an_auditor_reads_under_a_grant_and_the_person_sees_it(
    service: Service,
) -> None:
    who = person(service)
    by, auditor = actor(who), Actor(b"\x31" * 32)
    body = {
        "receipt": who.shown(proof(service, who)),
        "to": auditor.did,
        "purpose": "audit",
        "until": later(24),
        "wrapped": None,
    }
    grant = does(service, by, "grant.give", body)["id"]
    asked = {"grant": grant, "decision": who.id}
    read_id = does(service, auditor, "grant.read", asked)["id"]
    answer = service.get(
        f"{V1}/grants/{grant}/key", headers={"Authorization": f"Read {read_id}"}
    )
    assert answer.status == 200, answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    GrantKey.model_validate(answer.json())
    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    secret = auditor.key.to_curve25519_private_key()
    about = {"decision": who.id, "genesis": who.genesis, "grant": grant}
    text = json.dumps(about, separators=(",", ":"), sort_keys=True).encode()
    dek = suite.decrypt(
        b64url(answer.json()["wrapped"]),
        X25519PrivateKey.from_private_bytes(bytes(secret)),
        info=b"counterfoil/v1/grant\0" + text,
    )
    assert dek == hkdf(who.secret, "counterfoil/v1/dek")
    statement = json.loads(who.leaf)["data"]["statement"]
    opened = open_sealed(b64(answer.json()["sealed"]), who.secret, statement)
    assert opened["outcome"][1] == {"code": "rejected", "favourable": False}

    seen = read(service, f"/grants/{grant}")
    Grant.model_validate(seen)
    assert (seen["open"], [one["act"] for one in seen["reads"]]) == (True, [read_id])
    types = [one["type"] for one in read(service, f"/decisions/{who.id}")["later"]]
    assert types == [
        "org.counterfoil.act.grant.give.v1",
        "org.counterfoil.act.grant.read.v1",
    ]

    wrong = [
        service.get(f"{V1}/grants/{name}/key", headers={"Authorization": shown})
        for name, shown in (
            (grant, ""),
            (grant, "Read"),
            (grant, f"Bearer {read_id}"),
            (grant, f"Read {grant}"),
            (grant, f"Read {'A' * 43}"),
            (grant, f"Read {read_id}="),
            (read_id, f"Read {read_id}"),
            ("A" * 43, f"Read {read_id}"),
            ("x", f"Read {read_id}"),
        )
    ]
    assert {one.status for one in wrong} == {404}
    assert len({one.body for one in wrong}) == 1

    does(service, by, "grant.end", {"grant": grant})
    gone = service.get(
        f"{V1}/grants/{grant}/key", headers={"Authorization": f"Read {read_id}"}
    )
    assert gone.body == wrong[0].body
    assert read(service, f"/grants/{grant}")["open"] is False


# ---- claims, and entries of the ledger's own ----------------------------------------------


def test_after_a_claim_a_retry_has_no_secret(service: Service) -> None:
    body = decision()
    first = service.post(body, key="retry-1").json()
    who = Person(
        genesis=keys(service)["genesis"],
        id=first["id"],
        index=first["index"],
        leaf=b64(first["receipt"]["leaf"]),
        secret=b64url(first["receipt"]["secret"]),
    )
    again = service.post(body, key="retry-1")
    assert again.json()["receipt"]["secret"] == first["receipt"]["secret"]
    claim, claimed = who.claim(proof(service, who))
    does(service, actor(who), "receipt.claim", claimed)
    told = service.post(body, key="retry-1")
    assert told.status == 200
    assert told.json()["index"] == first["index"]
    assert told.json()["receipt"]["secret"] is None
    assert told.json()["receipt"]["link"] is None
    assert read(service, f"/decisions/{who.id}")["claims"] == 1
    # K still reads, and the claimed key contests.
    tag = to_b64url(hkdf(who.secret, "counterfoil/v1/tag"))
    sealed = service.get(
        f"{V1}/sealed/{who.id}", headers={"Authorization": f"Receipt {tag}"}
    )
    assert sealed.status == 200
    contest = contests(service, who, Actor(claim.key.seed))
    assert read(service, f"/contests/{contest}")["opener"] == claim.key.did


def test_an_id_of_no_entry_has_no_receipt(service: Service) -> None:
    """A decision's id or a ledger's own entry's: where it is neither, one answer."""
    unknown = service.get(f"{V1}/receipts/00000000-0000-4000-8000-000000000000")
    assert problem_of(unknown)["status"] == 404


def test_parts_are_announced_as_they_are(service: Service) -> None:
    described = service.get("/openapi.json").json()
    schemes = described["components"]["securitySchemes"]
    assert schemes["case"]["scheme"] == "case"
    assert schemes["read"]["scheme"] == "read"
    part = described["paths"]["/{ledger}/v1/parts/{part}"]["get"]
    assert part["security"] == [{"case": []}]
