"""The rules in force, as a value; and those of every earlier rule set.

    "safeguards"          {id: rule}: what is in force
    "safeguards_past"     {digest: rule}: each rule that was ever in force, under the
                          base64url of SHA-256(JCS of it)
    "rule_sets"           {hash: [digest, …]}: what each hash on a leaf stands for, in
                          order of id
    "holds"               {"<system>/<decision>": {"confirm", "by", "act"}}: what overseers
                          of a system said of its held decisions

The past is kept because decisions name it: whoever holds one can still run its rules.
"""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from immutables import Map

from ledger.canonical import format_base64url, jcs
from ledger.governance.safeguards.rule import Rule, read_rule
from ledger.governance.safeguards.ruleset import NO_RULE_SET, RuleSet
from ledger.limits import RULE_SETS_KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What an overseer said of a held decision.

    Attributes:
        confirm: whether it may take effect.
        by: the overseer's key.
        act: the act's id.
    """

    confirm: bool
    by: str
    act: str

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {"confirm": self.confirm, "by": self.by, "act": self.act}


def digest_of(rule: Rule) -> str:
    """base64url(SHA-256(JCS of the rule as published))."""
    return format_base64url(sha256(jcs(rule.public())).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Safeguards:
    """The rules in force, those of the past, and the holds that were decided.

    Attributes:
        in_force: by id.
        rule_set: the same, ready to be held against decisions.
        past: every rule that was ever in force, by digest.
        sets: a rule set's hash to the digests of its rules.
        holds: by system and decision's id.
    """

    in_force: Map[str, Rule] = field(default_factory=Map)
    rule_set: RuleSet = field(default=NO_RULE_SET, compare=False)
    past: Map[str, Rule] = field(default_factory=Map)
    sets: Map[str, tuple[str, ...]] = field(default_factory=Map)
    holds: Map[str, Hold] = field(default_factory=Map)

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {
            "safeguards": {id_: rule.public() for id_, rule in self.in_force.items()},
            "safeguards_past": {
                name: rule.public() for name, rule in self.past.items()
            },
            "rule_sets": {name: list(digests) for name, digests in self.sets.items()},
            "holds": {id_: hold.public() for id_, hold in self.holds.items()},
        }

    def hold_of(self, system: str, decision: str) -> Hold | None:
        """What an overseer of `system` said of a decision; the first word stands."""
        return self.holds.get(f"{system}/{decision}")

    def with_hold(self, system: str, decision: str, hold: Hold) -> "Safeguards":
        """After an overseer's word."""
        return replace(self, holds=self.holds.set(f"{system}/{decision}", hold))

    def with_rule(self, rule: Rule) -> "Safeguards":
        """After `rule` came into force, in the place of one with its id if there is."""
        return self._moved(self.in_force.set(rule.id, rule))

    def without(self, id_: str) -> "Safeguards":
        """After a rule was repealed."""
        return self._moved(self.in_force.delete(id_))

    def _moved(self, in_force: Map[str, Rule]) -> "Safeguards":
        rule_set = RuleSet(in_force.values())
        digests = tuple(digest_of(rule) for rule in rule_set.rules)
        past = self.past
        for digest, rule in zip(digests, rule_set.rules, strict=True):
            past = past.set(digest, rule)
        return replace(
            self,
            in_force=in_force,
            rule_set=rule_set,
            past=past,
            sets=self.sets.set(rule_set.hash, digests) if digests else self.sets,
        )

    def set_of(self, hash_: str) -> RuleSet | None:
        """The rule set whose hash stands on a leaf; None if it was never in force."""
        if hash_ == self.rule_set.hash:
            return self.rule_set
        if hash_ == NO_RULE_SET.hash:
            return NO_RULE_SET
        digests = self.sets.get(hash_)
        if digests is None:
            return None
        return _past_set(hash_, tuple(self.past[one] for one in digests))


_PAST_SETS: dict[str, RuleSet] = {}  # a cache: the hash says all of what it holds


def _past_set(hash_: str, rules: tuple[Rule, ...]) -> RuleSet:
    found = _PAST_SETS.get(hash_)
    if found is None:
        if len(_PAST_SETS) >= RULE_SETS_KEPT:
            _PAST_SETS.clear()
        found = _PAST_SETS[hash_] = RuleSet(rules)
    return found


def from_sections(sections: dict[str, dict[str, Any]]) -> Safeguards:
    """The room whose `sections()` are these.

    Raises:
        RejectedError: a rule that is none: the sections are not ours.
    """
    in_force = {
        id_: read_rule(rule) for id_, rule in sections.get("safeguards", {}).items()
    }
    past = sections.get("safeguards_past", {})
    sets = sections.get("rule_sets", {})
    return Safeguards(
        in_force=Map(in_force),
        rule_set=RuleSet(in_force.values()),
        past=Map({name: read_rule(rule) for name, rule in past.items()}),
        sets=Map({name: tuple(digests) for name, digests in sets.items()}),
        holds=Map(
            {id_: Hold(**hold) for id_, hold in sections.get("holds", {}).items()}
        ),
    )
