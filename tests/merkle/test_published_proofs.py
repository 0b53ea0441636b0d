"""transparency-dev/merkle's 518 cases, each as it is published: held or refused."""

from collections import Counter
from typing import Any

import pytest

from ledger.errors import VerificationError
from ledger.ids import Hash
from ledger.merkle.proof import (
    check_consistency,
    check_inclusion,
    check_subtree,
    check_subtree_inclusion,
)
from tests.merkle.vectors import b64, read

CASES = read("transparency-dev.json")


def _check(case: dict[str, Any]) -> None:
    proof = [Hash(b64(item)) for item in case["proof"] or []]

    def h(name: str) -> Hash:
        return Hash(b64(case[name]))

    match case["path"].split("/")[0]:
        case "inclusion":
            check_inclusion(
                case["leafIdx"], case["treeSize"], h("leafHash"), proof, h("root")
            )
        case "consistency":
            check_consistency(
                case["size1"], case["size2"], h("root1"), proof, h("root2")
            )
        case "subtreeinclusion":
            check_subtree_inclusion(
                case["leafIdx"],
                case["start"],
                case["end"],
                h("leafHash"),
                proof,
                h("root"),
            )
        case "subtreeconsistency":
            check_subtree(
                case["start"],
                case["end"],
                case["size"],
                h("root1"),
                proof,
                h("root2"),
            )
        case kind:
            pytest.fail(kind)


def test_all_are_here() -> None:
    kinds = Counter(case["path"].split("/")[0] for case in CASES)
    assert kinds == {
        "inclusion": 98,
        "consistency": 98,
        "subtreeinclusion": 204,
        "subtreeconsistency": 118,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["path"])
def test_published_case(case: dict[str, Any]) -> None:
    if case["wantErr"]:
        with pytest.raises(VerificationError):
            _check(case)
    else:
        _check(case)
