"""Whom to believe about a checkpoint (C2SP tlog-policy), as text.

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <member>…
    quorum <name>|none

A checkpoint is believed when one of the logs signed it and the quorum's witnesses
cosigned it. Lines may be empty or begin with `#`; items are separated by spaces and tabs;
a group or quorum names only what stands above it. In place of a vkey a bare 64-digit hex
key is read as in Sigsum's policy files, from which the format comes: a log's key is then
named `sigsum.org/v1/tree/<SHA-256 of the key>`, a witness's by the witness.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledger.errors import MalformedError, VerificationError
from ledger.limits import POLICY_BYTES_MAX
from ledger.merkle.checkpoint import Checkpoint, Verified, open_checkpoint
from ledger.merkle.cosignature import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44
from ledger.merkle.note import (
    ED25519,
    VerifierKey,
    format_vkey,
    parse_vkey,
    verifier_key,
)

NONE = "none"

_HEX_KEY = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_COUNT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Log:
    """A log whose signature is believed, and where it is reached."""

    vkey: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness under the policy's own name for it."""

    name: str
    vkey: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Witnessed when `least` of its members, witnesses or groups, are."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy whose names are all defined.

    Attributes:
        logs: any of them will do; none where the log is known from elsewhere.
        witnesses: in the text's order.
        groups: each after its members.
        quorum: a witness's or group's name, or `none`.
    """

    logs: tuple[Log, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NONE

    def is_met(self, witnesses: Collection[str]) -> bool:
        """Whether the cosignatures of these witnesses, by the policy's names, suffice."""
        known = {witness.name for witness in self.witnesses}
        met = known.intersection(witnesses)
        for group in self.groups:  # members come first, so one pass is enough
            if len(met.intersection(group.members)) >= group.least:
                met.add(group.name)
        return self.quorum == NONE or self.quorum in met


def format_policy(policy: Policy) -> str:
    """The policy's text: logs, witnesses, groups, the quorum."""
    lines = [_line("log", format_vkey(log.vkey), log.url) for log in policy.logs]
    lines += [
        _line("witness", witness.name, format_vkey(witness.vkey), witness.url)
        for witness in policy.witnesses
    ]
    lines += [
        _line("group", group.name, str(group.least), *group.members)
        for group in policy.groups
    ]
    return "".join([*lines, _line("quorum", policy.quorum)])


def _line(*items: str | None) -> str:
    return " ".join(item for item in items if item is not None) + "\n"


def parse_policy(text: str) -> Policy:
    """The policy that a text states.

    Raises:
        MalformedError: an unknown line, a key of a type that its role cannot have, a
            name or key used twice, a name that is not defined above, no quorum or two,
            a control character, or a text longer than 64 KiB.
    """
    if len(text) > POLICY_BYTES_MAX:
        raise MalformedError(f"a policy longer than {POLICY_BYTES_MAX:,} characters")
    if _CONTROL.search(text):
        raise MalformedError("a control character in a policy")
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), 1):
        items = [item for item in re.split(r"[ \t]+", line) if item]
        if not items or items[0].startswith("#"):
            continue
        try:
            reading.take(items[0], items[1:])
        except MalformedError as error:
            raise MalformedError(f"line {number} of the policy: {error}") from error
    return reading.policy()


