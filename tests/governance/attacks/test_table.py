"""The table of attacks names tests that exist, each attack of the issue among them."""

import ast
from pathlib import Path

import pytest

from tests.governance import attacks

HERE = Path(__file__).parents[1]
ROWS = [
    row.rsplit(maxsplit=1)
    for row in (attacks.__doc__ or "").splitlines()
    if "::" in row
]


def test_every_attack_has_a_row() -> None:
    assert len({attack for attack, _ in ROWS}) == len(ROWS) == 43


@pytest.mark.parametrize(("attack", "name"), ROWS, ids=[row[0] for row in ROWS])
def test_its_test_is_there(attack: str, name: str) -> None:
    path, test = name.split("::")
    tree = ast.parse((HERE / path).read_text())
    found = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert test in found, attack
