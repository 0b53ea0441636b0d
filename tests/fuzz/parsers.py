"""Every parser of the log's formats, with a sound example: what fuzzers start from."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ledger.entries.act import parse_envelope
from ledger.entries.codec import decode_entry, encode_entry
from ledger.entries.disclosure import (
    format_disclosure,
    parse_disclosure,
    parse_plaintext,
)
from ledger.entries.receipt import parse_receipt
from ledger.entries.statement import parse_statement
from ledger.entries.strict import parse_json
from ledger.governance.safeguards.compiled import compile_expression
from ledger.governance.safeguards.recheck import read_rules_file
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.merkle.bundle import format_bundle, parse_bundle, parse_bundle_path
from ledger.merkle.checkpoint import (
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from ledger.merkle.cosignature import parse_timestamped
from ledger.merkle.note import (
    format_note,
    format_signer_key,
    format_vkey,
    parse_note,
    parse_signer_key,
    parse_vkey,
    signer_key,
)
from ledger.merkle.policy import parse_policy
from ledger.merkle.tile import format_tile_path, parse_tile_path
from ledger.merkle.tlogproof import format_tlog_proof, parse_tlog_proof
from schemas.acts import parse_act
from schemas.cloudevents import parse_event, parse_event_batch
from schemas.decision import parse_decision, split_ndjson
from schemas.submission import parse_sealed
from tests.governance.safeguards.rules import rule
from tests.governance.world import FOUNDED, REGISTER, act_of
from tests.world.service import decision


@dataclass(frozen=True)
class Parser:
    """A parser of bytes.

    Attributes:
        again: writes what was parsed; where there is one it must give the same bytes.
    """

    parse: Callable[[bytes], Any]
    sound: bytes
    again: Callable[[Any], bytes] | None = None


def _text(parse: Callable[[str], Any]) -> Callable[[bytes], Any]:
    """A parser of text; what is no text reaches it as odd characters."""
    return lambda data: parse(data.decode("utf-8", "surrogateescape"))


_SIGNER: Final = signer_key("log.example", b"\5" * 32)
_CHECKPOINT: Final = Checkpoint(
    origin="log.example", size=TreeSize(300), root=Hash(b"\1" * 32)
)
_NOTE: Final = sign_checkpoint(_SIGNER, _CHECKPOINT)
_HASHES: Final = [Hash(bytes([n]) * 32) for n in range(9)]
_ACT: Final = json.dumps(act_of("system.register", REGISTER).envelope).encode()
_DECISION: Final = json.dumps(decision()).encode()
_EVENT: Final = json.dumps(
    {
        "specversion": "1.0",
        "id": "1fcf5b1c-3d7c-4d6e-9a55-5c1f3d1b7a01",
        "source": "/x",
        "type": "org.counterfoil.decision.submit.v1",
        "data": decision(),
    }
).encode()
_SYSTEM: Final = dict.fromkeys(
    ("id", "impact_level", "domain", "jurisdiction", "operator", "profile"), "x"
)
_RULES: Final = json.dumps({"rules": [rule()], "system": _SYSTEM}).encode()

PARSERS: Final = {
    "note": Parser(parse_note, _NOTE, format_note),
    "checkpoint": Parser(
        parse_checkpoint, format_checkpoint(_CHECKPOINT), format_checkpoint
    ),
    "open-checkpoint": Parser(
        lambda data: open_checkpoint(data, [_SIGNER.vkey]), _NOTE
    ),
    "tlog-proof": Parser(
        _text(parse_tlog_proof), format_tlog_proof(LeafIndex(7), _HASHES, _NOTE).encode()
    ),
    "bundle": Parser(parse_bundle, format_bundle([b"", b"a", b"b" * 300]), format_bundle),
    "tile-path": Parser(
        _text(parse_tile_path),
        b"tile/1/x001/234.p/5",
        lambda tile: format_tile_path(tile).encode(),
    ),
    "bundle-path": Parser(_text(parse_bundle_path), b"tile/entries/x001/234.p/5"),
    "vkey": Parser(
        _text(parse_vkey),
        format_vkey(_SIGNER.vkey).encode(),
        lambda vkey: format_vkey(vkey).encode(),
    ),
    "signer-key": Parser(_text(parse_signer_key), format_signer_key(_SIGNER).encode()),
    "policy": Parser(
        _text(parse_policy), f"log {format_vkey(_SIGNER.vkey)}\nquorum none\n".encode()
    ),
    "cosignature": Parser(lambda data: parse_timestamped(data, 64), bytes(72)),
    "leaf": Parser(decode_entry, encode_entry(FOUNDED), encode_entry),
    "act": Parser(parse_envelope, _ACT),
    "wire-act": Parser(parse_act, _ACT),
    "statement": Parser(parse_statement, b'{"automation":"full","v":1}'),
    "disclosure": Parser(
        _text(parse_disclosure),
        format_disclosure("score", "K8mQBZRzRI5uvUQqoWv6oA", b'"0.31"').encode(),
    ),
    "plaintext": Parser(parse_plaintext, b'["WyJhIiwic2NvcmUiLG51bGxd"]'),
    "receipt": Parser(parse_receipt, b'{"counterfoil": 1, "origin": "x", "index": 1}'),
    "decision": Parser(parse_decision, _DECISION),
    "lines": Parser(split_ndjson, _DECISION + b"\n" + _DECISION),
    "event": Parser(parse_event, _EVENT),
    "expression": Parser(
        _text(compile_expression),
        b'reasons.all(r, has(r.text) || r.code in ["R1"]) && score < decimal("0.5")',
    ),
    "rules-file": Parser(lambda data: read_rules_file(parse_json(data)), _RULES),
    "sealed": Parser(parse_sealed, b'{"statement": {}, "rules": "", "handle": null}'),
    "events": Parser(parse_event_batch, b"[" + _EVENT + b"]"),
}  # fmt: skip
