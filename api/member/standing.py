"""The community's state on a member's machine, as the service published it.

(1) `/v1/state` gives the hash of each section and the root over them
(2) each section is fetched whole; one of another hash is fetched again
(3) the state is read back from them, and has that very root

So the rules that the ledger runs can be run here, before anything is signed: whether an
act would be taken, how a vote stands, what would come of it. That this state follows from
the log is not shown here: `counterfoil audit` replays the log and compares the root.
"""

from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

import orjson

from api.member.client import Client
from ledger.canonical import jcs, parse_base64
from ledger.entries.act import Act
from ledger.entries.codec import decode_entry
from ledger.entries.entry import Founded, TimePassed
from ledger.errors import (
    FatalError,
    MalformedError,
    UnavailableError,
    VerificationError,
)
from ledger.governance.decide import decide
from ledger.governance.passing import tick
from ledger.governance.snapshot import FORMAT, parse_snapshot
from ledger.governance.state import State
from ledger.ids import Did, TreeSize
from ledger.limits import ACT_AHEAD_MS

_AGAIN: Final = 8  # times; sections that moved while they were read are read again
_NOBODY: Final = "00000000-0000-4000-8000-000000000000"  # an entry that is not recorded


async def fetch_state(client: Client, *actors: Did) -> State:
    """The newest state, with the sequences of these actors.

    Raises:
        VerificationError: what was published does not have the root that was published.
        UnavailableError: it moves faster than it can be read.
    """
    sections: dict[str, Any] = {}
    for _ in range(_AGAIN):
        said = await client.read("v1/state")
        names = [
            name
            for name, hash_ in said["sections"].items()
            if name not in sections or _hash(sections[name]) != hash_
        ]
        sections = {n: v for n, v in sections.items() if n in said["sections"]}
        for name in names:
            sections[name] = (await client.read(f"v1/state/{name}"))["value"]
        if {name: _hash(value) for name, value in sections.items()} == said["sections"]:
            sequences = {did: await _seq(client, did) for did in actors}
            return _state(
                sections, str(said["root"]), sequences, await _founded(client)
            )
    raise UnavailableError("the state moves faster than it can be read: try again")


async def _seq(client: Client, did: Did) -> int:
    return int((await client.read(f"v1/actors/{did}"))["seq"])


async def _founded(client: Client) -> int:
    leaf = parse_base64((await client.read("v1/entries/0"))["leaf"])
    entry = decode_entry(leaf)
    if not isinstance(entry, Founded):
        raise VerificationError("entry 0 founds no ledger")
    return entry.time_ms


def _hash(section: Any) -> str:
    return sha256(jcs(section)).hexdigest()


def _state(
    sections: dict[str, Any], root: str, sequences: dict[Did, int], founded_ms: int
) -> State:
    kept = {
        "format": FORMAT,
        "root": root,
        "sections": sections,
        "sequences": sequences,
        "founded_ms": founded_ms,
    }
    try:
        return parse_snapshot(orjson.dumps(kept))
    except MalformedError as error:
        raise VerificationError(
            f"the state that is served does not read back to its own root ({error}): "
            "is the service of the same version as this program?"
        ) from error


def at(state: State, now_ms: int) -> State:
    """The state as it would be, were time recorded now."""
    if state.community is None:
        raise FatalError("there is no entry 0 yet")
    time_ms = max(now_ms, state.log_time_ms)
    return replace(tick(state, time_ms), log_time_ms=time_ms)


def check_allowed(state: State, act: Act, now_ms: int, size: TreeSize) -> None:
    """That the ledger's own rules would let `act` be recorded now.

    `size` is that of the tree the act has seen. Its signature is not looked at: there is
    none yet.

    Raises:
        RejectedError: they would refuse it, in these words.
        VerificationError: as the ledger would answer.
    """
    community = state.community
    if community is None:
        raise FatalError("there is no entry 0 yet")
    time_ms = max(now_ms, state.log_time_ms)
    passed = TimePassed(
        id=_NOBODY,
        ledger=community.ledger,
        time_ms=time_ms,
        checkpoint=None,
        refused={},
    )
    until_ms = min(act.until_ms, time_ms + ACT_AHEAD_MS)
    lasting = act._replace(until_ms=max(until_ms, time_ms + 1))
    decide(state, lasting, time_ms=time_ms, size=size, seen_holds=True, passed=passed)
