"""CONTRACT, "Command line", "Bytes" and the receipt file, on what a service answered."""

import base64
import contextlib
import io
import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nacl.signing
import pytest
import rfc8785

from api.cli.main import main
from ledger.entries.receipt import parse_receipt, verify_receipt
from ledger.merkle.note import parse_vkey
from tests.e2e.contract import (
    SLOTS,
    V1,
    b64,
    b64url,
    did_key,
    digest,
    head,
    hkdf,
    keys,
    open_sealed,
    to_b64url,
)
from tests.world.service import LEDGER, ROOT, Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

Told = tuple[dict[str, Any], dict[str, Any], bytes]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture(scope="module")
def told(service: Service) -> Told:
    """(what was sent, what was answered, the sealed part)."""
    made = decision(
        score="0.10",
        inputs={"é": [1.5, None, 12345678901234567890]},
        human={"override": None, "involved": True},
    )
    answer = service.post(made).json()
    tag = hkdf(b64url(answer["receipt"]["secret"]), "counterfoil/v1/tag")
    sealed = service.get(
        f"{V1}/sealed/{answer['id']}",
        headers={"Authorization": f"Receipt {to_b64url(tag)}"},
    )
    assert sealed.status == 200
    assert sealed.headers["Content-Type"] == "application/octet-stream"
    assert sealed.headers["Cache-Control"] == "no-store"
    return made, answer, sealed.body


class Done(NamedTuple):
    """What a command said."""

    returncode: int
    stdout: str
    stderr: str


