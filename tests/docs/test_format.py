"""docs/FORMAT.md: its examples run, without our code, and name what our code does."""

import doctest
import re
from pathlib import Path

import pytest

from ledger.entries import (
    act,
    case,
    codec,
    decision,
    disclosure,
    part,
    records,
    secret,
    statement,
)
from ledger.entries.codec import decode_entry
from ledger.entries.receipt import verify_receipt
from ledger.governance.cases import actions as case_actions, acts as case_acts
from ledger.governance.cases.bodies import AROUND
from ledger.governance.cases.room import Cases
from ledger.governance.evolve import evolve
from ledger.governance.state import EMPTY
from ledger.governance.systems.actions import SYSTEM_REGISTER, SYSTEM_VERSION
from ledger.ids import LeafIndex
from tests.entries.receipts import ACTED, POLICY, WHOLE
from tests.entries.vectors import WANT
from tests.governance.world import REGISTER, REGISTERED

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "FORMAT.md").read_text("utf-8")


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    example = doctest.DocTestParser().get_doctest(TEXT, {}, "FORMAT.md", None, None)
    assert len(example.examples) > 40
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(example)
    assert runner.summarize(verbose=False).failed == 0


def test_the_examples_are_not_our_own_code() -> None:
    examples = "".join(re.findall(r"```pycon\n(.*?)```", TEXT, re.DOTALL))
    assert "import" in examples
    assert not re.search(r"\b(?:ledger|api|schemas)\b *(?:\.|import)", examples)


def test_the_slots_stand_in_their_order() -> None:
    block = re.search(r"    (decided_at outcome.*?)\n\n", TEXT, re.DOTALL)
    assert block is not None
    assert tuple(block[1].split()) == disclosure.SLOTS


@pytest.mark.parametrize(
    "value",
    [
        codec.LEDGER_FOUNDED,
        codec.TIME_PASSED,
        records.ERASURE_EXECUTED,
        records.RECEIPT_REISSUED,
        decision.DECISION_RECORDED,
        act.PAYLOAD_TYPE,
        statement.STATEMENT_PREFIX.decode().rstrip("\0"),
        decision.SEALED_PREFIX.decode().rstrip("\0"),
        *(info.decode().rstrip("\1") for info in (secret._TAG, secret._DEK)),
        secret._CONTEST.decode().rstrip("\1"),
        *(one.decode().rstrip("\0") for one in (case._BOX, case._GRANT, case._TAG)),
        *(one.decode().rstrip("\0") for one in (case._PART, case._PROOF)),
        case._CLAIM_SEAL.decode(),
        part._DOMAIN.decode().rstrip("\0"),
        *(f"| `{slot}` |" for slot in part.PART_SLOTS),
        "\\|".join(part.GROUNDS),
        decision.NO_RULES,
        *(f"`{name}`" for name in codec.RESULT_OUTCOMES),
        *(f"`{name}`" for name in statement.AUTOMATIONS),
        f"`{SYSTEM_REGISTER}`",
        f"`{SYSTEM_VERSION}`",
        '"status"',
        '"registered_by"',
        *(f'"{name}"' for name in REGISTER),
        *(f'"{name}"' for name in REGISTERED.sections()["community"]),
        *(f"| `{name}` |" for name in REGISTERED.sections()),
        *(f"| `{name}` |" for name in Cases().sections()),
        *(f"`{name}`" for name in case_acts.ACTS),
        *(f"`{name}`" for name in case_actions.ACTIONS),
        *(f"`{name}`" for name in AROUND),
    ],
)
def test_what_the_code_writes_is_on_the_page(value: str) -> None:
    assert value in TEXT


def test_the_checks_of_a_receipt_are_on_the_page_in_their_order() -> None:
    table = TEXT.partition("| check | |")[2].partition("\n## ")[0]
    listed = re.findall(r"`([a-z-]+)`", table)
    for receipt in (WHOLE, ACTED):
        made = [check.name for check in verify_receipt(receipt, POLICY).checks]
        assert [name for name in listed if name in made] == made


def test_the_states_root_on_the_page_is_the_codes() -> None:
    founding = decode_entry(WANT["genesis_leaf"].encode())
    assert evolve(EMPTY, founding, LeafIndex(0)).root() in TEXT
