"""What votes cost: a count, a replay, a ballot against a decision.

The count is of one proposal in a community of 100,000 members: nine in ten cast a ballot,
the others delegate. The replay is of ballots, from their leaves' bytes to the state, in
processor time; no signature is checked, as when a process catches up. A ballot and a decision go the whole
way below HTTP, from their bytes to a receipt from the same writer, 64 clients at a time.
"""

import asyncio
import gc
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from immutables import Map
from typing_extensions import override

from api.worker import GC_OBJECTS
from bench.start import key, state_of
from bench.table import Better, Claim, median
from ledger.clock import SystemClock
from ledger.entries.act import check_act, format_payload, sign_act
from ledger.entries.codec import encode_entry
from ledger.entries.entry import ActRecorded, TimePassed
from ledger.entries.moment import format_second
from ledger.governance.assembly.proposal import Ballot, Proposal, Vote
from ledger.governance.assembly.voting import close_vote
from ledger.governance.ballots.methods import METHODS
from ledger.governance.evolve import evolve
from ledger.governance.people.held import Delegation
from ledger.governance.replay import replay
from ledger.governance.state import State
from ledger.ids import Did, LeafIndex, LedgerName
from ledger.keys import SigningKey
from ledger.log.book import Book
from ledger.log.founding import found
from ledger.log.keyring import Keyring
from ledger.log.pending import DecisionRequest, Recorded
from ledger.storage.embedded import OWNER, EmbeddedPostgres
from ledger.storage.postgres import PostgresStore
from schemas.acts import parse_act
from schemas.decision import parse_decision
from tests.governance.ballots.test_speed import ballots_of, counted_s
from tests.governance.world import COMMONS, NOW_MS, REGISTER, act_of
from tests.world.desk import Events
from tests.world.service import decision

DAY_MS: Final = 86_400_000
CLIENTS: Final = 64
NUMBERS: Final[dict[str, Any]] = {
    "endorsement_percent": 0,
    "endorsement_least": 1,
    "proposal_interval_s": 0,
    "newcomer_wait_s": 0,
}
OPENED: Final[dict[str, Any]] = {
    "nonce": "1",
    "title": "A title",
    "text": "",
    "actions": [],
    "ballot": {"method": "yesno"},
    "expedited": False,
}


# ---- the state alone -------------------------------------------------------------------


def voting(members: int, voters: int) -> tuple[State, list[bytes]]:
    """A community whose only proposal is voted on, and the leaves of so many ballots."""
    acting = [key(number).did for number in range(1, voters + 1)]
    state = state_of(members, acting)
    community = state.community
    if community is None:
        raise RuntimeError("no community")
    state = replace(state, community=replace(community, parameters=NUMBERS))
    time_ms, index = NOW_MS, 1

    def recorded(act: str, body: dict[str, Any], who: int, seq: int) -> ActRecorded:
        made = act_of(
            act, body, key=key(who), seq=seq, until_ms=time_ms + 3_600_000,
            genesis=community.genesis,
        )  # fmt: skip
        return ActRecorded(ledger=COMMONS, time_ms=time_ms, act=made)

    state = evolve(state, recorded("proposal.open", OPENED, 1, 1), LeafIndex(1))
    (proposal,) = state.assembly.proposals.values()
    named = {"proposal": proposal.key}
    state = evolve(state, recorded("proposal.submit", named, 1, 2), LeafIndex(2))
    (proposal,) = state.assembly.proposals.values()
    time_ms = proposal.pending_until_ms + 1
    passed = TimePassed(
        id="9b2f7c52-3a4e-4f63-8d1a-6a1f7b1c2d3e",
        ledger=COMMONS,
        time_ms=time_ms,
        checkpoint=None,
        refused={},
    )
    state = evolve(state, passed, LeafIndex(3))
    (proposal,) = state.assembly.proposals.values()
    ballot = {"proposal": proposal.revision, "choice": "yes", "reason": None}
    leaves = []
    for index in range(1, voters + 1):
        time_ms += 1
        entry = recorded("ballot.cast", ballot, index, 3 if index == 1 else 1)
        leaves.append(encode_entry(entry))
    return state, leaves


