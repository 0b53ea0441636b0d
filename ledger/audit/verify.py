"""Audits a whole log as a stranger would: everything is read, nothing is believed.

    (1) state       `/v1/state` first, so that the checkpoint is at least as large
    (2) keys        those given, or `/v1/keys` with a warning
    (3) checkpoint  its signatures against keys and policy
    (4) entries     bundle by bundle, a few ahead: the tree, every tile, the replay
    (5) root        of the entries, against the checkpoint
    (6) history     the root at the earlier checkpoint's size, against that checkpoint
    (7) names       ids, subject_tags and contest_keys that stand twice; decisions that a
                    re-issue names and that are not there
    (8) seen        the trees that actors saw, against this one

Streams: memory does not grow with the log. A lie is a finding, and the audit goes on as
far as it can; only a place that cannot be reached, or arguments that make no sense, stop
it with an error.
"""

from collections.abc import Callable
from contextlib import aclosing
from hashlib import sha256

import orjson

from ledger.audit.duplicates import Names, repeated
from ledger.audit.opening import (
    Keys,
    Trust,
    complete_trust,
    open_log,
    read_keys,
    read_optional,
    read_state,
)
from ledger.audit.replay import Replay
from ledger.audit.report import Report, number, places
from ledger.audit.source import Source, ahead, read_bundle, read_tile
from ledger.audit.sweeps import check_reissues
from ledger.audit.tree import Tree, root_at
from ledger.canonical import format_base64url
from ledger.errors import MalformedError
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.limits import (
    AUDIT_CONFIRMED_MAX,
    TILE_WIDTH,
)
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import HASH_BYTES
from ledger.merkle.tile import tile_at

Progress = Callable[[int, int], None]  # entries done, entries in all


def _nothing(_done: int, _total: int) -> None:
    """No progress is shown."""


async def audit(
    source: Source, trust: Trust, *, progress: Progress = _nothing
) -> Report:
    """Audits the log at `source`.

    Raises:
        UnavailableError: the place cannot be reached, or has no checkpoint.
        MalformedError: no keys are given and the log publishes none; the earlier
            checkpoint is not one, or not of these keys.
    """
    report = Report()
    state = await read_optional(source, "v1/state", report)  # (1)
    published_keys = await read_optional(source, "v1/keys", report)
    keys = read_keys(published_keys, report)
    complete = await complete_trust(source, trust, keys, report)  # (2)
    opened = await open_log(source, complete, report)  # (3)
    if opened is None:
        return report
    checkpoint, verified, earlier = opened
    published = read_state(state, checkpoint, report)
    if published is None and keys is not None and state is None:
        report.notes.append("no state is published here, so none was compared")
    with Names() as names:
        replay = Replay(
            report,
            names,
            checkpoint=checkpoint,
            signed_by=verified,
            published=published,
        )
        run = _Run(source, report, checkpoint, earlier, replay, progress)
        report.counterfoil = not await run.is_plain(published_keys is None)
        if not await run.read():  # (4)
            return report
        whole = await run.tree.judge(checkpoint.root)  # (5)
        run.check_history()  # (6)
        if report.counterfoil:
            replay.finish()
            await _check_names(source, names, report, checkpoint.size)  # (7)
            check_reissues(replay.reissued, names, report)
            if whole:
                await _check_seen(source, replay, report, checkpoint.size)  # (8)
            run.check_genesis(keys)
    report.complete = True
    return report


# ---- (4) to (6): the entries ---------------------------------------------------------


