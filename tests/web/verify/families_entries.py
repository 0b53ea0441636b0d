"""Calls about leaves, statements, acts and what is sealed, mostly almost sound."""

import json
from hashlib import sha256
from random import Random
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import (
    format_base64url,
    jcs,
    parse_base64,
    parse_base64url,
    parse_jcs,
)
from ledger.entries.decision import SEALED_PREFIX
from ledger.entries.disclosure import SLOTS, digest, format_disclosure
from ledger.entries.secret import derive
from ledger.errors import MalformedError
from tests.entries.vectors import INPUT, SECRET, WANT
from tests.web.verify.corpus import (
    ACTOR,
    EVENTS,
    PASSKEY,
    envelope_of,
    sign_event,
)
from tests.web.verify.mutate import (
    DEEP,
    ODD_VALUES,
    carried,
    change_bytes,
    change_json,
    change_scalar,
    change_text,
    often,
    spell,
)
from tests.web.verify.node import Call

SALT: Final = "K8mQBZRzRI5uvUQqoWv6oA"


def changed_event(chance: Random) -> Any:
    event = often(chance, change_json, chance.choice(EVENTS))
    try:
        if "statement" in event["data"] and chance.random() < 0.3:
            event = sign_event(event)
        if "envelope" in event["data"] and chance.random() < 0.5:
            event = _resigned(chance, event)
        if chance.random() < 0.5:  # what must agree with the statement
            event["id"] = event["data"]["statement"]["id"]
            event["time"] = event["data"]["statement"]["time"]
    except (MalformedError, KeyError, TypeError, IndexError, ValueError):
        pass
    return event


def _resigned(chance: Random, event: dict[str, Any]) -> dict[str, Any]:
    """An act's event whose payload is changed, and signed again."""
    envelope = changed_envelope(chance)
    payload = parse_base64(envelope["payload"])
    event = {**event, "data": {"envelope": envelope}}
    event["id"] = format_base64url(sha256(payload).digest())
    said = json.loads(payload)
    event["type"] = f"org.counterfoil.act.{said['act']}.v1"
    event["source"] = f"/commons/actors/{said['actor']}"
    return event


def written(chance: Random, value: Any) -> bytes:
    """Canonical where it can be, and sometimes changed in its bytes."""
    try:
        data = jcs(value)
    except MalformedError:
        data = spell(chance, value)
    return change_bytes(chance, data) if chance.random() < 0.2 else data


def leaf(chance: Random) -> Call:
    return "leaf", [written(chance, changed_event(chance))]


def statement(chance: Random) -> Call:
    event = chance.choice([one for one in EVENTS if "statement" in one["data"]])
    value = often(chance, change_json, event["data"]["statement"])
    return "statement", [written(chance, value)]


def changed_envelope(chance: Random) -> dict[str, Any]:
    payload = parse_jcs(parse_base64(EVENTS[5]["data"]["envelope"]["payload"]))
    payload["actor"] = ACTOR.did
    data = written(chance, often(chance, change_json, payload))
    if chance.random() < 0.3:
        origin = chance.choice(("https://ledger.example", "x"))
        return PASSKEY.envelope(data, origin=origin)
    return envelope_of(data)


def envelope(chance: Random) -> Call:
    value: Any = changed_envelope(chance)
    if chance.random() < 0.6:
        value = often(chance, change_json, value)
    if chance.random() < 0.15:
        value = _other_client_data(chance, value)
    return "envelope", [spell(chance, value)]


def _other_client_data(chance: Random, value: Any) -> Any:
    try:
        said = value["signatures"][0]["webauthn"]
        client = json.loads(parse_base64url(said["clientDataJSON"]))
        client = often(chance, change_json, client)
        if chance.random() < 0.3:
            client["crossOrigin"] = chance.choice((True, False, None, 0, "false"))
        said["clientDataJSON"] = format_base64url(spell(chance, client))
    except (
        KeyError,
        TypeError,
        IndexError,
        ValueError,
        AttributeError,
        MalformedError,
    ):
        pass
    return value


def disclosure_text(chance: Random, slot: str, value: Any) -> str:
    parts: Any = [SALT, slot, value]
    if chance.random() < 0.15:
        parts = change_json(chance, parts)
    text = format_base64url(spell(chance, parts))
    return carried(change_text(chance, text)) if chance.random() < 0.05 else text


def disclosure(chance: Random) -> Call:
    slot, value = chance.choice((*SLOTS, "x")), chance.choice((*ODD_VALUES, *DEEP))
    return "disclosure", [disclosure_text(chance, slot, value)]


def disclosures(chance: Random) -> list[Any]:
    """All sixteen, one of them perhaps odd."""
    odd = chance.randrange(40)
    texts: list[Any] = []
    for at, slot in enumerate(SLOTS):
        value = INPUT["values"].get(slot)
        if at == odd:
            texts.append(disclosure_text(chance, slot, change_scalar(chance, value)))
        else:
            text = json.dumps(value, ensure_ascii=False).encode()
            texts.append(format_disclosure(slot, SALT, text))
    return change_json(chance, texts) if chance.random() < 0.2 else texts


def plaintext(chance: Random) -> Call:
    return "plaintext", [spell(chance, disclosures(chance))]


def seal(chance: Random, statement_: dict[str, Any], texts: list[Any]) -> bytes:
    keys = derive(SECRET)
    aad = SEALED_PREFIX + jcs(statement_)
    nonce = chance.randbytes(12)
    plain = json.dumps(texts, ensure_ascii=False).encode("utf-8", "replace")
    return nonce + AESGCM(keys.dek).encrypt(nonce, plain, aad)


def fitting(texts: Any) -> dict[str, Any]:
    """The vector's statement with the digests of these disclosures."""
    found: dict[str, Any] = parse_jcs(WANT["statement_jcs"].encode())
    listed = texts if isinstance(texts, list) else []
    for slot, text in zip(SLOTS, listed, strict=False):
        if isinstance(text, str) and text.isascii():
            found["sealed"][slot] = digest(text.encode())
    return found


def sealed(chance: Random) -> Call:
    texts = disclosures(chance)
    statement_ = fitting(texts)
    data = seal(chance, statement_, texts)
    if chance.random() < 0.2:
        slot = chance.choice(SLOTS)
        statement_["sealed"][slot] = digest(chance.randbytes(8).hex().encode())
        data = seal(chance, statement_, texts)
    if chance.random() < 0.2:
        data = change_bytes(chance, data)
    secret = SECRET if chance.random() < 0.95 else change_bytes(chance, SECRET)
    secret = secret.ljust(32, b"\0")[:32]
    return "sealed", [secret, jcs(statement_), data]
