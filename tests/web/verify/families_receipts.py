"""Calls about whole receipts and about cases, mostly almost sound."""

import json
from random import Random
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import (
    format_base64,
    format_base64url,
    parse_base64url,
)
from ledger.entries.case import (
    claim_message,
    derive_case,
    derive_claim,
    seal_case,
    seal_dek,
)
from ledger.entries.disclosure import digest
from ledger.entries.part import NONCE_BYTES, part_name
from ledger.keys import agreement_key, agreement_secret
from ledger.merkle.note import format_vkey
from tests.entries.receipts import OTHER_VKEY, VKEY_TEXT
from tests.entries.vectors import GENESIS
from tests.web.verify.corpus import (
    ACTOR,
    EVENTS,
    IDS,
    LOG_POLICY,
    POLICY,
    receipt_value,
    sign_event,
)
from tests.web.verify.families_entries import (
    changed_event,
    disclosure_text,
    disclosures,
    fitting,
    seal,
    written,
)
from tests.web.verify.mutate import (
    ODD_TEXTS,
    carried,
    change_bytes,
    change_json,
    change_text,
    often,
    spell,
)
from tests.web.verify.node import Call

ABOUT: Final = {"decision": IDS[0], "genesis": GENESIS}
AGREEMENT: Final = agreement_secret(ACTOR)


OTHER_TEXT: Final = format_vkey(OTHER_VKEY)
BELIEVED: Final[tuple[tuple[list[str], str | None], ...]] = (
    ([VKEY_TEXT], None),
    ([], POLICY),
    ([VKEY_TEXT], POLICY),
    ([], LOG_POLICY),
    ([], None),
    ([OTHER_TEXT], LOG_POLICY),
    ([VKEY_TEXT], f"log {OTHER_TEXT}\nquorum none\n"),
)


def receipt(chance: Random) -> Call:
    value = _changed_receipt(chance)
    data = spell(chance, value)
    if chance.random() < 0.05:
        data = change_bytes(chance, data)
    vkeys, policy_text = chance.choice(BELIEVED)
    if policy_text is not None and chance.random() < 0.1:
        policy_text = carried(change_text(chance, policy_text))
    return "receipt", [data, vkeys, policy_text]


def _changed_receipt(chance: Random) -> Any:
    value = _receipt(chance)
    if chance.random() < 0.1:  # a part of another receipt
        other = _receipt(chance)
        name = chance.choice(sorted(other))
        value[name] = other[name]
    for name in ("proof", "policy"):
        if chance.random() < 0.15 and name in value:
            value[name] = change_text(chance, value[name], value[name])
    return often(chance, change_json, value) if chance.random() < 0.5 else value


def _receipt(chance: Random) -> dict[str, Any]:
    """A leaf of some kind, sound or not, truly in the log, and its file."""
    which = chance.random()
    if which < 0.3:
        texts = disclosures(chance)
        event = json.loads(json.dumps(EVENTS[1]))
        event["data"]["statement"] = fitting(texts)
        if chance.random() < 0.3:
            event = sign_event(event)
        value = receipt_value(chance, event, written(chance, event))
        if "sealed" in value:
            data = seal(chance, event["data"]["statement"], texts)
            value["sealed"] = format_base64(data)
        return value
    event = chance.choice(EVENTS) if which < 0.6 else changed_event(chance)
    return receipt_value(chance, event, written(chance, event))


def box(chance: Random) -> Call:
    ephemeral, key = chance.randbytes(32), chance.randbytes(32)
    about: dict[str, Any] = dict(ABOUT)
    recipient = agreement_key(ACTOR.did)
    if chance.random() < 0.5:
        op = "open-case"
        text = seal_case(key, recipient, ephemeral=ephemeral, **about)
    else:
        op, about["grant"] = "open-dek", chance.choice((None, GENESIS))
        text = seal_dek(key, recipient, ephemeral=ephemeral, **about)
    if chance.random() < 0.3:
        about["decision"] = chance.choice(IDS)
    if chance.random() < 0.5:
        data = change_bytes(chance, parse_base64url(text))
        text = format_base64url(data)
        if chance.random() < 0.2:  # an ephemeral key that agrees with none
            text = format_base64url(bytes(32) + data[32:])
    elif chance.random() < 0.3:
        text = carried(change_text(chance, text))
    return op, [text, AGREEMENT, about]


def claim(chance: Random) -> Call:
    keys = derive_claim(chance.randbytes(32))
    about = {**ABOUT, "key": keys.key.did, "seal_key": keys.seal_key}
    made = keys.key.sign(claim_message(**about))
    if chance.random() < 0.4:
        about[chance.choice(("decision", "genesis", "seal_key"))] = "é"
    if chance.random() < 0.2:
        about["key"] = carried(change_text(chance, about["key"]))
    return "check-claim", [often(chance, change_bytes, made), about]


PARTS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("statement", {"ground": "inputs", "text": "five years, not two"}),
    (
        "statement",
        {
            "ground": "not-me",
            "text": "x",
            "fields": [{"field": "inputs", "text": "y"}],
            "dek": GENESIS,
        },
    ),
    ("attachment", {"name": "a.txt", "type": "text/plain", "data": "AAEC"}),
    ("message", {"text": "é\U0001f600"}),
    ("reasons", {"text": "because", "secret": GENESIS, "id": IDS[0]}),
    ("reasons", {"text": "because", "secret": None, "id": None}),
)


def sealed_blob(chance: Random, text: str, key: bytes) -> tuple[bytes, dict[str, str]]:
    """Any text as a part's blob, and what an act says of it."""
    named = digest(text.encode("utf-8"))
    nonce = chance.randbytes(NONCE_BYTES)
    aad = b"counterfoil/v1/part\0" + named.encode()
    blob = nonce + AESGCM(key).encrypt(nonce, text.encode("utf-8"), aad)
    return blob, {"digest": named, "part": part_name(blob)}


def part(chance: Random) -> Call:
    slot, value = chance.choice(PARTS)
    value = often(chance, change_json, value)
    if chance.random() < 0.05 and isinstance(value, dict):
        value["text"] = chance.choice(ODD_TEXTS) * chance.choice(
            (9_999, 10_000, 10_001)
        )
    text = disclosure_text(chance, slot, value)
    if chance.random() < 0.5:
        return "part", [text]
    keys = derive_case(b"\x09" * 32)
    blob, said = sealed_blob(chance, text, keys.part_key)
    if chance.random() < 0.3:
        blob = change_bytes(chance, blob)
        if chance.random() < 0.7:
            said["part"] = part_name(blob)
    return "open-part", [blob, keys.part_key, said]
