"""The published cases of other governors, and where ours differ on purpose (ADR 9)."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st

from ledger.governance.assembly import phases
from ledger.governance.assembly.brake import delay_ms
from ledger.governance.assembly.classes import CLASSES, PPM, quorum_ppm, thresholds_of
from ledger.governance.assembly.voting import outcome_of
from ledger.governance.ballots.method import Ballot
from ledger.governance.ballots.yesno import YESNO
from ledger.governance.parameters import PARAMETERS
from tests.governance.assembly.town import DAY_MS, did

ROOT = Path(__file__).parents[2] / "vectors/governance/governor/governor.json"
CASES: dict[str, Any] = json.loads(ROOT.read_text())
LEAST_MS, MOST_MS = 5 * DAY_MS, 45 * DAY_MS


def test_lidos_dynamic_timelock() -> None:
    case = CASES["dynamic_timelock_lido"]
    assert (case["R1"], case["R2"]) == (0.01, 0.1)
    assert (case["Lmin_days"] * DAY_MS, case["Lmax_days"] * DAY_MS) == (
        LEAST_MS,
        MOST_MS,
    )
    delays = {n: delay_ms(n, 100_000, LEAST_MS, MOST_MS) for n in (0, 999, 1_000)}
    assert delays == {0: 0, 999: 0, 1_000: LEAST_MS}
    assert delay_ms(5_500, 100_000, LEAST_MS, MOST_MS) == 25 * DAY_MS
    assert delay_ms(10_000, 100_000, LEAST_MS, MOST_MS) == MOST_MS
    assert delay_ms(60_000, 100_000, LEAST_MS, MOST_MS) == MOST_MS


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_the_delay_is_the_formula_rounded_down(objections: int, receipts: int) -> None:
    delay = delay_ms(objections, receipts, LEAST_MS, MOST_MS)
    if objections * 100 < receipts or not objections:
        assert delay == 0
    elif objections * 10 >= receipts:
        assert delay == MOST_MS
    else:
        exact = (objections * 100 - receipts) * (MOST_MS - LEAST_MS)
        over = (delay - LEAST_MS) * 9 * receipts
        assert 0 <= exact - over < 9 * receipts


def test_states_that_others_end_in_ours_end_in() -> None:
    names = {"Canceled": "Cancelled", "Active": "Voting", "Queued": "Timelock"}
    ours = phases.TRANSITIONS
    for name, after in CASES["allowed_transitions_certora"].items():
        mine = names.get(name, name)
        if mine in phases.TERMINAL:
            # Bravo lets a closed proposal still be cancelled; ours stays what it is.
            assert set(after) <= {name, "Canceled"}
            assert ours[mine] == ()
        elif "Canceled" in after and mine != "Succeeded":
            assert "Cancelled" in ours[mine]


def test_quorum_counts_abstentions_as_openzeppelin_does() -> None:
    tally = CASES["late_quorum"]["nominal_tally"]
    words = ["no"] * tally["against"] + ["yes"] * tally["for"]
    words += ["abstain"] * tally["abstain"]
    ballots = [
        Ballot(voter=did(n), choice=word, act_id=str(n)) for n, word in enumerate(words)
    ]
    counted = YESNO.count(ballots, (), 1, "")
    needs = thresholds_of(["treasury"], {}, {})
    assert needs.quorum_ppm == PPM // 5
    assert outcome_of(counted, needs, 120) == "Succeeded"  # 24 of 120: ≥, not >
    assert outcome_of(counted, needs, 121) == "NoQuorum"


def test_the_strictest_of_each_number() -> None:
    needs = thresholds_of(
        ["standard", "constitution", "treasury"], {}, {"standard": PPM}
    )
    assert needs.class_ == "constitution"
    assert needs.passes == (3, 4)
    assert needs.quorum_ppm == PPM // 2
    assert needs.timelock_ms == 14 * DAY_MS
    assert not thresholds_of(["routine", "standard"], {}, {}).optimistic
    assert thresholds_of(["routine"], {}, {}).optimistic


@given(st.data())
def test_no_numbers_make_passing_impossible(data: st.DataObject) -> None:
    numbers = {
        name: data.draw(st.integers(row.least, row.most))
        for name, row in PARAMETERS.items()
    }
    turnout = {name: data.draw(st.integers(0, PPM)) for name in CLASSES}
    for row in CLASSES.values():
        assert quorum_ppm(row, numbers, turnout) <= PPM // 2
        above, of = row.passes
        assert above < of
