"""A service that sweeps every second, people who ask it to forget, and who look for it.

Every wrapped key there could be in any file is tried under every key at hand.
"""

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from ledger.storage.embedded import OWNER, EmbeddedPostgres
from schemas.answers import ReissueAsked
from tests.e2e.canaries import Canaries, private
from tests.e2e.contract import (
    Actor,
    b64,
    b64url,
    hkdf,
    keys,
    problem_of,
    read,
    to_b64url,
)
from tests.world.person import Person
from tests.world.service import LEDGER, ROOT, Answer, Service, decision, wait_until

V1 = f"/{LEDGER}/v1"
PATIENCE_S = 60.0
ENV = {
    "COUNTERFOIL_SWEEP_S": "1",
    "COUNTERFOIL_BACKUP_RETENTION_DAYS": "0",
    "COUNTERFOIL_LOG_LEVEL": "debug",
}
NUMBERS = {"retention_floor_days": 0, "reissue_delay_s": 1}
# In a row of PostgreSQL a short value has its length in one byte before it; in a binary
# COPY in four. A wrapped key has 40 bytes.
WRAPPED = re.compile(rb"(?=(?:\x53|\x00\x00\x00\x28)(.{40}))", re.DOTALL)


class Ledger:
    """A service whose community keeps nothing longer than it is asked to."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.tiles = home / "tiles"
        env = {**ENV, "COUNTERFOIL_TILES_DIR": str(self.tiles)}
        self.service = Service(workers=2, env=env)  # both want to sweep
        if self.service.database_url is not None:
            pytest.skip("searches the files of an embedded database of its own")

    def found(self) -> None:
        """A ledger under these numbers, served; a system, and its token."""
        numbers = self.home / "numbers.json"
        numbers.write_text(json.dumps(NUMBERS))
        self.does("init", LEDGER, "--origin", "example.org/town",
                  "--parameters", numbers)  # fmt: skip
        self.service.start()
        self.does("systems", "add", LEDGER, "example", "--name", "x", "--operator", "y",
                  "--impact-level", "II")  # fmt: skip
        told = self.does("tokens", "issue", LEDGER, "example")
        (self.service.data / "example.token").write_text(told)

    def tries(self, *words: object) -> subprocess.CompletedProcess[str]:
        env = self.service._environment()
        return subprocess.run(
            [sys.executable, "-m", "counterfoil", *map(str, words)],
            cwd=ROOT,
            env={**env, "COUNTERFOIL_DATA_DIR": str(self.service.data)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def does(self, *words: object) -> str:
        done = self.tries(*words)
        assert done.returncode == 0, (words, done)
        return done.stdout

    def fetch(self, query: str) -> list[Any]:
        async def work() -> list[Any]:
            dsn = await EmbeddedPostgres.attach(self.service.data / "postgres", OWNER)
            connection = await asyncpg.connect(dsn)
            try:
                return list(await connection.fetch(query))
            finally:
                await connection.close()

        return asyncio.run(work())

    # ---- people ------------------------------------------------------------------------

    def person(self, body: dict[str, Any]) -> tuple[Person, dict[str, Any]]:
        answer = self.service.post(body)
        assert answer.status == 201, answer.body
        told = answer.json()
        leaf, secret = told["receipt"]["leaf"], told["receipt"]["secret"]
        who = Person(
            genesis=keys(self.service)["genesis"],
            id=told["id"],
            index=told["index"],
            leaf=b64(leaf),
            secret=b64url(secret),
        )
        return who, told

    def proof(self, who: Person) -> list[bytes]:
        found = read(self.service, f"/proofs/inclusion?index={who.index}")
        return [b64(one) for one in found["hashes"]]

    def does_act(self, who: Person, act: str, **body: Any) -> Any:
        """An act of the receipt's own key; it shows the receipt where nothing is said."""
        said = body or {"receipt": who.shown(self.proof(who))}
        answer = self.actor(who).act(self.service, act, said)
        assert answer.status == 201, answer.body
        return answer.json()

    def actor(self, who: Person) -> Actor:
        """The receipt's own key, whose acts are counted."""
        made = Actor(hkdf(who.secret, "counterfoil/v1/contest"))
        made.seq = read(self.service, f"/actors/{made.did}")["seq"]
        return made

    def erasures(self) -> int:
        """How many the service says to have executed since it started."""
        found = re.search(
            rb"^counterfoil_erasures_total\{.*\} (\d+)$",
            self.service.get("/metrics").body,
            re.MULTILINE,
        )
        return 0 if found is None else int(found[1])

    def asks(self, ref: object, status: int = 202) -> Any:
        """Ask for receipts again; the request's id, or the problem."""
        return self.ask({"subject": {"ref": ref}}, status)

    def ask(self, body: object, status: int, **headers: str) -> Any:
        answer = self.service.request(
            "POST",
            f"{V1}/reissues",
            body=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.service.token}",
                "Content-Type": "application/json",
                **{name.replace("_", "-"): text for name, text in headers.items()},
            },
        )
        assert answer.status == status, answer.body
        if status != 202:
            return problem_of(answer)
        ReissueAsked.model_validate(answer.json())
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in answer.headers
        return answer.json()["id"]

    def reissue(self, request: str, token: str | None = None) -> Answer:
        shown = {"Authorization": f"Bearer {token or self.service.token}"}
        return self.service.get(f"{V1}/reissues/{request}", headers=shown)

    def sealed(self, who: Person) -> Answer:
        tag = to_b64url(hkdf(who.secret, "counterfoil/v1/tag"))
        return self.service.get(
            f"{V1}/sealed/{who.id}", headers={"Authorization": f"Receipt {tag}"}
        )