class _Run:
    """One pass over the entries."""

    def __init__(
        self,
        source: Source,
        report: Report,
        checkpoint: Checkpoint,
        earlier: Checkpoint | None,
        replay: Replay,
        progress: Progress,
    ) -> None:
        self.tree = Tree(source, report, checkpoint.size)
        self._source = source
        self._report = report
        self._size = checkpoint.size
        self._checkpoint = checkpoint
        self._earlier = earlier
        self._earlier_root: Hash | None = None
        self._genesis = ""
        self._replay = replay
        self._progress = progress

    async def is_plain(self, no_keys: bool) -> bool:  # noqa: FBT001 -- one caller
        """Whether this is a folder of another kind of log: then only its tree counts."""
        if not self._source.is_folder or not no_keys or not self._size:
            return False
        try:
            first = await read_bundle(self._source, 0, min(self._size, TILE_WIDTH))
        except MalformedError:
            return False
        try:
            value = orjson.loads(first[0])
        except orjson.JSONDecodeError:
            value = None
        if type(value) is dict and "specversion" in value:
            return False
        self._report.notes.append(
            "the entries are not Counterfoil's, so only the tree was checked"
        )
        return True

    async def read(self) -> bool:
        """Reads every bundle; False if the tree cannot be followed to its end."""
        size = self._size
        if self._earlier is not None and self._earlier.size == 0:
            self._earlier_root = Frontier.EMPTY.root()
        bundles = range(-(-size // TILE_WIDTH))
        async with aclosing(ahead(bundles, self._fetch)) as fetched:
            async for index, leaves, tile in fetched:
                first = index * TILE_WIDTH
                width = min(size - first, TILE_WIDTH)
                hashes = self._hash(index, width, leaves, tile)
                if hashes is None:
                    return False
                self._note_earlier(first, hashes)
                await self.tree.add(hashes, tile)
                if isinstance(leaves, list):
                    self._take(first, leaves, hashes)
                self._progress(first + width, size)
        await self.tree.finish()
        return True

    async def _fetch(self, index: int) -> tuple[int, list[bytes] | str, bytes | None]:
        tile = tile_at(0, index, self._size)
        try:
            leaves: list[bytes] | str = await read_bundle(
                self._source, index, tile.width
            )
        except MalformedError as error:
            leaves = str(error)
        return index, leaves, await read_tile(self._source, tile)

    def _hash(
        self, index: int, width: int, leaves: list[bytes] | str, tile: bytes | None
    ) -> list[Hash] | None:
        """A bundle's leaf hashes; of a bundle that cannot be read, the published ones."""
        self._report.count("bundles")
        if isinstance(leaves, list):
            return [Hash(sha256(b"\x00" + leaf).digest()) for leaf in leaves]
        told = places(index * TILE_WIDTH, index * TILE_WIDTH + width)
        self._report.find(
            "bundle",
            f"the bundle of {told} cannot be read ({leaves}): these entries are "
            "signed, and withheld",
        )
        self._replay.skip()
        if tile is None:
            self._report.find(
                "tile",
                f"neither {told} nor their hashes are served: the rest of the log "
                "cannot be checked",
            )
            return None
        starts = range(0, len(tile), HASH_BYTES)
        return [Hash(tile[at : at + HASH_BYTES]) for at in starts]

    def _take(self, first: int, leaves: list[bytes], hashes: list[Hash]) -> None:
        self._report.count("entries", len(leaves))
        if first == 0:
            self._genesis = format_base64url(hashes[0])
        if self._report.counterfoil:
            take = self._replay.take
            for index, (leaf, leaf_hash) in enumerate(
                zip(leaves, hashes, strict=True), first
            ):
                take(LeafIndex(index), leaf, leaf_hash)

    def _note_earlier(self, first: int, hashes: list[Hash]) -> None:
        if self._earlier is None:
            return
        part = self._earlier.size - first
        if 0 < part <= len(hashes):
            self._earlier_root = extend(self.tree.frontier, hashes[:part]).root

    def check_history(self) -> None:
        """Reports an earlier checkpoint that this log does not continue."""
        earlier = self._earlier
        if earlier is None:
            return
        self._report.count("histories")
        if self._size < earlier.size:
            self._report.find(
                "stale",
                f"the checkpoint signs {number(self._size)} entries, and one of "
                f"{number(earlier.size)} was signed before: the log was cut back, and "
                "both checkpoints prove it",
            )
        elif self._earlier_root != earlier.root:
            self._report.find(
                "history",
                f"the first {number(earlier.size)} entries are not those of the earlier "
                "checkpoint: the log signed two histories, and both checkpoints prove "
                "it",
            )

    def check_genesis(self, keys: Keys | None) -> None:
        """Reports a genesis in `/v1/keys` that is not entry 0's."""
        if keys is not None and self._genesis and keys.genesis != self._genesis:
            self._report.find(
                "keys",
                "v1/keys names another genesis than entry 0 has: acts signed for it "
                "are another ledger's",
            )


# ---- (7) and (8): what needs the whole log -------------------------------------------


async def _check_names(
    source: Source, names: Names, report: Report, size: TreeSize
) -> None:
    report.count("names", size)
    for looked_at, (first, second) in enumerate(names.suspects()):
        if looked_at >= AUDIT_CONFIRMED_MAX:
            report.find(
                "duplicate",
                "more names stand twice: no receipt of them says which entry it means",
            )
            return
        leaves = [await _read_leaf(source, at, size) for at in (first, second)]
        for name in repeated(*leaves):
            report.find(
                "duplicate",
                f"entries {number(first)} and {number(second)} have one {name}: no "
                "receipt says which of them it means",
                second,
            )


async def _read_leaf(source: Source, index: LeafIndex, size: TreeSize) -> bytes:
    bundle, place = divmod(index, TILE_WIDTH)
    width = min(size - bundle * TILE_WIDTH, TILE_WIDTH)
    try:
        return (await read_bundle(source, bundle, width))[place]
    except MalformedError:
        return b""  # it was there a moment ago; it shares nothing now


async def _check_seen(
    source: Source, replay: Replay, report: Report, size: TreeSize
) -> None:
    for seen_size, (root, index) in replay.seen.items():
        if not 0 < seen_size <= size:
            continue  # found already: it saw what was not there yet
        report.count("seen")
        if await root_at(source, TreeSize(seen_size), size) != root:
            report.find(
                "seen",
                f"entry {number(index)} was signed by somebody who saw another tree of "
                f"{number(seen_size)} entries: two histories were shown, and the "
                "signature proves it",
                index,
            )
