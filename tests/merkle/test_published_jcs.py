"""RFC 8785's published cases: on the subset of leaves equal, beyond it refused."""

import json

import pytest

from ledger.canonical import jcs, parse_jcs
from ledger.errors import MalformedError
from tests.merkle.vectors import read

CASES = read("rfc8785-jcs.json")
BEYOND = {
    "french.json": "not ASCII",
    "structures.json": "with a fraction",
    "values.json": "with a fraction",
    "weird.json": "not ASCII",
}


@pytest.mark.parametrize("name", sorted(set(CASES) - set(BEYOND)))
def test_on_the_subset(name: str) -> None:
    want = bytes.fromhex(CASES[name]["outhex"])
    value = json.loads(CASES[name]["input"])
    assert jcs(value) == want
    assert parse_jcs(want) == value


@pytest.mark.parametrize("name", sorted(BEYOND))
def test_beyond_the_subset(name: str) -> None:
    with pytest.raises(MalformedError, match=BEYOND[name]):
        jcs(json.loads(CASES[name]["input"]))


def test_canonical_bytes_of_structures_are_refused_for_their_name_only() -> None:
    """Its 56.0 is canonically 56, so the published output is on the subset."""
    want = bytes.fromhex(CASES["structures.json"]["outhex"])
    assert jcs(json.loads(want)) == want