def replay_s(state: State, leaves: Sequence[bytes]) -> tuple[float, State]:
    """Seconds of processor time from the leaves' bytes to the state after them.

    The collector is set as a worker sets it: what is here already is not walked again.
    """
    gc.freeze()
    gc.set_threshold(GC_OBJECTS, 20, 100)
    begun = time.process_time()
    state = replay(state, enumerate(leaves, 4))
    return time.process_time() - begun, state


def full_house(state: State, vote: Vote) -> tuple[State, Vote]:
    """Every tenth member delegates to one of 1,000 others; all others vote."""
    members = sorted(vote.electorate)
    cast = Ballot("A" * 43, vote.snapshot_ms + 1, "yes", None)
    heads = [one for place, one in enumerate(members) if place % 10][:1_000]
    given: dict[Did, tuple[Delegation, ...]] = {}
    for place, one in enumerate(members[::10]):
        given[one] = (
            Delegation(
                to=heads[place % len(heads)],
                scope="all",
                index=2 + place,
                from_ms=NOW_MS,
                until_ms=vote.snapshot_ms + DAY_MS,
            ),
        )
    ballots = Map({one: cast for one in members if one not in given})
    people = replace(state.people, delegations=Map(given))
    return replace(state, people=people), replace(vote, ballots=ballots)


def count_s(state: State, proposal: Proposal, vote: Vote) -> float:
    """Seconds of one close: counted for good."""
    begun = time.perf_counter()
    _, closed = close_vote(state, replace(proposal, vote=vote), vote)
    took = time.perf_counter() - begun
    if closed.vote is None and not closed.results:
        raise RuntimeError("nothing was counted")
    return took


def methods_s(method: str, ballots: int) -> float:
    """Seconds of processor time to count so many ballots, the best of three."""
    made = ballots_of(method, ballots)
    return min(counted_s(method, made) for _ in range(3))


# ---- through the writer ----------------------------------------------------------------


class Later(SystemClock):
    """The machine's clock, moved on to the vote."""

    ahead_ms = 0

    @override
    def now_ms(self) -> int:
        return super().now_ms() + self.ahead_ms


class Voter:
    """One client: a member who casts the same ballot again and again."""

    def __init__(self, book: Book, signer: SigningKey, clock: Later) -> None:
        self._book, self._key, self._clock, self._seq = book, signer, clock, 0

    def signed(self, act: str, body: dict[str, Any]) -> bytes:
        """The next act's envelope, as it comes over HTTP."""
        self._seq += 1
        checkpoint = self._book.reader.newest()[0]
        payload = format_payload(
            genesis=self._book.ledger.genesis,
            act=act,
            actor=self._key.did,
            seq=self._seq,
            until=format_second(self._clock.now_ms() + 3_600_000),
            seen_size=checkpoint.size,
            seen_root=checkpoint.root,
            body=body,
        )
        return json.dumps(sign_act(self._key, payload)).encode()

    async def send(self, envelope: bytes) -> Recorded:
        """From its bytes to its receipt."""
        act = parse_act(envelope)
        check_act(act)
        recorded = await self._book.act(act)
        await self._book.proof_json_of(recorded)
        return recorded


async def all_at_once(clients: Sequence[Callable[[], Awaitable[None]]]) -> float:
    """Seconds until every client is done."""
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(_run(client))
    return time.perf_counter() - begun


async def _run(client: Callable[[], Awaitable[None]]) -> None:
    await client()


async def pairs_of(rounds: int, each: int) -> list[tuple[float, float]]:
    """(seconds of decisions, seconds of as many ballots), by the same clients."""
    clock = Later()
    with tempfile.TemporaryDirectory(prefix="cf-") as folder:
        home = Path(folder)
        async with EmbeddedPostgres(home / "postgres") as server:
            store = await PostgresStore.connect(
                server.dsn, migrate_dsn=server.dsn_for(OWNER)
            )
            members = [key(number) for number in range(1, CLIENTS + 1)]
            row = await found(
                store,
                Keyring(home / "keys" / "commons"),
                name=LedgerName("commons"),
                origin="ledger.example/commons",
                founders=[one.did for one in members],
                parameters=NUMBERS,
                clock=clock,
            )
            book = Book.wire(
                row, store=store, keys_folder=home / "keys", tiles_folder=None,
                clock=clock, log=Events(),
            )  # fmt: skip
            await book.start()
            voters = [Voter(book, one, clock) for one in members]
            revision = await to_voting(book, voters[0], clock)
            found_pairs = [
                (
                    await decisions_s(book, each),
                    await ballots_s(voters, revision, each),
                )
                for _ in range(rounds + 1)
            ]
            await book.close()
            await store.close()
    return found_pairs[1:]  # the first warms


