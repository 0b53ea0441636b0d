"""The documents: links lead somewhere, commands can be typed, the README begins with two."""

import re
import shlex
from pathlib import Path

import pytest

from api.cli.main import parser

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("deploy/*.md"),
    ]
)
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_relative_link_leads_to_a_file(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    inside = [link for link in links if not re.match(r"[a-z]+:", link)]

    missing = [link for link in inside if not (path.parent / link).exists()]
    assert missing == []


def test_the_readme_begins_with_two_commands_of_one_line() -> None:
    blocks = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

    assert [block.count("\n") for block in blocks] == [1, 1]
    assert all(block.startswith("python3 -m venv .venv && ") for block in blocks)
    assert blocks[0].rstrip().endswith("/counterfoil demo")
    assert blocks[1].rstrip().endswith("/pytest -n 2")


def test_the_readme_maps_every_folder_of_the_top_and_of_the_ledger() -> None:
    mapped = set(re.findall(r"^\| `([\w/]+)/` \|", README, re.MULTILINE))
    present = {
        str(folder.relative_to(ROOT))
        for parent in (ROOT, ROOT / "ledger")
        for folder in parent.iterdir()
        if folder.is_dir()
        and not folder.name.startswith((".", "_"))
        and any(path.is_file() for path in folder.rglob("*"))
        and "__pycache__" not in folder.name
    } - {"counterfoil-demo", "counterfoil-data", "build", "dist"}

    assert mapped == present


def test_the_architecture_names_every_part_of_the_ledger() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    parts = [p for p in (ROOT / "ledger").iterdir() if not p.name.startswith("_")]

    missing = [p.name for p in parts if not re.search(rf"\b{p.stem}\b", text)]
    assert missing == []


def test_each_decision_record_says_why_and_what_it_costs() -> None:
    for path in (ROOT / "docs" / "adr").glob("*.md"):
        text = path.read_text(encoding="utf-8").lower()
        assert re.match(r"\d{4}-[a-z0-9-]+\.md", path.name), path.name
        assert text.startswith("# "), path.name
        assert "cost" in text, path.name


def commands() -> list[str]:
    """Every `counterfoil …` line of a code block, and every one between backticks."""
    documents = [*DOCUMENTS, ROOT / "examples" / "README.md"]
    found: list[str] = []
    for path in documents:
        if path.parent.name == "adr" or path.name == "CHANGELOG.md":
            continue
        text = path.read_text(encoding="utf-8")
        found += re.findall(r"^counterfoil .*$", text, re.MULTILINE)
        found += re.findall(r"`(counterfoil (?!COMMAND)[a-z][^`\n]*)`", text)
    # A mention of a command without its arguments is not a line to type.
    return sorted({line for line in found if len(shlex.split(line, comments=True)) > 2})


def test_there_are_commands_to_check() -> None:
    assert len(commands()) > 10


@pytest.mark.parametrize("line", commands())
def test_every_command_in_the_documents_is_understood(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = shlex.split(line, comments=True)[1:]

    try:
        parser().parse_args(arguments)
    except SystemExit:
        pytest.fail(f"{line}\n{capsys.readouterr().err}")
