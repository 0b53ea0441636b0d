"""A town with a reviewer, for pages: people contest in a browser, she acts over HTTP.

Votes take moved hours, not the browser's: the town's clock is some seven hours ahead, and
an act that a page signs is good for twelve.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from playwright.async_api import Page

from ledger.canonical import format_base64url
from ledger.clock import SystemClock
from ledger.entries.case import derive_case, unseal_case
from ledger.entries.part import format_part, open_part, part_name, seal_part
from ledger.keys import SigningKey, agreement_secret
from tests.e2e.contract import Actor, b64url, head, read
from tests.e2e.town import Town
from tests.web.receipts import Posted, record
from tests.world.later import Offset
from tests.world.service import LEDGER, SYSTEM, Service

V1 = f"/{LEDGER}/v1"
CHECKED = "checked-by-nobody"  # an outcome that one rule holds until a person confirms
HOLD = f"""
[[actions]]
action = "safeguard.enact"
[actions.body]
id = "a-person-looks"
title = "A person looks first"
when = 'outcome.code == "{CHECKED}"'
require = 'has(human.involved) && human.involved'
message = "A person must confirm it."
effect = "hold"
scope = "all"
in_sealed_mode = "flag"
[[actions.body.tests]]
name = "somebody looked"
decision = {{ outcome = {{ code = "{CHECKED}", favourable = false }}, human = {{ involved = true }} }}
system = {{}}
expect = "pass"
[[actions.body.tests]]
name = "nobody looked"
decision = {{ outcome = {{ code = "{CHECKED}", favourable = false }}, human = {{ involved = false }} }}
system = {{}}
expect = "hold"
"""
YEAR_MS = 365 * 86_400_000
BYTES = {"Content-Type": "application/octet-stream"}


def moment(clock: Offset, ahead_ms: int) -> str:
    """An RFC 3339 time so far from now, by a town's clock."""
    seconds = (SystemClock().now_ms() + clock.ms + ahead_ms) / 1000
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def keep_time(page: Page, court: "Courthouse") -> None:
    """The browser's clock is the town's, in every tab of this context."""
    ahead = timedelta(milliseconds=court.town.clock.ms)
    await page.clock.set_system_time(datetime.now(UTC) + ahead)


