"""The demo's vote: people with keys of their own join, propose, talk, vote, execute.

Each act goes the way of `counterfoil propose`, `vote` and the others: the log is met and
must not have gone back, the ledger's own rules are asked first, the receipt is checked.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from api.cli.opening import projection_of
from api.config import Config
from api.database import open_database
from api.demo.compas import SYSTEM
from api.demo.constitution import COMMENT, PROPOSAL
from api.first import COMMONS
from api.keyfile import read_identity, write_identity
from api.member.acting import Desk, Done, Plan, open_desk, say
from api.member.client import Client
from api.member.proposalfile import read_rules
from api.member.seen import Seen
from api.member.standing import at, fetch_state
from ledger.clock import Clock
from ledger.errors import VerificationError
from ledger.governance.assembly import phases
from ledger.governance.assembly.proposal import Proposal, key_of
from ledger.governance.assembly.status import due_ms, phase_of
from ledger.governance.people.bodies import STATEMENT
from ledger.governance.safeguards.dry import DryRun
from ledger.keys import SigningKey
from ledger.log.dryrun import dry_run as try_rules
from ledger.log.keyring import Keyring
from ledger.storage.postgres import PostgresStore
from ledger.storage.snapshot import snapshot

NAMES: Final = ("alice", "bob", "chris", "dana")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a key, and what they have seen of the log."""

    key: SigningKey
    seen: Seen


class Community:
    """The people of the demo, over HTTP."""

    def __init__(self, client: Client, folder: Path, clock: Clock) -> None:
        """`folder` is the demo's: it holds the founder's key."""
        self._client = client
        self._folder = folder
        self._clock = clock
        self.founder = _person(folder / "founder.key")
        self.others: list[Person] = []

    async def act(
        self,
        person: Person,
        act: str,
        body: dict[str, Any],
        sayings: Sequence[Any] = (),
    ) -> Done:
        """One act, signed and recorded.

        Raises:
            RejectedError, VerificationError, UnavailableError: it was not, or its
                receipt does not hold.
        """
        desk = await self._desk(person)
        prepared = desk.prepare(Plan(act=act, body=body, words=(), sayings=sayings))
        desk.check(prepared)
        return await desk.send(prepared)

    async def _desk(self, person: Person) -> Desk:
        now_ms = self._clock.now_ms()
        return await open_desk(self._client, person.key, person.seen, now_ms)

    async def gather(self) -> int:
        """Others apply, and the founder admits them; how many members there are.

        The last of them oversees the system.
        """
        people = self._folder / "people"
        people.mkdir(mode=0o700)
        for name in NAMES:
            path = people / f"{name}.key"
            write_identity(path, SigningKey(secrets.token_bytes(32)))
            person = _person(path)
            self.others.append(person)
            asks: dict[str, Any] = {"statement": STATEMENT, "credential": None}
            await self.act(person, "member.apply", asks)
            await self.act(self.founder, "member.admit", {"applicant": person.key.did})
        overseers = [self.others[-1].key.did]
        body = {"system": SYSTEM, "overseers": overseers}
        await self.act(self.founder, "system.overseers", body)
        return 1 + len(self.others)

    async def propose(self, genesis: str) -> str:
        """Opened, submitted, talked about, endorsed; the proposal's key."""
        nonce = secrets.token_hex(16)
        proposer, second = self.founder, self.others[0]
        key = key_of(genesis, proposer.key.did, nonce)
        body = {
            "nonce": nonce,
            **PROPOSAL,
            "ballot": {"method": "yesno"},
            "expedited": False,
        }
        await self.act(proposer, "proposal.open", body)
        await self.act(proposer, "proposal.submit", {"proposal": key})
        saying = say("comment", COMMENT)
        said = {
            "proposal": key,
            "digest": saying.digest,
            "kind": "comment",
            "degree": None,
            "replies_to": None,
        }
        await self.act(second, "comment.add", said, [saying])
        revision = (await self._proposal(key)).revision
        endorsed = {"proposal": key, "revision": revision}
        await self.act(second, "proposal.endorse", endorsed)
        return key

    async def _proposal(self, key: str) -> Proposal:
        state = at(await fetch_state(self._client), self._clock.now_ms())
        return state.assembly.proposals[key]

    async def wait(
        self, key: str, wanted: str, working: Callable[[str], None]
    ) -> Proposal:
        """The proposal, once it is in the wanted state.

        Raises:
            VerificationError: it ended otherwise.
        """
        while True:
            proposal = await self._proposal(key)
            now_ms = self._clock.now_ms()
            phase = phase_of(proposal, now_ms)
            if phase == wanted:
                return proposal
            due = due_ms(proposal)
            if due is None or phase in phases.OPEN_TO_EXECUTION:
                raise VerificationError(f"the demo's proposal is {phase}, not {wanted}")
            working(phase.lower())
            await asyncio.sleep(0.2)

    async def vote(self, proposal: Proposal) -> None:
        """All vote at once: one against, the others for."""
        choices = ["yes"] * len(self.others) + ["no"]
        people = [self.founder, *self.others]
        try:
            async with asyncio.TaskGroup() as votes:
                for person, choice in zip(people, choices, strict=True):
                    body = {
                        "proposal": proposal.revision,
                        "choice": choice,
                        "reason": None,
                    }
                    votes.create_task(self.act(person, "ballot.cast", body))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None

    async def execute(self, proposal: Proposal) -> dict[str, int]:
        """Put into effect; what was counted before.

        Raises:
            VerificationError: it took no effect.
        """
        named = {"proposal": proposal.revision}
        await self.act(self.founder, "proposal.execute", named)
        after = await self._proposal(proposal.key)
        if after.ending is None or after.ending.state != phases.EXECUTED:
            raise VerificationError("the demo's proposal was executed without effect")
        totals: dict[str, int] = after.results[-1].count["totals"]
        return totals

    async def confirm(self, decision: str) -> int:
        """A held decision is looked at, and may take effect; the entry that says so."""
        body = {"system": SYSTEM, "decision": decision, "confirm": True}
        done = await self.act(self.others[-1], "hold.confirm", body)
        return done.receipt.index


def _person(path: Path) -> Person:
    return Person(read_identity(path), Seen(path.with_name(f"{path.name}.seen")))


async def dry_run(config: Config) -> tuple[int, int]:
    """How many decisions the rule would have held, of how many; writes the proposal.

    As `counterfoil safeguards try proposal.json --vault` tells.

    Raises:
        RejectedError: the rule does not keep its own tests.
        UnavailableError, FatalError: the ledger cannot be read.
    """
    file = config.data_dir / "proposal.json"
    file.write_text(json.dumps(PROPOSAL, indent=1) + "\n", encoding="utf-8")
    rules = read_rules(file)
    async with open_database(config, attach=True) as database:
        store = await PostgresStore.connect(database.dsn)
        try:
            row = next(row for row in await store.logs() if row.name == COMMONS)
            state = (await projection_of(store, row)).current.state
            tried = DryRun(rules, state.systems)
            vault = Keyring(config.keys_dir / COMMONS).vault()
            async with snapshot(database.dsn) as moment:
                await try_rules(moment, row.log_id, vault, tried)
        finally:
            await store.close()
    return tried.tried[0].failed, tried.seen
