"""The demo, run for real, as a newcomer would and as an impatient one would."""

import asyncio
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from api.demo.compas import decision_of, read_scores
from api.demo.constitution import parameters
from api.demo.receipts import Held, verify_places
from api.demo.screen import Screen
from ledger.audit.source import FolderSource
from ledger.entries.receipt import parse_receipt
from ledger.errors import VerificationError
from ledger.governance.parameters import check_parameters
from ledger.ids import LeafIndex
from ledger.merkle.note import parse_vkey
from schemas.decision import validate_decision
from tests.world import processes
from tests.world.service import ROOT

PROGRAM = ROOT / "counterfoil.py"
RUN_S = 300.0  # a loaded machine needs a hundred
LEFT_S = 60.0

# ---- the data -------------------------------------------------------------------------


def test_every_row_becomes_a_decision_the_contract_allows() -> None:
    scores = read_scores()
    decisions = [decision_of(score, "2026-11-22T10:00:00Z") for score in scores]

    assert len(decisions) == 7_214
    assert len({one["subject"]["ref"] for one in decisions}) == 7_214
    for one in decisions:
        validate_decision(one)
    adverse = [one for one in decisions if not one["outcome"]["favourable"]]
    assert len(adverse) == 3_317
    assert all(len(one["reasons"]) == 1 for one in adverse)
    assert sum("reasons" in one for one in decisions) == len(adverse)


@pytest.mark.parametrize(
    ("race", "cells"),
    [
        # Not arrested and low, not arrested and not low, arrested and low, and not low:
        # as published with the data set.
        ("African-American", (990, 805, 532, 1_369)),
        ("Caucasian", (1_139, 349, 461, 505)),
    ],
)
def test_the_rows_have_the_published_cells(
    race: str, cells: tuple[int, int, int, int]
) -> None:
    counted = Counter(
        (score.arrested_again, decision_of(score, "")["outcome"]["code"])
        for score in read_scores()
        if decision_of(score, "")["protected"]["race_ethnicity"] == race
    )

    assert cells == (
        counted[False, "low"],
        counted[False, "not-low"],
        counted[True, "low"],
        counted[True, "not-low"],
    )


def test_what_happened_two_years_later_is_no_part_of_a_decision() -> None:
    score = next(score for score in read_scores() if score.arrested_again)

    assert "arrest" not in json.dumps(decision_of(score, ""))
    assert set(decision_of(score, "")) <= {
        *("system", "decided_at", "automation", "outcome", "score", "subject"),
        *("protected", "reasons"),
    }


@pytest.mark.parametrize(
    ("start_s", "voting_s"), [(0.4, 3), (3.0, 3), (3.1, 4), (11.5, 12), (90.0, 20)]
)
def test_a_slow_machine_has_longer_to_vote(start_s: float, voting_s: int) -> None:
    numbers = parameters(start_s)

    assert numbers["voting_s"] == numbers["voting_expedited_s"] == voting_s
    check_parameters(numbers)


# ---- the screen -----------------------------------------------------------------------


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_a_terminal_never_wraps_a_step(columns: int, tmp_path: Path) -> None:
    written = tmp_path / "screen"
    with written.open("w", encoding="utf-8") as file:
        screen = Screen(
            Console(file=file, force_terminal=True, width=columns, soft_wrap=True)
        )
        step = screen.step(3, "Record")
        step.working("copying the log, changing one byte, auditing it all once again")
        step.progress(3_000, 7_214, rate=12_345.6, noun="receipts verified")
        step.done_bar(7_214, 7_214, 12_345.6, 12.3)
        step.done("a sentence that is long enough to need two lines " * 2, 1.2)

    plain = re.sub(r"\x1b\[[0-9;]*m", "", written.read_bytes().decode())
    drawn = re.split(r"\n|\r\x1b\[2K", plain)
    assert max(map(len, drawn)) < columns
    assert max(map(len, drawn)) < 80


def test_elsewhere_a_line_appears_once_and_plain(
    capsys: pytest.CaptureFixture[str],
) -> None:
    step = Screen().step(3, "Record")
    step.progress(3_000, 7_214)
    step.done_bar(7_214, 7_214, 1_000.0, 7.2)

    printed = capsys.readouterr().out
    assert printed.split() == [
        "3",
        "Record",
        "7,214",
        "of",
        "7,214",
        "1,000/s",
        "7.2",
        "s",
    ]
    assert printed.count("\n") == 1


