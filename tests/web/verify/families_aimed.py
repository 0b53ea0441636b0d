"""Calls that chance alone would seldom make: each sound but for the one thing it is about.

Found by breaking the JavaScript on purpose, one check at a time, and looking at which
breaks the other families did not see.
"""

import json
from random import Random
from typing import Final

from ledger.canonical import (
    format_base64,
    format_base64url,
    jcs,
    parse_base64,
    parse_base64url,
    parse_jcs,
)
from ledger.entries.case import derive_case
from ledger.entries.hpke import public_of, seal
from ledger.keys import SigningKey
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.note import (
    Signature,
    VerifierKey,
    format_signature,
    format_vkey,
    key_id,
    signer_key,
    verifier_key,
)
from tests.entries.receipts import ORIGIN, SIGNER, VKEY_TEXT
from tests.entries.vectors import GENESIS
from tests.web.verify.corpus import (
    ACTOR,
    EVENTS,
    IDS,
    OTHER_WITNESS,
    PASSKEY,
    QUANTUM_VKEY,
    WITNESS,
    envelope_of,
    quantum_line,
    receipt_value,
    sign_event,
)
from tests.web.verify.families_entries import SALT
from tests.web.verify.families_receipts import ABOUT, sealed_blob
from tests.web.verify.mutate import ODD_TEXTS, ODD_VALUES, carried, change_json, spell
from tests.web.verify.node import Call

_P: Final = 2**255 - 19
_Y8: Final = (
    2707385501144840649318225287225658788936804267575313519463743609750303402022
)
_TORSION: Final = (0, 1, _P - 1, _P, _P + 1, _Y8, _P - _Y8, 2, 3)
OTHER: Final = SigningKey(b"\x0b" * 32)
LOG_AS_WITNESS: Final = signer_key(ORIGIN, b"\x0c" * 32, 0x04)
LOG_AS_QUANTUM: Final = verifier_key(ORIGIN, QUANTUM_VKEY.public, 0x06)
STRANGER: Final = signer_key("other.example/log", b"\x0d" * 32)


def _point(chance: Random) -> bytes:
    y = chance.choice((1, 1, 1, _P + 1, *_TORSION)) + chance.choice((0, 0, 2**255))
    return y.to_bytes(32, "little")


def points(chance: Random) -> Call:
    """Keys and R of small order, with an S of zero: the equation holds for some."""
    message = chance.randbytes(2)
    return "ed25519", [_point(chance), message, _point(chance) + bytes(32)]


