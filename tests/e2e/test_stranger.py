"""A stranger's auditor accepts the true log and rejects every tampering with it."""

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.e2e import stranger, stranger_leaves, stranger_log, stranger_tree
from tests.world.service import Service, decision

pytestmark = [pytest.mark.postgres, pytest.mark.e2e, pytest.mark.slow]

LINES = 520
TEXT = "text/plain; charset=utf-8"


@dataclass
class World:
    """A service with full tiles, two copies of its log, and one receipt."""

    service: Service
    source: stranger_log.Http
    early: stranger_log.Copy
    copy: stranger_log.Copy
    report: stranger_log.Report
    sent: dict[str, Any]
    answer: dict[str, Any]

    @property
    def vkey(self) -> str:
        return self.report.vkeys[0]


def event(service: Service, *, batch: bool) -> int:
    """Posts CloudEvents: one structured, or a batch of two."""
    made = [
        {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "/stranger",
            "type": "org.counterfoil.decision.submit.v1",
            "data": decision(),
        }
        for _ in range(2)
    ]
    kind = "cloudevents-batch+json" if batch else "cloudevents+json"
    return service.request(
        "POST",
        "/commons/v1/decisions",
        body=json.dumps(made if batch else made[0]).encode(),
        headers={
            "Authorization": f"Bearer {service.token}",
            "Content-Type": f"application/{kind}",
        },
    ).status


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Service() as service:
        source = stranger_log.Http(service.ledger_url)
        sent = decision(
            id=str(uuid.uuid4()), score="0.31", inputs={"city": "Zürich", "years": 2}
        )
        answer = service.post(sent, key="first").json()
        early = stranger_log.Copy(source)
        assert not stranger.audit(early).findings
        assert {
            line["status"] for line in service.post_lines([decision()] * LINES)
        } == {201}
        assert event(service, batch=False) == 201
        assert event(service, batch=True) == 200
        copy = stranger_log.Copy(source)
        report = stranger.audit(copy)
        yield World(service, source, early, copy, report, sent, answer)


# ---- the truth --------------------------------------------------------------------


def test_the_true_log_is_accepted(world: World) -> None:
    assert world.report.findings == []
    assert len(world.report.leaves) > 512  # two full tiles and a partial one
    since = stranger.audit(world.early).checkpoint
    live = stranger.audit(world.source, vkey=world.vkey, since=since)
    assert live.findings == []


def test_a_receipt_holds_and_opens_what_was_sent(world: World) -> None:
    stranger_leaves.check_receipt(world.answer, [world.vkey])
    ident, receipt = world.answer["id"], world.answer["receipt"]
    leaf = stranger_tree.b64(receipt["leaf"])
    sealed = stranger_leaves.fetch_sealed(world.source, ident, receipt["secret"])
    values = stranger_leaves.open_sealed(sealed, leaf, receipt["secret"])
    assert values == {slot: world.sent.get(slot) for slot in stranger_leaves.SLOTS}
    newest = world.service.get(f"/commons/v1/receipts/{ident}").body.decode()
    index, head = stranger_leaves.check_proof(newest, leaf, [world.vkey])
    assert (index, head.size) == (world.answer["index"], world.report.head.size)


def test_a_retry_answers_with_the_same_receipt(world: World) -> None:
    again = world.service.post(world.sent, key="first")
    assert again.status == 200
    assert again.json()["index"] == world.answer["index"]
    assert again.json()["receipt"]["secret"] == world.answer["receipt"]["secret"]


