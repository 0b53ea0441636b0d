"""Any JSON in any place of any body: it is read, or refused as a body, and nothing else."""

from typing import Any

from hypothesis import given, settings, strategies as st

from ledger.errors import RejectedError
from ledger.governance.cases import actions, acts
from tests.governance.cases.test_bodies import (
    ACTION_BODIES,
    BODIES,
    paths,
    with_member,
)

ANY: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=50),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=8,
)
ALL = {**BODIES, **ACTION_BODIES}
PLACES = [(name, path) for name, body in ALL.items() for path in paths(body)]


@given(st.sampled_from(PLACES), ANY)
@settings(max_examples=300)
def test_one_member_of_any_json(place: tuple[str, tuple[str, ...]], value: Any) -> None:
    name, path = place
    read(name, with_member(ALL[name], path, value=value))


@given(st.sampled_from(sorted(ALL)), st.dictionaries(st.text(max_size=9), ANY))
@settings(max_examples=50)
def test_a_body_of_any_json(name: str, body: dict[str, Any]) -> None:
    read(name, body)


def read(name: str, body: dict[str, Any]) -> None:
    kind: Any = acts.ACTS.get(name) or actions.ACTIONS[name]
    try:
        kind.read(body)
    except RejectedError as error:
        if error.kind != "invalid-act":
            raise
