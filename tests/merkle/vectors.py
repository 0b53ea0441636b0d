"""Reads tests/vectors/merkle."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "vectors" / "merkle"
TESSERA = FOLDER / "tessera-testlog"
TESSERA_VKEY = (
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
)

b64 = b64decode


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))
