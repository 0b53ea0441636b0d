"""CONTRACT's known answers, made by somebody else, and values to start tests from."""

import json
from pathlib import Path
from typing import Any

from ledger.canonical import parse_base64url
from ledger.entries.decision import Submission
from ledger.ids import DecisionId, SystemId

FOLDER = Path(__file__).parent.parent / "vectors" / "contract"


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


_DECISION = load("decision")
INPUT: dict[str, Any] = _DECISION["input"]
WANT: dict[str, Any] = _DECISION["want"]
SECRET = parse_base64url(INPUT["K"])
GENESIS: str = WANT["genesis"]


def compact(value: object) -> bytes:
    """JSON as our sealer writes it, by the standard library."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def submission() -> Submission:
    """The vector's decision, ready to seal."""
    statement = json.loads(WANT["statement_jcs"])
    return Submission(
        id=DecisionId(statement["id"]),
        system=SystemId(statement["system"]),
        version=statement["version"],
        profile=statement["profile"],
        automation=statement["automation"],
        time=statement["time"],
        outcome=None,
        values={slot: compact(value) for slot, value in INPUT["values"].items()},
    )
