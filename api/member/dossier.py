"""What a case holds, opened at this machine: messages, reasons, and the decision itself.

Messages and reasons are opened with the case's key. The decision's own fields are opened
with its data key, which comes by a grant after a recorded read, or in the statement where
the deployer sealed the decision. Every field is held against the digest on the leaf, and
the leaf against the log's checkpoint.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.member.case import (
    Heard,
    find_case_key,
    hear,
    hear_all,
    save_attachment,
)
from api.member.client import Client
from api.member.seen import Met
from api.member.voice import Voice
from ledger.canonical import parse_base64, parse_base64url
from ledger.entries.case import unseal_dek
from ledger.entries.codec import decode_entry
from ledger.entries.decision import check_disclosures, open_with_dek
from ledger.entries.entry import DecisionRecorded
from ledger.errors import MalformedError, NotFoundError, VerificationError
from ledger.governance.cases.contest import Contest, Said
from ledger.governance.cases.kept import Grant
from ledger.governance.state import State
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.proof import check_inclusion


@dataclass(slots=True)
class Dossier:
    """A case as far as it could be opened.

    Attributes:
        case_key: C; None: nothing here opens the case.
        said: (message, statement, attachments).
        reasons: the reviewer's; None: there are none yet.
        files: where attachments were saved, by part.
        fields: the decision's, by slot; None: not asked for.
    """

    state: State
    contest: Contest
    case_key: bytes | None = None
    said: Sequence[tuple[Said, Heard, list[Heard]]] = ()
    reasons: Heard | None = None
    files: dict[str, Path] = field(default_factory=dict)
    fields: dict[str, Any] | None = None


def find_contest(state: State, name: str) -> Contest:
    """The contest whose id, or whose decision's, begins so: the newest of them.

    Raises:
        NotFoundError: none.
        MalformedError: several decisions' are.
    """
    contests = state.cases.contests
    found = [
        one
        for one in contests.values()
        if one.id.startswith(name) or one.decision.startswith(name)
    ]
    if not found or len(name) < 4:
        raise NotFoundError("not-found", "no contest of this id: give four letters")
    if len({one.decision for one in found}) > 1:
        raise MalformedError("several contests begin so: give more letters")
    return max(found, key=lambda one: (one.opened_ms, one.id))


async def open_case(
    client: Client, state: State, contest: Contest, voice: Voice, genesis: str
) -> Dossier:
    """The messages and reasons of a case, for who has its key.

    Raises:
        NotFoundError: this voice has no key to it.
    """
    key = find_case_key(contest, voice, genesis)
    reasons = contest.reasons
    return Dossier(
        state=state,
        contest=contest,
        case_key=key,
        said=await hear_all(client, key, contest.said),
        reasons=None if reasons is None else await hear(client, key, reasons),
    )


def save_attachments(dossier: Dossier, folder: Path) -> None:
    """Every attachment, as a file of its own.

    Raises:
        MalformedError: one cannot be written.
    """
    number = 0
    for _, _, attached in dossier.said:
        for one in attached:
            number += 1
            if one.part is not None:
                saved = save_attachment(folder, number, one.part)
                dossier.files[one.part.digest] = saved


# ---- the decision itself ---------------------------------------------------------------


async def read_fields(
    client: Client,
    met: Met,
    grant: Grant,
    read_id: str,
    voice: Voice,
    dek: bytes | None = None,
) -> dict[str, Any]:
    """The decision's fields, by slot, under a grant whose read was recorded.

    `dek` is the data key where the case's statement has it.

    Raises:
        RejectedError: the service gives nothing for this read.
        VerificationError: what it gives does not open, or is not what the leaf says.
    """
    shown = f"Read {read_id}"
    answer = await client.read(f"v1/grants/{grant.id}/key", shown)
    entry = await _proven(client, met, grant.decision)
    sealed, wrapped = parse_base64(str(answer["sealed"])), answer["wrapped"]
    if wrapped is not None:
        named = None if entry.signature is not None else grant.id
        dek = _unwrap(str(wrapped), voice, grant.decision, met.genesis, named)
    if dek is None:
        raise VerificationError(
            "the deployer sealed this decision, and nobody gave its data key"
        )
    disclosures = open_with_dek(dek, entry.statement_jcs, sealed)
    check_disclosures(entry.statement, disclosures)
    return {one.slot: one.value for one in disclosures if one.value is not None}


def _unwrap(
    box: str, voice: Voice, decision: str, genesis: str, grant: str | None
) -> bytes:
    for secret in voice.box_secrets:
        try:
            return unseal_dek(
                box, secret, decision=decision, genesis=genesis, grant=grant
            )
        except VerificationError:
            continue
    raise VerificationError("the data key that is served is not for this key")


async def _proven(client: Client, met: Met, decision: str) -> DecisionRecorded:
    """A decision's entry, in the log that was met."""
    view = await client.read(f"v1/decisions/{decision}")
    leaf, index = parse_base64(str(view["leaf"])), LeafIndex(int(view["index"]))
    size = TreeSize(met.checkpoint.size)
    path = f"v1/proofs/inclusion?index={index}&size={size}"
    hashes = [Hash(parse_base64(one)) for one in (await client.read(path))["hashes"]]
    check_inclusion(index, size, hash_leaf(leaf), hashes, met.checkpoint.root)
    entry = decode_entry(leaf)
    if not isinstance(entry, DecisionRecorded) or entry.id != decision:
        raise VerificationError("the service shows another decision's entry")
    return entry


def dek_in(dossier: Dossier) -> bytes | None:
    """The data key that the statement brought, where the deployer sealed the decision."""
    for _, statement, _ in dossier.said:
        if statement.part is not None and "dek" in statement.part.value:
            return parse_base64url(statement.part.value["dek"], length=32)
    return None