@dataclass
class Part:
    """A part as its row in the vault held it."""

    name: bytes
    sealed: bytes

    def opens(self, key: bytes) -> bool:
        aad = b"counterfoil/v1/case-part-kept\0" + self.name
        try:
            AESGCM(key).decrypt(self.sealed[:12], self.sealed[12:], aad)
        except InvalidTag:
            return False
        return True


class World:
    """Everything up to the search."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.canaries = Canaries()
        service = ledger.service
        self.gone, self.receipt = ledger.person(private(self.canaries))
        self.ref = self.canaries.new()
        self.stays, _ = ledger.person(decision(subject={"ref": self.ref}))
        self.canaries.keep(self.stays.secret)
        self.canaries.keep(to_b64url(self.stays.secret).encode())
        self.asked = [ledger.asks(self.ref), ledger.asks(self.canaries.new())]
        self.canaries.keep(self.gone.secret)
        self.canaries.keep(to_b64url(self.gone.secret).encode())
        said = self.canaries.new()
        opening = self.gone.opening(ledger.proof(self.gone), said)
        contest = ledger.does_act(self.gone, "contest.open", **opening)["id"]
        (self.blob,) = self.gone.blobs
        kept = service.request(
            "POST",
            f"{V1}/parts",
            body=self.blob,
            headers={"Content-Type": "application/octet-stream"},
        )
        assert kept.status == 201, kept.body
        ((name, sealed),) = ledger.fetch("SELECT part, sealed FROM case_parts")
        self.part = Part(bytes(name), bytes(sealed))
        self.backup = ledger.home / "backup"
        ledger.does("backup", self.backup)
        ledger.does_act(self.gone, "contest.withdraw", contest=contest)
        ledger.does_act(self.gone, "erasure.ask")
        wait_until("the sweep", lambda: ledger.sealed(self.gone).status == 410,
                   PATIENCE_S)  # fmt: skip
        wait_until("its count", lambda: ledger.erasures() == 1, PATIENCE_S)
        assert service.stop() == 0  # all that is dead is on the disk now
        self.opened_before = self.opened(*self.files())
        self.swept = json.loads(ledger.does("sweep", LEDGER, "--turn", "--json"))
        service.restart()

    def keyring(self) -> dict[str, bytes]:
        folder = self.ledger.service.data / "keys" / LEDGER / "kek"
        return {
            path.name: b64url(path.read_text().strip()) for path in folder.glob("*.key")
        }

    def files(self) -> list[Path]:
        """PostgreSQL's own, and the backup's."""
        found = [*(self.ledger.service.data / "postgres").rglob("*")]
        return [path for path in [*found, *self.backup.rglob("*")] if path.is_file()]

    def opened(self, *paths: Path) -> set[bytes]:
        """What every key at hand opens among all that could be a wrapped key."""
        found: set[bytes] = set()
        tried: set[bytes] = set()
        keyring = list(self.keyring().values())
        for path in paths:
            for match in WRAPPED.finditer(path.read_bytes()):
                one = match[1]
                if one in tried or one.count(0) > 20:
                    continue
                tried.add(one)
                for key in keyring:
                    try:
                        found.add(aes_key_unwrap(key, one))
                    except InvalidUnwrap:
                        continue
        return found
