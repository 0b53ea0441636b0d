"""A contest: a person asks that people look again. One row of section "contests".

    {"decision", "system", "index", "opener", "helped", "seal_key", "tag", "opened_ms",
     "due_ms", "overdue_ms", "reviewer", "taken_ms", "grant", "boxes": {did: box},
     "said": [{"by", "act", "at_ms", "statement": P, "attachments": [P]}],
     "ended", "ended_ms", "reasons": P | null, "looked_at": [code], "corrected"}

    P = {"digest", "part"}, both base64url of 32 bytes

What was said is a digest here and a ciphertext in the vault. A contest is named by the
id of the act that opened it, and never goes away.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from immutables import Map

from ledger.ids import DecisionId, Did, SystemId

# How a contest ended. They never change.
WITHDRAWN_BY_OPENER: Final = "withdrawn-by-opener"
SETTLED: Final = "settled"
UPHELD: Final = "upheld"
CHANGED: Final = "changed"
WITHDRAWN: Final = "withdrawn"  # the decision was, by the review
CONCLUSIONS: Final = (UPHELD, CHANGED, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class PartName:
    """A part as an act names it.

    Attributes:
        digest: base64url SHA-256 of a Disclosure.
        part: base64url SHA-256 of the encrypted blob in the vault.
    """

    digest: str
    part: str

    def public(self) -> dict[str, str]:
        """As JSON."""
        return {"digest": self.digest, "part": self.part}


def part_name_from(public: Mapping[str, str]) -> PartName:
    """The name whose `public()` this is."""
    return PartName(public["digest"], public["part"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of a case; the first is the statement that opened it.

    Attributes:
        by: the key that signed.
        act: the act's id.
        at_ms: log time.
        statement: the text.
        attachments: in the sender's order.
    """

    by: Did
    act: str
    at_ms: int
    statement: PartName
    attachments: tuple[PartName, ...] = ()

    @property
    def parts(self) -> tuple[PartName, ...]:
        """The statement's and the attachments'."""
        return (self.statement, *self.attachments)

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "by": self.by,
            "act": self.act,
            "at_ms": self.at_ms,
            "statement": self.statement.public(),
            "attachments": [one.public() for one in self.attachments],
        }


def said_from(public: Mapping[str, Any]) -> Said:
    """The message whose `public()` this is."""
    return Said(
        **{
            **public,
            "statement": part_name_from(public["statement"]),
            "attachments": tuple(map(part_name_from, public["attachments"])),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One contest.

    Attributes:
        id: of the act that opened it.
        decision: what is contested.
        system: that decided.
        index: of the decision's entry.
        opener: the key that opened it; only this key may withdraw or settle.
        helped: whether the opener was a helper.
        seal_key: the opener's X25519 public key, base64url.
        tag: base64url SHA-256 of the case tag, which asks for the parts.
        opened_ms: log time.
        due_ms: log time by which a review is due.
        overdue_ms: log time at which it was late; None until then.
        reviewer: the member who took it; None before, and after a release.
        taken_ms: log time of that.
        grant: the id of the act by which the reviewer took it, and of its grant.
        boxes: did to the case key, sealed to that did.
        said: in order.
        ended: how; None while it is open.
        ended_ms: log time of that.
        reasons: the reviewer's.
        looked_at: codes of what the reviewer says to have looked at.
        corrected: the decision that replaces the contested one.
    """

    id: str
    decision: DecisionId
    system: SystemId
    index: int
    opener: Did
    helped: bool
    seal_key: str
    tag: str
    opened_ms: int
    due_ms: int
    overdue_ms: int | None = None
    reviewer: Did | None = None
    taken_ms: int | None = None
    grant: str | None = None
    boxes: Map[Did, str] = field(default_factory=Map)
    said: tuple[Said, ...] = ()
    ended: str | None = None
    ended_ms: int | None = None
    reasons: PartName | None = None
    looked_at: tuple[str, ...] = ()
    corrected: DecisionId | None = None

    @property
    def parts(self) -> tuple[PartName, ...]:
        """Every part that an act of this contest names."""
        found = [part for said in self.said for part in said.parts]
        return (*found, *(() if self.reasons is None else (self.reasons,)))

    def public(self) -> dict[str, Any]:
        """As JSON, without the id, which is the name it stands under."""
        return {
            "decision": self.decision,
            "system": self.system,
            "index": self.index,
            "opener": self.opener,
            "helped": self.helped,
            "seal_key": self.seal_key,
            "tag": self.tag,
            "opened_ms": self.opened_ms,
            "due_ms": self.due_ms,
            "overdue_ms": self.overdue_ms,
            "reviewer": self.reviewer,
            "taken_ms": self.taken_ms,
            "grant": self.grant,
            "boxes": dict(self.boxes),
            "said": [one.public() for one in self.said],
            "ended": self.ended,
            "ended_ms": self.ended_ms,
            "reasons": None if self.reasons is None else self.reasons.public(),
            "looked_at": list(self.looked_at),
            "corrected": self.corrected,
        }


def contest_from(id_: str, public: Mapping[str, Any]) -> Contest:
    """The contest whose `public()` this is."""
    reasons = public["reasons"]
    return Contest(
        **{
            **public,
            "id": id_,
            "boxes": Map(public["boxes"]),
            "said": tuple(map(said_from, public["said"])),
            "reasons": None if reasons is None else part_name_from(reasons),
            "looked_at": tuple(public["looked_at"]),
        }
    )
