"""The Python side of what both verifiers can do, under the names of `ops.mjs`.

Each side takes the same arguments and gives the same plain value; what one refuses the
other must refuse.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from ledger.canonical import jcs, parse_base64, parse_base64url, parse_jcs
from ledger.entries.act import Act, check_act, parse_envelope
from ledger.entries.case import (
    check_claim,
    unseal_case,
    unseal_dek,
)
from ledger.entries.codec import decode_entry
from ledger.entries.decision import check_disclosures, open_sealed
from ledger.entries.disclosure import Disclosure, parse_disclosure, parse_plaintext
from ledger.entries.entry import (
    ActRecorded,
    DecisionRecorded,
    ErasureExecuted,
    Founded,
    ReceiptReissued,
    TimePassed,
)
from ledger.entries.hpke import unseal
from ledger.entries.moment import parse_utc
from ledger.entries.part import Part, open_part, parse_part
from ledger.entries.receipt import parse_receipt, verify_receipt
from ledger.entries.statement import parse_statement
from ledger.entries.strict import parse_json
from ledger.errors import CounterfoilError, MalformedError, VerificationError
from ledger.ids import Hash
from ledger.keys import agreement_key, parse_did_key, verify
from ledger.merkle.checkpoint import (
    Checkpoint,
    Verified,
    open_checkpoint,
    parse_checkpoint,
)
from ledger.merkle.cosignature import verify_mldsa44
from ledger.merkle.note import VerifierKey, format_vkey, parse_note, parse_vkey
from ledger.merkle.policy import Policy, check_policy, parse_policy
from ledger.merkle.proof import (
    check_consistency,
    check_inclusion,
    check_subtree,
    check_subtree_inclusion,
)
from ledger.merkle.tlogproof import check_tlog_proof, parse_tlog_proof
from tests.web.verify.node import Answer, Call, pack

Plain = Any


def _holds(check: Callable[..., object]) -> Callable[..., bool]:
    def side(*args: Any, **named: Any) -> bool:
        try:
            check(*args, **named)
        except VerificationError:
            return False
        return True

    return side


# ---- the log -------------------------------------------------------------------------


def _key(vkey: VerifierKey) -> Plain:
    return [vkey.name, vkey.kind, vkey.key_id, vkey.public]


def _note(data: bytes) -> Plain:
    note = parse_note(data)
    lines = [
        {"name": one.name, "keyId": one.key_id, "data": one.data}
        for one in note.signatures
    ]
    return {"text": note.text, "signatures": lines}


def _head(checkpoint: Checkpoint) -> Plain:
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root,
        "extensions": checkpoint.extensions,
    }


def _opened(opened: tuple[Checkpoint, Sequence[Verified]]) -> Plain:
    checkpoint, verified = opened
    lines = [[format_vkey(one.vkey), one.time_s] for one in verified]
    return [_head(checkpoint), lines]


def _policy(text: str) -> Plain:
    policy = parse_policy(text)
    return {
        "logs": [[_key(one.vkey), one.url] for one in policy.logs],
        "witnesses": [[o.name, _key(o.vkey), o.url] for o in policy.witnesses],
        "groups": [[one.name, one.least, one.members] for one in policy.groups],
        "quorum": policy.quorum,
    }


def _tlog_proof(text: str) -> Plain:
    proof = parse_tlog_proof(text)
    return {
        "index": proof.index,
        "hashes": proof.hashes,
        "checkpoint": proof.checkpoint,
        "extra": proof.extra,
    }


# ---- entries -------------------------------------------------------------------------


def _act(act: Act) -> Plain:
    return {
        "id": act.id,
        "genesis": act.genesis,
        "act": act.act,
        "actor": act.actor,
        "seq": act.seq,
        "untilMs": act.until_ms,
        "seen": [act.seen_size, act.seen_root],
        "body": act.body,
        "payload": act.payload,
        "passkey": act.assertion is not None,
    }


def _envelope(data: bytes) -> Plain:
    act = parse_envelope(data)
    return {**_act(act), "signed": _holds(check_act)(act)}


def _decision(entry: DecisionRecorded) -> Plain:
    signature = None
    if entry.signature is not None:
        signature = {"keyid": entry.keyid, "sig": entry.signature}
    return {
        "kind": "decision",
        "time": entry.time,
        "statement": parse_jcs(entry.statement_jcs),
        "statementJcs": entry.statement_jcs,
        "seq": entry.seq,
        "rules": entry.rules,
        "results": [{"id": id_, "outcome": found} for id_, found in entry.results],
        "refused": entry.refused,
        "signature": signature,
    }


def _leaf(leaf: bytes) -> Plain:
    entry = decode_entry(leaf)
    event = json.loads(leaf)
    found: dict[str, Any] = {
        "id": entry.id,
        "type": event["type"],
        "time": event["time"],
        "ledger": entry.ledger,
    }
    if isinstance(entry, DecisionRecorded):
        return found | _decision(entry)
    found["timeMs"] = entry.time_ms
    match entry:
        case Founded():
            names = ("origin", "vkeys", "founders", "parameters")
            return found | {"kind": "founded"} | {n: getattr(entry, n) for n in names}
        case ActRecorded():
            return found | {"kind": "act", "act": _act(entry.act)}
        case TimePassed():
            said = {"checkpoint": entry.checkpoint, "refused": entry.refused}
            return found | {"kind": "time"} | said
        case ErasureExecuted():
            return found | {"kind": "erasure", "decisions": entry.decisions}
        case ReceiptReissued():
            return found | {"kind": "reissue", "decisions": entry.decisions}


def _statement(data: bytes) -> Plain:
    parse_statement(data)
    return parse_jcs(data)


def _disclosure(one: Disclosure) -> Plain:
    return {"slot": one.slot, "salt": one.salt, "value": one.value, "text": one.text}


def _sealed(secret: bytes, statement_jcs: bytes, sealed: bytes) -> Plain:
    disclosures = open_sealed(secret, statement_jcs, sealed)
    check_disclosures(parse_statement(statement_jcs), disclosures)
    return list(map(_disclosure, disclosures))


def _receipt(file: bytes, vkey_texts: list[str], policy_text: str | None) -> Plain:
    """As `counterfoil verify` believes: a policy, keys, both, or the file's own."""
    receipt = parse_receipt(file)
    vkeys = list(map(parse_vkey, vkey_texts))
    own = policy_text is None and not vkeys
    text = receipt.policy if own else policy_text
    if own and text is None:
        raise MalformedError("nothing to check it with")
    policy = Policy() if text is None else parse_policy(text)
    if not policy.logs and not vkeys:
        raise MalformedError("the policy names no log")
    policy = replace(policy, logs=()) if vkeys else policy
    checks = verify_receipt(receipt, policy, vkeys).checks
    failed = next((check.name for check in checks if not check.holds), None)
    made = [[check.name, check.holds] for check in checks]
    return {"own": own, "checks": made, "failed": failed}


