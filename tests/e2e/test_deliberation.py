"""A proposal talked about over HTTP: acts, their texts, the ranking, the feed."""

import base64
import json
import secrets
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from pydantic import BaseModel

from schemas import answers_governance as models
from tests.e2e.contract import V1, Actor, digest, problem_of, read
from tests.world.service import LEDGER, Answer, Service

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

HOSTILE = "\u202e<script>alert(1)</script> & \u2066 Två 𝕏\r\n\u200b ]]>"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(env={"COUNTERFOIL_LOG_LEVEL": "debug"}) as running:
        yield running


@pytest.fixture(scope="module")
def founder(service: Service) -> Actor:
    return Actor.founder(service)


@pytest.fixture(scope="module")
def proposal(service: Service, founder: Actor) -> str:
    """The key of an open proposal whose title is hostile to markup."""
    body = {
        "nonce": "one",
        "title": "Stop <b>&\"'",
        "text": "It rejects everybody over fifty.",
        "actions": [
            {
                "action": "system.suspend",
                "body": {"system": "example", "reason": "bias"},
            }
        ],
        "ballot": {"method": "yesno"},
        "expedited": False,
    }
    answer = founder.act(service, "proposal.open", body)
    assert answer.status == 201, answer.body
    (item,) = read(service, "/proposals")["items"]
    assert item["title"] == body["title"]
    return str(item["key"])


def kind_of(answer: Answer) -> str:
    return str(problem_of(answer)["type"]).removeprefix("/docs#problem-")


def saying(text: str, slot: str = "comment") -> tuple[str, str]:
    """(digest, Disclosure), made as a stranger's program would."""
    parts = json.dumps([secrets.token_urlsafe(18), slot, text]).encode()
    disclosure = base64.urlsafe_b64encode(parts).rstrip(b"=")
    return digest(disclosure), disclosure.decode()


def comment(service: Service, founder: Actor, proposal: str, hash_: str) -> Any:
    body = {
        "proposal": proposal,
        "digest": hash_,
        "kind": "suggestion",
        "degree": "should",
        "replies_to": None,
    }
    answer = founder.act(service, "comment.add", body)
    assert answer.status == 201, answer.body
    return answer.json()["id"]


def send(service: Service, value: Any, kind: str = "application/json") -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return service.request(
        "POST", f"{V1}/texts", body=body, headers={"Content-Type": kind}
    )


def test_from_an_act_to_a_text_everybody_can_check(
    service: Service, founder: Actor, proposal: str
) -> None:
    hash_, disclosure = saying(HOSTILE)
    early = send(service, {"act": "A" * 43, "disclosure": disclosure})
    assert kind_of(early) == "not-found"

    act = comment(service, founder, proposal, hash_)
    assert (
        founder.act(service, "comment.agree", {"comment": act, "vote": 1}).status == 201
    )
    flag = {"comment": act, "reason": "off-topic"}
    assert founder.act(service, "comment.flag", flag).status == 201
    sent = {"act": act, "disclosure": disclosure}
    first, again = send(service, sent), send(service, sent)
    assert [first.status, again.status] == [201, 200], first.body
    assert first.json() == again.json() == read(service, f"/texts/{hash_}")
    models.Text.model_validate(first.json())
    assert first.json()["text"] == HOSTILE
    assert first.headers["Content-Type"] == "application/json"
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert first.headers["Access-Control-Allow-Origin"] == "*"

    view = read(service, f"/proposals/{proposal}")
    models.ProposalView.model_validate(view)
    (ranked,) = view["ranked"]
    assert ranked["text"] == HOSTILE
    assert ranked["opinions"] == {"agree": 1, "disagree": 0, "seen": 1}
    assert ranked["consensus_ppm"] == 666_666
    assert ranked["flags"] == {"off-topic": 1}
    assert view["changes"] == ["suspends the AI system example"]
    assert (view["state"], view["vote"], view["ending"]) == ("Draft", None, None)
    assert [step["step"] for step in view["timeline"]] == ["opened"]
    page = read(service, f"/proposals/{proposal}/comments")
    models.Comments.model_validate(page)
    assert (page["items"], page["groups"]) == ([ranked], [1])
    # Its text is not on the leaf, nor in our log.
    assert b"script" not in service.get(f"{V1}/entries?limit=1000").body
    assert b"alert(1)" not in service.log_path.read_bytes()


REFUSED: list[tuple[str, Any, str, int]] = [
    ("no JSON", b"{", "malformed", 400),
    ("two documents", b"{}{}", "malformed", 400),
    ("a list", [], "invalid-text", 422),
    ("nothing", {}, "invalid-text", 422),
    ("no act", {"disclosure": "x"}, "invalid-text", 422),
    ("more", {"act": "A" * 43, "disclosure": "x", "text": "x"}, "invalid-text", 422),
    ("a number", {"act": "A" * 43, "disclosure": 1}, "invalid-text", 422),
    ("no hash", {"act": "act", "disclosure": "x"}, "invalid-text", 422),
    ("no Disclosure", {"act": "A" * 43, "disclosure": "canary"}, "invalid-text", 422),
    ("too long", {"act": "A" * 43, "disclosure": "A" * 70_000}, "body-too-large", 413),
]