def test_proofs_lists_and_stream_agree_with_the_tiles(world: World) -> None:
    source, size = world.source, world.report.head.size
    sizes = [1, 2, 3, 255, 256, 257, 512, 513, size - 1, size]
    for at in sizes:
        for index in {0, at // 2, at - 1}:
            stranger.check_inclusion(source, world.report, index, at)
    for first in [0, *sizes]:
        for second in [one for one in sizes[3:] if one >= first]:
            stranger.check_consistency(source, world.report, first, second)
    stranger.check_list(source, world.report)
    url = world.service.ledger_url
    assert stranger.check_stream(url, world.report, size - 41) == 40


# ---- what a tampering mirror does ---------------------------------------------------


def bundle(leaves: list[bytes]) -> bytes:
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def changed(raw: bytes) -> bytes:
    at = raw.index(b'"subject_tag":"') + 20
    return raw[:at] + (b"B" if raw[at : at + 1] == b"A" else b"A") + raw[at + 1 :]


def dropped(raw: bytes) -> bytes:
    leaves = stranger.read_bundle(raw)
    return bundle(leaves[:5] + leaves[6:])


def swapped(raw: bytes) -> bytes:
    leaves = stranger.read_bundle(raw)
    leaves[4], leaves[5] = leaves[5], leaves[4]
    return bundle(leaves)


def flipped(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


def smaller(raw: bytes) -> bytes:
    origin, size, rest = raw.split(b"\n", 2)
    return b"\n".join([origin, str(int(size) - 1).encode(), rest])


MIRRORS: dict[str, tuple[str, Callable[[bytes], bytes], set[str]]] = {
    "changed leaf byte": ("tile/entries/000", changed, {"tile", "root"}),
    "dropped leaf": ("tile/entries/000", dropped, {"bundle"}),
    "swapped leaves": ("tile/entries/000", swapped, {"tile", "root", "seq"}),
    "truncated bundle": ("tile/entries/001", lambda raw: raw[:-7], {"bundle"}),
    "cut length": ("tile/entries/001", lambda raw: raw + b"\0", {"bundle"}),
    "wrong level 0 tile": ("tile/0/001", flipped, {"tile"}),
    "wrong level 1 tile": ("tile/1/000.p/2", flipped, {"tile"}),
    "short tile": ("tile/0/000", lambda raw: raw[:-32], {"tile"}),
    "edited checkpoint": ("checkpoint", smaller, {"signature"}),
    "edited signature": ("checkpoint", lambda raw: raw[:-4] + b"AA=\n", {"signature"}),
    "unsigned checkpoint": (
        "checkpoint",
        lambda raw: raw[: raw.rindex(b"\n\n") + 2],
        {"note"},
    ),
    "another state": (
        "v1/state",
        lambda raw: raw.replace(b'"community"', b'"commune"'),
        {"state"},
    ),
}


@pytest.mark.parametrize("name", MIRRORS)
def test_a_tampering_mirror_is_caught(world: World, name: str) -> None:
    path, tamper, rules = MIRRORS[name]
    headers, body = world.copy.files[path]
    files = {**world.copy.files, path: (headers, tamper(body))}
    assert files[path][1] != body
    assert (
        rules <= stranger.audit(stranger_log.Copy(files=files), vkey=world.vkey).rules
    )


def test_a_stale_log_is_caught(world: World) -> None:
    frozen = stranger_log.Copy(files=world.early.files)
    assert stranger.audit(frozen, vkey=world.vkey).findings == []
    known = world.report.checkpoint
    assert stranger.audit(frozen, vkey=world.vkey, since=known).rules == {"stale"}


def test_a_checkpoint_behind_the_state_is_caught(world: World) -> None:
    files = {**world.copy.files, "checkpoint": world.early.files["checkpoint"]}
    assert stranger.audit(stranger_log.Copy(files=files)).rules == {"state"}


# ---- what a dishonest operator does: everything rebuilt and signed anew ----------------


def publish(world: World, leaves: list[bytes]) -> tuple[stranger_log.Copy, str]:
    """A whole log of these leaves, signed by a key of one's own."""
    key = Ed25519PrivateKey.generate()
    origin = world.report.head.origin
    public = b"\x01" + key.public_key().public_bytes_raw()
    ident = stranger_tree.sha(origin.encode() + b"\n" + public)[:4]
    hashes = [stranger_tree.leaf_hash(leaf) for leaf in leaves]
    root = base64.b64encode(stranger_tree.merkle_root(hashes)).decode()
    body = f"{origin}\n{len(leaves)}\n{root}\n"
    signature = base64.b64encode(ident + key.sign(body.encode())).decode()
    note = f"{body}\n— {origin} {signature}\n"
    state = json.loads(world.copy.files["v1/state"][1]) | {"size": len(leaves)}
    octets = {"Content-Type": stranger_log.OCTETS}
    files = dict(world.copy.files)
    files["v1/state"] = (files["v1/state"][0], json.dumps(state).encode())
    files["checkpoint"] = ({"Content-Type": TEXT}, note.encode())
    for path, first, width in stranger_log.tile_paths(len(leaves), 0):
        part = bundle(leaves[first : first + width])
        files[f"tile/entries/{path}"] = (octets, part)
    level = 0
    while hashes:
        for path, first, width in stranger_log.tile_paths(len(leaves), level):
            part = b"".join(hashes[first : first + width])
            files[f"tile/{level}/{path}"] = (octets, part)
        whole = range(0, len(hashes) - len(hashes) % 256, 256)
        hashes = [stranger_tree.merkle_root(hashes[at : at + 256]) for at in whole]
        level += 1
    vkey = f"{origin}+{ident.hex()}+{base64.b64encode(public).decode()}"
    return stranger_log.Copy(files=files), vkey


def edited(leaf: bytes, edit: Callable[[dict[str, Any]], object]) -> bytes:
    value = json.loads(leaf)
    edit(value)
    return stranger_tree.jcs(value)


def replaced(
    index: int, edit: Callable[[dict[str, Any]], object]
) -> Callable[[list[bytes]], list[bytes]]:
    return lambda leaves: [
        *leaves[:index],
        edited(leaves[index], edit),
        *leaves[index + 1 :],
    ]


def other_act(value: dict[str, Any]) -> None:
    value["data"]["envelope"]["signatures"][0]["sig"] = base64.b64encode(
        bytes(64)
    ).decode()


OPERATORS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "a decision left out": (lambda leaves: leaves[:9] + leaves[10:], "seq"),
    "a decision twice": (lambda leaves: [*leaves, leaves[-1]], "duplicate"),
    "swapped": (lambda leaves: [*leaves[:-2], leaves[-1], leaves[-2]], "seq"),
    "not canonical": (lambda leaves: [*leaves[:-1], leaves[-1] + b" "], "canonical"),
    "the same subject_tag": (
        lambda leaves: [
            *leaves[:-1],
            edited(
                leaves[-1],
                lambda value: value["data"]["statement"].update(
                    subject_tag=json.loads(leaves[-2])["data"]["statement"][
                        "subject_tag"
                    ]
                ),
            ),
        ],
        "duplicate",
    ),
    "a slot less": (
        replaced(9, lambda value: value["data"]["statement"]["sealed"].popitem()),
        "schema",
    ),
    "a finer time": (
        replaced(9, lambda value: value.update(time="2026-11-22T10:04:31Z")),
        "time",
    ),
    "more in data": (replaced(9, lambda value: value["data"].update(x=1)), "schema"),
    "another genesis": (
        replaced(9, lambda value: value["data"]["statement"].update(genesis="A" * 43)),
        "genesis",
    ),
    "another founder": (
        replaced(0, lambda value: value["data"].update(founders=[])),
        "genesis",
    ),
    "a forged act": (replaced(1, other_act), "act"),
    "an unsigned addition": (
        replaced(1, lambda value: value["data"].update(note="x")),
        "schema",
    ),
}


def test_a_log_rewritten_and_signed_anew_is_caught(world: World) -> None:
    copy, vkey = publish(world, world.report.leaves)
    assert stranger.audit(copy, vkey=world.vkey).rules == {"signature"}
    assert stranger.audit(copy, vkey=vkey).rules == {"founding-key"}
    other = replaced(9, lambda value: value["data"].update(refused=0, seq=8))
    copy, vkey = publish(world, [*other(world.report.leaves[:40])])
    since = stranger.audit(world.early).checkpoint
    assert "history" not in stranger.audit(copy, vkey=vkey, since=since).rules
    known = world.report.checkpoint
    assert "stale" in stranger.audit(copy, vkey=vkey, since=known).rules
    copy, vkey = publish(world, world.report.leaves[:-1] + world.report.leaves[9:11])
    assert "history" in stranger.audit(copy, vkey=vkey, since=known).rules


@pytest.mark.parametrize("name", OPERATORS)
def test_a_dishonest_operator_is_caught(world: World, name: str) -> None:
    tamper, rule = OPERATORS[name]
    copy, vkey = publish(world, tamper(world.report.leaves[:40]))
    rules = stranger.audit(copy, vkey=vkey).rules
    assert rule in rules - {"founding-key"}
    assert not rules & {"tile", "root", "bundle", "signature"}  # the tree itself holds


# ---- a forged receipt ---------------------------------------------------------------


def test_a_forged_receipt_is_caught(world: World) -> None:
    answer, vkeys = world.answer, [world.vkey]
    receipt = answer["receipt"]
    leaf = stranger_tree.b64(receipt["leaf"])
    forged = base64.b64encode(changed(leaf)).decode()
    proof = receipt["proof"]
    ends = proof.index("\n\n")
    lines = proof[:ends].split("\n")
    lines[-1] = base64.b64encode(bytes(32)).decode()
    cases = {
        "leaf": ({"leaf": forged}, "inclusion"),
        "path": ({"proof": "\n".join(lines) + proof[ends:]}, "inclusion"),
        "short": ({"proof": "\n".join(lines[:-1]) + proof[ends:]}, "inclusion"),
        "secret": ({"secret": "A" * 43}, "secret"),
        "version": ({"proof": proof.replace("@v1", "@v2", 1)}, "tlog-proof"),
        "root": (
            {"proof": proof.replace("\n\nlocalhost", "\n\nlocal", 1)},
            "signature",
        ),
    }
    for case, (change, rule) in cases.items():
        with pytest.raises(stranger_tree.Broken) as found:
            stranger_leaves.check_receipt(
                {**answer, "receipt": {**receipt, **change}}, vkeys
            )
        assert found.value.rule == rule, case


def test_a_sealed_part_of_another_decision_does_not_open(world: World) -> None:
    secret = world.answer["receipt"]["secret"]
    leaf = stranger_tree.b64(world.answer["receipt"]["leaf"])
    sealed = stranger_leaves.fetch_sealed(world.source, world.answer["id"], secret)
    for bytes_, statement in (
        (flipped(sealed), leaf),
        (sealed, world.report.leaves[9]),
    ):
        with pytest.raises(stranger_tree.Broken, match="does not decrypt"):
            stranger_leaves.open_sealed(bytes_, statement, secret)