# ---- cases ---------------------------------------------------------------------------


def _part(part: Part) -> Plain:
    return {"slot": part.slot, "value": part.value, "text": part.disclosure}


def _claim(proof: bytes, about: dict[str, str]) -> bool:
    return _holds(check_claim)(parse_did_key(about["key"]), proof, **about)


SIDES: Final[dict[str, Callable[..., Plain]]] = {
    "base64": parse_base64,
    "base64url": parse_base64url,
    "json": parse_json,
    "jcs": parse_jcs,
    "canonical": jcs,
    "moment": parse_utc,
    "didkey": parse_did_key,
    "x25519": agreement_key,
    "ed25519": verify,
    "mldsa44": verify_mldsa44,
    "inclusion": _holds(check_inclusion),
    "consistency": _holds(check_consistency),
    "subtree": _holds(check_subtree),
    "subtree-inclusion": _holds(check_subtree_inclusion),
    "vkey": lambda text: _key(parse_vkey(text)),
    "note": _note,
    "checkpoint": lambda data: _head(parse_checkpoint(data)),
    "open-checkpoint": lambda data, vkeys: _opened(
        open_checkpoint(data, list(map(parse_vkey, vkeys)))
    ),
    "policy": _policy,
    "check-policy": lambda text, data, vkeys: _opened(
        check_policy(parse_policy(text), data, list(map(parse_vkey, vkeys)))
    ),
    "met": lambda text, names: parse_policy(text).is_met(names),
    "tlog-proof": _tlog_proof,
    "check-tlog-proof": lambda text, leaf, vkey: _opened(
        check_tlog_proof(parse_tlog_proof(text), leaf, [parse_vkey(vkey)])
    ),
    "leaf": _leaf,
    "statement": _statement,
    "disclosure": lambda text: _disclosure(parse_disclosure(text)),
    "plaintext": lambda data: list(map(_disclosure, parse_plaintext(data))),
    "sealed": _sealed,
    "envelope": _envelope,
    "receipt": _receipt,
    "hpke-open": lambda box, key, info, aad: unseal(box, key, info=info, aad=aad),
    "open-case": lambda box, key, about: unseal_case(box, key, **about),
    "open-dek": lambda box, key, about: unseal_dek(box, key, **about),
    "check-claim": _claim,
    "part": lambda text: _part(parse_part(text)),
    "open-part": lambda blob, key, named: _part(open_part(blob, key, named)),
}


def hashes(items: Sequence[bytes]) -> list[Hash]:
    """For proofs, whose items the checkers know as hashes."""
    return list(map(Hash, items))


def answer(call: Call) -> Answer:
    """What Python says to a call."""
    name, args = call
    try:
        return Answer(pack(SIDES[name](*args)))
    except CounterfoilError as error:
        return Answer(refusal=type(error).__name__, sentence=str(error))


def _spelled(value: Plain) -> str:
    return json.dumps(value, sort_keys=True)


def divergence(call: Call, found: Answer) -> str | None:
    """In what JavaScript's answer differs from Python's; None where it does not."""
    expected = answer(call)
    if expected.accepted != found.accepted:
        return (
            f"{call[0]}: python {expected.refusal or 'accepts'} {expected.sentence!r}, "
            f"javascript {found.refusal or 'accepts'} {found.sentence!r}"
        )
    # As text: to Python true is 1 and 1 is 1.0.
    if _spelled(expected.value) != _spelled(found.value):
        return f"{call[0]}: python {expected.value!r}, javascript {found.value!r}"
    return None
