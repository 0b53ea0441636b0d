"""Every receipt checked as the person who holds it would, without trusting the service.

(1) the checkpoint is signed by the key known since the founding
(2) the tiles give each leaf's inclusion proof under the checkpoint's root
(3) the leaf is a decision of this ledger and this id
(4) the secret opens the leaf's subject_tag and contest_key
(5) of some: the private part is fetched with the tag, opened, and is what was sent
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.demo.client import Client
from ledger.audit.source import Source, read_tile
from ledger.canonical import parse_base64url
from ledger.entries.codec import decode_entry
from ledger.entries.decision import check_disclosures, open_sealed
from ledger.entries.entry import DecisionRecorded
from ledger.entries.receipt import Receipt, verify_receipt
from ledger.entries.secret import check_subject_tag, derive
from ledger.errors import UnavailableError, VerificationError
from ledger.ids import LeafIndex
from ledger.keys import format_did_key, public_key
from ledger.limits import CHECKPOINT_BYTES_MAX
from ledger.merkle.checkpoint import Checkpoint, open_checkpoint
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.note import VerifierKey
from ledger.merkle.proof import build_inclusion, check_inclusion, inclusion_needs
from ledger.merkle.tile import Tile, TileTree, all_tiles, read_nodes

_SLICE: Final = 128  # receipts between two looks at Ctrl-C


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What one person holds.

    Attributes:
        id: of the decision.
        index: its place.
        leaf: its public bytes.
        secret: K.
        sent: the decision as it was sent.
    """

    id: str
    index: LeafIndex
    leaf: bytes
    secret: bytes
    sent: dict[str, Any]


async def verify_places(
    source: Source,
    held: Sequence[Held],
    vkey: VerifierKey,
    genesis: str,
    progress: Callable[[int, int], None],
) -> None:
    """Checks (1) to (4) for everybody.

    Raises:
        VerificationError: names the first entry that does not hold.
        UnavailableError: the log's files cannot be read.
    """
    note = await source.read("checkpoint", CHECKPOINT_BYTES_MAX)
    checkpoint, _ = open_checkpoint(note or b"", [vkey])  # (1)
    trees: dict[Tile, TileTree] = {}
    for tile in all_tiles(checkpoint.size):
        data = await read_tile(source, tile)
        if data is None:
            raise UnavailableError("a tile of the log is not served")
        trees[tile] = TileTree(data)
    for done, one in enumerate(held):
        if done % _SLICE == 0:
            progress(done, len(held))
            await asyncio.sleep(0)
        try:
            _check_place(one, checkpoint, trees)  # (2)
            _check_secret(one, _decision(one, genesis))  # (3), (4)
        except VerificationError as error:
            raise VerificationError(
                f"the receipt of entry {one.index:,} does not hold: {error}"
            ) from error


def _check_place(
    held: Held, checkpoint: Checkpoint, trees: dict[Tile, TileTree]
) -> None:
    index, size = held.index, checkpoint.size
    if index >= size:
        raise VerificationError("it is not under the newest checkpoint")
    nodes = read_nodes(inclusion_needs(index, size), size, trees)
    proof = build_inclusion(index, size, nodes)
    check_inclusion(index, size, hash_leaf(held.leaf), proof, checkpoint.root)


def _decision(held: Held, genesis: str) -> DecisionRecorded:
    entry = decode_entry(held.leaf)
    if not isinstance(entry, DecisionRecorded) or entry.id != held.id:
        raise VerificationError("its leaf is not that decision")
    if entry.statement.genesis != genesis:
        raise VerificationError("its leaf is another ledger's")
    return entry


def _check_secret(held: Held, entry: DecisionRecorded) -> None:
    keys, statement = derive(held.secret), entry.statement
    check_subject_tag(keys, parse_base64url(statement.subject_tag))
    if format_did_key(public_key(keys.contest_seed)) != statement.contest_key:
        raise VerificationError("the secret does not hold the leaf's contest_key")


async def open_private(client: Client, held: Sequence[Held], genesis: str) -> None:
    """Check (5) for these people.

    Raises:
        VerificationError: a private part that does not open, or is not what was sent.
        UnavailableError: the service does not give it.
    """
    for one in held:
        entry = _decision(one, genesis)
        sealed = await client.sealed(one.id, derive(one.secret).tag)
        disclosures = open_sealed(one.secret, entry.statement_jcs, sealed)
        check_disclosures(entry.statement, disclosures)
        for disclosure in disclosures:
            if disclosure.value != one.sent.get(disclosure.slot):
                raise VerificationError(
                    f"the private part of entry {one.index:,} is not what was sent"
                )


async def receipt_of(
    client: Client, held: Held, vkey: VerifierKey, genesis: str, policy: str
) -> Receipt:
    """One person's receipt file, with the private part, checked whole.

    Raises:
        VerificationError: it does not hold.
        UnavailableError: the service does not give a part of it.
    """
    receipt = Receipt(
        origin=vkey.name,
        genesis=genesis,
        id=held.id,
        index=held.index,
        leaf=held.leaf,
        proof=(await client.get(f"v1/receipts/{held.id}")).decode(),
        secret=held.secret,
        sealed=await client.sealed(held.id, derive(held.secret).tag),
        policy=policy,
    )
    for check in verify_receipt(receipt, vkeys=[vkey]).checks:
        if not check.holds:
            raise VerificationError(
                f"the receipt of entry {held.index:,} does not hold: {check.sentence}"
            )
    return receipt