def prefixes(chance: Random) -> Call:
    """Names of other kinds of key, as long as ours."""
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    prefix = chance.choice(
        (b"\xed\x01", b"\xec\x01", b"\xed\x02", b"\xff\xff", b"\x12\x20")
    )
    number, text = int.from_bytes(prefix + chance.randbytes(32), "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return "didkey", [f"did:key:z{text}"]


# ---- notes ---------------------------------------------------------------------------


def names(chance: Random) -> Call:
    """Keys whose key id is right, under names that no key may have."""
    name = "a" + chance.choice(ODD_TEXTS) + chance.choice(("", "b"))
    kind = chance.choice((0x01, 0x01, 0x02, 0x04, 0x06, 0xFF))
    public = ACTOR.public[: chance.choice((32, 32, 32, 31, 1, 0))]
    identity = key_id(name, kind, public)
    key = VerifierKey(name=name, key_id=identity, kind=kind, public=public)
    if chance.random() < 0.5:
        return "vkey", [carried(format_vkey(key))]
    data = chance.randbytes(chance.choice((0, 1, 64)))
    line = format_signature(Signature(name=name, key_id=identity, data=data))
    return "note", [b"text\n\n" + line]


def _lines(chance: Random, head: Checkpoint, text: bytes) -> dict[str, bytes]:
    """Every signer's line, with a time that may be out of bounds."""
    time = 1_795_341_700
    if chance.random() < 0.2:
        time = chance.choice((0, 2**63 - 1, 2**63, 2**64 - 1))
    lines = {}
    for signer in (SIGNER, STRANGER):
        data = signer.key.sign(text)
        lines[format_vkey(signer.vkey)] = Signature(
            name=signer.name, key_id=signer.key_id, data=data
        )
    for signer in (WITNESS, OTHER_WITNESS, LOG_AS_WITNESS):
        sig = signer.key.sign(b"cosignature/v1\ntime %d\n%b" % (time, text))
        lines[format_vkey(signer.vkey)] = Signature(
            name=signer.name, key_id=signer.key_id, data=time.to_bytes(8, "big") + sig
        )
    if chance.random() < 0.2:
        for vkey in (QUANTUM_VKEY, LOG_AS_QUANTUM):
            lines[format_vkey(vkey)] = quantum_line(vkey, head, min(time, 2**63))
    return {text: format_signature(line) for text, line in lines.items()}


def cosigned(chance: Random) -> Call:
    """Some signers of a checkpoint, some keys that are known, some policy."""
    origin = ORIGIN if chance.random() < 0.8 else STRANGER.name
    size = chance.choice((0, 1, 7, 2**63 - 1))
    root = chance.randbytes(32)
    text = f"{origin}\n{size}\n{format_base64(root)}\n".encode()
    head = Checkpoint(origin=origin, size=size, root=root)  # type: ignore[arg-type] # any numbers
    lines = _lines(chance, head, text)
    signed = [line for line in lines.values() if chance.random() < 0.6]
    data = text + b"\n" + b"".join(signed)
    known = [vkey for vkey in lines if chance.random() < 0.6]
    chance.shuffle(known)
    if chance.random() < 0.4:
        return "open-checkpoint", [data, known]
    return "check-policy", [_policy(chance, known), data, known[:1]]


def _policy(chance: Random, vkeys: list[str]) -> str:
    """Lines in some order, of names that may be defined or not."""
    lines, defined = [], ["none"]
    for vkey in vkeys:
        if chance.random() < 0.4:
            lines.append(f"log {vkey}")
        else:
            name = chance.choice(("a", "b", "c", "d", "e"))
            lines.append(f"witness {name} {vkey}")
            defined.append(name)
    for name in "xyz"[: chance.randrange(4)]:
        members = chance.choices(defined[1:] or ["a"], k=chance.randrange(1, 4))
        least = chance.choice(("any", "all", "1", "2", "01", "0"))
        lines.append(f"group {name} {least} {' '.join(members)}")
        defined.append(name)
    lines.append(f"quorum {chance.choice(defined)}")
    return "\n".join(lines)


def policies(chance: Random) -> Call:
    """Policies by their grammar."""
    every = [
        VKEY_TEXT,
        *(format_vkey(one.vkey) for one in (WITNESS, OTHER_WITNESS, STRANGER)),
    ]
    keys = chance.sample(every, k=chance.randrange(1, 5))
    if chance.random() < 0.3:
        keys.append(chance.randbytes(32).hex())
    return "policy", [_policy(chance, keys)]


def proof_lines(chance: Random) -> Call:
    """Proofs of any number of hashes, of any length."""
    length = chance.choice((32, 32, 32, 31, 33, 0))
    items = [chance.randbytes(32) for _ in range(chance.choice((0, 1, 62, 63, 64)))]
    hashes = [format_base64(item) for item in [*items, chance.randbytes(length)]]
    extra = chance.choice(("", "extra AAEC\n", "extra \n", "extra AAE\n"))
    head = f"c2sp.org/tlog-proof@v1\n{extra}index {chance.choice((0, 7, 2**63 - 2, 2**63 - 1))}"
    return "tlog-proof", ["\n".join([head, *hashes, "", "checkpoint", ""])]


# ---- entries -------------------------------------------------------------------------


def decisions(chance: Random) -> Call:
    """A decision whose leaf and statement agree on what is wrong."""
    event = json.loads(json.dumps(chance.choice(EVENTS[1:5])))
    data, statement = event["data"], event["data"]["statement"]
    match chance.randrange(6):
        case 0:
            time = chance.choice([one for one in ODD_VALUES if str(one).endswith("Z")])
            event["time"] = statement["time"] = time
        case 1:
            statement["profile"] = chance.choice(("open", "sealed"))
            if chance.random() < 0.5:
                statement["outcome"] = {
                    "code": "x",
                    "favourable": chance.choice((True, 0)),
                }
        case 2:
            ids = chance.choices(("a", "b", "A", "a-1", "é", ""), k=chance.randrange(4))
            outcomes = ("pass", "flag", "hold", "refuse")
            data["results"] = [
                {"id": i, "outcome": chance.choice(outcomes)} for i in ids
            ]
        case 3:
            data[chance.choice(("seq", "refused"))] = chance.choice(
                (0, 1, -1, 2**53 - 1)
            )
        case 4:
            slot = chance.choice(sorted(statement["sealed"]))
            statement["sealed"][slot] = "A" * 42 + chance.choice("ABEQg048")
        case _:
            statement["version"] = chance.choice((None, "1+2", "a b", "", "x" * 65))
    if chance.random() < 0.3:
        event = sign_event(event)
    return "leaf", [jcs(event)]


def ledger_entries(chance: Random) -> Call:
    """What the ledger wrote, with one value out of its bounds."""
    event = json.loads(json.dumps(chance.choice((EVENTS[0], *EVENTS[7:]))))
    data = event["data"]
    if "origin" in data:
        data["origin"] = chance.choice(("a", "\U0001f600")) * chance.choice(
            (0, 1, 255, 256)
        )
    elif "refused" in data:
        name = chance.choice(("a", "a b", "", "A.b_c-1", "x" * 65))
        data["refused"] = {name: chance.choice((1, 0, -1, 2**53 - 1))}
    else:
        numbers = [
            chance.randrange(5) for _ in range(chance.choice((0, 1, 2, 3, 1_001)))
        ]
        ids = [f"{number:08x}{IDS[0][8:]}" for number in numbers]
        data["decisions"] = sorted(set(ids)) if chance.random() < 0.5 else ids
    return "leaf", [jcs(event)]


def acts(chance: Random) -> Call:
    """An act, well signed, with one value out of its bounds or one signature too many."""
    payload = parse_jcs(parse_base64(EVENTS[5]["data"]["envelope"]["payload"]))
    payload["actor"] = chance.choice((ACTOR.did, ACTOR.did, OTHER.did))
    match chance.randrange(4):
        case 0:
            payload["seq"] = chance.choice((0, 1, -1, True, 2**53 - 1))
        case 1:
            root = chance.randbytes(chance.choice((31, 32, 33, 0)))
            size = chance.choice((0, 1, 2**53 - 1))
            payload["seen"] = {"size": size, "root": format_base64(root)}
        case 2:
            payload["act"] = chance.choice(("a", "a.b", "A.b", "a..b", "a." + "b" * 62))
        case _:
            pass
    value = envelope_of(jcs(payload))
    signatures = value["signatures"]
    match chance.randrange(4):
        case 0:
            signatures.append(signatures[0])
        case 1:
            signatures[0]["keyid"] = OTHER.did
        case _:
            pass
    return "envelope", [spell(chance, value)]


def passkeys(chance: Random) -> Call:
    """A passkey's act, asked for another act, or in another page."""
    payload = parse_base64(EVENTS[5]["data"]["envelope"]["payload"])
    value = PASSKEY.envelope(payload)
    if chance.random() < 0.2:
        other = parse_jcs(payload)
        other["seq"] += 1
        value["payload"] = format_base64(jcs(other))
        return "envelope", [spell(chance, value)]
    said = value["signatures"][0]["webauthn"]
    client = json.loads(parse_base64url(said["clientDataJSON"]))
    match chance.randrange(4):
        case 0:
            client["crossOrigin"] = chance.choice((True, False, None, 0, "", []))
        case 1:
            client["origin"] = chance.choice(("", None, 1, "x"))
        case 2:
            client["type"] = chance.choice(("webauthn.create", "webauthn.get", None))
        case _:
            client = change_json(chance, client)
    said["clientDataJSON"] = format_base64url(spell(chance, client))
    return "envelope", [spell(chance, value)]


def lies(chance: Random) -> Call:
    """A receipt that is sound but for one member, of the right form."""
    event = chance.choice(EVENTS)
    value = receipt_value(chance, event, jcs(event))
    if event is EVENTS[0]:
        value["genesis"] = GENESIS
    other = format_base64url(chance.randbytes(32))
    name, said = chance.choice(
        (
            ("genesis", other),
            ("secret", other),
            ("sealed", format_base64(chance.randbytes(40))),
            ("id", IDS[3]),
            ("index", value["index"] + 1),
            ("origin", STRANGER.name),
            ("policy", f"log {VKEY_TEXT}\nquorum none\n"),
        )
    )
    value[name] = said
    return "receipt", [spell(chance, value), [VKEY_TEXT], None]


# ---- cases ---------------------------------------------------------------------------


def texts(chance: Random) -> Call:
    """Parts at the edge of what a text may be."""
    letter = chance.choice(("a", "\U0001f600", "\0", "é"))
    value = {"text": letter * chance.choice((0, 1, 9_999, 10_000, 10_001))}
    plain = json.dumps([SALT, "message", value], ensure_ascii=False)
    return "part", [format_base64url(plain.encode())]


def named_parts(chance: Random) -> Call:
    """A sound blob under what the act says of it, or of another."""
    plain = json.dumps([SALT, "message", {"text": chance.choice(("x", ""))}])
    keys = derive_case(b"\x09" * 32)
    blob, named = sealed_blob(chance, format_base64url(plain.encode()), keys.part_key)
    if chance.random() < 0.5:
        named[chance.choice(("digest", "part"))] = format_base64url(
            chance.randbytes(32)
        )
    return "open-part", [blob, keys.part_key, named]


def other_boxes(chance: Random) -> Call:
    """Boxes that open, of a message that is no key."""
    secret, ephemeral = chance.randbytes(32), chance.randbytes(32)
    info = b"counterfoil/v1/case\0" + jcs(ABOUT)
    message = chance.randbytes(chance.choice((0, 31, 32, 33)))
    box = seal(message, public_of(secret), info=info, ephemeral=ephemeral)
    return "open-case", [format_base64url(box), secret, ABOUT]
