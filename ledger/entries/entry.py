"""What a leaf can say: the six kinds of entry, decoded.

    Founded           org.counterfoil.ledger.founded.v1       entry 0, and no other
    DecisionRecorded  org.counterfoil.decision.recorded.v1    an AI system decided
    ActRecorded       org.counterfoil.act.<act>.v1            somebody signed
    TimePassed        org.counterfoil.time.passed.v1          a deadline came
    ErasureExecuted   org.counterfoil.erasure.executed.v1     private parts are gone
    ReceiptReissued   org.counterfoil.receipt.reissued.v1     receipts were asked for again

`ledger.entries.codec` turns them into bytes and back.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from ledger.entries.act import Act
from ledger.entries.statement import Statement
from ledger.ids import DecisionId, Did, LedgerName


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """Entry 0: which log this is, and whose.

    Attributes:
        id: a random UUIDv4.
        ledger: its name.
        time_ms: log time.
        time: as it is written: to the second or to the millisecond.
        origin: of its checkpoints.
        vkeys: signed-note verifier keys of the log.
        founders: who may act first.
        parameters: the community's own numbers.
        extra: further members of `data`, for later versions.
    """

    id: str
    ledger: LedgerName
    time_ms: int
    time: str
    origin: str
    vkeys: tuple[str, ...]
    founders: tuple[Did, ...]
    parameters: dict[str, Any]
    extra: dict[str, Any]


class DecisionRecorded(NamedTuple):
    """A decision: its sealer's statement, and what the ledger alone knows.

    Attributes:
        ledger: its name.
        statement: what the sealer fixed.
        statement_jcs: its bytes: what is signed, and what binds the sealed part.
        seq: the system's own count of decisions, gapless from 1.
        rules: base64url(SHA-256(JCS of the rules in force)).
        results: of public rules, (id, outcome) in order of id.
        refused: the system's refusals so far.
        keyid: the deployer's did:key; None in managed mode.
        signature: the deployer's 64 bytes; None in managed mode.
    """

    ledger: LedgerName
    statement: Statement
    statement_jcs: bytes
    seq: int
    rules: str
    results: tuple[tuple[str, str], ...]
    refused: int
    keyid: Did | None
    signature: bytes | None

    @property
    def id(self) -> DecisionId:
        """The decision's id; the leaf's own is the same."""
        return self.statement.id

    @property
    def time(self) -> str:
        """The statement's time bucket; the leaf's own is the same."""
        return self.statement.time


class ActRecorded(NamedTuple):
    """An act, in the envelope its actor signed.

    Attributes:
        ledger: its name.
        time_ms: log time.
        act: what was signed.
    """

    ledger: LedgerName
    time_ms: int
    act: Act

    @property
    def id(self) -> str:
        """The act's id; the leaf's own is the same."""
        return self.act.id


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """A deadline, lapse or expiry came due; a replay needs no clock.

    Attributes:
        id: a random UUIDv4.
        ledger: its name.
        time_ms: log time.
        checkpoint: the newest cosigned checkpoint's text, or None.
        refused: system to its refusals so far, where that changed.
    """

    id: str
    ledger: LedgerName
    time_ms: int
    checkpoint: str | None
    refused: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureExecuted:
    """The private parts of decisions were erased from the vault.

    Attributes:
        id: a random UUIDv4.
        ledger: its name.
        time_ms: log time.
        decisions: in order of id, each once.
    """

    id: str
    ledger: LedgerName
    time_ms: int
    decisions: tuple[DecisionId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptReissued:
    """Receipts were asked for again, and will be given after a delay.

    Attributes:
        id: a random UUIDv4.
        ledger: its name.
        time_ms: log time.
        decisions: in order of id, each once.
    """

    id: str
    ledger: LedgerName
    time_ms: int
    decisions: tuple[DecisionId, ...]


Entry = (
    Founded
    | DecisionRecorded
    | ActRecorded
    | TimePassed
    | ErasureExecuted
    | ReceiptReissued
)
