"""Doing what proposals do, without the proposals: read, check, apply, as they would."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.errors import RejectedError
from ledger.governance.kinds import Context
from ledger.governance.state import State
from ledger.governance.tables import ACTIONS, ACTS
from ledger.keys import SigningKey
from tests.governance.world import FOUNDER, NOW_MS

PROPOSAL = "P" * 43


def context_of(
    *,
    key: SigningKey = FOUNDER,
    time_ms: int = NOW_MS + 10,
    proposal: str = PROPOSAL,
    act_id: str = "A" * 43,
) -> Context:
    return Context(
        act_id=act_id, actor=key.did, time_ms=time_ms, index=5, proposal=proposal
    )


def execute(state: State, action: str, body: dict[str, Any], **where: Any) -> State:
    """The state after an action of a proposal."""
    kind, context = ACTIONS[action], context_of(**where)
    value = kind.read(body)
    kind.check(state, value, context)
    kind.check(state, value, replace(context, time_ms=context.time_ms + 1))
    return kind.apply(state, value, context)


def refused(state: State, action: str, body: dict[str, Any], **where: Any) -> str:
    """The kind of the refusal of an action."""
    with pytest.raises(RejectedError) as caught:
        execute(state, action, body, **where)
    return caught.value.kind


def act(state: State, name: str, body: dict[str, Any], **where: Any) -> State:
    """The state after an act."""
    kind, context = ACTS[name], context_of(proposal="", **where)
    kind.who(state, context)
    value = kind.read(body)
    kind.check(state, value, context)
    return kind.apply(state, value, context)


def act_refused(state: State, name: str, body: dict[str, Any], **where: Any) -> str:
    """The kind of the refusal of an act."""
    with pytest.raises(RejectedError) as caught:
        act(state, name, body, **where)
    return caught.value.kind


# Of every type and size that no member of any body has.
ODD: tuple[object, ...] = (
    True,
    -1,
    10**15,
    1.5,
    "",
    "two words\n",
    "x" * 100_001,
    "\u202egnp.exe",
    "a\u0000b",
    [None],
    [["a"]],
    ["x" * 65],
    ["a", "a"],
    [str(n) for n in range(101)],
    {},
    {"a": 1},
)


def odd_bodies(good: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each member missing, each member odd, one member too many."""
    found = [("a member too many", {**good, "extra": 1})]
    for name in good:
        less = {key: value for key, value in good.items() if key != name}
        found.append((f"no {name}", less))
        found += [(f"{name} is {str(odd)[:20]!r}", {**less, name: odd}) for odd in ODD]
    return found
