"""Clients that mean harm, or know no better: a clear answer, nothing recorded, no harm.

Every case ends with the same three looks: the log has not grown, a sound decision is
recorded, and the answer said whether anything was.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.raw import DECISIONS, Parsed, Wire, exchange, head
from tests.world import processes
from tests.world.service import LEDGER, Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture(autouse=True)
def _unharmed(service: Service) -> Iterator[None]:
    """Nothing was recorded by what a test did, and the service still works."""
    before = size(service)
    yield
    assert size(service) == before
    assert service.post(decision()).status == 201
    assert service.get("/health/ready").status == 200


def size(service: Service) -> int:
    return int(service.get(f"/{LEDGER}/checkpoint").body.splitlines()[1])


def post(service: Service, body: bytes, **headers: str) -> Parsed:
    length = {"Content_Length": str(len(body)), **headers}
    return exchange(service, head(service, **length) + body)


def made(**changes: Any) -> bytes:
    return json.dumps(decision(**changes)).encode()


def spliced(value: bytes) -> bytes:
    """A sound decision with raw JSON as its `extension`."""
    return made(extension="HERE").replace(b'"HERE"', value)


# ---- the body -----------------------------------------------------------------------------

BODIES = {
    "empty": (b"", 400),
    "white": (b" \n ", 400),
    "nothing-like-json": (b"\x00\x01\x02\xff", 400),
    "cut": (made()[:-1], 400),
    "two-documents": (made() + made(), 400),
    "byte-order-mark": (b"\xef\xbb\xbf" + made(), 400),
    "utf-16": (made().decode().encode("utf-16"), 400),
    "bad-utf-8": (spliced(b'"\xff\xfe"'), 400),
    "overlong-utf-8": (spliced(b'"\xc0\xaf"'), 400),
    "raw-surrogate": (spliced(b'"\xed\xa0\x80"'), 400),
    "lone-surrogate": (spliced(rb'"\ud800"'), 400),
    "turned-surrogates": (spliced(rb'"\udc00\ud800"'), 400),
    "lone-surrogate-name": (spliced(rb'{"\ud800": 1}'), 400),
    "nul-raw": (spliced(b'"\x00"'), 400),
    "nul-escaped": (spliced(rb'"\u0000"'), 400),
    "nul-in-name": (spliced(rb'{"a\u0000b": 1}'), 400),
    "nan": (spliced(b"NaN"), 400),
    "infinity": (spliced(b"-Infinity"), 400),
    "1e999": (spliced(b"1e999"), 400),
    "-1e999": (spliced(b"-1E+999"), 400),
    "310-digits": (spliced(b"9" * 310), 400),
    "10000-digits": (spliced(b"9" * 10_000), 400),
    "leading-zero": (spliced(b"01"), 400),
    "repeated-name": (spliced(b'{"a":1,"a":2}'), 400),
    "repeated-by-escape": (spliced(rb'{"a":1,"\u0061":2}'), 400),
    "repeated-at-the-top": (made()[:-1] + b',"system":"example"}', 400),
    "deep-lists": (spliced(b"[" * 33 + b"]" * 33), 400),
    "deeper-lists": (spliced(b"[" * 30_000 + b"]" * 30_000), 400),
    "deep-objects": (spliced(b'{"a":' * 5_000 + b"1" + b"}" * 5_000), 400),
    "unclosed": (b"[" * 60_000, 400),
    "a-list": (b"[]", 422),
    "a-string": (b'"decision"', 422),
    "null": (b"null", 422),
    "empty-object": (b"{}", 422),
    "unknown-member": (made(surprise=1), 422),
    "wrong-types": (made(automation=1, outcome=[], subject="x", reasons={}), 422),
    "uuid-version-7": (made(id="018f4e3a-7e8c-7cc3-98c4-dc0c0c07398f"), 422),
    "uuid-upper-case": (made(id="1FCF5B1C-3D7C-4D6E-9A55-5C1F3D1B7A01"), 422),
    "ref-too-long": (made(subject={"ref": "é" * 129}), 422),
    "ref-empty": (made(subject={"ref": ""}), 422),
    "101-reasons": (made(reasons=[{"code": "R"}] * 101), 422),
    "no-reasons": (made(reasons=[]), 422),
    "float-score": (made(score=0.5), 422),
    "huge-score": (made(score="9" * 10), 422),
    "day-that-is-not": (made(decided_at="2026-02-30T10:00:00Z"), 422),
    "tomorrow": (made(decided_at="2999-01-01T00:00:00Z"), 422),
    "no-zone": (made(decided_at="2026-11-22T10:00:00"), 422),
    "unknown-version": (made(system_version="nobody-knows"), 422),
    "another-system": (made(system="another"), 403),
    "too-large": (spliced(b'"' + b"x" * 64 * 1024 + b'"'), 413),
    "10-mb-string": (spliced(b'"' + b"x" * 10 * MIB + b'"'), 413),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body(service: Service, name: str) -> None:
    body, status = BODIES[name]

    answer = post(service, body)

    assert answer.status == status
    problem = answer.problem()
    assert problem["recorded"] is False
    assert b"xxxxxxxx" not in answer.body
    assert "surprise" not in json.dumps(problem)


@pytest.mark.parametrize("name", [n for n, (_, s) in BODIES.items() if s != 413])
def test_a_hostile_line_harms_no_other_line(service: Service, name: str) -> None:
    body, _ = BODIES[name]
    lines = [line for line in body.split(b"\n") if b"\r" not in line]

    answer = service.request(
        "POST",
        DECISIONS,
        body=b"\n".join([*lines, made(system="another"), b""]),
        headers={
            "Authorization": f"Bearer {service.token}",
            "Content-Type": "application/x-ndjson",
        },
    )

    assert answer.status == 200
    answers = [json.loads(line) for line in answer.body.splitlines()]
    assert len(answers) == len(lines) + 1
    assert {one["status"] for one in answers} <= {400, 403, 413, 422}
    assert {one["recorded"] for one in answers} == {False}


@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "text/plain",
        "application/xml",
        "application/json; charset=latin-1",
        "x" * 999,
    ],
)
def test_another_media_type(service: Service, media_type: str) -> None:
    answer = post(service, made(), Content_Type=media_type)

    assert answer.status == 415
    assert answer.problem()["recorded"] is False


# ---- compression --------------------------------------------------------------------------


@pytest.mark.parametrize("media_type", ["application/json", "application/x-ndjson"])
@pytest.mark.parametrize("inside", ["noise", "string"])
def test_a_bomb_is_refused_before_it_is_unpacked(
    service: Service, media_type: str, inside: str
) -> None:
    noise = b"x" * 200 * MIB
    bomb = gzip.compress(noise if inside == "noise" else b'{"a":"' + noise, 1)
    before = processes.peak_resident_bytes(service.pid)

    answer = post(service, bomb, Content_Encoding="gzip", Content_Type=media_type)

    assert answer.status == 413
    assert answer.problem()["recorded"] is False
    assert processes.peak_resident_bytes(service.pid) - before < 60 * MIB


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", b"not gzip", 400),
        ("gzip", gzip.compress(made())[:60], 400),
        ("deflate", zlib.compress(made())[:20], 400),
        ("gzip, gzip", gzip.compress(gzip.compress(made())), 415),
        ("rot13", made(), 415),
        ("compress", made(), 415),
        ("br", made(), 400),
        ("zstd", made(), 400),
    ],
    ids=range(8),
)
def test_a_wrong_compression(
    service: Service, encoding: str, body: bytes, status: int
) -> None:
    answer = post(service, body, Content_Encoding=encoding)

    assert answer.status == status
    assert answer.problem()["recorded"] is False


# ---- HTTP itself --------------------------------------------------------------------------

HOST = b"Host: localhost\r\n"
GARBAGE = {
    "noise": bytes(range(256)),
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32),
    "http-2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no-host": b"GET /health/live HTTP/1.1\r\n\r\n",
    "unknown-method": b"STEALSECRET / HTTP/1.1\r\n" + HOST + b"\r\n",
    "control-in-header": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: STEAL\x01SECRET\r\n\r\n",
    "space-before-colon": b"GET / HTTP/1.1\r\n" + HOST + b"STEALSECRET : 1\r\n\r\n",
    "long-url": b"GET /STEALSECRET" + b"a" * 20_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "long-header": b"GET / HTTP/1.1\r\n" + HOST + b"X: STEAL" + b"a" * 20_000 + b"\r\n",
    "many-headers": b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 40_000 + b"\r\n",
    "two-lengths": b"POST / HTTP/1.1\r\n" + HOST
    + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "length-and-chunks": b"POST / HTTP/1.1\r\n" + HOST
    + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative-length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -3\r\n\r\nabc",
    "worded-length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: three\r\n\r\nabc",
    "obs-fold": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n STEALSECRET\r\n\x01: b\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", GARBAGE)
def test_what_is_not_http(service: Service, name: str) -> None:
    answer = exchange(service, GARBAGE[name])

    assert answer.status == 400
    assert answer.problem()["recorded"] is False
    assert b"STEAL" not in answer.raw
    assert "STEAL" not in service.log


def test_a_broken_chunk(service: Service) -> None:
    start = head(service, Transfer_Encoding="chunked")

    answer = exchange(service, start + b'5\r\n{"a":\r\nSTEALSECRET\r\n')

    assert answer.status == 400
    assert b"STEAL" not in answer.raw
    assert "STEAL" not in service.log


def test_chunks_without_end(service: Service) -> None:
    start = head(service, Transfer_Encoding="chunked")
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"

    answer = exchange(service, start + chunk * 400)

    assert answer.status == 413
    assert answer.problem()["recorded"] is False


def test_a_length_that_is_a_lie(service: Service) -> None:
    """More is promised than comes: the client hangs up, and nothing is recorded."""
    body = made()
    with Wire(service.port) as wire:
        wire.send(head(service, Content_Length=str(len(body) + 10)) + body)
        wire.socket.shutdown(1)
        answer = wire.all()
    assert b" 201 " not in answer[:20]

    large = exchange(service, head(service, Content_Length="99999999999") + b"abc")
    assert large.status == 413


@pytest.mark.parametrize(
    "value", [b"\xff\xfe", b"\xed\xa0\x80", b"x" * 5_000, b"", b"Bearer"]
)
def test_a_strange_token(service: Service, value: bytes) -> None:
    start = b"POST %b HTTP/1.1\r\n" % DECISIONS.encode() + HOST
    start += b"Authorization: Bearer %b\r\nConnection: close\r\n" % value

    answer = exchange(service, start + b"Content-Length: 0\r\n\r\n")

    assert answer.status == 401
    assert answer.problem()["recorded"] is False


@pytest.mark.parametrize(
    "path",
    [
        "/%00", "/%ff", "/..%2f..%2fetc%2fpasswd", "/../../etc/passwd", "//",
        "/commons/v1/receipts/%00", "/commons/v1/receipts/%ed%a0%80",
        "/commons/v1/decisions/%00", "/commons/v1/systems/%00",
        "/commons/v1/entries/99999999999999999999", "/commons/v1/entries/-1",
        "/commons/v1/entries/1e3", "/commons/v1/entries/%D9%A1",
        "/commons/tile/99/000", "/commons/tile/0/x999/x999/x999/x999/x999/999",
        "/commons/tile/entries/000.p/0", "/commons/tile/entries/000.p/256",
        "/static/../worker.py", "/static/%2e%2e/worker.py", "/" + "a/" * 500,
    ],
)  # fmt: skip
def test_a_strange_path(service: Service, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()

    answer = exchange(service, request)

    assert answer.status in {400, 404}
    assert answer.problem()["recorded"] is False


def test_pipelined_requests_are_answered_in_order(service: Service) -> None:
    paths = ["/health/live", f"/{LEDGER}/checkpoint", "/nowhere"] * 40
    request = b"".join(
        b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % p.encode() for p in paths
    )

    with Wire(service.port) as wire:
        last = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        wire.send(request + last)
        answer = wire.all()

    statuses = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 200, 404] * 40 + [200]


def test_an_expectation_is_answered(service: Service) -> None:
    body = made(surprise=1)
    with Wire(service.port) as wire:
        lengths = {"Content_Length": str(len(body)), "Expect": "100-continue"}
        wire.send(head(service, **lengths))
        assert wire.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.send(body)
        assert Parsed(wire.all()).status == 422


# ---- many clients, slow clients -------------------------------------------------------------


def test_500_idle_connections_take_nobodys_place(service: Service) -> None:
    wires = [Wire(service.port) for _ in range(500)]
    try:
        for wire in wires[::2]:
            wire.send(b"GET /health/live HT")
        assert service.get("/health/ready", timeout_s=20.0).status == 200
        assert processes.resident_bytes(service.pid) < 250 * MIB
    finally:
        for wire in wires:
            wire.__exit__()


def test_half_sent_batches_do_not_fill_the_memory(service: Service) -> None:
    before = processes.resident_bytes(service.pid)
    wires = [Wire(service.port) for _ in range(16)]
    kind = {"Content_Type": "application/x-ndjson", "Content_Length": str(16 * 10**6)}
    try:
        for wire in wires:
            wire.socket.settimeout(3)
            wire.send(head(service, **kind) + b"x" * 12 * MIB)
        grown = processes.resident_bytes(service.pid) - before
        assert grown < 130 * MIB  # of the 192 MiB that were sent
        # A single decision is taken in all the same.
        assert post(service, made(surprise=1)).status == 422
    finally:
        for wire in wires:
            wire.__exit__()
