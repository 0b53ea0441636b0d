"""Published signatures, and the policy that libsodium's verification is pinned to."""

from typing import Any

import pytest

from ledger.keys import verify
from ledger.merkle.cosignature import verify_mldsa44
from tests.merkle.vectors import b64, read

WYCHEPROOF = read("wycheproof-ed25519.json")["cases"]
MLDSA = read("wycheproof-mldsa44.json")
CCTV = read("cctv-ed25519.json")["cases"]

# docs/adr/0003: no key or R of small order, one encoding of each, and the equation
# without its cofactor: nothing that two strict verifiers could judge differently.
REFUSED = {
    "low_order_A",
    "low_order_R",
    "non_canonical_A",
    "non_canonical_R",
    "low_order_residue",
}


@pytest.mark.parametrize("case", WYCHEPROOF, ids=lambda case: str(case["id"]))
def test_wycheproof_ed25519(case: dict[str, Any]) -> None:
    held = verify(b64(case["key"]), b64(case["msg"]), b64(case["sig"]))
    assert held == (case["result"] == "valid")


@pytest.mark.parametrize("case", MLDSA["cases"], ids=lambda case: str(case["id"]))
def test_wycheproof_mldsa44(case: dict[str, Any]) -> None:
    key = b64(MLDSA["keys"][case["group"]])
    context = b64(case.get("ctx", ""))
    held = verify_mldsa44(key, b64(case["msg"]), b64(case["sig"]), context)
    assert held == (case["result"] == "valid")


def test_cctv_ed25519_pins_the_policy() -> None:
    assert len(CCTV) == 914
    accepted = 0
    for case in CCTV:
        held = verify(b64(case["key"]), case["msg"].encode(), b64(case["sig"]))
        assert held == (not REFUSED.intersection(case["flags"])), case["id"]
        accepted += held
    assert accepted == 43


def test_the_numbers_are_all_here() -> None:
    assert len(WYCHEPROOF) == 151
    assert len(MLDSA["cases"]) == 180
