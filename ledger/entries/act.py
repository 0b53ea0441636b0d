"""Acts: what a person or organisation signed, as DSSE envelopes.

    payload  = JCS {"v":1, "genesis", "act", "actor", "seq", "until",
                    "seen": {"size", "root": base64}, "body": {…}}
    id       = base64url(SHA-256(payload))
    PAE      = "DSSEv1" SP len(type) SP type SP len(payload) SP payload
    envelope = {"payloadType": type, "payload": base64(payload),
                "signatures": [{"keyid": actor, "sig": base64(Ed25519(PAE))}]}
    type     = "application/vnd.counterfoil.act+json"

Lengths are bytes in decimal (DSSE protocol, secure-systems-lab/dsse). The envelope
stands unchanged in the leaf, so that anybody can check the signature again. A passkey
enrolled by the actor signs in a second form, whose challenge is SHA-256(PAE):

    {"keyid": base64url credential id, "sig": base64,
     "webauthn": {"authenticatorData": base64url, "clientDataJSON": base64url}}

Its public key stands in the log, not in the act: `check_act` finds that the passkey was
asked for this very act, and `check_passkey` with the enrolled key that it answered.

Example payload: `{"act":"member.exit","actor":"did:key:z6Mkgg…","body":{},"genesis":
"g0X6…","seen":{"root":"5JBy…Bk=","size":2},"seq":7,"until":"2026-11-23T10:00:00Z",
"v":1}` has the id `m-bcnPfOK4shl7xBiBHTRTgX2g8PdUQAVlW8VMylHWg`.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from ledger.canonical import (
    format_base64,
    format_base64url,
    is_digest,
    jcs,
    parse_base64,
    parse_jcs,
)
from ledger.entries.moment import parse_utc
from ledger.entries.payload import Payload, is_act_name, match_payload, read_root
from ledger.entries.strict import parse_json
from ledger.entries.webauthn import (
    GOT,
    Assertion,
    check_assertion,
    check_client_data,
    read_assertion,
)
from ledger.errors import MalformedError, VerificationError
from ledger.ids import Did
from ledger.keys import SIGNATURE_BYTES, SigningKey, is_did_key, parse_did_key, verify
from ledger.limits import (
    ACT_BYTES_MAX,
    ACT_PAYLOAD_BYTES_MAX,
    INTEGER_MAX,
)

PAYLOAD_TYPE: Final = "application/vnd.counterfoil.act+json"  # never changes
_NAMES = frozenset({"v", "genesis", "act", "actor", "seq", "until", "seen", "body"})


class Act(NamedTuple):
    """One act, read from its envelope; `check_act` says whether the actor signed it.

    Attributes:
        id: base64url(SHA-256(payload)).
        genesis: base64url of the leaf hash of entry 0: which ledger.
        act: what is done, as "system.register".
        actor: who does it.
        seq: the actor's own count of acts, from 1.
        until_ms: when the act lapses, milliseconds of log time.
        seen_size: the size of a tree the actor has seen.
        seen_root: that tree's root, 32 bytes.
        body: what the act says; each act has its own form.
        payload: the JCS bytes that were signed.
        envelope: the DSSE envelope as JSON, as it stands in the leaf.
        assertion: what a passkey signed; None when the actor's own key did.
    """

    id: str
    genesis: str
    act: str
    actor: Did
    seq: int
    until_ms: int
    seen_size: int
    seen_root: bytes
    body: dict[str, Any]
    payload: bytes
    envelope: dict[str, Any]
    assertion: Assertion | None = None


def pae(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """DSSE's pre-authentication encoding: what is signed."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def act_id(payload: bytes) -> str:
    """base64url(SHA-256(payload))."""
    return format_base64url(sha256(payload).digest())


def format_payload(
    *,
    genesis: str,
    act: str,
    actor: Did,
    seq: int,
    until: str,
    seen_size: int,
    seen_root: bytes,
    body: dict[str, Any],
) -> bytes:
    """The payload's JCS bytes.

    Raises:
        MalformedError: a body that canonical JSON cannot hold.
    """
    return jcs(
        {
            "v": 1,
            "genesis": genesis,
            "act": act,
            "actor": actor,
            "seq": seq,
            "until": until,
            "seen": {"size": seen_size, "root": format_base64(seen_root)},
            "body": body,
        }
    )


def sign_act(key: SigningKey, payload: bytes) -> dict[str, Any]:
    """The envelope of `payload`, signed by `key`."""
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": format_base64(payload),
        "signatures": [
            {"keyid": key.did, "sig": format_base64(key.sign(pae(payload)))}
        ],
    }


def parse_envelope(data: bytes) -> Act:
    """An act from the JSON of its envelope, in any spelling.

    Raises:
        MalformedError: not JSON, or not an envelope of an act.
    """
    if len(data) > ACT_BYTES_MAX:
        raise MalformedError(f"an envelope longer than {ACT_BYTES_MAX:,} bytes")
    return read_envelope(parse_json(data))


