"""A founded community with one founder, and acts it may sign."""

from typing import Any

from ledger.canonical import format_base64url
from ledger.entries.act import Act, format_payload, read_envelope, sign_act
from ledger.entries.codec import encode_entry
from ledger.entries.entry import Founded
from ledger.entries.moment import format_log_time
from ledger.governance.decide import decide
from ledger.governance.evolve import evolve
from ledger.governance.state import EMPTY, State
from ledger.ids import LeafIndex, LedgerName, TreeSize
from ledger.keys import SigningKey
from ledger.merkle.hashing import hash_leaf

FOUNDER = SigningKey(b"\1" * 32)
STRANGER = SigningKey(b"\2" * 32)
NOW_MS = 1_795_341_600_000  # 2026-11-22T10:00:00Z
COMMONS = LedgerName("commons")
FOUNDED = Founded(
    id="5f0c1c1e-6f3c-4a43-9d0b-1f5a2f6c7d10",
    ledger=COMMONS,
    time_ms=NOW_MS,
    time=format_log_time(NOW_MS),
    origin="ledger.example/commons",
    vkeys=(),
    founders=(FOUNDER.did,),
    parameters={},
    extra={},
)
GENESIS = format_base64url(hash_leaf(encode_entry(FOUNDED)))
START = evolve(EMPTY, FOUNDED, LeafIndex(0))
ROOT = hash_leaf(encode_entry(FOUNDED))
REGISTER: dict[str, Any] = {
    "system": "example",
    "name": "Example",
    "operator": "Example Ltd",
    "impact_level": "II",
    "domain": "credit",
    "jurisdiction": "SE",
    "profile": "sealed",
    "outcomes": ["granted", "rejected"],
    "versions": ["2026-11"],
    "keys": [],
}


def act_of(
    act: str,
    body: dict[str, Any],
    *,
    seq: int = 1,
    key: SigningKey = FOUNDER,
    genesis: str = GENESIS,
    until_ms: int = NOW_MS + 3_600_000,
    seen_size: int = 1,
) -> Act:
    payload = format_payload(
        genesis=genesis,
        act=act,
        actor=key.did,
        seq=seq,
        until=format_log_time(until_ms),
        seen_size=seen_size,
        seen_root=ROOT,
        body=body,
    )
    return read_envelope(sign_act(key, payload))


def after(state: State, *acts: Act) -> State:
    """The state after acts that are all recorded."""
    for number, act in enumerate(acts, 1):
        entries = decide(
            state, act, time_ms=NOW_MS + number, size=TreeSize(number), seen_holds=True
        )
        for entry in entries:
            state = evolve(state, entry, LeafIndex(number))
    return state


REGISTERED = after(START, act_of("system.register", REGISTER))
