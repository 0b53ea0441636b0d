"""CONTRACT, "The log" and "Reading", line by line, as a stranger would ask."""

import base64
import http.client
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.contract import (
    V1,
    b64,
    b64url,
    check_tlog_proof,
    digest,
    head,
    keys,
    problem_of,
    read,
    root_of_inclusion,
    roots_of_consistency,
)
from tests.e2e.raw import Wire
from tests.world.oracle import hash_leaf, open_note
from tests.world.service import LEDGER, Answer, Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

IMMUTABLE = "public, max-age=31536000, immutable"
NOBODYS = "5cbd0a3e-6e3f-4f57-9d0c-0c6b7f9a1d52"  # an id of no decision


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A ledger of 262 entries: one full tile of them and a partial one."""
    with Service() as running:
        assert running.post(decision(decided_at="2000-01-01T00:00:00Z")).status == 422
        running.post_lines(decision() for _ in range(260))
        yield running


@pytest.fixture(scope="module")
def leaves(service: Service) -> list[bytes]:
    page = read(service, "/entries?limit=262")
    return [b64(item["leaf"]) for item in page["items"]]


# ---- the log ------------------------------------------------------------------------


def test_checkpoint(service: Service) -> None:
    answer = service.get(f"/{LEDGER}/checkpoint")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    opened = open_note(answer.body, keys(service)["vkeys"][0])
    assert opened.origin == "localhost/commons"
    assert opened.size == 262


def test_tiles_have_the_types_and_the_caching_of_tlog_tiles(
    service: Service, leaves: list[bytes]
) -> None:
    hashes = b"".join(map(hash_leaf, leaves))
    bundle = b"".join(len(leaf).to_bytes(2) + leaf for leaf in leaves[256:])
    expected = {
        "tile/0/000": hashes[: 256 * 32],
        "tile/0/000.p/7": hashes[: 7 * 32],
        "tile/0/001.p/6": hashes[256 * 32 :],
        "tile/entries/001.p/6": bundle,
    }
    for path, data in expected.items():
        answer = service.get(f"/{LEDGER}/{path}")
        assert answer.status == 200, path
        assert answer.body == data, path
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Cache-Control"] == IMMUTABLE
    top = service.get(f"/{LEDGER}/tile/1/000.p/1").body
    assert len(top) == 32


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001", "tile/0/001.p/7", "tile/0/000.p/0", "tile/0/000.p/256",
        "tile/0/0", "tile/0/x000/000", "tile/00/000", "tile/1/000", "tile/64/000",
        "tile/entries/001", "tile/entries/002.p/1", "tile/0", "tile",
    ],
)  # fmt: skip
def test_a_tile_that_is_not_there_is_never_cached(service: Service, path: str) -> None:
    answer = service.get(f"/{LEDGER}/{path}")

    assert answer.status == 404
    assert problem_of(answer)["recorded"] is False
    assert answer.headers["Cache-Control"] == "no-store"


def test_keys(service: Service, leaves: list[bytes]) -> None:
    found = keys(service)

    assert found.keys() == {"origin", "genesis", "vkeys", "policy"}
    assert found["origin"] == "localhost/commons"
    assert b64url(found["genesis"]) == hash_leaf(leaves[0])
    (vkey,) = found["vkeys"]
    assert found["policy"] == f"log {vkey}\nquorum none\n"


@pytest.mark.parametrize("name", ["docs", "health", "metrics", "static", "v1", "no"])
def test_no_ledger_has_a_reserved_name(service: Service, name: str) -> None:
    assert service.get(f"/{name}/checkpoint").status == 404
    assert service.get(f"/{name}/v1/keys").status == 404


# ---- who may read from a page of another origin ----------------------------------------


def cors(answer: Answer) -> dict[str, str]:
    return {
        name.removeprefix("Access-Control-"): value
        for name, value in answer.headers.items()
        if name.startswith("Access-Control-")
    }


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint", "tile/0/000", "tile/entries/000", "v1/keys", "v1/entries",
        "v1/entries/0", "v1/entries/9999", "v1/decisions", f"v1/decisions/{NOBODYS}",
        f"v1/receipts/{NOBODYS}", f"v1/sealed/{NOBODYS}", "v1/proofs/inclusion?index=0",
        "v1/proofs/inclusion", "v1/proofs/consistency?from=1", "v1/state",
        "v1/community", "v1/systems", "v1/systems/example", "v1/nothing", "r",
    ],
)  # fmt: skip
def test_every_get_of_a_ledger_is_open_to_every_origin(
    service: Service, path: str
) -> None:
    answer = service.get(f"/{LEDGER}/{path}", headers={"Origin": "https://else.org"})

    assert cors(answer) == {"Allow-Origin": "*"}


@pytest.mark.parametrize("path", ["v1/entries", "v1/acts", "v1/decisions", "tile/0/0"])
def test_options(service: Service, path: str) -> None:
    answer = service.request("OPTIONS", f"/{LEDGER}/{path}")

    assert answer.status == 204
    assert answer.body == b""
    assert cors(answer) == {
        "Allow-Origin": "*",
        "Allow-Methods": "GET, POST",
        "Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
        "Max-Age": "86400",
    }


def test_options_of_what_is_open_to_no_other_origin(service: Service) -> None:
    answer = service.request("OPTIONS", f"/{LEDGER}/v1/reissues")

    assert answer.status == 204
    assert cors(answer) == {}


def test_acts_are_open_to_every_origin_and_decisions_to_none(service: Service) -> None:
    acts = service.request("POST", f"{V1}/acts", body=b"{}")
    assert cors(acts) == {"Allow-Origin": "*"}

    assert cors(service.post(decision(surprise=1))) == {}
    assert cors(service.request("POST", f"{V1}/decisions", body=b"{}")) == {}


def test_the_receipt_page(service: Service) -> None:
    answer = service.get(f"/{LEDGER}/r")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; connect-src 'self'"
    )


def test_the_service_itself(service: Service) -> None:
    assert service.get("/openapi.json").json()["openapi"].startswith("3.1.")
    docs = service.get("/docs")
    assert docs.headers["Content-Type"].startswith("text/html")
    assert service.get("/health/live").status == 200
    assert service.get("/health/ready").status == 200
    assert b"# TYPE counterfoil_" in service.get("/metrics").body
    assert service.request("DELETE", f"{V1}/entries").status == 405
    assert service.request("DELETE", f"{V1}/entries").headers["Allow"] == "GET"


# ---- entries ----------------------------------------------------------------------------


def test_entries(service: Service, leaves: list[bytes]) -> None:
    assert read(service, "/entries/5") == {
        "index": 5,
        "leaf": base64.b64encode(leaves[5]).decode(),
    }
    for number in ("262", "x", "-1", "01", "99999999999999999999"):
        assert service.get(f"{V1}/entries/{number}").status == 404, number

    page = read(service, "/entries?after=257&limit=3")
    assert [item["index"] for item in page["items"]] == [258, 259, 260]
    assert [b64(item["leaf"]) for item in page["items"]] == leaves[258:261]
    last = read(service, f"/entries?after={page['next']}&limit=3")
    assert [item["index"] for item in last["items"]] == [261]
    assert last["next"] is None
    assert read(service, "/entries?after=9999") == {"items": [], "next": None}


def test_the_stream(service: Service, leaves: list[bytes]) -> None:
    wire = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    wire.request("GET", f"{V1}/entries/stream", headers={"Last-Event-ID": "259"})
    answer = wire.getresponse()

    assert answer.status == 200
    assert answer.getheader("Content-Type") == "text/event-stream"
    assert answer.getheader("Access-Control-Allow-Origin") == "*"
    events = [_event(answer), _event(answer)]
    wire.close()
    for index, event in zip((260, 261), events, strict=True):
        kind = json.loads(leaves[index])["type"].encode()
        assert event == {b"id": b"%d" % index, b"event": kind, b"data": leaves[index]}
    assert (
        service.get(f"{V1}/entries/stream", headers={"Last-Event-ID": "x"}).status
        == 400
    )


def test_head_is_get_without_its_body(service: Service) -> None:
    paths = ("checkpoint", "tile/0/000", "v1/entries", "v1/entries/stream", "none")
    request = b"".join(
        b"HEAD /%b/%b HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 0\r\n\r\n"
        % (LEDGER.encode(), path.encode())
        for path in paths
    )
    with Wire(service.port) as wire:
        last = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        wire.send(request + last)
        head_, *rest = wire.all().split(b"\r\n\r\n")

    answers = [head_, *rest[:-1]]
    statuses = [answer.partition(b" ")[2][:3] for answer in answers]
    assert statuses == [*[b"200"] * 4, b"404", b"200"]
    assert rest[-1] == b'{"status":"live"}'


def _event(answer: http.client.HTTPResponse) -> dict[bytes, bytes]:
    lines = iter(lambda: answer.readline().rstrip(b"\n"), b"")
    fields = [line.partition(b": ") for line in lines]
    return {name: value for name, _, value in fields}


# ---- decisions --------------------------------------------------------------------------


def test_a_decision_and_the_list_of_them(service: Service, leaves: list[bytes]) -> None:
    entry = json.loads(leaves[9])
    view = read(service, f"/decisions/{entry['id']}")
    assert view["index"] == 9
    assert view["entry"] == entry
    assert view["later"] == []

    seen: list[int] = []
    cursor = ""
    while True:
        page = read(service, f"/decisions?system=example&limit=100{cursor}")
        assert page.keys() == {"items", "next"}
        seen += [item["index"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == list(range(2, 262))
    assert read(service, "/decisions?system=another") == {"items": [], "next": None}


def test_since_and_until_compare_the_leafs_time_alone(
    service: Service, leaves: list[bytes]
) -> None:
    hour = json.loads(leaves[9])["time"]
    assert hour.endswith(":00:00Z")
    of_hour = sum(json.loads(leaf)["time"] == hour for leaf in leaves[2:])

    def count(query: str) -> int:
        return len(read(service, f"/decisions?limit=1000&{query}")["items"])

    later = hour.replace(":00:00Z", ":00:01Z")
    assert count(f"since={hour}&until={later}") == of_hour
    assert count(f"until={hour}") + count(f"since={hour}") == 260
    assert count("since=2999-01-01T00:00:00Z") == 0
    for query in ("since=yesterday", "limit=0", "cursor=x", "surprise=1"):
        assert service.get(f"{V1}/decisions?{query}").status == 400, query


# ---- proofs -----------------------------------------------------------------------------


def test_receipts_of_decisions_and_acts(service: Service, leaves: list[bytes]) -> None:
    vkey = keys(service)["vkeys"][0]
    for index in (1, 2, 255, 256, 261):
        entry = json.loads(leaves[index])
        answer = service.get(f"{V1}/receipts/{entry['id']}")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        text = answer.body.decode()
        assert check_tlog_proof(text, leaves[index], index, vkey).size == 262
    assert service.get(f"{V1}/receipts/{uuid4()}").status == 404
    assert service.get(f"{V1}/receipts/{digest(b'nothing')}").status == 404


def test_inclusion(service: Service, leaves: list[bytes]) -> None:
    newest = head(service)
    for index in (0, 1, 255, 256, 261):
        proof = read(service, f"/proofs/inclusion?index={index}")
        assert proof.keys() == {"index", "size", "leaf_hash", "hashes", "checkpoint"}
        assert (proof["index"], proof["size"]) == (index, newest.size)
        assert b64(proof["leaf_hash"]) == hash_leaf(leaves[index])
        assert proof["checkpoint"] == service.get(f"/{LEDGER}/checkpoint").body.decode()
        path = [b64(one) for one in proof["hashes"]]
        root = root_of_inclusion(leaves[index], index, newest.size, path)
        assert root == newest.root

    assert read(service, "/proofs/inclusion?index=4&size=262")["checkpoint"] is not None
    older = read(service, "/proofs/inclusion?index=4&size=9")
    assert older["size"] == 9
    assert older["checkpoint"] is None
    for query in ("index=262", "index=9&size=9", "index=0&size=263", "index=0&size=0"):
        read(service, f"/proofs/inclusion?{query}", 404)
    for query in ("size=9", "index=x", "index=1&index=2"):
        read(service, f"/proofs/inclusion?{query}", 400)


@pytest.mark.parametrize("old", [1, 2, 3, 64, 200, 255, 256, 257, 261])
def test_consistency(service: Service, leaves: list[bytes], old: int) -> None:
    newest = head(service)
    proof = read(service, f"/proofs/consistency?from={old}")
    assert proof.keys() == {"from", "to", "hashes"}
    assert (proof["from"], proof["to"]) == (old, newest.size)

    last = read(service, f"/proofs/inclusion?index={old - 1}&size={old}")
    path = [b64(one) for one in last["hashes"]]
    old_root = root_of_inclusion(leaves[old - 1], old - 1, old, path)
    hashes = [b64(one) for one in proof["hashes"]]
    found = roots_of_consistency(old, newest.size, old_root, hashes)
    assert found == (old_root, newest.root)


def test_consistency_of_sizes_that_are_not(service: Service) -> None:
    assert read(service, "/proofs/consistency?from=262")["hashes"] == []
    assert read(service, "/proofs/consistency?from=3&to=3")["hashes"] == []
    read(service, "/proofs/consistency?from=5&to=4", 400)
    read(service, "/proofs/consistency?to=4", 400)
    read(service, "/proofs/consistency?from=5&to=263", 404)


# ---- the sealed part -----------------------------------------------------------------------


def test_the_sealed_part_has_one_and_the_same_404(service: Service) -> None:
    known, unknown = read(service, "/decisions?limit=1")["items"][0]["id"], uuid4()
    act = json.loads(b64(read(service, "/entries/1")["leaf"]))["id"]
    wrong = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")
    asked: list[tuple[object, str | None]] = [
        *((known, None), (unknown, None), (known, f"Receipt {wrong}")),
        *((unknown, f"Receipt {wrong}"), (known, "Receipt"), (known, "Receipt !!")),
        *((known, f"Receipt {wrong}="), (known, f"Bearer {service.token}")),
        *((known, f"Receipt {wrong[:-1]}"), (act, f"Receipt {wrong}"), ("x", None)),
        (known, f"Receipt {wrong * 30}"),
    ]

    answers: list[Any] = []
    for decision_id, shown in asked:
        headers = {} if shown is None else {"Authorization": shown}
        answer = service.get(f"{V1}/sealed/{decision_id}", headers=headers)
        sent = {k: v for k, v in answer.headers.items() if k != "Date"}
        answers.append((answer.status, sent, answer.body))

    assert answers[0][0] == 404
    assert answers == [answers[0]] * len(answers)
