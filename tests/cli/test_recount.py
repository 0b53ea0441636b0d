"""`counterfoil recount`: what it prints, and its exit status."""

import argparse
import json
from pathlib import Path

import pytest

from api.cli import recount
from ledger.entries.codec import encode_entry
from ledger.merkle.note import format_vkey
from tests.audit.world import KEY, Log, write
from tests.cli.test_audit import served
from tests.governance.assembly.town import SAFEGUARD, Town
from tests.governance.ballots.test_recount import closed

VKEY = format_vkey(KEY.vkey)


def call(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    recount.add(parser.add_subparsers())
    args = parser.parse_args(["recount", *map(str, words)])
    return int(args.run(args))


def publish(town: Town, folder: Path) -> Path:
    Log([encode_entry(entry) for entry in town.entries]).publish(folder, state=False)
    return folder


def page(town: Town, proposal: str) -> dict[str, object]:
    results = town.proposal(proposal).results
    return {"key": proposal, "results": [one.public() for one in results]}


@pytest.mark.parametrize("method", ["yesno", "instant-runoff", "schulze", "stv"])
def test_it_agrees(
    method: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town, proposal = closed(method)
    folder = publish(town, tmp_path)
    assert call(proposal, folder, "--vkey", VKEY) == 0
    out, err = capsys.readouterr()
    assert f"{method}: 5 ballots, 5 votes, 1 replaced by their voters" in out
    assert "✓ every ballot counted again: the same result\n" in out
    assert err == ""


def test_for_programs_and_the_voters_receipt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = Town()
    proposal = town.open(0, ("parameter.set", SAFEGUARD))
    town.to_voting(proposal)
    first = town.vote(0, proposal, "no")
    last = town.vote(0, proposal, "yes")
    town.close(proposal)
    folder = publish(town, tmp_path)
    place = (town.id(proposal), folder, "--vkey", VKEY, "--json", "--ballot")
    assert call(*place, last) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["agrees"] is True
    assert told["votes"][0]["ballot_counted"] is True
    assert told["votes"][0]["count"]["totals"]["yes"] == 1
    assert call(*place, first) == 1
    assert "not among those counted" in capsys.readouterr().out


def test_the_ledgers_own_page_is_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town, proposal = closed()
    folder = publish(town, tmp_path)
    told = page(town, proposal)
    path = f"v1/proposals/{proposal}"
    write(folder, path, json.dumps(told).encode())
    with served(folder) as url:
        assert call(proposal, url) == 0
    out, err = capsys.readouterr()
    assert "and the ledger's page shows it" in out
    assert "note: the log's key was taken from the log itself" in err
    lied = json.loads(json.dumps(told))
    lied["results"][0]["count"]["totals"]["no"] += 5
    write(folder, path, json.dumps(lied).encode())
    assert call(proposal, folder, "--vkey", VKEY) == 1
    assert "shows another result of vote 1" in capsys.readouterr().out
    write(folder, path, json.dumps({**told, "results": []}).encode())
    assert call(proposal, folder, "--vkey", VKEY) == 1
    assert "shows no result of vote 1" in capsys.readouterr().out
    write(folder, path, b"{")
    assert call(proposal, folder, "--vkey", VKEY) == 0


def test_the_first_letters_of_an_id_will_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town, proposal = closed()
    folder = publish(town, tmp_path)
    for name in (proposal[:12], town.id(proposal)[:12]):
        assert call(name, folder, "--vkey", VKEY) == 0
        assert "✓ every ballot counted again" in capsys.readouterr().out
    assert call(proposal[:3], folder, "--vkey", VKEY) == 2
    assert "there is no such proposal" in capsys.readouterr().err


def test_letters_that_begin_two_ids(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.governance.ballots.recount.ID_LETTERS_MIN", 0)
    town, proposal = closed()
    town.open(1, ("parameter.set", SAFEGUARD), nonce="2")
    folder = publish(town, tmp_path)
    assert call("", folder, "--vkey", VKEY) == 2
    assert "2 proposals begin so: give more letters" in capsys.readouterr().err
    assert call(proposal, folder, "--vkey", VKEY) == 0


def test_the_ledger_is_found_as_other_commands_find_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    town, proposal = closed()
    with served(publish(town, tmp_path / "commons")) as url:
        assert call(proposal, "--url", url) == 0
        assert call(proposal, url, "--url", url) == 2
        assert "named twice" in capsys.readouterr().err
    with served(tmp_path) as url:
        monkeypatch.setenv("COUNTERFOIL_BASE_URL", url.rstrip("/"))
        assert call(proposal) == 0


def test_entries_that_the_checkpoint_did_not_sign(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town, proposal = closed()
    leaves = [encode_entry(entry) for entry in town.entries]
    folder = publish(town, tmp_path)
    write(folder, "checkpoint", Log(leaves[::-1]).checkpoint())
    assert call(proposal, folder, "--vkey", VKEY) == 1
    assert "do not lead to the signed root" in capsys.readouterr().out


def test_a_vote_still_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town = Town()
    proposal = town.open(0, ("parameter.set", SAFEGUARD))
    assert call(proposal, publish(town, tmp_path), "--vkey", VKEY) == 0
    assert "no vote on this proposal is closed yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ("A", "nowhere"),
        ("A", "http://127.0.0.1:1/town"),
        ("A", "{log}"),
        ("A", "{log}", "--vkey", "nonsense"),
        ("A", "{log}", "--policy", "nowhere"),
    ],
)
def test_what_cannot_be_used(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = publish(Town(), tmp_path)
    assert call(*(word.format(log=folder) for word in words)) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("counterfoil recount: ")
