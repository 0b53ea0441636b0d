"""A member at a terminal, and a service that is away, wrong, or lies."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.ids import Hash, TreeSize
from ledger.log.keyring import Keyring
from ledger.merkle.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle.note import parse_signer_key
from tests.cli.lying import Liar
from tests.e2e.town import Told, Town, here
from tests.world.service import LEDGER

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

Attempt = Callable[..., Told]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Town(tmp_path_factory.mktemp("town")) as running:
        yield running


@pytest.fixture
def liar(town: Town) -> Iterator[Liar]:
    with Liar(town.service.base_url, LEDGER) as running:
        yield running


@pytest.fixture
def who(town: Town, request: pytest.FixtureRequest) -> Path:
    """Somebody new for each test: nothing was seen yet."""
    return town.person(request.node.name.replace("[", "-").replace("]", ""))


@pytest.fixture
def attempt(liar: Liar, who: Path) -> Attempt:
    """An act over the liar; applying, and withdrawing it again."""

    def attempting(*words: str) -> Told:
        return here("apply", *words, "--url", liar.url, "--identity", who, "--yes",
                    "--json")  # fmt: skip

    return attempting


def one_line(told: Told, code: int, *parts: str) -> None:
    assert told.code == code, told
    for part in parts:
        assert part in told.err
    assert told.err.startswith("counterfoil: ")
    assert told.err.count("\n") == 1


def changed(**changes: Any) -> Callable[[int, bytes], tuple[int, bytes]]:
    def lie(status: int, data: bytes) -> tuple[int, bytes]:
        return status, json.dumps({**json.loads(data), **changes}).encode()

    return lie


def signed(town: Town, size: int, root: bytes) -> bytes:
    """A checkpoint that the log's own key signs, as a cheating operator can."""
    keyring = Keyring(town.service.data / "keys" / LEDGER)
    signer = parse_signer_key(keyring.signer())
    found = Checkpoint(origin=signer.name, size=TreeSize(size), root=Hash(root))
    return sign_checkpoint(signer, found)


# ---- away, or something else ---------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://127.0.0.1:1/commons", "cannot be reached (ClientConnectorError)"),
        (
            "http://127.0.0.1:1",
            "a ledger's address is as http://127.0.0.1:8080/commons",
        ),
        ("commons", "a ledger's address is as"),
        ("ftp://127.0.0.1/commons", "a ledger's address is as"),
    ],
)
def test_an_unreachable_service(who: Path, url: str, told: str) -> None:
    found = here("exit", "--url", url, "--identity", who, "--yes")
    one_line(found, 2, told)
    assert here("proposals", "--url", url).code == 2


def test_no_such_ledger(town: Town, who: Path) -> None:
    url = f"{town.service.base_url}/nowhere"
    one_line(here("exit", "--url", url, "--identity", who, "--yes"), 1, "refused: ")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"origin": 1}'])
def test_something_that_is_no_ledger(liar: Liar, attempt: Attempt, body: bytes) -> None:
    liar.lies["v1/keys"] = lambda _status, _data: (200, body)
    one_line(attempt(), 2)


# ---- lies about the log --------------------------------------------------------------


def test_a_history_that_went_back(
    town: Town, liar: Liar, attempt: Attempt, who: Path
) -> None:
    before = town.service.get(f"/{LEDGER}/checkpoint").body
    assert attempt().code == 0
    liar.lies["/checkpoint"] = lambda _status, _data: (200, before)

    told = attempt("--withdraw")

    one_line(told, 1, "the log went back: it showed", "Nothing was signed")
    assert f"{who}.seen" in told.err
    liar.lies.clear()
    assert attempt("--withdraw").code == 0


