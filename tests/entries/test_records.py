"""The entries that the ledger makes itself about decisions: golden bytes, refusals."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from ledger.entries.codec import decode_entry, encode_entry, read_leaf
from ledger.entries.entry import ErasureExecuted, ReceiptReissued
from ledger.errors import MalformedError
from ledger.ids import DecisionId, LedgerName

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors/cases/entries.json").read_text()
)
KINDS: dict[str, type[ErasureExecuted | ReceiptReissued]] = {
    "erasure-executed": ErasureExecuted,
    "receipt-reissued": ReceiptReissued,
}
BOTH = pytest.mark.parametrize("vector", VECTORS, ids=[one["name"] for one in VECTORS])
ID = "0b0f7d0e-3c5a-4f7e-8a59-2f4f0e8b9c11"
LATER = "1b0f7d0e-3c5a-4f7e-8a59-2f4f0e8b9c11"


def entry_of(vector: dict[str, Any]) -> ErasureExecuted | ReceiptReissued:
    given = vector["input"]
    return KINDS[vector["name"]](
        id=given["id"],
        ledger=LedgerName(given["ledger"]),
        time_ms=given["time_ms"],
        decisions=tuple(map(DecisionId, given["decisions"])),
    )


@BOTH
def test_the_golden_leaf(vector: dict[str, Any]) -> None:
    leaf = vector["want"]["leaf"].encode()
    entry = entry_of(vector)
    assert encode_entry(entry) == leaf == rfc8785.dumps(json.loads(leaf))
    assert decode_entry(leaf) == read_leaf(leaf) == entry


def at(*path: str, to: object) -> Callable[[dict[str, Any]], object]:
    def change(event: dict[str, Any]) -> None:
        inner: Any = event
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = to

    return change


BAD = {
    "another version": at("type", to="org.counterfoil.erasure.executed.v2"),
    "no decisions": at("data", to={}),
    "a person": at("data", "subject", to="somebody"),
    "none": at("data", "decisions", to=[]),
    "a text": at("data", "decisions", to=ID),
    "out of order": at("data", "decisions", to=[LATER, ID]),
    "twice": at("data", "decisions", to=[ID, ID]),
    "a number": at("data", "decisions", to=[1]),
    "another version of ids": at(
        "data", "decisions", to=["0b0f7d0e-3c5a-7f7e-8a59-2f4f0e8b9c11"]
    ),
    "an odd id": at("id", to="1"),
    "the decision's own id form": at("id", to="A" * 43),
    "of a system": at("source", to="/commons/systems/example"),
    "time in seconds": at("time", to="2026-11-22T10:00:00Z"),
    "time of nothing": at("time", to=None),
}


@BOTH
@pytest.mark.parametrize("name", BAD)
def test_another_form_is_refused(vector: dict[str, Any], name: str) -> None:
    event = json.loads(vector["want"]["leaf"])
    BAD[name](event)
    with pytest.raises(MalformedError):
        decode_entry(rfc8785.dumps(event))


@BOTH
def test_a_thousand_at_most(vector: dict[str, Any]) -> None:
    event = json.loads(vector["want"]["leaf"])
    many = [f"{n:08x}-3c5a-4f7e-8a59-2f4f0e8b9c11" for n in range(1_001)]
    event["data"]["decisions"] = many[:1_000]
    leaf = rfc8785.dumps(event)
    assert encode_entry(decode_entry(leaf)) == leaf
    event["data"]["decisions"] = many
    with pytest.raises(MalformedError, match="1,000"):
        decode_entry(rfc8785.dumps(event))
