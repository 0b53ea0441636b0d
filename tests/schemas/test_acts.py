"""Bytes that are not JSON are 400, JSON that is no act is 422."""

import json
from pathlib import Path

import pytest

from ledger.errors import MalformedError, RejectedError
from ledger.limits import ACT_BYTES_MAX
from schemas.acts import parse_act
from schemas.faults import InvalidError
from tests.schemas.samples import MARKER, encoded

VECTOR = Path(__file__).parents[1] / "vectors" / "contract" / "act.json"


def envelope() -> object:
    want = json.loads(VECTOR.read_text())["want"]
    return want["envelope"]


def test_reads_an_act_of_another_implementation() -> None:
    assert parse_act(encoded(envelope())).envelope == envelope()


@pytest.mark.parametrize("body", [b"", b"{", b'{"payload":1,"payload":1}'])
def test_not_json(body: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_act(body)


@pytest.mark.parametrize(
    "value", [{}, [], 1, {MARKER: MARKER}, {"payload": MARKER, "signatures": []}]
)
def test_no_act(value: object) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_act(encoded(value))
    assert caught.value.kind == "invalid-act"
    assert MARKER not in str(caught.value)


def test_too_large() -> None:
    with pytest.raises(RejectedError) as caught:
        parse_act(b" " * (ACT_BYTES_MAX + 1))
    assert caught.value.kind == "body-too-large"
