"""A town of members at terminals: a real service, whose clock the test moves on.

Periods are long, so that nobody misses one however slow the machine is; `waits` lets them
pass by moving the clock of the service and of the members' commands alike.
"""

import contextlib
import io
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import pytest

from api.cli.main import main
from ledger.clock import SystemClock
from tests.world.later import Offset
from tests.world.service import LEDGER, ROOT, Service

STEPS_MAX = 12  # of a proposal, from one state to another
HOUR_S = 3_600
QUICK = json.loads((ROOT / "examples" / "parameters-quick.json").read_text())
# Each second of a quick town is an hour here; what it may have at once stays at once.
NUMBERS = {name: number * HOUR_S for name, number in QUICK.items()}


class Moved(Service):
    """A service that runs by the moved clock."""

    COMMAND = Offset.command


class Told(NamedTuple):
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def here(*words: str | Path) -> Told:
    """A command in this process: it needs no configuration, and starts at once."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(word) for word in words])
        except SystemExit as error:
            code = int(error.code or 0)
    return Told(code, out.getvalue(), err.getvalue())


class Town:
    """A service founded with these numbers, and people with keys."""

    def __init__(self, home: Path, **numbers: Any) -> None:
        self.clock = Offset(home / "clock")
        self.service = Moved(env=self.clock.environment)
        self.home = home
        self._numbers = {**NUMBERS, **numbers}

    def __enter__(self) -> Self:
        try:
            file = self.home / "numbers.json"
            file.write_text(json.dumps(self._numbers))
            self.operator("init", LEDGER, "--origin", "example.org/town",
                          "--parameters", file)  # fmt: skip
            self.service.start()
            self._moved = self.clock.here()
            self._moved.__enter__()
        except BaseException:
            self.service.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._moved.__exit__(None, None, None)
        self.service.close()

    def operator(self, *words: str | Path) -> str:
        """A command of the operator, beside the service."""
        env = self.service._environment()
        done = subprocess.run(
            [*Offset.command, *map(str, words)],
            cwd=ROOT,
            env={**env, "COUNTERFOIL_DATA_DIR": str(self.service.data)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done
        return done.stdout

    @property
    def founder(self) -> Path:
        return self.service.data / "founder.key"

    def person(self, name: str) -> Path:
        """Somebody with a key of their own."""
        path = self.home / f"{name}.key"
        if not path.exists():
            assert here("identity", "new", path).code == 0
        return path

    def did(self, who: Path) -> str:
        return str(json.loads(who.read_text())["did"])

    def tries(self, who: Path, *words: str | Path) -> Told:
        """Somebody types a command that signs, and agrees to it."""
        return here(*words, "--url", self.service.ledger_url, "--identity", who,
                    "--yes", "--json")  # fmt: skip

    def does(self, who: Path, *words: str | Path) -> Any:
        """The same, and it is recorded; what was said, as JSON, of the last act."""
        told = self.tries(who, *words)
        assert told.code == 0, (words, told)
        return json.loads(told.out.splitlines()[-1])

    def reads(self, *words: str | Path) -> Any:
        """A command that reads, as JSON."""
        told = here(*words, "--url", self.service.ledger_url, "--json")
        assert told.code == 0, (words, told)
        return told.json()

    def waits(self, key: str, *states: str) -> dict[str, Any]:
        """The proposal, once it is in one of these states; what is due passes first."""
        view: dict[str, Any] = self.reads("proposal", key)
        for _ in range(STEPS_MAX):
            if view["state"] in states:
                return view
            coming = [step["time_ms"] for step in view["timeline"] if not step["past"]]
            assert coming, view
            self.clock.forward(max(0, min(coming) - SystemClock().now_ms()))
            view = self.reads("proposal", key)
        pytest.fail(f"never {states}: {view}")

    def opens(self, who: Path, file: Path, *endorsers: Path) -> str:
        """A proposal opened, submitted and endorsed: its key."""
        opened = self.does(who, "propose", file, "--submit")
        key = str(opened["payload"]["body"]["proposal"])
        for one in endorsers:
            self.does(one, "endorse", key)
        return key

    def passes(self, key: str, voters: Sequence[Path]) -> dict[str, Any]:
        """It is voted for, waits, and is executed; as it was before that."""
        self.waits(key, "Voting")
        for voter in voters:
            self.does(voter, "vote", key, "yes")
        self.waits(key, "Challenge", "Timelock", "Ready")
        before = self.waits(key, "Ready")
        self.does(voters[0], "execute", key)
        assert self.reads("proposal", key)["state"] == "Executed"
        return before
