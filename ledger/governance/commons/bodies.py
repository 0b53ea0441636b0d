"""What is said about the commons, read and typed.

    constitution.amend    {"diff": unified diff, as `diff.py` says}
    parameter.set         {"name", "value": a number, or a word}
    dataset.adopt         {"id", "name", "datasheet": base64url(SHA-256), "consent_basis",
                           "coverage": {"reference", "groups": [{"group", "ppm",
                           "reference_ppm"}]} or null, "withdrawal", "licence"}
    dataset.drop          {"id", "reason": a code, or a digest in base64url}
    network.witness_add   {"name", "vkey"}, and at will "url"
    network.witness_drop  {"name"}
    network.mirror_add    {"url"}
    network.mirror_drop   {"url"}
    log.rotate            {"vkey"}

Names of actions and members never change. A body says nothing about the state.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from ledger.canonical import parse_base64url
from ledger.errors import MalformedError
from ledger.governance.body import (
    Body,
    check_members,
    read_choice,
    read_code,
    read_text,
    refuse,
)
from ledger.governance.commons.diff import ADDED, Hunk, parse_diff
from ledger.governance.commons.room import Coverage, DataSet, Share
from ledger.governance.lettering import is_line
from ledger.governance.parameters import PARAMETERS, WORDS
from ledger.ids import is_code
from ledger.limits import (
    CONSTITUTION_LINE_CHARS_MAX,
    COVERAGE_GROUPS_MAX,
    URL_CHARS_MAX,
)
from ledger.merkle.cosignature import (
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    MLDSA44_PUBLIC_BYTES,
)
from ledger.merkle.note import ED25519, VerifierKey, parse_vkey

PPM: Final = 1_000_000
VKEY_CHARS_MAX: Final = 4_000  # characters; an ML-DSA-44 key has 1,312 bytes
_URL: Final = re.compile(
    r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?"
    r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@/-]*)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class ParameterOf:
    """A number or a word of the community's."""

    name: str
    value: int | str


@dataclass(frozen=True, slots=True)
class DropOf:
    """A data set that is dropped, and why."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class WitnessOf:
    """A witness, by the community's name for it."""

    name: str
    vkey: str
    url: str


def read_amendment(body: Body) -> tuple[Hunk, ...]:
    """Of `constitution.amend`: what it changes.

    Raises:
        RejectedError: `invalid-act`: a body of another form, as all below.
    """
    check_members(body, ("diff",))
    diff = body["diff"]
    if type(diff) is not str:
        raise refuse("diff is a unified diff, as text")
    try:
        hunks = parse_diff(diff)
    except MalformedError as error:
        raise refuse(f"diff is a unified diff; this is {error}") from error
    for sign, line in (signed for hunk in hunks for signed in hunk.lines):
        if sign == ADDED and not (
            len(line) <= CONSTITUTION_LINE_CHARS_MAX and is_line(line)
        ):
            raise refuse(
                f"each line that diff adds has up to {CONSTITUTION_LINE_CHARS_MAX:,} "
                "characters that show: no tabs, controls or invisible signs"
            )
    return hunks


def read_parameter(body: Body) -> ParameterOf:
    """Of `parameter.set`."""
    check_members(body, ("name", "value"))
    name = read_choice(body, "name", [*PARAMETERS, *WORDS])
    value: int | str = body["value"]
    if name in WORDS and type(value) is not str:
        raise refuse(f"value of {name} is a word: {WORDS[name].form}")
    if name in PARAMETERS and type(value) is not int:
        raise refuse(f"value of {name} is a whole number")
    return ParameterOf(name, value)


