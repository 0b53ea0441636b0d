"""Erased means everywhere: after the keys turned, no raw file holds anything that opens.

A decision and a contest of marked strings; a backup; then the person asks for erasure, the
service's own sweep executes it, the vault's key turns and the old one is destroyed. Then
every file is searched: PostgreSQL's tables, write-ahead log and all else, the backup made
before, the key folder, our log. For the strings and for K in every spelling; and for
anything that looks like a wrapped key, which is tried under every key there is.

Before the key is destroyed the same search finds K: so it can find.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ledger.entries.part import part_name
from schemas.answers import Reissue
from tests.e2e.canaries import MARK, find, spellings
from tests.e2e.contract import b64, check_tlog_proof, keys, problem_of, read, to_b64url
from tests.e2e.erasing import PATIENCE_S, V1, Ledger, World
from tests.world.service import LEDGER, decision, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    ledger = Ledger(tmp_path_factory.mktemp("erasure"))
    try:
        ledger.found()
        yield World(ledger)
    finally:
        ledger.service.close()


def test_before_its_key_is_destroyed_the_search_finds_it(world: World) -> None:
    assert world.gone.secret in world.opened_before
    assert world.stays.secret in world.opened_before
    assert any(world.part.opens(key) for key in world.opened_before)


def test_the_old_key_is_destroyed_and_what_stays_is_wrapped_again(world: World) -> None:
    assert world.swept["destroyed"] == [1]
    assert world.swept["rewrapped"] >= 1
    assert list(world.keyring()) == ["2.key"]
    assert world.ledger.sealed(world.stays).status == 200
    assert world.stays.secret in world.opened(*world.files())


def test_no_key_at_hand_opens_anything_of_it_anywhere(world: World) -> None:
    """Tables, dead rows, write-ahead log, backup."""
    opened = world.opened(*world.files())

    assert world.gone.secret not in opened
    assert not any(world.part.opens(key) for key in opened)


def test_receipts_asked_for_again_are_given_after_an_entry(world: World) -> None:
    ledger, stays = world.ledger, world.stays
    asked, unknown = world.asked
    wait_until(
        "the delay",
        lambda: ledger.reissue(asked).json()["status"] == "ready",
        PATIENCE_S,
    )
    answer = ledger.reissue(asked)
    found = Reissue.model_validate(answer.json())
    secret = to_b64url(stays.secret)
    assert found.links == [f"{ledger.service.base_url}/{LEDGER}/r#{stays.id}.{secret}"]
    assert found.available_at is not None
    assert answer.headers["Cache-Control"] == "no-store"
    assert ledger.reissue(unknown).json() == {
        "status": "nothing", "available_at": None, "links": []
    }  # fmt: skip
    view = read(ledger.service, f"/decisions/{stays.id}")
    (noted,) = view["later"]
    assert noted["type"] == "org.counterfoil.receipt.reissued.v1"
    leaf = b64(read(ledger.service, f"/entries/{noted['index']}")["leaf"])
    assert json.loads(leaf)["data"] == {"decisions": [stays.id]}


def test_a_wrong_request_for_receipts_is_told_so(world: World) -> None:
    ledger, mark = world.ledger, world.canaries.new()
    wrong: tuple[Any, ...] = (
        {},
        [],
        {"subject": mark},
        {"subject": {"ref": 7}},
        {"subject": {"ref": ""}},
        {"subject": {"ref": mark * 20}},
        {"subject": {"ref": mark, mark: mark}},
        {mark: {"ref": mark}},
        {"subject": {"ref": mark}, "system": mark},
    )
    for body in wrong:
        problem = ledger.ask(body, 422)
        assert problem["type"].endswith("problem-invalid-reissue")
        assert mark not in json.dumps(problem)
    assert ledger.ask({}, 415, Content_Type="text/plain")
    assert ledger.ask({}, 401, Authorization=f"Bearer cft_{mark}")
    assert ledger.asks("x" * 5_000, 413)
    problem_of(ledger.reissue(str(world.gone.id)))
    for request in (world.gone.id, mark, "x"):
        assert ledger.reissue(request).status == 404
    assert ledger.reissue(world.asked[0], f"cft_{mark}").status == 401


def test_nothing_of_it_lies_in_any_file(world: World) -> None:
    """By the mark that every string has, and by K, in every spelling."""
    needles = {
        form: one for one in (MARK, world.gone.secret) for form in spellings(one)
    }
    folder = world.ledger.service.data
    searched = 0
    for path in [*world.files(), *(folder / "keys").rglob("*"), *folder.rglob("*")]:
        if path.is_file():
            data = path.read_bytes()
            searched += len(data)
            assert find(data, needles) == [], path
    assert searched > 10_000_000
    log = world.ledger.service.log_path.read_bytes()
    assert b'"event":"swept"' in log
    assert find(log, world.canaries.needles()) == []
    assert find(world.ledger.service.get("/metrics").body, needles) == []


def test_every_proof_stays_and_the_audit_is_content(world: World) -> None:
    ledger, gone = world.ledger, world.gone
    text = ledger.service.get(f"{V1}/receipts/{gone.id}").body.decode()
    check_tlog_proof(text, gone.leaf, gone.index, keys(ledger.service)["vkeys"][0])
    view = read(ledger.service, f"/decisions/{gone.id}")
    assert view["erased"] is True
    assert view["later"][-1]["type"] == "org.counterfoil.erasure.executed.v1"
    audit = json.loads(ledger.does("audit", ledger.service.ledger_url, "--json"))
    assert audit["findings"] == []
    assert "all holds" in ledger.does("fsck", "--vault")


def test_it_was_here_and_is_told_to_whoever_knows_of_it(world: World) -> None:
    ledger, gone = world.ledger, world.gone
    again = ledger.service.post(decision(id=gone.id))
    assert problem_of(again)["type"].endswith("problem-erased")
    assert again.status == 410
    shown = {"Authorization": f"Case {gone.tag}"}
    part = ledger.service.get(f"{V1}/parts/{part_name(world.blob)}", headers=shown)
    assert part.status == 410


def test_an_older_backup_brings_nothing_back(world: World) -> None:
    """The last of all: it takes the service down and restores what was before."""
    ledger, service = world.ledger, world.ledger.service
    assert service.stop() == 0
    (service.data / "postgres").rename(ledger.home / "broken")
    told = ledger.does("restore", world.backup)
    assert "2 private rows erased again" in told

    service.restart()  # behind what was released: it reads, and does not write
    assert service.get("/health/ready").status == 503
    assert ledger.sealed(world.gone).status == 410
    assert ledger.sealed(world.stays).status == 200
    assert service.stop() == 0
    ledger.does("recover", "--from", ledger.tiles)

    service.restart()
    assert service.get("/health/ready").status == 200
    assert ledger.sealed(world.gone).status == 410
    audit = json.loads(ledger.does("audit", service.ledger_url, "--json"))
    assert audit["findings"] == []
    assert world.gone.secret not in world.opened(*world.files())
    rows = ledger.fetch(
        "SELECT d.id::text FROM vault JOIN decisions d USING (position)"
    )
    assert [row[0] for row in rows] == [world.stays.id]
    parts = ledger.fetch("SELECT sealed FROM case_parts")
    assert [row[0] for row in parts] == [None]
