"""Rules for tests, and the founder's power to enact them, which no ledger has."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ledger.governance.kinds import ActKind
from ledger.governance.people.rights import check_founder
from ledger.governance.safeguards.actions import ACTIONS
from ledger.governance.tables import ACTS


def case(expect: str, decision: dict[str, Any], **system: str) -> dict[str, Any]:
    return {
        "name": f"it is {expect}",
        "decision": decision,
        "system": system,
        "expect": expect,
    }


def rule(id_: str = "reasons", **changes: Any) -> dict[str, Any]:
    """Adverse decisions say what would have changed them; sealed fields."""
    effect = changes.get("effect", "refuse")
    adverse = {"outcome": {"code": "rejected", "favourable": False}}
    made: dict[str, Any] = {
        "id": id_,
        "title": "A rejection says what would have changed it",
        "when": "!outcome.favourable",
        "require": "size(counterfactuals) > 0",
        "message": "Say what would have changed the outcome.",
        "effect": effect,
        "scope": "all",
        "in_sealed_mode": "refuse",
        "tests": [
            case("pass", {**adverse, "counterfactuals": [{"factor": "income"}]}),
            case(effect, adverse),
        ],
    }
    return {**made, **changes}


def public_rule(id_: str = "advice", **changes: Any) -> dict[str, Any]:
    """No decision without a person in it; reads what is public alone."""
    effect = changes.get("effect", "flag")
    made = rule(
        id_,
        title="A person takes part",
        when="true",
        require='automation != "full"',
        message="Let a person take part.",
        effect=effect,
        tests=[
            case("pass", {"automation": "advisory"}),
            case(effect, {"automation": "full"}),
        ],
    )
    return {**made, **changes}


@contextmanager
def founders_enact() -> Iterator[None]:
    """Founders enact safeguards by acts of their own, as votes do by proposals."""
    for name, action in ACTIONS.items():
        ACTS[name] = ActKind(
            who=check_founder, read=action.read, check=action.check, apply=action.apply
        )
    try:
        yield
    finally:
        for name in ACTIONS:
            ACTS.pop(name, None)