# ---- the whole of it ------------------------------------------------------------------


class Demo:
    """One demo in a process of its own, started in `home` as one would."""

    def __init__(self, home: Path, *arguments: str, encoding: str = "utf-8") -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("COUNTERFOIL_")}
        self.output = home / f"output-{len(list(home.glob('output-*')))}"
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, str(PROGRAM), "demo", *arguments],
                cwd=home,
                # A database that is named elsewhere is not for demos.
                env={
                    **kept,
                    "PYTHONIOENCODING": encoding,
                    "COUNTERFOIL_DATABASE_URL": "postgresql://nobody@localhost:1/none",
                },
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.encoding = encoding
        self._below: set[int] = set()

    @property
    def text(self) -> str:
        return self.output.read_bytes().decode(self.encoding)

    def wait_for(self, text: str) -> None:
        end = time.monotonic() + RUN_S
        while text not in self.text:
            self._below.update(processes.descendants(self.process.pid))
            assert self.process.poll() is None, self.text
            assert time.monotonic() < end, self.text
            time.sleep(0.05)
        self._below.update(processes.descendants(self.process.pid))

    def end(self, number: signal.Signals | None = None) -> int:
        """Its exit status, once it is told to stop or is done."""
        if number is not None:
            self.process.send_signal(number)
        return self.process.wait(RUN_S)

    def left(self) -> list[int]:
        """What still runs when it should not: Python's own tracker ends after us."""
        end = time.monotonic() + LEFT_S
        while (left := list(filter(_runs, self._below))) and time.monotonic() < end:
            time.sleep(0.02)
        return left


def _runs(pid: int) -> bool:
    """Whether a process is there and has not ended (a zombie waits for its parent)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    assert processes.postmasters(tmp_path) == []


def curl_line(text: str) -> list[str]:
    """The words of the printed line, as a shell would join and split them."""
    start = text.index("curl ")
    lines = text[start:].split("\n\n", maxsplit=1)[0].replace("\\\n", " ")
    return shlex.split(lines)


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.timeout(3 * RUN_S)
def test_once_shows_every_step_and_ends(home: Path) -> None:
    first = Demo(home, "--once", "--data", "try out")
    assert first.end() == 0, first.text

    text = first.text
    for line in (
        r"^ 1 Database   embedded PostgreSQL 1\d\.\d+, in ./try out +\d+\.\d s$",
        r'^ 2 Community  "commons" founded; log key localhost/commons\+[0-9a-f]{8} ',
        r"^ 3 Record     7,214 of 7,214   [0-9,]+/s +\d+\.\d s$",
        r"^ {14}7,214 receipts: place, signature and secret verified ",
        r"^ {14}100 private parts fetched and opened: all as sent$",
        r"^ 4 Vote       5 members, each with a key of their own; under the demo's$",
        r'^ {14}"A person confirms every adverse score"$',
        r"^ {14}dry run: would have held 3,317 of 7,214$",
        r"^ {14}4 of 5 members for it, 1 against; its timelock over, it is in$",
        r"^ 5 Enforce    the very next adverse score is HELD, by rule person-confirms,$",
        r"^ {14}proposal [A-Za-z0-9_-]{8}… ",
        r"^ {14}its overseer confirms it, under a key of their own: entry 7,2\d\d$",
        r"^ 6 Audit      a second program that trusts nothing here:$",
        r"^ {14}7,2\d\d entries, root [0-9a-f]{8}…, [0-9,]+ checks, 0 findings ",
        r"^ 7 Cheat      we change one byte in a copy and audit again:$",
        r"^ {14}✗ entry 4,211 is not what the checkpoint signed\.  Caught\.$",
    ):
        assert re.search(line, text, re.MULTILINE), (line, text)
    assert "\x1b" not in text
    assert "\r" not in text

    words = curl_line(text)
    body = words[words.index("--json") + 1]
    decision = json.loads((home / body.removeprefix("@")).read_bytes())
    assert decision["system"] == "example"
    validate_decision(decision)
    token = words[words.index("-H") + 1].partition("$(cat ")[2].removesuffix(")")
    assert (home / shlex.split(token)[0]).read_text().startswith("cft_")

    receipt = home / "try out" / "receipt.counterfoil.json"
    checked = subprocess.run(
        [sys.executable, PROGRAM, "verify", receipt], capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    forged = subprocess.run(
        [sys.executable, PROGRAM, "audit", home / "try out" / "altered-copy"],
        capture_output=True,
        check=False,
    )
    assert forged.returncode == 1
    assert "entry 4,211 is not what the checkpoint signed" in forged.stdout.decode()

    _check_that_receipts_can_fail(home / "try out")

    # Again, in the same folder, and where no sign but ASCII can be written.
    second = Demo(home, "--once", "--data", "try out", encoding="ascii")
    assert second.end() == 0, second.text
    assert "This replaces the demo that was in ./try out." in second.text
    assert "x entry 4,211 is not what the checkpoint signed.  Caught." in second.text


def _check_that_receipts_can_fail(folder: Path) -> None:
    """The demo's own check, against the files it left: it holds, and it can refuse."""
    receipt = parse_receipt((folder / "receipt.counterfoil.json").read_bytes())
    assert receipt.secret is not None
    held = Held(
        id=receipt.id,
        index=receipt.index,
        leaf=receipt.leaf,
        secret=receipt.secret,
        sent={},
    )
    keys = json.loads((folder / "altered-copy" / "v1" / "keys").read_bytes())

    def check(one: Held) -> None:
        source = FolderSource(folder / "altered-copy")
        vkey = parse_vkey(keys["vkeys"][0])
        asyncio.run(verify_places(source, [one], vkey, keys["genesis"], _quiet))

    check(held)
    for wrong, why in (
        (replace(held, secret=bytes(32)), "subject_tag"),
        (replace(held, index=LeafIndex(held.index + 1)), "proof"),
        (replace(held, leaf=held.leaf.replace(b"advisory", b"partial")), "proof"),
    ):
        with pytest.raises(VerificationError, match=why):
            check(wrong)


