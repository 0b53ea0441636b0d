"""Founding: a new ledger's keys, its entry 0, and its rows, in that order.

Keys come first: a crash after them leaves keys without a ledger, which the next founding
of that name takes up; the other way round would leave a ledger that nobody can sign.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from ledger.canonical import format_base64url
from ledger.clock import Clock
from ledger.entries.codec import encode_entry
from ledger.entries.entry import Founded
from ledger.entries.moment import format_log_time
from ledger.errors import FatalError, MalformedError
from ledger.governance.commons.constitution import may_found
from ledger.governance.parameters import check_parameters
from ledger.ids import Did, LedgerName, TreeSize
from ledger.limits import CONSTITUTION_FOUNDED_CHARS_MAX, CONSTITUTION_LINE_CHARS_MAX
from ledger.log.keyring import Keyring
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.note import (
    format_signer_key,
    format_vkey,
    parse_signer_key,
    signer_key,
)
from ledger.storage.port import Head, LogRow
from ledger.storage.postgres import PostgresStore


async def found(
    store: PostgresStore,
    keyring: Keyring,
    *,
    name: LedgerName,
    origin: str,
    founders: Sequence[Did],
    parameters: Mapping[str, Any],
    clock: Clock,
    constitution: str = "",
) -> LogRow:
    """Found a ledger; it is signed and served once a `Book` of it starts.

    Raises:
        MalformedError: an origin that cannot name a key, parameters out of bounds, or a
            constitution that may not stand.
        ConflictError: the name or the origin is taken.
        FatalError: the key folder cannot be written, or is of another origin.
    """
    check_parameters(parameters)
    if not may_found(constitution):
        raise MalformedError(
            f"a founding constitution has up to {CONSTITUTION_FOUNDED_CHARS_MAX:,} "
            f"characters, in lines of up to {CONSTITUTION_LINE_CHARS_MAX:,} that show "
            "all they hold: no tabs, controls or invisible signs"
        )
    if not (keyring.folder / "log.key").exists():
        signer = signer_key(origin, secrets.token_bytes(32))
        keyring.create(format_signer_key(signer))
    signer = parse_signer_key(keyring.signer())
    if signer.name != origin or keyring.has_released():
        raise FatalError(
            f"the keys in {keyring.folder} have signed for a ledger already, or are of "
            "another origin: one key signs one history. Restore that ledger's database, "
            "or move the keys away"
        )
    time_ms = clock.now_ms()
    leaf = encode_entry(
        Founded(
            id=str(uuid4()),
            ledger=name,
            time_ms=time_ms,
            time=format_log_time(time_ms),
            origin=signer.name,
            vkeys=(format_vkey(signer.vkey),),
            founders=tuple(founders),
            parameters=dict(parameters),
            extra={"constitution": constitution} if constitution else {},
        )
    )
    leaf_hash = hash_leaf(leaf)
    head = Head(
        version=1,
        size=TreeSize(1),
        nodes=leaf_hash,
        log_time_ms=time_ms,
        last_record=0,
    )
    return await store.found(
        name=name,
        origin=signer.name,
        genesis=format_base64url(leaf_hash),
        leaf=leaf,
        head=head,
    )
