"""A town of members at terminals: a real service under numbers of seconds."""

import contextlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from api.cli.main import main
from tests.world.service import LEDGER, ROOT, Service

PATIENCE_S = 30.0
NUMBERS = json.loads((ROOT / "examples" / "parameters-quick.json").read_text())


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
        self.service = Service()
        self.home = home
        self._numbers = {**NUMBERS, **numbers}

    def __enter__(self) -> Self:
        try:
            file = self.home / "numbers.json"
            file.write_text(json.dumps(self._numbers))
            self.operator("init", LEDGER, "--origin", "example.org/town",
                          "--parameters", file)  # fmt: skip
            self.service.start()
        except BaseException:
            self.service.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.service.close()

    def operator(self, *words: str | Path) -> str:
        """A command of the operator, beside the service."""
        env = self.service._environment()
        done = subprocess.run(
            [sys.executable, "-m", "counterfoil", *map(str, words)],
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
        """The proposal, once it is in one of these states."""
        end = time.monotonic() + PATIENCE_S
        while True:
            view: dict[str, Any] = self.reads("proposal", key)
            if view["state"] in states:
                return view
            assert time.monotonic() < end, view
            time.sleep(0.05)

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
