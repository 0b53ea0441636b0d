"""What an act's payload says, read by one regular expression.

    {"act":…,"actor":…,"body":{…},"genesis":…,"seen":{"root":…,"size":n},"seq":n,
     "until":…,"v":1}

Its canonical bytes have this one shape, in which only the body is any JSON. What the
pattern does not match it says nothing about: `ledger.entries.act` then reads it the
plain way, which names the fault, and which alone knows bodies beyond ASCII.
"""

import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ledger.canonical import is_digest, parse_base64, parse_jcs
from ledger.entries.moment import parse_utc
from ledger.errors import MalformedError
from ledger.ids import Did
from ledger.keys import is_did_key
from ledger.limits import ACT_PAYLOAD_BYTES_MAX, INTEGER_MAX

_ACT: Final = r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)+"
_ACT_NAME: Final = re.compile(_ACT, re.ASCII)
_ACT_CHARS_MAX: Final = 64  # as any code
# A dot of fixed count is only cut out here, and has a check of its own below.
_PAYLOAD: Final = re.compile(
    rf'\{{"act":"({_ACT})","actor":"(.{{56}})","body":(\{{.*\}}),'
    r'"genesis":"(.{43})","seen":\{"root":"(.{44})","size":([1-9][0-9]{0,15})\},'
    r'"seq":([1-9][0-9]{0,15}),"until":"([0-9T:.-]+Z)","v":1\}',
    re.ASCII | re.DOTALL,
)


class Payload(NamedTuple):
    """What an act says: the same as `ledger.entries.act.Act`, and in its order."""

    genesis: str
    act: str
    actor: Did
    seq: int
    until_ms: int
    seen_size: int
    seen_root: bytes
    body: dict[str, Any]


def is_act_name(text: str) -> bool:
    """Whether `text` can be an act's name: words joined by dots, at most 64 letters."""
    return len(text) <= _ACT_CHARS_MAX and _ACT_NAME.fullmatch(text) is not None


@lru_cache(maxsize=1_024)
def read_root(text: str) -> bytes:
    """The 32 bytes of a seen root, of base64; many have seen the same tree.

    Raises:
        MalformedError: anything else.
    """
    root = parse_base64(text)
    if len(root) != 32:
        raise MalformedError("a seen root is the base64 of 32 bytes")
    return root


@lru_cache(maxsize=64)  # the acts of a ledger have one
def _is_genesis(text: str) -> bool:
    return is_digest(text)


def match_payload(payload: bytes) -> Payload | None:
    """What `payload` says, or None for "read it the plain way".

    Raises:
        MalformedError: it is none, either way.
    """
    if not payload.isascii() or len(payload) > ACT_PAYLOAD_BYTES_MAX:
        return None
    found = _PAYLOAD.fullmatch(payload.decode("ascii"))
    if found is None:
        return None
    act, actor, body, genesis, root, size, seq, until = found.groups()
    seen_size, own_seq = int(size), int(seq)
    if (
        len(act) > _ACT_CHARS_MAX
        or not is_did_key(actor)
        or not _is_genesis(genesis)
        or seen_size > INTEGER_MAX
        or own_seq > INTEGER_MAX
    ):
        return None
    return Payload(
        genesis,
        act,
        Did(actor),
        own_seq,
        parse_utc(until),
        seen_size,
        read_root(root),
        parse_jcs(body.encode("ascii"), within=1),
    )
