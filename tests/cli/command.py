"""Runs commands as an operator would: another process, its own database and folder."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.world.service import ROOT


@dataclass(frozen=True)
class Told:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Operator:
    """Somebody at a terminal, with a data folder and, if given, a database by URL."""

    data: Path
    database: str = ""
    env: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, stdin: str = "") -> Told:
        """Runs `counterfoil` with these arguments."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("COUNTERFOIL_")}
        kept["COUNTERFOIL_DATA_DIR"] = str(self.data)
        if self.database:
            kept["COUNTERFOIL_DATABASE_URL"] = self.database
        done = subprocess.run(
            [sys.executable, "-m", "counterfoil", *arguments],
            cwd=ROOT,
            env={**kept, **self.env},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Told(done.returncode, done.stdout, done.stderr)

    def does(self, *arguments: str, stdin: str = "") -> Told:
        """Runs it, and insists that it went well."""
        told = self(*arguments, stdin=stdin)
        assert told.code == 0, f"{arguments}: {told}"
        return told

    def founded(self) -> "Operator":
        """With a ledger `city` and a system `s1`."""
        self.does("init", "city", "--origin", "example.org/city")
        self.does(
            "systems", "add", "city", "s1", "--operator", "Acme", "--version", "1"
        )
        return self