def here(*words: str | Path) -> Done:
    """A command that needs no configuration, run in this process: five times faster."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(word) for word in words])
        except SystemExit as left:  # argparse's
            code = int(left.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def call(service: Service, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, configured as the service is."""
    return subprocess.run(
        [*service.COMMAND, *map(str, words)],
        cwd=ROOT,
        env=service._environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# ---- bytes ------------------------------------------------------------------------------


def test_the_leaf_of_a_decision(service: Service, told: Told) -> None:
    made, answer, sealed = told
    leaf = b64(answer["receipt"]["leaf"])
    entry = json.loads(leaf)
    secret = b64url(answer["receipt"]["secret"])
    seed = hkdf(secret, "counterfoil/v1/contest")
    statement = entry["data"]["statement"]

    assert rfc8785.dumps(entry) == leaf
    hour = f"{made['decided_at'][:13]}:00:00Z"
    assert statement == {
        "v": 1,
        "id": answer["id"],
        "genesis": keys(service)["genesis"],
        "system": "example",
        "version": "2026-11",
        "profile": "sealed",
        "automation": "full",
        "time": hour,
        "subject_tag": digest(hkdf(secret, "counterfoil/v1/tag")),
        "contest_key": did_key(bytes(nacl.signing.SigningKey(seed).verify_key)),
        "sealed": {
            slot: found[2]
            for slot, found in open_sealed(sealed, secret, statement).items()
        },
    }
    assert entry == {
        "specversion": "1.0",
        "id": answer["id"],
        "source": f"/{LEDGER}/systems/example",
        "type": "org.counterfoil.decision.recorded.v1",
        "time": hour,
        "datacontenttype": "application/json",
        "data": {
            "statement": statement,
            "seq": 1,
            "rules": digest(b"[]"),
            "results": [],
            "refused": 0,
        },
    }


def test_the_sealed_part(told: Told) -> None:
    made, answer, sealed = told
    statement = json.loads(b64(answer["receipt"]["leaf"]))["data"]["statement"]
    secret = b64url(answer["receipt"]["secret"])

    found = open_sealed(sealed, secret, statement)

    assert list(found) == SLOTS, "in the order of slots"
    values = {slot: value for slot, (_, value, _) in found.items()}
    sent = {slot: made.get(slot) for slot in SLOTS}
    assert values == {**sent, "human": {"involved": True}}
    salts = [salt for salt, _, _ in found.values()]
    assert len(set(salts)) == len(SLOTS)
    assert min(map(len, salts)) >= 22


def test_entry_0(service: Service) -> None:
    leaf = b64(service.get(f"{V1}/entries/0").json()["leaf"])
    entry = json.loads(leaf)

    assert rfc8785.dumps(entry) == leaf
    assert entry["source"] == f"/{LEDGER}"
    assert entry["type"] == "org.counterfoil.ledger.founded.v1"
    assert entry["data"]["vkeys"] == keys(service)["vkeys"]
    assert {"origin", "vkeys", "founders", "parameters"} <= entry["data"].keys()


# ---- verify -------------------------------------------------------------------------------


def receipt_of(service: Service, told: Told) -> dict[str, Any]:
    """A receipt file, put together from what was answered, by the contract alone."""
    _, answer, sealed = told
    found = keys(service)
    return {
        "counterfoil": 1,
        "origin": found["origin"],
        "genesis": found["genesis"],
        "id": answer["id"],
        "index": answer["index"],
        "leaf": answer["receipt"]["leaf"],
        "proof": answer["receipt"]["proof"],
        "secret": answer["receipt"]["secret"],
        "sealed": base64.b64encode(sealed).decode(),
        "policy": found["policy"],
    }


def test_verify(service: Service, told: Told, tmp_path: Path) -> None:
    file = tmp_path / "x.counterfoil.json"
    whole = receipt_of(service, told)
    file.write_text(json.dumps(whole))
    vkey = keys(service)["vkeys"][0]
    policy = tmp_path / "policy"
    policy.write_text(whole["policy"])

    own = here("verify", file)
    assert own.returncode == 0, own.stdout
    assert "signed by the key in this file" in own.stdout
    for words in (("--vkey", vkey), ("--policy", policy)):
        given = here("verify", file, *words)
        assert given.returncode == 0
        assert "signed by the key in this file" not in given.stdout
    other = "localhost/commons+90ba7ffe+AQ6w5B5SrnSfZF1JYyBRtXwfaXWNKO8Nz3vJFSH2wGmr"
    assert here("verify", file, "--vkey", other).returncode in {1, 2}
    assert here("verify", file, "--vkey", "nonsense").returncode == 2
    bare = {name: whole[name] for name in whole if name != "policy"}
    file.write_text(json.dumps(bare))
    assert here("verify", file).returncode == 2
    assert here("verify", file, "--vkey", vkey).returncode == 0
    assert here("verify", tmp_path / "none").returncode == 2


def _of_bytes(change: Callable[[bytes], bytes]) -> Callable[[str], str]:
    return lambda text: base64.b64encode(change(b64(text))).decode()


CHANGES: dict[str, Callable[[Any], Any]] = {
    "origin": lambda text: f"{text}x",
    "genesis": lambda _: to_b64url(bytes(32)),
    "id": lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
    "index": lambda index: index - 1,
    "leaf": _of_bytes(lambda leaf: leaf.replace(b'"full"', b'"partial"')),
    "proof": lambda text: text.replace("index 2", "index 1"),
    "secret": lambda _: to_b64url(bytes(32)),
    "sealed": _of_bytes(lambda data: data[:-1] + bytes([data[-1] ^ 1])),
    "policy": lambda _: "log x+e3e8d5f4+AQ6w5B5SrnSfZF1JYyBRtXwfaXWNKO8Nz3vJFSH2wGmr\n",
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_member_of_a_receipt_must_agree(
    service: Service, told: Told, name: str
) -> None:
    whole = receipt_of(service, told)
    vkeys = [parse_vkey(keys(service)["vkeys"][0])]
    sound = verify_receipt(parse_receipt(json.dumps(whole).encode()), vkeys=vkeys)
    assert sound.holds

    changed = {**whole, name: CHANGES[name](whole[name])}
    assert changed != whole
    found = verify_receipt(parse_receipt(json.dumps(changed).encode()), vkeys=vkeys)
    assert not found.holds


# ---- audit --------------------------------------------------------------------------------


def test_audit(service: Service, tmp_path: Path) -> None:
    url, vkey = service.ledger_url, keys(service)["vkeys"][0]
    seen, ahead = tmp_path / "seen", tmp_path / "ahead"

    first = here("audit", url, "--save", seen)
    assert first.returncode == 0, first.stdout
    assert "key" in first.stderr, "a warning: the keys came from the log itself"
    assert seen.read_bytes() == service.get(f"/{LEDGER}/checkpoint").body
    service.post(decision())
    again = here(
        "audit", url, "--vkey", vkey, "--from", seen, "--save", ahead, "--json"
    )
    assert again.returncode == 0
    assert json.loads(again.stdout)
    assert int(ahead.read_text().split("\n")[1]) == head(service).size

    assert here("audit", url, "--from", tmp_path / "none").returncode == 2
    assert here("audit", url, "--vkey", "nonsense").returncode == 2
    assert here("audit", tmp_path / "none").returncode == 2
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert here("audit", f"http://127.0.0.1:{port}/commons").returncode == 2


def test_a_log_smaller_than_from_is_a_finding(service: Service, tmp_path: Path) -> None:
    folder, saved = tmp_path / "log", tmp_path / "saved"
    note = service.get(f"/{LEDGER}/checkpoint").body
    size = int(note.split(b"\n")[1])
    for path in ("checkpoint", f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(service.get(f"/{LEDGER}/{path}").body)
    vkey = keys(service)["vkeys"][0]
    service.post(decision())
    saved.write_bytes(service.get(f"/{LEDGER}/checkpoint").body)

    assert here("audit", folder, "--vkey", vkey).returncode == 0
    found = here("audit", folder, "--vkey", vkey, "--from", saved)
    assert found.returncode == 1
    bundle = folder / f"tile/entries/000.p/{size}"
    bundle.write_bytes(bundle.read_bytes()[:-1])
    assert here("audit", folder, "--vkey", vkey).returncode == 1
    (folder / "checkpoint").write_bytes(note[:-4] + b"AA=\n")
    assert here("audit", folder, "--vkey", vkey).returncode == 1


# ---- serve and the rest ---------------------------------------------------------------------


def test_a_second_serve_on_one_folder_is_told_so(service: Service) -> None:
    if service.database_url is not None:
        pytest.skip("with a database by URL two of them are as welcome as two hosts")
    second = call(service, "serve", "--data", service.data, "--listen", "127.0.0.1:0")

    assert second.returncode == 2
    assert second.stdout == ""
    assert str(service.data) in second.stderr


def test_small_ones(tmp_path: Path) -> None:
    version = here("--version")
    assert (version.returncode, version.stdout[:12]) == (0, "counterfoil ")

    made = here("identity", "new", tmp_path / "a.key")
    assert made.returncode == 0
    assert made.stdout.strip().startswith("did:key:z6Mk")
    assert (tmp_path / "a.key").stat().st_mode & 0o777 == 0o600
    assert here("identity", "new", tmp_path / "a.key").returncode == 2

    for name in ("docs", "health", "metrics", "static", "v1", "A", "a" * 41):
        data = ("--data", tmp_path)
        assert here("init", name, "--origin", "x.org/y", *data).returncode == 2, name
    assert list(tmp_path.iterdir()) == [tmp_path / "a.key"], "nothing was made"
    for words in ("nonsense", "serve --workers 0", "serve --listen 80", "verify"):
        assert here(*words.split()).returncode == 2


def test_status_and_fsck_beside_a_running_service(service: Service) -> None:
    for command in ("status", "fsck"):
        done = call(service, command, "--data", service.data)
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_serve_says_one_line_and_sigterm_drains(service: Service) -> None:
    process = service._running()
    os.kill(process.pid, signal.SIGTERM)
    assert process.stdout is not None
    rest = process.stdout.read()
    assert process.wait(20) == 0
    assert rest == "", "the ready line was the only one"
    service.restart()
    assert service.get("/health/ready").status == 200
