"""`counterfoil audit`: what it prints, and its exit status."""

import argparse
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typing_extensions import override

from api.cli import audit
from ledger.merkle.checkpoint import open_checkpoint
from ledger.merkle.note import format_vkey
from tests.audit.world import KEY, Log, changed, edit_bundle, true_log, write
from tests.merkle.vectors import TESSERA, TESSERA_VKEY

VKEY = format_vkey(KEY.vkey)


def call(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    audit.add(parser.add_subparsers())
    args = parser.parse_args(["audit", *map(str, words)])
    return int(args.run(args))


class Quiet(SimpleHTTPRequestHandler):
    """Logs no request."""

    @override
    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder's files over HTTP, and 404 for all else; yields the address."""
    handler = partial(Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "log"
    true_log().publish(folder)
    return folder


def test_it_holds(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(log, "--vkey", VKEY) == 0
    out, err = capsys.readouterr()
    assert out.startswith("✓ 603 entries, root ")
    assert out.endswith("0 findings\n")
    assert err == ""


def test_without_a_key_it_warns(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(log) == 0
    assert (
        "note: the log's key was taken from the log itself" in capsys.readouterr().err
    )


def test_a_finding_a_line(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_bundle(log, "001", 44, changed(true_log().leaves[300]))
    assert call(log, "--vkey", VKEY) == 1
    lines = capsys.readouterr().out.splitlines()
    assert (
        "✗ entry 300 is not what the checkpoint signed: whoever holds its receipt can "
        "prove it"
    ) in lines
    assert lines[-1].startswith("✗ 603 entries")


def test_for_programs(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_bundle(log, "001", 44, changed(true_log().leaves[300]))
    assert call(log, "--vkey", VKEY, "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["size"] == 603
    assert report["held"] is False
    assert 300 in [finding["index"] for finding in report["findings"]]


def test_seen_saved_and_continued(log: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    assert call(log, "--vkey", VKEY, "--save", seen) == 0
    assert open_checkpoint(seen.read_bytes(), [KEY.vkey])[0].size == 603
    assert call(log, "--vkey", VKEY, "--from", seen, "--save", seen) == 0
    before = seen.read_bytes()
    shorter = tmp_path / "shorter"
    Log(true_log().leaves[:400]).publish(shorter)
    assert call(shorter, "--vkey", VKEY, "--from", seen, "--save", seen) == 1
    assert seen.read_bytes() == before


def test_a_policy_from_a_file(log: Path, tmp_path: Path) -> None:
    write(tmp_path, "policy", f"log {VKEY}\nquorum none\n".encode())
    assert call(log, "--policy", tmp_path / "policy") == 0


def test_tesseras_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(TESSERA, "--vkey", TESSERA_VKEY) == 0
    out, err = capsys.readouterr()
    assert "15 entries" in out
    assert "only the tree was checked" in err


@pytest.mark.parametrize(
    "words",
    [
        ("nowhere",),
        ("http://127.0.0.1:1/commons",),
        ("{log}", "--vkey", "nonsense"),
        ("{log}", "--policy", "nowhere"),
        ("{log}", "--policy", "{log}/checkpoint"),
        ("{log}", "--from", "nowhere"),
        ("{log}", "--from", "{log}/v1/keys"),
        ("{log}", "--save", "{log}/checkpoint/deeper"),
        ("{log}/tile",),
    ],
)
def test_what_cannot_be_used(
    log: Path,
    words: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(*(word.format(log=log) for word in words)) == 2
    assert capsys.readouterr().err.startswith("counterfoil audit: ")


@pytest.mark.parametrize("words", [(), ("--vkey", VKEY)])
def test_an_address_without_a_ledger(
    log: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Another path of the same host, as a mistyped name would be."""
    with served(log.parent) as url:
        assert call(f"{url}/log", *words) == 0
        capsys.readouterr()
        assert call(f"{url}/lgo", *words) == 2
    out, err = capsys.readouterr()
    assert "counterfoil audit: there is no ledger at this address" in err
    assert "key" not in err
    assert out == ""


def test_a_log_without_keys_asks_for_one(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (log / "v1" / "keys").unlink()
    with served(log.parent) as url:
        assert call(f"{url}/log") == 2
    assert "give the log's key with --vkey" in capsys.readouterr().err
