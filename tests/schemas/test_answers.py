"""The models take the answers that CONTRACT prints, and nothing looser."""

import base64
import uuid
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from schemas import answers
from schemas.problems import problem_of

ID = str(uuid.UUID(int=0, version=4))
LEAF = base64.b64encode(b"leaf").decode()
HASH = base64.b64encode(bytes(32)).decode()
SECRET = "A" * 43
RECEIPT = {"leaf": LEAF, "proof": "c2sp.org/tlog-proof@v1\n", "secret": SECRET}
GUARD = {"id": "g", "outcome": "pass", "message": "ok", "enacted_by": "p"}
ENTRY = {"index": 0, "leaf": LEAF}

GOOD: list[tuple[type[BaseModel], dict[str, Any]]] = [
    (
        answers.Recorded,
        {
            "id": ID,
            "index": 42,
            "status": "accepted",
            "safeguards": [GUARD],
            "receipt": {**RECEIPT, "link": f"https://h/l/r#{ID}.{SECRET}"},
        },
    ),
    (
        answers.RecordedLine,
        {
            "status": 201,
            "id": ID,
            "index": 42,
            "decision": "held",
            "safeguards": [],
            "leaf": LEAF,
            "secret": None,
        },
    ),
    (answers.UnknownLine, {"status": "unknown"}),
    (answers.Entry, ENTRY),
    (answers.Entries, {"items": [ENTRY], "next": "0"}),
    (
        answers.ActRecorded,
        {"index": 1, "id": SECRET, "receipt": {"leaf": LEAF, "proof": "x"}},
    ),
    (
        answers.InclusionProof,
        {"index": 0, "size": 1, "leaf_hash": HASH, "hashes": [], "checkpoint": None},
    ),
    (answers.ConsistencyProof, {"from": 1, "to": 2, "hashes": [HASH]}),
    (
        answers.Keys,
        {"origin": "o", "genesis": SECRET, "vkeys": ["o+1+A"], "policy": "quorum none"},
    ),
    (answers.State, {"size": 1, "root": "0" * 64, "sections": {"systems": "f" * 64}}),
]


@pytest.mark.parametrize(("model", "answer"), GOOD)
def test_takes_the_contracts_answers_and_no_more(
    model: type[BaseModel], answer: dict[str, Any]
) -> None:
    model.model_validate(answer)
    with pytest.raises(ValidationError):
        model.model_validate({**answer, "more": 1})
    required = [
        field.alias or name
        for name, field in model.model_fields.items()
        if field.is_required()
    ]
    for name in required:
        with pytest.raises(ValidationError):
            model.model_validate({key: answer[key] for key in answer if key != name})


def test_a_problem_is_one() -> None:
    answers.Problem.model_validate_json(
        problem_of("outcome-unknown", recorded=None).body
    )