@pytest.mark.parametrize(
    ("value", "kind", "status"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_a_text_that_is_none_is_refused(
    service: Service, value: Any, kind: str, status: int
) -> None:
    answer = send(service, value)
    assert (answer.status, kind_of(answer)) == (status, kind)
    assert b"canary" not in answer.body


def test_a_text_that_does_not_fit_is_refused(
    service: Service, founder: Actor, proposal: str
) -> None:
    hash_, disclosure = saying("what I said")
    act = comment(service, founder, proposal, hash_)
    for other in (saying("what I never said"), saying("what I said", "reason")):
        answer = send(service, {"act": act, "disclosure": other[1]})
        assert (answer.status, kind_of(answer)) == (404, "not-found")
        assert service.get(f"{V1}/texts/{other[0]}").status == 404
    assert (
        send(service, {"act": act, "disclosure": disclosure}, "text/plain").status
        == 415
    )
    assert service.get(f"{V1}/texts/{hash_}").status == 404
    genesis = read(service, "/keys")["genesis"]  # an entry that is no act
    answer = send(service, {"act": genesis, "disclosure": disclosure})
    assert answer.status == 404


def test_a_stranger_cannot_talk(service: Service, proposal: str) -> None:
    body = {
        "proposal": proposal,
        "digest": saying("x")[0],
        "kind": "comment",
        "degree": None,
        "replies_to": None,
    }
    answer = Actor(secrets.token_bytes(32)).act(service, "comment.add", body)
    assert (answer.status, kind_of(answer)) == (403, "forbidden")


def test_the_feed(service: Service, proposal: str) -> None:
    answer = service.get(f"{V1}/feed.atom")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    root = ET.fromstring(answer.body)
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    assert titles == ["Stop <b>&\"': opened"]
    ids = [entry.findtext(f"{ATOM}id") or "" for entry in root.iter(f"{ATOM}entry")]
    assert all(proposal in one for one in ids)
    assert ids == [
        entry.findtext(f"{ATOM}id")
        for entry in ET.fromstring(service.get(f"{V1}/feed.atom").body).iter(
            f"{ATOM}entry"
        )
    ]
    assert b"script" not in answer.body


LISTS: dict[str, type[BaseModel]] = {
    "members": models.Members,
    "systems": models.Systems,
    "proposals": models.Proposals,
    "parameters": models.Items,
    "safeguards": models.Items,
    "datasets": models.Items,
    "treasury": models.Items,
    "delegations": models.Items,
    "roles": models.Items,
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_page_and_say_their_size(
    service: Service, proposal: str, name: str
) -> None:
    assert proposal
    whole = read(service, f"/{name}?limit=1000")
    LISTS[name].model_validate(whole)
    assert whole["next"] is None
    found, cursor = [], ""
    for _ in range(len(whole["items"]) + 1):
        page = read(service, f"/{name}?limit=1{cursor}")
        found += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == whole["items"]
    answer = service.get(f"{V1}/{name}")
    assert answer.headers["Counterfoil-Size"] == str(answer.json()["size"])
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for bad in ("limit=0", "limit=x", "more=1", f"cursor={'x' * 300}"):
        assert service.get(f"{V1}/{name}?{bad}").status == 400


def test_every_section_can_be_hashed_by_anybody(
    service: Service, proposal: str
) -> None:
    assert proposal
    state = read(service, "/state")
    assert {"community", "members", "proposals", "talk"} <= state["sections"].keys()
    for name, want in state["sections"].items():
        section = read(service, f"/state/{name}")
        models.Section.model_validate(section)
        assert sha256(rfc8785.dumps(section["value"])).hexdigest() == want
    for missing in ("nothing", "%2e%2e", "Talk"):
        assert service.get(f"{V1}/state/{missing}").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "proposals/nothing",
        f"proposals/{'A' * 43}",
        f"proposals/{'A' * 43}/comments",
        "texts/nothing",
        f"texts/{'A' * 43}",
        f"texts/{'=' * 43}",
    ],
)
def test_nothing_there(service: Service, path: str) -> None:
    answer = service.get(f"/{LEDGER}/v1/{path}")
    assert (answer.status, kind_of(answer)) == (404, "not-found")


def test_after_its_end_nobody_talks_and_flags_still_stand(
    service: Service, founder: Actor, proposal: str
) -> None:
    """The last of the module: it withdraws the proposal."""
    (first, *_) = read(service, f"/proposals/{proposal}/comments")["items"]
    withdrawn = founder.act(service, "proposal.withdraw", {"proposal": proposal})
    assert withdrawn.status == 201, withdrawn.body

    view = read(service, f"/proposals/{proposal}")
    models.ProposalView.model_validate(view)
    assert (view["state"], view["until"]) == ("Withdrawn", None)
    assert view["ending"]["state"] == "Withdrawn"
    assert [step["step"] for step in view["timeline"]] == ["opened", "withdrawn"]
    answer = founder.act(service, "comment.agree", {"comment": first["id"], "vote": -1})
    assert (answer.status, kind_of(answer)) == (422, "wrong-phase")
    flag = {"comment": first["id"], "reason": "spam"}
    assert founder.act(service, "comment.flag", flag).status == 201
    assert read(service, f"/proposals/{proposal}")["ranked"] != []
    feed = ET.fromstring(service.get(f"{V1}/feed.atom").body)
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles == ["Stop <b>&\"': withdrawn", "Stop <b>&\"': opened"]
