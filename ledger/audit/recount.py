"""Counts the votes on one proposal again, from a log's public files alone.

    (1) keys        those given, or `/v1/keys` with a warning
    (2) checkpoint  its signatures against keys and policy
    (3) entries     bundle by bundle: hashed, and given to the recount
    (4) root        of the entries, against the checkpoint
    (5) published   what `/v1/proposals/…` says of its results, where it is served

So every ballot counted is one that the log signed. Whether the other entries keep the
rules is `audit`'s question. Streams, as the audit does.
"""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import orjson

from ledger.audit.opening import (
    Trust,
    complete_trust,
    open_log,
    read_keys,
    read_optional,
)
from ledger.audit.report import Report, number
from ledger.audit.source import Source, ahead, read_bundle
from ledger.errors import MalformedError, NotFoundError, VerificationError
from ledger.governance.ballots.recount import Recount, Recounted
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.limits import AUDIT_STATE_BYTES_MAX, TILE_WIDTH
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import hash_leaf

Progress = Callable[[int, int], None]  # entries done, entries in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Recounts:
    """What a recount gives.

    Attributes:
        origin: the log's.
        size: how many entries were read.
        root: that the checkpoint signs.
        key: the proposal's.
        votes: on it, in order; none while the first is open.
        served: the counts that the ledger's own page gives, in order; None where it
            gives none.
        notes: what a reader should know and is no fault.
        findings: sentences; none where everything agrees.
    """

    origin: str
    size: int
    root: Hash
    key: str
    votes: tuple[Recounted, ...]
    served: tuple[dict[str, Any], ...] | None
    notes: tuple[str, ...] = ()
    findings: list[str] = field(default_factory=list)


async def recount(
    source: Source, proposal: str, trust: Trust, *, progress: Progress
) -> Recounts:
    """Counts the votes on `proposal` (its key, a wording's id, or how one begins) again.

    Raises:
        VerificationError: the checkpoint does not hold, or the entries are not those it
            signs.
        MalformedError: an entry cannot be read; several proposals begin so.
        NotFoundError: `unknown-proposal`: there is none of this name in the log.
        UnavailableError: the place cannot be reached, or has no checkpoint.
    """
    report = Report()
    keys = read_keys(await read_optional(source, "v1/keys", report), report)  # (1)
    complete = await complete_trust(source, trust, keys, report)
    opened = await open_log(source, complete, report)  # (2)
    if opened is None:
        raise VerificationError(report.findings[-1].sentence)
    checkpoint = opened[0]
    counting = Recount(proposal)
    root = await _read(source, counting, checkpoint.size, progress)  # (3)
    if root != checkpoint.root:  # (4)
        raise VerificationError(
            "the entries do not lead to the signed root: these are not the ballots that "
            "the log signed"
        )
    if counting.found is None:
        raise NotFoundError("unknown-proposal", "there is no such proposal in this log")
    if len(counting.keys()) > 1:
        raise MalformedError(
            f"{len(counting.keys())} proposals begin so: give more letters of the id"
        )
    key = counting.found.key
    served = await _read_served(source, key, report)  # (5)
    found = Recounts(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=root,
        key=key,
        votes=tuple(counting.votes),
        served=served,
        notes=tuple(report.notes),
    )
    _compare(found)
    return found


async def _read(
    source: Source, counting: Recount, size: TreeSize, progress: Progress
) -> Hash:
    async def fetch(index: int) -> list[bytes]:
        return await read_bundle(
            source, index, min(size - index * TILE_WIDTH, TILE_WIDTH)
        )

    frontier = Frontier.EMPTY
    async with aclosing(ahead(range(-(-size // TILE_WIDTH)), fetch)) as bundles:
        async for leaves in bundles:
            first = frontier.size
            frontier = extend(frontier, [hash_leaf(leaf) for leaf in leaves]).frontier
            for index, leaf in enumerate(leaves, first):
                counting.take(LeafIndex(index), leaf)
            progress(frontier.size, size)
    return frontier.root()


async def _read_served(
    source: Source, key: str, report: Report
) -> tuple[dict[str, Any], ...] | None:
    try:
        data = await source.read(f"v1/proposals/{key}", AUDIT_STATE_BYTES_MAX)
        if data is None:
            return None
        return tuple(dict(one["count"]) for one in orjson.loads(data)["results"])
    except (MalformedError, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        report.notes.append("the ledger's own page of this proposal could not be read")
        return None


def _compare(found: Recounts) -> None:
    for vote in found.votes:
        told = vote.differences()
        if told:
            found.findings.append(
                f"vote {number(vote.number)} was counted otherwise than its ballots say: "
                f"{', '.join(told)} differ"
            )
        if found.served is None:
            continue
        if len(found.served) < vote.number:
            found.findings.append(
                f"the ledger's page shows no result of vote {number(vote.number)}, which "
                "is closed"
            )
            continue
        told = vote.differences(found.served[vote.number - 1])
        if told:
            found.findings.append(
                f"the ledger's page shows another result of vote {number(vote.number)} "
                f"than its ballots give: {', '.join(told)} differ"
            )
