"""A case at this machine: what is put into it, who gets its key, and how it is read.

The case key goes to whoever may review, in boxes on the leaf: reviewers in office who
neither sign for the system nor oversee it, for each key of theirs. It also goes to the
one who opened it, where no other knows that key: a claim's or a helper's, never that of
the receipt's secret, which the deployer may have.
"""

import base64
import mimetypes
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from api.member.client import Client
from api.member.voice import Voice
from ledger.canonical import format_base64, format_base64url, parse_base64url
from ledger.entries.case import (
    CASE_KEY_BYTES,
    derive_case,
    seal_case,
    unseal_case,
)
from ledger.entries.part import (
    NONCE_BYTES,
    Part,
    format_part,
    open_part,
    part_name,
    seal_part,
)
from ledger.errors import (
    CounterfoilError,
    MalformedError,
    NotFoundError,
    VerificationError,
)
from ledger.governance.cases.contest import Contest, PartName, Said
from ledger.governance.people.bodies import REVIEWER
from ledger.governance.people.roles import holders
from ledger.governance.state import State
from ledger.ids import Did
from ledger.keys import agreement_key
from ledger.limits import BOXES_ACT_MAX

ATTACHMENT_BYTES_MAX: Final = 220_000  # bytes; in base64 twice it fits a part
_SALT_BYTES: Final = 18
_EPHEMERAL_BYTES: Final = 32


@dataclass(slots=True)
class Writing:
    """Parts on their way into a case; the blobs are sent after the act.

    Attributes:
        case_key: C.
        blobs: in order of writing.
    """

    case_key: bytes
    blobs: list[bytes]

    def part(self, slot: str, value: dict[str, Any]) -> dict[str, str]:
        """P, as the act names it.

        Raises:
            MalformedError: more than a part can hold, or another form.
        """
        salt = format_base64url(secrets.token_bytes(_SALT_BYTES))
        made = format_part(slot, salt, value)
        key = derive_case(self.case_key).part_key
        blob = seal_part(made, key, secrets.token_bytes(NONCE_BYTES))
        self.blobs.append(blob)
        return {"digest": made.digest, "part": part_name(blob)}

    def attached(self, files: Iterable[Path]) -> list[dict[str, str]]:
        """The attachments that some files are.

        Raises:
            MalformedError: one cannot be read, or is too large.
        """
        return [self.part("attachment", read_attachment(file)) for file in files]


def read_attachment(file: Path) -> dict[str, str]:
    """A file as an attachment's value.

    Raises:
        MalformedError: it cannot be read, or is too large.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(ATTACHMENT_BYTES_MAX + 1)
    except OSError as error:
        raise MalformedError(f"cannot read {file}: {error.strerror}") from error
    if len(data) > ATTACHMENT_BYTES_MAX:
        raise MalformedError(
            f"{file} is too large: an attachment is at most {ATTACHMENT_BYTES_MAX:,} bytes"
        )
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return {"name": file.name, "type": kind, "data": format_base64(data)}


# ---- who gets the key ----------------------------------------------------------------


def reviewing_keys(state: State, system: str, *, but: Did | None = None) -> list[Did]:
    """Keys of reviewers in office who are apart from the system; never `but`'s."""
    known = state.systems.get(system)  # type: ignore[call-overload]
    apart = set() if known is None else {*known.keys, *known.overseers}
    found: list[Did] = []
    for member in sorted(holders(state.people, REVIEWER, state.log_time_ms)):
        held = state.people.members[member]
        keys = [key.did for key in held.keys if held.may_act(key.did)]
        if not held.belongs or {member, *keys} & apart or but in {member, *keys}:
            continue
        found += keys
    return found[:BOXES_ACT_MAX]


def box_for(
    case_key: bytes, to: Did, recipient: bytes, contest_of: tuple[str, str]
) -> dict[str, str]:
    """One item of `boxes`; `contest_of` is (decision, genesis)."""
    decision, genesis = contest_of
    ephemeral = secrets.token_bytes(_EPHEMERAL_BYTES)
    box = seal_case(
        case_key, recipient, decision=decision, genesis=genesis, ephemeral=ephemeral
    )
    return {"to": to, "box": box}


