"""The demo from its first line to its last: each step shows what it measured.

     1 Database   2 Community   3 Record   4 Vote   5 Enforce   6 Audit   7 Cheat

Then what to try next.

A step that fails ends the demo with its error; nothing after it is shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson

from api.auth import hash_token, new_token
from api.config import Config
from api.database import open_store
from api.demo.cheat import ENTRY, change_one_byte, copy_log, run_audit
from api.demo.client import Client
from api.demo.compas import REGISTRATION, SYSTEM, decision_of, read_scores
from api.demo.constitution import RULE, TITLE
from api.demo.receipts import Held, open_private, receipt_of, verify_places
from api.demo.screen import Screen
from api.demo.service import Service
from api.demo.vote import Community, dry_run
from api.first import COMMONS
from ledger.audit.source import UrlSource
from ledger.canonical import parse_base64, parse_base64url
from ledger.clock import Clock
from ledger.entries.moment import format_second
from ledger.entries.receipt import format_receipt
from ledger.errors import VerificationError
from ledger.governance.assembly import phases
from ledger.governance.assembly.proposal import Proposal
from ledger.ids import LeafIndex
from ledger.merkle.note import VerifierKey, format_vkey, parse_vkey

_BATCH: Final = 256  # decisions a request; a full tile's worth
_OPENED: Final = 100  # people whose private part is fetched and opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The community as it is after its founding.

    Attributes:
        url: of the ledger.
        vkey: the log's key, kept from now on.
        genesis: the ledger's.
        policy: what the ledger says about whom to believe.
        token: of the system that scores.
        seen: the signed checkpoint of now, for the audit to continue.
    """

    url: str
    vkey: VerifierKey
    genesis: str
    policy: str
    token: str
    seen: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is left to look at.

    Attributes:
        found: the community.
        link: one person's receipt.
        proposal: the key of the one that was voted on.
    """

    found: Found
    link: str
    proposal: str


class Tour:
    """One run of the demo in one folder."""

    def __init__(
        self, *, folder: Path, config: Config, screen: Screen, clock: Clock
    ) -> None:
        """`folder` is empty, and the demo's."""
        self._folder = folder
        self._config = config
        self._screen = screen
        self._clock = clock

    async def run(self, service: Service) -> Shown:
        """All the steps.

        Raises:
            VerificationError: something that must hold does not.
            UnavailableError, FatalError: something does not run.
        """
        base_url = await self._start(service)
        url = f"{base_url}/{COMMONS}"
        async with Client(url) as client, UrlSource(url) as source:
            people = Community(client, self._folder, self._clock)
            found = await self._found(client, people)
            held = await self._record(client, source, found)
            person = next(one for one in held if "reasons" in one.sent)
            receipt = await receipt_of(
                client, person, found.vkey, found.genesis, found.policy
            )
            self._write("receipt.counterfoil.json", format_receipt(receipt).encode())
            proposal = await self._vote(people, found)
            await self._enforce(client, people, found, proposal)
            await self._audit(found)
            await self._cheat(source, found)
        self._write("decision.json", self._own_decision())
        secret = orjson.loads(format_receipt(receipt))["secret"]
        link = f"{url}/r#{person.id}.{secret}"
        return Shown(found=found, link=link, proposal=proposal.key)

    # ---- the steps --------------------------------------------------------------------

    async def _start(self, service: Service) -> str:
        step = self._screen.step(1, "Database")
        step.working("starting")
        begun = self._clock.monotonic_s()
        base_url = await service.start()
        seconds = self._clock.monotonic_s() - begun
        version = _postgres_version(self._folder / "postgres" / "postgres.log")
        step.done(f"embedded PostgreSQL{version}, in {shown(self._folder)}", seconds)
        return base_url

    async def _found(self, client: Client, people: Community) -> Found:
        step = self._screen.step(2, "Community")
        begun = self._clock.monotonic_s()
        keys = orjson.loads(await client.get("v1/keys"))
        vkey = parse_vkey(keys["vkeys"][0])
        await people.act(people.founder, "system.register", REGISTRATION)
        token = new_token()
        async with open_store(self._config) as store:
            row = next(row for row in await store.logs() if row.name == COMMONS)
            await store.add_token(row.log_id, hash_token(token), SYSTEM)
        step.done(
            f'"{COMMONS}" founded; log key {vkey.name}+{vkey.key_id.hex()}',
            self._clock.monotonic_s() - begun,
        )
        step.done(f'its founder signed in a first program, "{SYSTEM}"')
        return Found(
            url=client.url,
            vkey=vkey,
            genesis=keys["genesis"],
            policy=keys["policy"],
            token=token,
            seen=await client.get("checkpoint"),
        )

    async def _record(
        self, client: Client, source: UrlSource, found: Found
    ) -> list[Held]:
        step = self._screen.step(3, "Record")
        scores = read_scores()
        held: list[Held] = []
        begun = self._clock.monotonic_s()
        seconds = 0.0
        for start in range(0, len(scores), _BATCH):
            now = format_second(self._clock.now_ms())
            sent = [decision_of(one, now) for one in scores[start : start + _BATCH]]
            held.extend(_held(sent, await client.record(found.token, sent)))
            seconds = self._clock.monotonic_s() - begun
            step.progress(len(held), len(scores), rate=len(held) / seconds)
        step.done_bar(len(held), len(scores), len(held) / seconds, seconds)

        begun = self._clock.monotonic_s()
        verified = partial(step.progress, noun="receipts verified")
        await verify_places(source, held, found.vkey, found.genesis, verified)
        some = held[:: len(held) // _OPENED][:_OPENED]
        await open_private(client, some, found.genesis)
        step.done(
            f"{len(held):,} receipts: place, signature and secret verified",
            self._clock.monotonic_s() - begun,
        )
        step.done(f"{len(some)} private parts fetched and opened: all as sent")
        return held

    async def _vote(self, people: Community, found: Found) -> Proposal:
        step = self._screen.step(4, "Vote")
        begun = self._clock.monotonic_s()
        step.working("four people apply, and the founder admits them")
        members = await people.gather()
        step.done(
            f"{members} members, each with a key of their own; under the demo's "
            "constitution every period lasts a second or a few"
        )
        step.working("trying the rule on what was recorded")
        held, of = await dry_run(self._config)
        step.done(f'"{TITLE}"')
        step.done(f"dry run: would have held {held:,} of {of:,}")
        step.working("proposed, talked about, endorsed")
        key = await people.propose(found.genesis)
        await people.vote(await people.wait(key, phases.VOTING, step.working))
        ready = await people.wait(key, phases.READY, step.working)
        totals = await people.execute(ready)
        step.done(
            f"{totals['yes']} of {members} members for it, {totals['no']} against; its "
            "timelock over, it is in force",
            self._clock.monotonic_s() - begun,
        )
        return ready

    async def _enforce(
        self, client: Client, people: Community, found: Found, proposal: Proposal
    ) -> None:
        step = self._screen.step(5, "Enforce")
        begun = self._clock.monotonic_s()
        now = format_second(self._clock.now_ms())
        score = next(one for one in read_scores() if one.adverse)
        (line,) = await client.record(found.token, [decision_of(score, now)])
        said = [(one["id"], one["enacted_by"]) for one in line["safeguards"]]
        if line["decision"] != "held" or said != [(RULE, proposal.revision)]:
            raise VerificationError(
                "the rule is in force, and an adverse score passed it"
            )
        step.done(
            f"the very next adverse score is HELD, by rule {RULE}, proposal "
            f"{proposal.revision[:8]}…",
            self._clock.monotonic_s() - begun,
            style="bold",
        )
        index = await people.confirm(line["id"])
        step.done(
            f"its overseer confirms it, under a key of their own: entry {index:,}"
        )

    async def _audit(self, found: Found) -> None:
        step = self._screen.step(6, "Audit")
        step.working("a second program reads the whole log")
        begun = self._clock.monotonic_s()
        seen = self._write("seen", found.seen)
        report = await run_audit(
            found.url, "--vkey", format_vkey(found.vkey), "--from", str(seen)
        )
        step.done("a second program that trusts nothing here:")
        step.done(_summary(report), self._clock.monotonic_s() - begun)
        if not report["held"]:
            raise VerificationError(f"the audit found: {_sentence(report)}")

    async def _cheat(self, source: UrlSource, found: Found) -> None:
        step = self._screen.step(7, "Cheat")
        step.working("copying the log, changing one byte, auditing again")
        copy = self._folder / "altered-copy"
        key = ("--vkey", format_vkey(found.vkey))
        await copy_log(source, copy)
        before = await run_audit(str(copy), *key)
        if not before["held"]:
            raise VerificationError(f"the copy does not hold: {_sentence(before)}")
        change_one_byte(copy)
        after = await run_audit(str(copy), *key)
        caught = [one for one in after["findings"] if one["index"] == ENTRY]
        if not caught:
            raise VerificationError(
                f"one byte of entry {ENTRY:,} was changed, and the audit did not say so"
            )
        step.done("we change one byte in a copy and audit again:")
        told = caught[0]["sentence"].partition(":")[0]
        step.done(f"✗ {told}.  Caught.", style="bold red")

    # ---- files ------------------------------------------------------------------------

    def _own_decision(self) -> bytes:
        """A first decision of the reader's own, for the system `example`."""
        decision = {
            "system": "example",
            "decided_at": format_second(self._clock.now_ms()),
            "automation": "full",
            "outcome": {"code": "rejected", "favourable": False},
            "subject": {"ref": "applicant-1"},
            "reasons": [
                {
                    "code": "R1",
                    "text": "Your experience was counted as 2 years; the job asks for 3.",
                    "factor": "experience",
                    "direction": "against",
                    "rank": 1,
                }
            ],
        }
        return orjson.dumps(decision, option=orjson.OPT_INDENT_2) + b"\n"

    def _write(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(data)
        return path


def shown(path: Path) -> str:
    """A path as people type it."""
    text = str(path)
    return text if path.is_absolute() or text.startswith(".") else f"./{text}"


def _held(sent: list[dict[str, Any]], lines: list[Any]) -> Iterator[Held]:
    for decision, line in zip(sent, lines, strict=True):
        yield Held(
            id=line["id"],
            index=LeafIndex(line["index"]),
            leaf=parse_base64(line["leaf"]),
            secret=parse_base64url(line["secret"]),
            sent=decision,
        )


def _postgres_version(log: Path) -> str:
    """` 18.6`, as the server itself said it; empty where it did not."""
    text = log.read_text(encoding="utf-8", errors="replace")
    _, found, rest = text.partition("starting PostgreSQL ")
    return f" {rest.split()[0]}" if found else ""


def _summary(report: Any) -> str:
    root = parse_base64(report["root"]).hex()[:8] if report["root"] else "none"
    findings = len(report["findings"]) + report["more"]
    return (
        f"{report['size']:,} entries, root {root}…, {report['checks']:,} checks, "
        f"{findings:,} finding{'' if findings == 1 else 's'}"
    )


def _sentence(report: Any) -> str:
    findings = report["findings"]
    return findings[0]["sentence"] if findings else "it stopped early"
