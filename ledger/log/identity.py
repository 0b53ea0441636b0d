"""What a ledger is called, everywhere it is written."""

from dataclasses import dataclass

from ledger.ids import LedgerName, LogId


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A ledger's names; none ever changes.

    Attributes:
        name: the first segment of its paths.
        origin: the first line of its checkpoints.
        genesis: base64url of the leaf hash of entry 0.
    """

    log_id: LogId
    name: LedgerName
    origin: str
    genesis: str
