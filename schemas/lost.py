"""Signing in for a lost receipt, as a browser sends it; strictly read.

start    {"binder": base64url(SHA-256 of 32 random bytes that the browser keeps)}
finish   {"binder": base64url(those 32 bytes), "state", "code", "iss": text or null}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.canonical import parse_base64url
from ledger.errors import MalformedError
from ledger.limits import SIGN_IN_CODE_CHARS_MAX, URL_CHARS_MAX
from ledger.log.signins import STATE_LETTERS
from schemas.faults import Fault, InvalidError
from schemas.strict_json import read_json

MEDIA_TYPE: Final = "application/json"
BINDER_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """What the browser brought back, and what it had kept."""

    binder: bytes
    state: str
    code: str
    issuer: str | None


def parse_start(body: bytes) -> bytes:
    """The hash of what the browser keeps.

    Raises:
        MalformedError: not one JSON document.
        InvalidError: `invalid-sign-in`. Nothing was kept, here and below.
    """
    return _binder(_members(body, frozenset({"binder"})))


def parse_finish(body: bytes) -> Finish:
    """What the browser brought back.

    Raises:
        MalformedError: not one JSON document.
        InvalidError: `invalid-sign-in`.
    """
    sent = _members(body, frozenset({"binder", "state", "code", "iss"}))
    state, code, issuer = sent["state"], sent["code"], sent["iss"]
    if type(state) is not str or len(state) != STATE_LETTERS:
        raise _invalid("/state", f"must have {STATE_LETTERS} letters")
    if not _is_text(code, SIGN_IN_CODE_CHARS_MAX):
        raise _invalid("/code", f"must have 1 to {SIGN_IN_CODE_CHARS_MAX:,} characters")
    if issuer is not None and not _is_text(issuer, URL_CHARS_MAX):
        raise _invalid("/iss", f"must have 1 to {URL_CHARS_MAX} characters, or be null")
    return Finish(binder=_binder(sent), state=state, code=code, issuer=issuer)


def _members(body: bytes, names: frozenset[str]) -> Mapping[str, Any]:
    sent = read_json(body)
    if type(sent) is not dict or sent.keys() != names:
        listed = ", ".join(sorted(names))
        raise _invalid("", f"has these members, and no other: {listed}")
    return sent


def _binder(sent: Mapping[str, Any]) -> bytes:
    if type(sent["binder"]) is str:
        try:
            return parse_base64url(sent["binder"], length=BINDER_BYTES)
        except MalformedError:
            pass
    raise _invalid("/binder", "must be 43 letters of base64url")


def _is_text(value: object, chars_max: int) -> bool:
    # RFC 6749 appendix A: a code is printable ASCII, an issuer is an address.
    return (
        type(value) is str
        and 1 <= len(value) <= chars_max
        and value.isascii()
        and value.isprintable()
    )


def _invalid(pointer: str, sentence: str) -> InvalidError:
    return InvalidError("invalid-sign-in", [Fault(pointer, sentence)])
