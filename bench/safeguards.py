"""Twenty rules in force against none: the cost of a decision in a batch.

One process, one run, pairs interleaved: read, admit and seal the same decisions, put them
in order, hash them; with rules and without. The database is left out, so that the ratio
says the worst: with it, the share of the rules is smaller.
"""

import asyncio
import time
from dataclasses import replace
from uuid import uuid4

import orjson
from immutables import Map

from bench.table import Better, Claim, median
from ledger.entries.decision import leaf_of, seal
from ledger.governance.admit import admit
from ledger.governance.safeguards.rule import read_rule
from ledger.governance.safeguards.ruleset import RuleSet
from ledger.governance.state import State
from ledger.ids import DecisionId
from ledger.log.entropy import fresh
from ledger.merkle.hashing import hash_leaf
from schemas.decision import parse_decision
from tests.governance.safeguards.rules import rule
from tests.governance.world import GENESIS, NOW_MS, REGISTERED
from tests.world.service import decision

RULES = 20
BATCH = 500
CONDITIONS = (
    ("!outcome.favourable", "size(counterfactuals) > 0"),
    (
        'system.impact_level in ["II", "III", "IV"]',
        "human.involved || human.could_override",
    ),
    ("true", "reasons.all(r, has(r.text) || has(r.code))"),
    ("has(score)", 'score >= decimal("0") && score <= decimal("1")'),
    ('automation == "full"', "has(recourse.how) && recourse.deadline_days >= 14"),
)


def in_force(state: State) -> State:
    """The state with twenty rules over sealed fields, all of which apply and pass."""
    rules = [
        read_rule(rule(f"rule-{n:02}", when=when, require=require, effect="hold"))
        for n in range(RULES)
        for when, require in [CONDITIONS[n % len(CONDITIONS)]]
    ]
    held = replace(
        state.safeguards,
        in_force=Map({one.id: one for one in rules}),
        rule_set=RuleSet(rules),
    )
    return replace(state, safeguards=held)


def body() -> bytes:
    """One decision as it is sent, with the fields that the rules read."""
    return orjson.dumps(
        decision(
            decided_at="2026-11-22T10:00:00Z",
            id=str(uuid4()),
            score="0.31",
            counterfactuals=[{"factor": "income", "from": "20000", "to": "30000"}],
            human={"involved": False, "could_override": True},
            recourse={"how": "Write to us.", "deadline_days": 30},
        )
    )


def batch_us(state: State, bodies: list[bytes]) -> float:
    """Microseconds a decision, from its bytes to its leaf's hash."""
    started = time.perf_counter()
    parsed = [parse_decision(one) for one in bodies]
    admitted = [
        admit(
            state,
            one.fields,
            decided_at_ms=one.decided_at_ms,
            now_ms=NOW_MS,
            new_id=DecisionId(""),
        )
        for one in parsed
    ]
    sealed = [
        seal(GENESIS, one.submission, entropy)
        for one, (_, entropy) in zip(admitted, fresh(len(admitted)), strict=True)
    ]
    for number, (one, found) in enumerate(zip(sealed, admitted, strict=True)):
        hash_leaf(
            leaf_of(
                "commons",
                one,
                seq=number + 1,
                rules=found.verdict.rules,
                results=found.verdict.public,
                refused=0,
            )
        )
    return (time.perf_counter() - started) / len(bodies) * 1e6


async def measure(*, quick: bool) -> list[Claim]:
    """The one claim about rules."""
    bodies = [body() for _ in range(BATCH)]
    ruled = in_force(REGISTERED)
    for state in (REGISTERED, ruled):
        batch_us(state, bodies)  # warm caches, not measured
    pairs = []
    for _ in range(5 if quick else 15):
        pairs.append((batch_us(REGISTERED, bodies), batch_us(ruled, bodies)))
        await asyncio.sleep(0)
    bare, full = (median([pair[n] for pair in pairs]) for n in (0, 1))
    return [
        Claim(
            what=f"{RULES} rules, added to a decision in a batch (without database)",
            measured=median([full / bare - 1 for bare, full in pairs]),
            least=0.40,
            aim=0.25,
            better=Better.LESS,
            against=f"{full:.0f} µs of {bare:.0f} µs, {len(pairs)} pairs",
        )
    ]
