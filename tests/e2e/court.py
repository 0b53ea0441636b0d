"""A town whose vote made somebody a reviewer, a system that decides, and people's receipts."""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from typing_extensions import override

from ledger.clock import SystemClock
from tests.e2e.contract import keys
from tests.e2e.town import Moved, Told, Town, here
from tests.world.service import LEDGER, decision

DAY_MS = 86_400_000


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
