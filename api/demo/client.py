"""The demo's side of the HTTP API: what a deployer and a person send, beside members."""

from typing import Any

import orjson

from api.member import client
from ledger.canonical import format_base64url
from ledger.errors import UnavailableError


class Client(client.Client):
    """One ledger over HTTP; an async context that owns its connections."""

    async def sealed(self, decision_id: str, tag: bytes) -> bytes:
        """A decision's private part, encrypted, for whoever shows the tag."""
        shown = f"Receipt {format_base64url(tag)}"
        return await self.get(f"v1/sealed/{decision_id}", shown)

    async def record(self, token: str, decisions: list[dict[str, Any]]) -> list[Any]:
        """Records a batch; the answer's lines, in order.

        Raises:
            UnavailableError: a decision that was not recorded; carries the first problem.
        """
        body = b"".join(
            orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in decisions
        )
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/x-ndjson",
        }
        answer = await self.send("POST", "v1/decisions", body, headers)
        lines = [orjson.loads(line) for line in answer.splitlines()]
        for line in lines:
            if line["status"] != 201:
                raise UnavailableError(
                    f"a decision was not recorded: {line.get('detail', line['status'])}"
                )
        if len(lines) != len(decisions):
            raise UnavailableError(
                f"{len(decisions)} decisions were sent, {len(lines)} answered"
            )
        return lines