def _quiet(_done: int, _total: int) -> None:
    pass


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.timeout(3 * RUN_S)
def test_ctrl_c_stops_everything(home: Path) -> None:
    demo = Demo(home)
    try:
        demo.wait_for("Ctrl-C stops.")
        words = curl_line(demo.text.partition("\n\nA log proves")[0])
        token = (home / "counterfoil-demo" / "example.token").read_text().strip()
        posted = subprocess.run(
            ["curl", "-s", "-H", f"Authorization: Bearer {token}", *words[3:]],
            cwd=home,
            capture_output=True,
            check=True,
        )
        assert json.loads(posted.stdout)["status"] == "accepted"

        other = Demo(home)
        assert other.end() == 2
        assert "a demo already runs in counterfoil-demo" in other.text

        assert demo.end(signal.SIGINT) == 0
        assert "Stopped. Nothing is left running." in demo.text
        assert demo.left() == []
    finally:
        demo.process.kill()


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_can_be_stopped_in_the_middle(
    home: Path, number: signal.Signals
) -> None:
    demo = Demo(home)
    try:
        demo.wait_for(" 2 Community")
        assert demo.end(number) == 130
        assert "Stopped before the end. Nothing is left running." in demo.text
        assert demo.left() == []
    finally:
        demo.process.kill()


@pytest.mark.slow
@pytest.mark.e2e
def test_a_killed_demo_takes_its_service_along(home: Path) -> None:
    demo = Demo(home)
    demo.wait_for(" 2 Community")
    demo.end(signal.SIGKILL)

    end = time.monotonic() + RUN_S
    while demo.left() and time.monotonic() < end:
        time.sleep(0.05)
    assert demo.left() == []


def test_a_folder_that_no_demo_made_is_left_alone(home: Path) -> None:
    (home / "counterfoil-demo").mkdir()
    (home / "counterfoil-demo" / "thesis.txt").write_text("three years of work")

    demo = Demo(home)

    assert demo.end() == 2
    assert "name another folder with --data DIR" in demo.text
    kept = [path.name for path in (home / "counterfoil-demo").iterdir()]
    assert kept == ["thesis.txt"]
