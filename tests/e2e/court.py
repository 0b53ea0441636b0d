"""A town whose vote made somebody a reviewer, a system that decides, and people's receipts."""

import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from typing_extensions import override

from ledger.clock import SystemClock
from tests.e2e.canaries import forms
from tests.e2e.contract import b64url, hkdf, keys
from tests.e2e.town import Moved, Told, Town, here
from tests.world.service import LEDGER, decision

SAID = "I have worked for five years, not two."
LETTER = b"five years of work, and a letter that says so\n"
WHY = "The letter shows five years: the rule asks for three."


class Court(Town):
    """Rita reviews; "example" decides; anybody may hold receipts."""

    def __init__(self, home: Path, **numbers: Any) -> None:
        super().__init__(home, **numbers)
        # All that it ever says about itself is searched for what it must not say.
        more = {"COUNTERFOIL_LOG_LEVEL": "debug"}
        self.service = Moved(env={**self.clock.environment, **more})

    @override
    def __enter__(self) -> Self:
        super().__enter__()
        try:
            self.rita = self.person("rita")
            self.does(self.rita, "apply")
            self.does(self.founder, "admit", self.did(self.rita))
            self.operator("systems", "add", LEDGER, "example")
            told = self.operator("tokens", "issue", LEDGER, "example")
            self.token = told.strip()
            file = self.home / "reviewer.json"
            until = datetime.now(UTC) + timedelta(days=300)
            body = {
                "role": "reviewer",
                "member": self.did(self.rita),
                "until": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            file.write_text(
                json.dumps(
                    {
                        "title": "Rita reviews",
                        "text": "She is careful.",
                        "actions": [{"action": "role.appoint", "body": body}],
                    }
                )
            )
            key = self.opens(self.founder, file, self.rita)
            self.passes(key, [self.founder, self.rita])
        except BaseException:
            self.__exit__()
            raise
        return self

    def decides(self, name: str, **changes: Any) -> Path:
        """A decision about somebody: their receipt, as a file."""
        now = datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC)
        made = decision(decided_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"), **changes)
        answer = self.service.request(
            "POST",
            f"/{LEDGER}/v1/decisions",
            body=json.dumps(made).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            },
        )
        assert answer.status == 201, answer.body
        told, known = answer.json(), keys(self.service)
        value = {
            "counterfoil": 1,
            "origin": known["origin"],
            "genesis": known["genesis"],
            "id": told["id"],
            "index": told["index"],
            **{name: told["receipt"][name] for name in ("leaf", "proof", "secret")},
            "policy": known["policy"],
        }
        folder = self.home / f"{name}-{secrets.token_hex(3)}"
        folder.mkdir()
        path = folder / "mine.counterfoil.json"
        path.write_text(json.dumps(value))
        return path

    def types(self, *words: str | Path) -> Told:
        """A command that signs with what is beside its files, and agrees to it."""
        return here(*words, "--url", self.service.ledger_url, "--yes", "--json")

    def does_here(self, *words: str | Path) -> Any:
        """The same, and it is recorded; the last line that was said, as JSON."""
        told = self.types(*words)
        assert told.code == 0, (words, told)
        return json.loads(told.out.splitlines()[-1])

    def get(self, path: str, **headers: str) -> Any:
        answer = self.service.get(f"/{LEDGER}/v1/{path}", headers=headers)
        assert answer.status == 200, answer.body
        return answer.json()


def id_of(receipt: Path) -> str:
    return str(json.loads(receipt.read_text())["id"])


def private_files(receipt: Path) -> Mapping[Path, int]:
    """What only the person may read, and its mode."""
    beside = [*receipt.parent.glob("*.claim"), *receipt.parent.rglob("*.private")]
    return {path: path.stat().st_mode & 0o777 for path in beside}


def contested(court: Court, receipt: Path, *more: str | Path) -> str:
    words = ("contest", "open", receipt, "inputs", SAID, *more)
    return str(court.does_here(*words)["id"])


def shown(court: Court, contest: str, *more: str | Path) -> Any:
    return court.reads("contest", "show", contest, *more)


def later(court: Court, receipt: Path) -> list[str]:
    return [
        one["type"].removeprefix("org.counterfoil.act.").removesuffix(".v1")
        for one in court.get(f"decisions/{id_of(receipt)}")["later"]
    ]


def grants(court: Court) -> dict[str, Any]:
    found: dict[str, Any] = court.get("state/grants")["value"]
    return found


def payloads(leaves: list[bytes]) -> Iterator[str]:
    """What each act says, in base64."""
    for leaf in leaves:
        data = json.loads(leaf)["data"]
        if "envelope" in data:
            yield data["envelope"]["payload"]


def private_needles(home: Path, words: list[str]) -> set[bytes]:
    """Every form of these words, and of what the files below `home` keep secret."""
    found: set[str] = set()
    kept = [*home.rglob("*.claim"), *home.rglob("*.private")]
    for file in [*kept, *home.rglob("mine.counterfoil.json")]:
        value = json.loads(file.read_text())
        names = ("seed", "case_key", "seal_secret", "claim_seed", "secret")
        found |= {value[name] for name in names if name in value}
    secrets_ = [b64url(text) for text in found]
    assert len(secrets_) > 20
    deks = [hkdf(one, "counterfoil/v1/dek") for one in secrets_]
    private = [*(word.encode() for word in words), *secrets_, *deks]
    return {form for one in private for form in forms(one)}