@pytest.mark.parametrize("more", [0, 1, 5])
def test_another_history(town: Town, liar: Liar, attempt: Attempt, more: int) -> None:
    assert attempt().code == 0
    size = int(town.service.get(f"/{LEDGER}/checkpoint").body.split(b"\n")[1])
    forged = signed(town, size + more, bytes(32))
    liar.lies["/checkpoint"] = lambda _status, _data: (200, forged)
    liar.lies["/consistency"] = changed(hashes=["AAAA"]) if more else changed()
    if more:
        liar.lies["/consistency"] = lambda _s, _d: (200, b'{"hashes": []}')

    one_line(attempt("--withdraw"), 1, "another history than before")


def test_a_checkpoint_of_another_key(liar: Liar, attempt: Attempt) -> None:
    liar.lies["/checkpoint"] = lambda status, data: (
        status,
        data[:-8] + bytes([data[-8] ^ 1]) + data[-7:],
    )
    assert attempt().code in {1, 2}


def test_another_genesis_or_origin(liar: Liar, attempt: Attempt) -> None:
    liar.lies["v1/keys"] = changed(genesis="A" * 43)
    one_line(attempt(), 1, "a genesis that its own log does not begin with")
    liar.lies.clear()
    assert attempt().code == 0
    liar.lies["v1/keys"] = changed(genesis="A" * 43)
    one_line(attempt("--withdraw"), 1, "this is another ledger of the name")
    liar.lies["v1/keys"] = changed(origin="example.org/other")
    one_line(attempt("--withdraw"), 1, "this address showed the log example.org/town")


# ---- lies about the state and the act ------------------------------------------------


def test_a_state_that_is_not_the_one_published(liar: Liar, attempt: Attempt) -> None:
    def richer(status: int, data: bytes) -> tuple[int, bytes]:
        value = json.loads(data)
        value["value"]["ledger"] = "elsewhere"
        return status, json.dumps(value).encode()

    liar.lies["state/community"] = richer
    one_line(attempt(), 2, "the state moves faster than it can be read")
    liar.lies.clear()
    liar.lies["v1/state"] = changed(root="0" * 64)
    one_line(attempt(), 1, "does not read back to its own root")


def test_a_refusal_of_the_service_itself(liar: Liar, attempt: Attempt) -> None:
    problem = {
        "type": "/docs#problem-over-capacity",
        "status": 503,
        "title": "Full",
        "detail": "Too many wait.\x1b[31m",
        "recorded": False,
    }
    body = json.dumps(problem).encode()
    liar.lies["v1/acts"] = lambda _status, _data: (503, body)
    one_line(attempt(), 2, "Too many wait. [31m")
    body = json.dumps({**problem, "status": 422, "type": "#problem-odd"}).encode()
    liar.lies["v1/acts"] = lambda _status, _data: (422, body)
    told = attempt("--withdraw")
    one_line(told, 1, "refused: Too many wait.")
    assert json.loads(told.out) == {
        "error": "odd",
        "detail": "Too many wait. [31m",
        "recorded": False,
    }


def test_no_answer_after_signing(liar: Liar, attempt: Attempt) -> None:
    liar.lies["v1/acts"] = lambda _status, _data: None
    told = attempt()
    one_line(told, 2, "It may be recorded all the same: look before you sign again")
    assert json.loads(told.out)["recorded"] is None


def test_a_receipt_that_does_not_hold(liar: Liar, attempt: Attempt) -> None:
    liar.lies["v1/acts"] = changed(index=0)
    told = attempt()
    one_line(told, 1, "its receipt does not hold", "It may be recorded all the same")


def test_a_text_that_is_not_kept(town: Town, liar: Liar) -> None:
    file = town.home / "said.json"
    file.write_text('{"title": "Said", "text": "So."}')
    common = ("--url", liar.url, "--identity", town.founder, "--yes", "--json")
    opened = json.loads(here("propose", file, *common).out)
    key = opened["words"][-1].removeprefix("its key: ")
    liar.lies["v1/texts"] = lambda _status, _data: (500, b"")
    told = here("comment", key, "Lost words", *common)
    assert told.code == 0
    assert json.loads(told.out)["unsent"][0]["digest"]
    assert "the act is recorded; its text was not kept" in told.err
