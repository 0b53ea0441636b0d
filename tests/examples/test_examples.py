"""The examples a newcomer copies, run against a real server."""

import csv
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.world.service import ROOT, Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", str(EXAMPLES / script), *map(str, arguments)]
        if script == "record.py"
        else [sys.executable, str(EXAMPLES / script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def place(service: Service) -> list[str | Path]:
    token = service.data / "example.token"
    return ["--ledger", service.ledger_url, "--token-file", token]


def decisions_recorded(service: Service) -> int:
    listed = service.get("/commons/v1/decisions?system=example&limit=1000").json()
    return len(listed["items"])


def test_decision_json_is_accepted_as_it_is_but_for_its_time(service: Service) -> None:
    body = json.loads((EXAMPLES / "decision.json").read_text())
    body["decided_at"] = decision()["decided_at"]

    answer = service.post(body)

    assert answer.status == 201, answer.body


def test_record_saves_a_receipt_that_verifies(service: Service, tmp_path: Path) -> None:
    done = run(
        "record.py",
        EXAMPLES / "decision.json",
        *("--now", "--folder", tmp_path, *place(service)),
    )

    assert done.returncode == 0, done.stderr
    (receipt,) = tmp_path.glob("*.counterfoil.json")
    assert receipt.stat().st_mode & 0o077 == 0
    assert set(json.loads(receipt.read_text())) == {
        *("counterfoil", "origin", "genesis", "id", "index", "leaf", "proof"),
        *("secret", "sealed", "policy"),
    }
    assert verify(receipt).returncode == 0, verify(receipt).stderr


def test_a_receipt_with_a_changed_leaf_does_not_verify(
    service: Service, tmp_path: Path
) -> None:
    run(
        "record.py",
        EXAMPLES / "decision.json",
        *("--now", "--folder", tmp_path, *place(service)),
    )
    (receipt,) = tmp_path.glob("*.counterfoil.json")
    changed = json.loads(receipt.read_text())
    changed["index"] += 1
    receipt.write_text(json.dumps(changed))

    refused = verify(receipt)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def verify(receipt: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "counterfoil", "verify", str(receipt)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_record_twice_with_one_key_records_once(
    service: Service, tmp_path: Path
) -> None:
    body = tmp_path / "decision.json"
    body.write_text(json.dumps(decision()))
    key = str(uuid.uuid4())
    before = decisions_recorded(service)

    for _ in range(2):
        done = run(
            "record.py", body, *("--key", key, "--folder", tmp_path, *place(service))
        )
        assert done.returncode == 0, done.stderr

    assert decisions_recorded(service) == before + 1
    assert len(list(tmp_path.glob("*.counterfoil.json"))) == 1


def test_record_says_why_it_was_refused(service: Service, tmp_path: Path) -> None:
    body = tmp_path / "decision.json"
    body.write_text(json.dumps(decision(automation="sometimes")))

    done = run("record.py", body, *("--folder", tmp_path, *place(service)))

    assert done.returncode == 1
    assert done.stderr.startswith("refused: 422 ")
    assert not list(tmp_path.glob("*.counterfoil.json"))


def sample(folder: Path, count: int) -> Path:
    source = folder / "sample.csv"
    lines = (EXAMPLES / "german-credit.csv").read_text().splitlines(keepends=True)
    source.write_text("".join(lines[: count + 1]))
    return source


def states(source: Path) -> list[dict[str, Any]]:
    text = source.with_name(f"{source.name}.import.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_import_records_every_row_and_a_second_run_records_none(
    service: Service, tmp_path: Path
) -> None:
    source = sample(tmp_path, 60)
    arguments = [source, EXAMPLES / "mapping.json", *place(service), "--batch", "25"]
    before = decisions_recorded(service)

    first = run("import_csv.py", *arguments)
    second = run("import_csv.py", *arguments)

    assert first.returncode == 0, first.stderr
    assert "60 of 60 rows recorded, 0 refused" in first.stdout
    assert second.returncode == 0, second.stderr
    assert decisions_recorded(service) == before + 60


def test_import_goes_on_after_the_answers_were_lost(
    service: Service, tmp_path: Path
) -> None:
    source = sample(tmp_path, 20)
    arguments = [source, EXAMPLES / "mapping.json", *place(service)]
    before = decisions_recorded(service)
    assert run("import_csv.py", *arguments).returncode == 0
    state = source.with_name("sample.csv.import.jsonl")
    ids_only = [line for line in states(source) if "status" not in line]
    state.write_text("".join(json.dumps(line) + "\n" for line in ids_only) + '{"ro')

    again = run("import_csv.py", *arguments)

    assert again.returncode == 0, again.stderr
    assert decisions_recorded(service) == before + 20


def test_import_reports_a_refused_row_and_records_the_others(
    service: Service, tmp_path: Path
) -> None:
    source = sample(tmp_path, 10)
    mapping = json.loads((EXAMPLES / "mapping.json").read_text())
    # Refused only where the classification is bad: no reasons for an adverse outcome.
    del mapping["reasons"]
    changed = tmp_path / "mapping.json"
    changed.write_text(json.dumps(mapping))
    with source.open(newline="") as file:
        adverse = [row["credit"] for row in csv.DictReader(file)].count("2")

    done = run("import_csv.py", source, changed, *place(service))

    assert adverse > 0
    assert done.returncode == 1
    assert f"{10 - adverse} of 10 rows recorded, {adverse} refused" in done.stdout
    assert done.stderr.count(": 422 ") == adverse


def test_import_names_a_column_that_the_csv_lacks(tmp_path: Path) -> None:
    source = tmp_path / "sample.csv"
    source.write_text("age\n40\n")
    token = tmp_path / "token"
    token.write_text("none")

    done = run(
        "import_csv.py",
        *(source, EXAMPLES / "mapping.json"),
        *("--ledger", "http://127.0.0.1:9/x", "--token-file", token),
    )

    assert done.returncode == 1
    assert "the CSV has no column 'credit'" in done.stderr