async def to_voting(book: Book, voter: Voter, clock: Later) -> str:
    """A system registered, a proposal brought to its vote; its wording."""
    await voter.send(voter.signed("system.register", REGISTER))
    await voter.send(voter.signed("proposal.open", OPENED))
    (proposal,) = (await book.projection.refreshed()).state.assembly.proposals.values()
    await voter.send(voter.signed("proposal.submit", {"proposal": proposal.key}))
    (proposal,) = (await book.projection.refreshed()).state.assembly.proposals.values()
    clock.ahead_ms = proposal.pending_until_ms + 1_000 - SystemClock().now_ms()
    return str(proposal.revision)


async def decisions_s(book: Book, each: int) -> float:
    """Seconds for all clients to record `each` decisions, one after another."""
    now = format_second(SystemClock().now_ms())
    bodies = [
        [json.dumps(decision(decided_at=now)).encode() for _ in range(each)]
        for _ in range(CLIENTS)
    ]

    def client(mine: list[bytes]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            for body in mine:
                request = DecisionRequest(
                    read=lambda body=body: parse_decision(body),  # type: ignore[misc]
                    body_bytes=len(body),
                )
                (outcome,) = await book.record([request])
                if not isinstance(outcome, Recorded):
                    raise outcome
                await book.proof_json_of(outcome)

        return run

    return await all_at_once([client(mine) for mine in bodies])


async def ballots_s(voters: Sequence[Voter], revision: str, each: int) -> float:
    """Seconds for all clients to cast `each` ballots, one after another."""
    body = {"proposal": revision, "choice": "yes", "reason": None}
    made = [
        (voter, [voter.signed("ballot.cast", body) for _ in range(each)])
        for voter in voters
    ]

    def client(voter: Voter, mine: list[bytes]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            for envelope in mine:
                await voter.send(envelope)

        return run

    return await all_at_once([client(*one) for one in made])


# ---- the claims ------------------------------------------------------------------------


async def measure(*, quick: bool) -> list[Claim]:
    """What votes cost."""
    members, voters = (10_000, 2_000) if quick else (100_000, 20_000)
    state, leaves = voting(members, voters)
    replays = [replay_s(state, leaves) for _ in range(5)]
    after = replays[-1][1]
    (voted,) = after.assembly.proposals.values()
    if voted.vote is None or len(voted.vote.ballots) != voters:
        raise RuntimeError("not every ballot took effect")
    house, vote = full_house(after, voted.vote)
    counts = [count_s(house, voted, vote) for _ in range(5)]
    slowest, method = max((methods_s(name, members), name) for name in METHODS)
    pairs = await pairs_of(3 if quick else 7, 10 if quick else 30)
    ballots = median([ballot for _, ballot in pairs])
    plain = median([one for one, _ in pairs])
    return [
        Claim(
            what=f"count of one vote, {members:,} members, a tenth of them delegating",
            measured=median(counts),
            least=2.0,
            aim=1.0,
            better=Better.LESS,
            unit="s",
            against=f"{len(vote.ballots):,} ballots",
        ),
        Claim(
            what=f"count of {members:,} ballots, all different, of the slowest method",
            measured=slowest,
            least=2.0,
            aim=1.0,
            better=Better.LESS,
            unit="s",
            against=f"{method}; {len(METHODS)} methods, 32 options",
        ),
        Claim(
            what="replay of ballots, from the leaves' bytes to the state",
            measured=voters / median([took for took, _ in replays]),
            least=20_000,
            aim=30_000,
            better=Better.MORE,
            unit="/s",
            against=f"{voters:,} ballots, {members:,} members",
        ),
        Claim(
            what="a ballot against a decision, bytes to receipt, 64 clients",
            measured=median([ballot / one for one, ballot in pairs]),
            least=1.5,
            aim=1.2,
            better=Better.LESS,
            against=f"{ballots:.2f} s against {plain:.2f} s, {len(pairs)} pairs",
        ),
    ]