def read_envelope(envelope: object) -> Act:
    """An act from its envelope's decoded JSON.

    Raises:
        MalformedError: not exactly the members of an envelope of an act.
    """
    if type(envelope) is not dict or envelope.keys() != {
        "payloadType",
        "payload",
        "signatures",
    }:
        raise MalformedError(
            "an envelope has payloadType, payload and signatures, and no more"
        )
    if envelope["payloadType"] != PAYLOAD_TYPE:
        raise MalformedError(f"a payloadType other than {PAYLOAD_TYPE}")
    if type(envelope["payload"]) is not str:
        raise MalformedError("a payload is base64 text")
    payload = parse_base64(envelope["payload"])
    assertion = _read_signatures(envelope["signatures"])
    said = match_payload(payload) or read_payload(payload)
    return act_of(
        said, act_id(payload), payload=payload, envelope=envelope, assertion=assertion
    )


def _read_signatures(signatures: object) -> Assertion | None:
    if type(signatures) is not list or len(signatures) != 1:
        raise MalformedError("an envelope carries exactly one signature")
    signature = signatures[0]
    if type(signature) is not dict:
        raise MalformedError("a signature is a JSON object")
    if "webauthn" in signature:
        return read_assertion(signature)
    if signature.keys() != {"keyid", "sig"}:
        raise MalformedError("a signature has keyid and sig, and no more")
    if not is_did_key(signature["keyid"]):
        raise MalformedError("a keyid is the did:key of an Ed25519 key")
    if (
        type(signature["sig"]) is not str
        or len(parse_base64(signature["sig"])) != SIGNATURE_BYTES
    ):
        raise MalformedError("an Ed25519 signature has 64 bytes")
    return None


def act_of(
    said: Payload,
    id_: str,
    *,
    payload: bytes,
    envelope: dict[str, Any],
    assertion: Assertion | None = None,
) -> Act:
    """The act whose `payload` says this and has this id, in its envelope."""
    return Act(id_, *said, payload, envelope, assertion)


def read_payload(payload: bytes) -> Payload:
    """What a payload says, without the short cut: JSON, form, one after another.

    Raises:
        MalformedError: another form, or not canonical.
    """
    value = parse_jcs(payload, ACT_PAYLOAD_BYTES_MAX)
    if type(value) is not dict or value.keys() != _NAMES:
        raise MalformedError(
            "an act has v, genesis, act, actor, seq, until, seen, body"
        )
    if type(value["v"]) is not int or value["v"] != 1:
        raise MalformedError("an act of another version than 1")
    _check_texts(value)
    size, root = _read_seen(value["seen"])
    if type(value["seq"]) is not int or not 1 <= value["seq"] <= INTEGER_MAX:
        raise MalformedError("a seq is an integer from 1")
    if type(value["body"]) is not dict:
        raise MalformedError("a body is a JSON object")
    return Payload(
        genesis=value["genesis"],
        act=value["act"],
        actor=value["actor"],
        seq=value["seq"],
        until_ms=parse_utc(value["until"]),
        seen_size=size,
        seen_root=root,
        body=value["body"],
    )


def _check_texts(value: dict[str, Any]) -> None:
    if not all(type(value[name]) is str for name in ("genesis", "act", "until")):
        raise MalformedError("genesis, act and until are texts")
    if not is_digest(value["genesis"]):
        raise MalformedError("a genesis is base64url of 32 bytes")
    if not is_act_name(value["act"]):
        raise MalformedError("an act's name is words joined by dots")
    if not is_did_key(value["actor"]):
        raise MalformedError("an actor is the did:key of an Ed25519 key")


def _read_seen(seen: object) -> tuple[int, bytes]:
    if type(seen) is not dict or seen.keys() != {"size", "root"}:
        raise MalformedError("seen has size and root, and no more")
    size, root = seen["size"], seen["root"]
    if type(size) is not int or not 1 <= size <= INTEGER_MAX:
        raise MalformedError("a seen size is an integer from 1")
    if type(root) is not str:
        raise MalformedError("a seen root is the base64 of 32 bytes")
    return size, read_root(root)


def check_act(act: Act) -> None:
    """That the actor signed the act, as far as the act alone can show.

    An Ed25519 signature is checked whole. A passkey's public key stands in the log: here
    it is only checked that the passkey was asked for this act, and `check_passkey` says
    the rest.

    Raises:
        VerificationError: signed by another key, or the signature does not hold.
    """
    if act.assertion is not None:
        check_client_data(
            act.assertion.client_data, type_=GOT, challenge=passkey_challenge(act)
        )
        return
    signature = act.envelope["signatures"][0]
    if signature["keyid"] != act.actor:
        raise VerificationError("signed by another key than the actor's")
    sig = parse_base64(signature["sig"])
    if not verify(_public_key(act.actor), pae(act.payload), sig):
        raise VerificationError("the actor's signature does not hold")


@lru_cache(maxsize=4_096)
def _public_key(actor: Did) -> bytes:
    return parse_did_key(actor)


def check_passkey(act: Act, public_key: bytes, rp_id: str) -> None:
    """That the passkey of `public_key`, enrolled for `rp_id`, signed the act.

    Raises:
        VerificationError: it did not, or the act is not signed by a passkey.
    """
    if act.assertion is None:
        raise VerificationError("the act is not signed by a passkey")
    check_assertion(
        act.assertion,
        public_key=public_key,
        rp_id=rp_id,
        challenge=passkey_challenge(act),
    )


def passkey_challenge(act: Act) -> bytes:
    """SHA-256(PAE): what a passkey is asked to sign."""
    return sha256(pae(act.payload)).digest()