class _Reading:
    """The names and keys seen so far."""

    def __init__(self) -> None:
        self._logs: list[Log] = []
        self._witnesses: list[Witness] = []
        self._groups: list[Group] = []
        self._quorum: str | None = None
        self._names: set[str] = set()
        self._members: set[str] = set()

    def take(self, keyword: str, items: list[str]) -> None:
        match keyword, items:
            case "log", [key, *url] if len(url) <= 1:
                self._take_log(key, url[0] if url else None)
            case "witness", [name, key, *url] if len(url) <= 1:
                self._take_witness(name, key, url[0] if url else None)
            case "group", [name, least, *members] if members:
                self._take_group(name, least, members)
            case "quorum", [name]:
                self._take_quorum(name)
            case _:
                raise MalformedError(f"{keyword} with {len(items)} items is not known")

    def policy(self) -> Policy:
        if self._quorum is None:
            raise MalformedError("a policy without a quorum line")
        return Policy(
            logs=tuple(self._logs),
            witnesses=tuple(self._witnesses),
            groups=tuple(self._groups),
            quorum=self._quorum,
        )

    def _take_log(self, key: str, url: str | None) -> None:
        if _HEX_KEY.fullmatch(key):
            public = bytes.fromhex(key)
            name = f"sigsum.org/v1/tree/{sha256(public).hexdigest()}"
            vkey = verifier_key(name, public)
        else:
            vkey = parse_vkey(key)
        if vkey.kind not in {ED25519, COSIGNATURE_MLDSA44}:
            raise MalformedError("a log's key is of type 0x01 or 0x06")
        if any(log.vkey.public == vkey.public for log in self._logs):
            raise MalformedError("a log's key that stands above already")
        self._logs.append(Log(vkey, url))

    def _take_witness(self, name: str, key: str, url: str | None) -> None:
        self._define(name)
        if _HEX_KEY.fullmatch(key):
            vkey = verifier_key(name, bytes.fromhex(key), COSIGNATURE_ED25519)
        else:
            vkey = parse_vkey(key)
        if vkey.kind not in {COSIGNATURE_ED25519, COSIGNATURE_MLDSA44}:
            raise MalformedError("a witness's key is of type 0x04 or 0x06")
        if any(witness.vkey.public == vkey.public for witness in self._witnesses):
            raise MalformedError("a witness's key that stands above already")
        self._witnesses.append(Witness(name=name, vkey=vkey, url=url))

    def _take_group(self, name: str, least: str, members: list[str]) -> None:
        count = {"any": 1, "all": len(members)}.get(least)
        if count is None:
            count = int(least) if _COUNT.fullmatch(least) else 0
        if not 1 <= count <= len(members):
            raise MalformedError(f"a group of {len(members)} needs 1 to that many")
        for member in members:
            if member not in self._names:
                raise MalformedError("a member that is not defined above")
            if member in self._members:
                raise MalformedError("a member that is in a group already")
            self._members.add(member)
        self._define(name)
        self._groups.append(Group(name=name, least=count, members=tuple(members)))

    def _take_quorum(self, name: str) -> None:
        if self._quorum is not None:
            raise MalformedError("a second quorum")
        if name != NONE and name not in self._names:
            raise MalformedError("a quorum that is not defined above")
        self._quorum = name

    def _define(self, name: str) -> None:
        if name == NONE or name in self._names:
            raise MalformedError("a name that is defined already")
        self._names.add(name)


def check_policy(
    policy: Policy, data: bytes, vkeys: Sequence[VerifierKey] = ()
) -> tuple[Checkpoint, tuple[Verified, ...]]:
    """Opens a signed checkpoint and checks that the policy believes it.

    `vkeys` are the log's where the policy names none.

    Raises:
        MalformedError: not a signed checkpoint.
        VerificationError: no log of the policy signed it, a signature does not hold, or
            the quorum is not met.
    """
    logs = [log.vkey for log in policy.logs] or list(vkeys)
    witnesses = {witness.vkey: witness.name for witness in policy.witnesses}
    checkpoint, verified = open_checkpoint(data, [*logs, *witnesses])
    log_names = {(vkey.name, vkey.key_id) for vkey in logs}
    if not any(
        (seen.vkey.name, seen.vkey.key_id) in log_names
        and seen.vkey.name == checkpoint.origin
        for seen in verified
    ):
        raise VerificationError("the checkpoint is not signed by a log of the policy")
    names = [witnesses[seen.vkey] for seen in verified if seen.vkey in witnesses]
    if not policy.is_met(names):
        raise VerificationError(
            f"{len(names)} known witnesses cosigned the checkpoint: the policy's quorum "
            f"{policy.quorum!r} is not met"
        )
    return checkpoint, verified
