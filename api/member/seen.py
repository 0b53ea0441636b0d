"""What a member has seen of a log, kept next to their key: it may never go back.

    {"counterfoil_seen": 1,
     "logs": {origin: {"url", "genesis", "vkeys": [vkey], "checkpoint": signed note}}}

0600, replaced whole. Each time, before anything is signed:

    (1) the address names the log it named before
    (2) the checkpoint is signed by a key known from the first time
    (3) it is at least as large as the last one seen, and begins with it
    (4) the first time: its entry 0 has the genesis that the service names

So an act never names as `seen` a tree that was not signed, and a member to whom the
history of others is not shown again notices. The first time, the keys are the service's
own word: compare them with what the ledger publishes elsewhere.
"""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from api.member.client import Client
from ledger.canonical import parse_base64, parse_base64url
from ledger.entries.strict import parse_json
from ledger.errors import FatalError, MalformedError, VerificationError
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.merkle.checkpoint import Checkpoint, open_checkpoint
from ledger.merkle.note import VerifierKey, parse_vkey
from ledger.merkle.proof import check_consistency, check_inclusion

VERSION: Final = 1  # never changes
_AGAIN: Final = 4  # a process that lags a moment behind another is asked again
_PAUSE_S: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A log as it is now, its checkpoint verified.

    Attributes:
        origin: the log's name.
        genesis: which ledger it is.
        vkeys: the keys known from the first time.
        checkpoint: of now.
        note: the checkpoint as signed.
        policy: what the service says about whom to believe.
        is_first: nothing of this log had been seen here before.
    """

    origin: str
    genesis: str
    vkeys: tuple[VerifierKey, ...]
    checkpoint: Checkpoint
    note: bytes
    policy: str
    is_first: bool


class Seen:
    """The file next to a key, and what it holds."""

    def __init__(self, path: Path) -> None:
        """Reads the file, if there is one.

        Raises:
            MalformedError: it is none of ours.
            FatalError: it cannot be read.
        """
        self._path = path
        self._logs: dict[str, dict[str, Any]] = _load(path)

    async def meet(self, client: Client) -> Met:
        """The log behind `client`, held against what was seen of it; kept.

        Raises:
            VerificationError: one of (1) to (4): the history went back, or is another's.
            MalformedError, RejectedError, UnavailableError: the service gives no log.
        """
        said = await client.read("v1/keys")
        try:
            origin, genesis = str(said["origin"]), str(said["genesis"])
            vkeys, policy = list(map(str, said["vkeys"])), str(said["policy"])
        except (KeyError, TypeError) as error:
            raise MalformedError("the service does not say which log it is") from error
        known = self._known(client.url, origin, genesis)  # (1)
        keys = tuple(map(parse_vkey, vkeys if known is None else known["vkeys"]))
        checkpoint, note = await self._newest(client, keys, known)  # (2), (3)
        if checkpoint.origin != origin:
            raise VerificationError("the checkpoint is of another log than the keys")
        if known is None:
            await _check_genesis(client, genesis, checkpoint)  # (4)
        met = Met(
            origin=origin,
            genesis=genesis,
            vkeys=keys,
            checkpoint=checkpoint,
            note=note,
            policy=policy,
            is_first=known is None,
        )
        self._logs[origin] = {
            "url": client.url,
            "genesis": genesis,
            "vkeys": vkeys if known is None else known["vkeys"],
            "checkpoint": note.decode(),
        }
        self._save()
        return met

    def _known(self, url: str, origin: str, genesis: str) -> dict[str, Any] | None:
        for name, log in self._logs.items():
            if log["url"] == url and name != origin:
                raise VerificationError(
                    f"this address showed the log {name} before, and shows {origin} "
                    f"now. If that is meant, remove {self._path}"
                )
        known = self._logs.get(origin)
        if known is not None and known["genesis"] != genesis:
            raise VerificationError(
                f"this is another ledger of the name {origin} than the one seen before: "
                "its entry 0 is another. Acts for the one mean nothing in the other"
            )
        return known

    async def _newest(
        self,
        client: Client,
        keys: tuple[VerifierKey, ...],
        known: dict[str, Any] | None,
    ) -> tuple[Checkpoint, bytes]:
        note = await client.get("checkpoint")
        checkpoint, _ = open_checkpoint(note, keys)
        if known is None:
            return checkpoint, note
        before, _ = open_checkpoint(known["checkpoint"].encode(), keys)
        for _ in range(_AGAIN):
            if checkpoint.size >= before.size:
                await _check_begins(client, before, checkpoint)
                return checkpoint, note
            await asyncio.sleep(_PAUSE_S)
            note = await client.get("checkpoint")
            checkpoint, _ = open_checkpoint(note, keys)
        raise VerificationError(
            f"the log went back: it showed {before.size:,} entries before, and "
            f"{checkpoint.size:,} now. Nothing was signed. {self._path} holds the signed "
            "proof: keep it, and show it to other members"
        )

    def _save(self) -> None:
        value = {"counterfoil_seen": VERSION, "logs": self._logs}
        data = json.dumps(value, indent=1).encode() + b"\n"
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            beside.replace(self._path)
        except OSError as error:
            raise FatalError(
                f"cannot keep what was seen in {self._path}: {error.strerror}. Nothing "
                "was signed"
            ) from error


def _load(path: Path) -> dict[str, dict[str, Any]]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FatalError(f"cannot read {path}: {error.strerror}") from error
    value = parse_json(data)
    names = {"url", "genesis", "vkeys", "checkpoint"}
    if (
        type(value) is not dict
        or value.keys() != {"counterfoil_seen", "logs"}
        or value["counterfoil_seen"] != VERSION
        or type(value["logs"]) is not dict
        or not all(
            type(log) is dict and log.keys() == names for log in value["logs"].values()
        )
    ):
        raise MalformedError(f"{path} does not hold what was seen of logs")
    return value["logs"]


async def _check_begins(client: Client, before: Checkpoint, now: Checkpoint) -> None:
    """That the tree of now begins with the tree of before."""
    try:
        hashes: list[str] = []
        if before.size < now.size:
            path = f"v1/proofs/consistency?from={before.size}&to={now.size}"
            hashes = (await client.read(path))["hashes"]
        check_consistency(
            TreeSize(before.size),
            TreeSize(now.size),
            before.root,
            [Hash(parse_base64(one)) for one in hashes],
            now.root,
        )
    except (VerificationError, MalformedError, KeyError, TypeError) as error:
        raise VerificationError(
            f"the log shows another history than before: its {now.size:,} entries do "
            f"not begin with the {before.size:,} seen last time. Nothing was signed; "
            "show both checkpoints to other members"
        ) from error


async def _check_genesis(client: Client, genesis: str, now: Checkpoint) -> None:
    """That the tree's entry 0 has the leaf hash which the service calls its genesis."""
    try:
        path = f"v1/proofs/inclusion?index=0&size={now.size}"
        hashes = (await client.read(path))["hashes"]
        check_inclusion(
            LeafIndex(0),
            TreeSize(now.size),
            Hash(parse_base64url(genesis, length=32)),
            [Hash(parse_base64(one)) for one in hashes],
            now.root,
        )
    except (VerificationError, MalformedError, KeyError, TypeError) as error:
        raise VerificationError(
            "the service names a genesis that its own log does not begin with"
        ) from error
