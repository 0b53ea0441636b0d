"""Every error has one answer, and every kind an error raises is in the table."""

import ast
import json
from pathlib import Path

import pytest

from ledger.errors import (
    BehindReleasedError,
    ConflictError,
    ErasedError,
    FatalError,
    ForbiddenError,
    MalformedError,
    NotFoundError,
    RejectedError,
    UnavailableError,
    UnknownOutcomeError,
    VerificationError,
)
from schemas.faults import Fault, InvalidError
from schemas.kinds import KINDS
from schemas.problems import problem_for, problem_of

ROOT = Path(__file__).parents[2]
STATUSES = {400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 429, 500, 503}


@pytest.mark.parametrize(
    ("error", "status", "kind", "recorded"),
    [
        (MalformedError("x"), 400, "malformed", False),
        (VerificationError("x"), 403, "verification-failed", False),
        (RejectedError("no-token", "x"), 401, "no-token", False),
        (RejectedError("body-too-large", "x"), 413, "body-too-large", False),
        (RejectedError("not-in-the-table", "x"), 422, "not-in-the-table", False),
        (ForbiddenError("not-in-the-table", "x"), 403, "not-in-the-table", False),
        (ConflictError("not-in-the-table", "x"), 409, "not-in-the-table", False),
        (NotFoundError("not-in-the-table", "x"), 404, "not-in-the-table", False),
        (ErasedError("erased", "x"), 410, "erased", False),
        (InvalidError("invalid-act", []), 422, "invalid-act", False),
        (UnavailableError("x", retry_after_s=7), 503, "unavailable", False),
        (UnknownOutcomeError("x"), 503, "outcome-unknown", None),
        (FatalError("x"), 503, "not-signing", False),
        (BehindReleasedError("x"), 503, "not-signing", False),
        (ValueError("x"), 500, "internal", None),
    ],
)
def test_every_error_has_its_answer(
    error: Exception, status: int, kind: str, recorded: bool | None
) -> None:
    problem = problem_for(error)
    body = json.loads(problem.body)
    assert problem.status == body["status"] == status
    assert body["type"] == f"/docs#problem-{kind}"
    assert body["recorded"] is recorded
    assert body["title"]
    assert body["detail"].endswith(".")
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert ("Retry-After" in problem.headers) == (status == 503)
    assert ("WWW-Authenticate" in problem.headers) == (status == 401)


def test_retry_after_is_the_errors() -> None:
    error = UnavailableError("the pool is full", retry_after_s=7)
    assert problem_for(error).headers["Retry-After"] == "7"


def test_our_own_mistakes_keep_their_text() -> None:
    for error in (FatalError("/data/key"), KeyError("/data/key")):
        assert b"/data/key" not in problem_for(error).body


def test_faults_are_listed() -> None:
    faults = [Fault(f"/reasons/{index}", "is required") for index in range(30)]
    body = json.loads(problem_for(InvalidError("invalid-decision", faults)).body)
    assert len(body["errors"]) == 20
    assert body["errors"][0] == {"pointer": "#/reasons/0", "detail": "is required"}
    assert "and 27 more" in body["detail"]


def test_members_and_headers_are_the_callers() -> None:
    problem = problem_of(
        "method-not-allowed", headers={"Allow": "GET"}, members={"rule": "r1"}
    )
    assert problem.headers["Allow"] == "GET"
    assert json.loads(problem.body)["rule"] == "r1"
    assert b"\n" not in problem.body


def test_the_table_is_whole() -> None:
    assert {kind.status for kind in KINDS.values()} == STATUSES
    assert len({kind.title for kind in KINDS.values()}) == len(KINDS)
    for name, kind in KINDS.items():
        assert kind.name == name
        assert kind.advice.endswith(".")


def _raised_kinds(path: Path) -> set[str]:
    classes = {"RejectedError", "ForbiddenError", "ConflictError", "NotFoundError"}
    classes |= {"ErasedError", "InvalidError"}
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in classes
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_kind_that_the_code_raises_is_in_the_table() -> None:
    # What only the operator's commands raise never becomes an answer.
    commands = {"cli", "demo"}
    tools = ("backup", "copying", "fsck", "founding", "rebuild", "recovery", "rotation")
    paths = [
        p
        for part in ("ledger", "schemas", "api")
        for p in (ROOT / part).rglob("*.py")
        if p.parent.name not in commands and not p.stem.startswith(tools)
    ]
    raised = {(path.name, kind) for path in paths for kind in _raised_kinds(path)}
    assert ("decision.py", "body-too-large") in raised
    assert {one for one in raised if one[1] not in KINDS} == set()
