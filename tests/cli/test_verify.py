"""`counterfoil verify`: its lines, its JSON, and its three exit codes."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pytest

from api.cli import verify
from ledger.entries.receipt import Receipt, format_receipt
from ledger.merkle.note import format_vkey
from tests.entries.receipts import (
    ACTED,
    BARE,
    OTHER_VKEY,
    POLICY_TEXT,
    VKEY_TEXT,
    WHOLE,
)


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    verify.add(parser.add_subparsers())
    return verify.run(parser.parse_args(["verify", *arguments]))


def save(folder: Path, receipt: Receipt) -> str:
    path = folder / "it.counterfoil.json"
    path.write_text(format_receipt(receipt), encoding="utf-8")
    return str(path)


def test_a_receipt_that_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(save(tmp_path, WHOLE), "--vkey", VKEY_TEXT) == 0
    out = capsys.readouterr().out
    for name in ("leaf", "inclusion", "subject-tag", "contest-key", "sealed"):
        assert f"ok    {name}" in out
    assert "The receipt holds: entry 1 of ledger.example/commons." in out
    assert "key in this file" not in out


def test_the_files_own_policy_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(save(tmp_path, WHOLE)) == 0
    assert "signed by the key in this file" in capsys.readouterr().out


def test_a_policy_file(tmp_path: Path) -> None:
    policy = tmp_path / "policy.txt"
    policy.write_text(POLICY_TEXT, encoding="utf-8")
    assert run(save(tmp_path, BARE), "--policy", str(policy)) == 0
    other = POLICY_TEXT.replace(VKEY_TEXT, format_vkey(OTHER_VKEY))
    policy.write_text(other, encoding="utf-8")
    assert run(save(tmp_path, BARE), "--policy", str(policy)) == 1
    # A key that is given counts, not the log the policy names.
    arguments = ["--policy", str(policy), "--vkey", VKEY_TEXT]
    assert run(save(tmp_path, BARE), *arguments) == 0


def test_a_receipt_that_does_not_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(save(tmp_path, WHOLE), "--vkey", format_vkey(OTHER_VKEY)) == 1
    out = capsys.readouterr().out
    assert "FAIL  checkpoint" in out
    assert "does not hold" in out
    assert run(save(tmp_path, replace(ACTED, id="x\x1b[2J")), "--vkey", VKEY_TEXT) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(save(tmp_path, WHOLE), "--json") == 0
    value = json.loads(capsys.readouterr().out)
    assert value["holds"] is True
    assert value["trust"] == "signed by the key in this file"
    assert {check["name"] for check in value["checks"]} >= {"leaf", "sealed"}
    assert run(save(tmp_path, BARE), "--json") == 2
    assert json.loads(capsys.readouterr().out)["holds"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        [],  # no policy in the file either
        ["--vkey", "nonsense"],
        ["--policy", "/nonexistent"],
        ["--policy", "QUORUM"],
    ],
)
def test_unusable_input(tmp_path: Path, arguments: list[str]) -> None:
    quorum = tmp_path / "quorum.txt"
    quorum.write_text("quorum none\n", encoding="utf-8")
    usable = [str(quorum) if item == "QUORUM" else item for item in arguments]
    assert run(save(tmp_path, BARE), *usable) == 2


def test_unusable_files(tmp_path: Path) -> None:
    assert run(str(tmp_path / "none.json")) == 2
    assert run(str(tmp_path)) == 2
    for data in (b"", b"{}", b"\xff", b"[" * 100_000, b" " * 3_000_000):
        path = tmp_path / "bad.json"
        path.write_bytes(data)
        assert run(str(path), "--vkey", VKEY_TEXT) == 2
    path = tmp_path / "policy.txt"
    path.write_bytes(b"\xff")
    assert run(save(tmp_path, BARE), "--policy", str(path)) == 2
    assert run(save(tmp_path, replace(BARE, policy="quorum none\n"))) == 2
