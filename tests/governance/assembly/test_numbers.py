"""The community's numbers: whatever they are, another proposal can still pass."""

import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError
from ledger.governance.parameters import (
    PARAMETERS,
    check_change,
    check_parameters,
    least_of,
    value_of,
)
from ledger.governance.state import parameters_of
from tests.governance.assembly.town import Town


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_another_proposal_can_pass(data: st.DataObject) -> None:
    """Every member takes part, and a change of the constitution's class goes through."""
    edges = {
        name: data.draw(st.sampled_from([row.least, row.default, row.most]), label=name)
        for name, row in PARAMETERS.items()
    }
    town = Town(data.draw(st.integers(1, 12)), edges)
    change = {"name": "challenge_percent", "value": 7}
    proposal = town.open(0, ("parameter.set", change))
    town.to_ready(proposal)
    town.execute(proposal, by=0)
    assert town.phase(proposal) == "Executed"
    assert value_of(parameters_of(town.state), "challenge_percent") == 7


@given(st.data())
def test_a_change_keeps_periods_long_enough_to_act_in(data: st.DataObject) -> None:
    numbers = {
        name: data.draw(st.integers(row.least, row.most))
        for name, row in PARAMETERS.items()
    }
    for name, row in PARAMETERS.items():
        least = least_of(numbers, name)
        assert row.least <= least <= row.most
        assert least <= max(numbers[name], row.least)
        check_change(numbers, name, max(numbers[name], least))
        for value in (least - 1, row.most + 1, True, None, "1"):
            with pytest.raises(MalformedError):
                check_change(numbers, name, value)


def test_a_change_cannot_go_where_founding_could() -> None:
    check_parameters({"voting_s": 1})
    check_change({"voting_s": 1}, "voting_s", 1)
    with pytest.raises(MalformedError):
        check_change({}, "voting_s", 1)
    with pytest.raises(MalformedError):
        check_change({"voting_s": 100}, "voting_s", 99)


def test_defaults_lie_within_their_bounds() -> None:
    for row in PARAMETERS.values():
        assert row.least <= row.default <= row.most
        assert row.floor is None or row.least <= row.floor <= row.default
        assert row.what