class Courthouse:
    """A town whose ledger has the system `example` and one reviewer, Rita."""

    def __init__(self, home: Path, **numbers: Any) -> None:
        self.town = Town(home, **numbers)
        self.town.service._env["COUNTERFOIL_SWEEP_S"] = "1"

    @property
    def service(self) -> Service:
        return self.town.service

    def __enter__(self) -> Self:
        self.town.__enter__()
        try:
            self._settle()
        except BaseException:
            self.town.__exit__(None, None, None)
            raise
        # Other tests of this process go by the real clock again.
        self.town._moved.__exit__(None, None, None)
        founder = self.somebody(_key(self.town.founder))
        founder.does("system.overseers", self.overseers)
        return self

    def __exit__(self, *_: object) -> None:
        self.town.__exit__(None, None, None)

    def _settle(self) -> None:
        town, service = self.town, self.town.service
        town.operator("systems", "add", LEDGER, SYSTEM, "--identity", town.founder)
        token = town.operator("tokens", "issue", LEDGER, SYSTEM).strip()
        (service.data / "example.token").write_text(token)
        rita = town.person("rita")
        town.does(rita, "apply")
        town.does(town.founder, "admit", town.did(rita))
        body = {
            "role": "reviewer",
            "member": town.did(rita),
            "until": moment(Offset(town.home / "none"), YEAR_MS // 2),
        }
        file = town.home / "reviewer.toml"
        lines = [f'{name} = "{value}"' for name, value in body.items()]
        file.write_text(
            'title = "A reviewer"\ntext = "Rita reads well."\n\n[[actions]]\n'
            f'action = "role.appoint"\nbody = {{ {", ".join(lines)} }}\n{HOLD}'
        )
        town.passes(town.opens(town.founder, file, rita), [town.founder, rita])
        self.reviewer = Reviewer(service, _key(rita), town.clock)
        self.overseer = self.somebody(_key(town.person("olga")))
        self.overseers = {"system": SYSTEM, "overseers": [self.overseer.did]}

    def record(self, **changes: object) -> Posted:
        now = moment(self.town.clock, 0)
        return record(self.service, **{"decided_at": now, **changes})

    def somebody(self, key: SigningKey) -> "Somebody":
        """Whoever holds this key."""
        return Somebody(self.service, key, self.town.clock)


def _key(file: Path) -> SigningKey:
    return SigningKey(b64url(json.loads(file.read_text())["seed"]))


class Somebody:
    """A key that acts over HTTP, by the town's clock."""

    def __init__(self, service: Service, key: SigningKey, clock: Offset) -> None:
        self.service = service
        self.key = key
        self.clock = clock
        self.actor = Actor(key.seed)

    @property
    def did(self) -> str:
        return self.actor.did

    def tries(self, act: str, body: Mapping[str, Any]) -> Any:
        self.actor.seq = read(self.service, f"/actors/{self.did}")["seq"]
        until = moment(self.clock, 3_600_000)
        return self.actor.act(self.service, act, dict(body), until=until)

    def does(self, act: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.tries(act, body)
        assert answer.status == 201, answer.body
        told: dict[str, Any] = answer.json()
        return told

    def shown(self, decision: str) -> dict[str, Any]:
        """R of a decision, as acts carry it."""
        view = read(self.service, f"/decisions/{decision}")
        size = head(self.service).size
        path = f"/proofs/inclusion?index={view['index']}&size={size}"
        return {
            "id": decision,
            "index": view["index"],
            "leaf": view["leaf"],
            "proof": read(self.service, path)["hashes"],
        }


class Reviewer(Somebody):
    """Who takes cases, reads them by her box, and concludes."""

    def case_key(self, contest: str) -> bytes:
        row = read(self.service, f"/contests/{contest}")
        boxes = row["boxes"]
        genesis = read(self.service, "/keys")["genesis"]
        return unseal_case(
            boxes[self.did],
            agreement_secret(self.key),
            decision=row["decision"],
            genesis=genesis,
        )

    def statement(self, contest: str) -> dict[str, Any]:
        """What the person wrote last, as she can read it."""
        row = read(self.service, f"/contests/{contest}")
        return self._part(contest, row["said"][-1]["statement"])

    def attachments(self, contest: str) -> list[dict[str, Any]]:
        """The files that came with it."""
        row = read(self.service, f"/contests/{contest}")
        return [self._part(contest, one) for one in row["said"][-1]["attachments"]]

    def _part(self, contest: str, named: dict[str, str]) -> dict[str, Any]:
        keys = derive_case(self.case_key(contest))
        answer = self.service.get(
            f"{V1}/parts/{named['part']}",
            headers={"Authorization": f"Case {format_base64url(keys.tag)}"},
        )
        assert answer.status == 200, answer.body
        value: dict[str, Any] = open_part(answer.body, keys.part_key, named).value
        return value

    def take_and_read(self, contest: str, decision: str) -> None:
        grant = self.does("review.take", {"contest": contest})["id"]
        self.does("grant.read", {"grant": grant, "decision": decision})

    def conclude(
        self, contest: str, conclusion: str, text: str, corrected: Posted | None = None
    ) -> None:
        keys = derive_case(self.case_key(contest))
        value = {
            "text": text,
            "secret": None if corrected is None else corrected.secret,
            "id": None if corrected is None else corrected.id,
        }
        part = format_part("reasons", secrets.token_urlsafe(18), value)
        blob = seal_part(part, keys.part_key, secrets.token_bytes(12))
        self.does(
            "review.conclude",
            {
                "contest": contest,
                "conclusion": conclusion,
                "reasons": {"digest": part.digest, "part": part_name(blob)},
                "looked_at": ["inputs", "statement"],
                "corrected": None if corrected is None else self.shown(corrected.id),
            },
        )
        kept = self.service.request("POST", f"{V1}/parts", body=blob, headers=BYTES)
        assert kept.status == 201, kept.body
