"""`changed` is `dataclasses.replace` for the values that every act passes through."""

from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

from ledger.governance.assembly.proposal import Proposal, Vote
from ledger.governance.assembly.room import Assembly
from ledger.governance.changed import changed, maker
from ledger.governance.people.member import BY_FOUNDING, Member, Span
from ledger.governance.state import EMPTY, State
from tests.governance.assembly.town import SAFEGUARD, Town

KINDS = (State, Assembly, Proposal, Vote, Member, Span)


@pytest.mark.parametrize("kind", KINDS)
def test_it_may_be_used_for(kind: Any) -> None:
    assert not hasattr(kind, "__post_init__")
    assert all(field.init for field in fields(kind))
    assert {field.name for field in fields(kind)} == set(kind.__slots__)


def test_it_is_as_replace_is() -> None:
    town = Town()
    proposal = town.open(0, ("parameter.set", SAFEGUARD))
    town.to_voting(proposal)
    one = town.proposal(proposal)
    cases: tuple[tuple[Any, dict[str, Any]], ...] = (
        (town.state, {"log_time_ms": 7}),
        (town.state.assembly, {"records": 7, "marks": ()}),
        (one, {"amendments": 7}),
        (one.vote, {"eligible": 7, "sample": "x"}),
        (one, {}),
    )
    for value, changes in cases:
        before = repr(value)
        made = changed(value, **changes)
        assert made == replace(value, **changes)
        assert made is not value
        assert repr(value) == before
        with pytest.raises(FrozenInstanceError):
            setattr(made, fields(made)[0].name, 1)


def test_a_name_that_is_no_field() -> None:
    with pytest.raises(AttributeError):
        changed(EMPTY, nonesuch=1)


def test_what_it_makes_is_what_the_kind_makes() -> None:
    made = maker(Span)(7, 1, BY_FOUNDING, None, None)

    assert made == Span(joined_ms=7, index=1, by=BY_FOUNDING)
    assert type(made) is Span
    with pytest.raises(FrozenInstanceError):
        made.index = 2  # type: ignore[misc]