def boxes_for(
    case_key: bytes, keys: Iterable[Did], contest_of: tuple[str, str]
) -> list[dict[str, str]]:
    """Boxes to members' keys; one that no box can be sealed to is left out."""
    boxes = []
    for key in keys:
        try:
            boxes.append(box_for(case_key, key, agreement_key(key), contest_of))
        except MalformedError:
            continue
    return boxes


def own_boxes(
    case_key: bytes, voice: Voice, contest_of: tuple[str, str]
) -> list[dict[str, str]]:
    """The opener's own box; none for the receipt's key, which others may have."""
    if voice.by_secret:
        return []
    if voice.claim is None:
        return boxes_for(case_key, [voice.key.did], contest_of)
    recipient = parse_base64url(voice.claim.seal_key)
    return [box_for(case_key, voice.key.did, recipient, contest_of)]


# ---- reading -------------------------------------------------------------------------


def find_case_key(contest: Contest, voice: Voice, genesis: str) -> bytes:
    """The case key, from a box to this voice or from what it kept.

    Raises:
        NotFoundError: there is neither.
    """
    box = contest.boxes.get(voice.key.did)
    for secret in voice.box_secrets if box is not None else ():
        try:
            found = unseal_case(
                str(box), secret, decision=contest.decision, genesis=genesis
            )
        except VerificationError:
            continue
        if opens(contest, found):
            return found
    for kept in voice.kept():
        own = _kept_key(kept)
        if own is not None and opens(contest, own):
            return own
    raise NotFoundError(
        "not-found",
        "no box of this case is for this key. Who opened it can share it: counterfoil "
        "contest share",
    )


def _kept_key(kept: dict[str, Any]) -> bytes | None:
    try:
        return parse_base64url(str(kept.get("case_key")), length=CASE_KEY_BYTES)
    except MalformedError:
        return None


def opens(contest: Contest, case_key: bytes) -> bool:
    """Whether this is the case's key."""
    return derive_case(case_key).tag_digest == contest.tag


async def fetch_part(client: Client, case_key: bytes, named: PartName) -> Part:
    """A part of a case, checked against what the act names.

    Raises:
        RejectedError: it was never sent, or was erased.
        VerificationError, MalformedError: it is another, or no part.
    """
    keys = derive_case(case_key)
    shown = f"Case {format_base64url(keys.tag)}"
    blob = await client.get(f"v1/parts/{named.part}", shown)
    return open_part(blob, keys.part_key, named.public())


@dataclass(frozen=True, slots=True)
class Heard:
    """A part as it was read: the part, or why there is none."""

    part: Part | None
    trouble: str = ""


async def hear(client: Client, case_key: bytes, named: PartName) -> Heard:
    """The same, with what went wrong in words."""
    try:
        return Heard(await fetch_part(client, case_key, named))
    except CounterfoilError as error:
        return Heard(None, str(error))


async def hear_all(
    client: Client, case_key: bytes, said: Sequence[Said]
) -> list[tuple[Said, Heard, list[Heard]]]:
    """Every message of a case: (message, statement, attachments)."""
    found = []
    for one in said:
        statement = await hear(client, case_key, one.statement)
        attached = [await hear(client, case_key, item) for item in one.attachments]
        found.append((one, statement, attached))
    return found


def save_attachment(folder: Path, number: int, part: Part) -> Path:
    """An attachment as a file of one's own; its name is a stranger's, so it is cut.

    Raises:
        MalformedError: it cannot be written.
    """
    name = "".join(
        char if char.isalnum() or char in "._-" else "_"
        for char in str(part.value["name"])
    ).lstrip(".")
    file = folder / f"{number:02}-{name[-100:] or 'attachment'}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("xb") as opened:
            opened.write(base64.b64decode(part.value["data"]))
        file.chmod(0o600)
    except OSError as error:
        raise MalformedError(f"cannot write {file}: {error.strerror}") from error
    return file