def read_dataset(body: Body) -> DataSet:
    """Of `dataset.adopt`: the data set; who adopted it is not said."""
    check_members(
        body,
        (
            "id",
            "name",
            "datasheet",
            "consent_basis",
            "coverage",
            "withdrawal",
            "licence",
        ),
    )
    return DataSet(
        id=read_code(body, "id"),
        name=read_text(body, "name"),
        datasheet=_read_digest(body, "datasheet"),
        consent_basis=read_code(body, "consent_basis"),
        coverage=_read_coverage(body["coverage"]),
        withdrawal=read_text(body, "withdrawal", 1_000),
        licence=read_code(body, "licence"),
    )


def read_drop(body: Body) -> DropOf:
    """Of `dataset.drop`."""
    check_members(body, ("id", "reason"))
    return DropOf(read_code(body, "id"), read_code(body, "reason"))


def read_witness(body: Body) -> WitnessOf:
    """Of `network.witness_add`."""
    check_members(body, ("name", "vkey"), ("url",))
    vkey = _read_vkey(body)
    lengths = {COSIGNATURE_ED25519: 32, COSIGNATURE_MLDSA44: MLDSA44_PUBLIC_BYTES}
    if lengths.get(vkey.kind) != len(vkey.public):
        raise refuse("vkey is a witness's, of type 0x04 (Ed25519) or 0x06 (ML-DSA-44)")
    url = read_url(body) if "url" in body else ""
    return WitnessOf(read_code(body, "name"), body["vkey"], url)


def read_name(body: Body) -> str:
    """Of `network.witness_drop`."""
    check_members(body, ("name",))
    return read_code(body, "name")


def read_mirror(body: Body) -> str:
    """Of `network.mirror_add` and `network.mirror_drop`."""
    check_members(body, ("url",))
    return read_url(body)


def read_log_key(body: Body) -> VerifierKey:
    """Of `log.rotate`."""
    check_members(body, ("vkey",))
    vkey = _read_vkey(body)
    if vkey.kind != ED25519:
        raise refuse("vkey is a log's, of type 0x01 (Ed25519)")
    return vkey


def read_url(body: Body) -> str:
    """An address that may be shown and fetched: https, no user, query or fragment."""
    url = body["url"]
    if type(url) is not str or len(url) > URL_CHARS_MAX or not _URL.fullmatch(url):
        raise refuse(
            f"url is an address of up to {URL_CHARS_MAX} characters, https://host/path, "
            "the host in small letters, nothing after the path"
        )
    return url


def _read_vkey(body: Body) -> VerifierKey:
    text = body["vkey"]
    if type(text) is str and len(text) <= VKEY_CHARS_MAX:
        try:
            return parse_vkey(text)
        except MalformedError:
            pass
    raise refuse("vkey is a signed-note verifier key: name+hash+base64")


def _read_digest(body: Body, name: str) -> str:
    digest = body[name]
    if type(digest) is str:
        try:
            parse_base64url(digest, length=32)
        except MalformedError:
            pass
        else:
            return digest
    raise refuse(f"{name} is the base64url of a SHA-256")


def _read_coverage(told: object) -> Coverage | None:
    if told is None:
        return None
    if type(told) is not dict or told.keys() != {"reference", "groups"}:
        raise refuse("coverage has reference and groups, or is null")
    groups = told["groups"]
    if (
        type(groups) is not list
        or not 1 <= len(groups) <= COVERAGE_GROUPS_MAX
        or not all(map(_is_share, groups))
        or len({share["group"] for share in groups}) != len(groups)
    ):
        raise refuse(
            f"coverage.groups are 1 to {COVERAGE_GROUPS_MAX} of group (a code, each "
            f"once), ppm and reference_ppm (0 to {PPM:,})"
        )
    return Coverage(
        reference=read_text(told, "reference"),
        groups=tuple(Share(**share) for share in groups),
    )


def _is_share(told: Any) -> bool:
    return (
        type(told) is dict
        and told.keys() == {"group", "ppm", "reference_ppm"}
        and type(told["group"]) is str
        and is_code(told["group"])
        and all(
            type(told[name]) is int and 0 <= told[name] <= PPM
            for name in ("ppm", "reference_ppm")
        )
    )
