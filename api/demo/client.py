"""The demo's side of the HTTP API: what a deployer, a founder and a person send."""

from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import orjson

from ledger.canonical import format_base64url, parse_base64
from ledger.entries.act import format_payload, sign_act
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ActRecorded
from ledger.entries.moment import format_second
from ledger.errors import UnavailableError
from ledger.keys import SigningKey
from ledger.merkle.checkpoint import parse_checkpoint
from ledger.merkle.note import parse_note

_ANSWER_S: Final = 30.0  # seconds for one answer
_LIFE_MS: Final = 10 * 60 * 1000  # ms an act may wait to be recorded


class Client:
    """One ledger over HTTP; an async context that owns its connections."""

    def __init__(self, url: str) -> None:
        """`url`: of the ledger, as `http://127.0.0.1:8080/commons`."""
        self.url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Opens the connections."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=_ANSWER_S)
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes them."""
        if self._session is not None:
            await self._session.close()

    # ---- reading ----------------------------------------------------------------------

    async def get(self, path: str, authorization: str | None = None) -> bytes:
        """What stands at a path below the ledger's.

        Raises:
            UnavailableError: anything but 200; carries what the service said.
        """
        headers = {} if authorization is None else {"Authorization": authorization}
        return await self._send("GET", path, None, headers)

    async def sealed(self, decision_id: str, tag: bytes) -> bytes:
        """A decision's private part, encrypted, for whoever shows the tag."""
        shown = f"Receipt {format_base64url(tag)}"
        return await self.get(f"v1/sealed/{decision_id}", shown)

    # ---- writing ----------------------------------------------------------------------

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
        answer = await self._send("POST", "v1/decisions", body, headers)
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

    async def act(
        self, key: SigningKey, act: str, body: dict[str, Any], now_ms: int
    ) -> None:
        """Signs an act over what the ledger shows now, and records it.

        Raises:
            UnavailableError: refused; carries what the service said.
        """
        keys = orjson.loads(await self.get("v1/keys"))
        seen = parse_checkpoint(parse_note(await self.get("checkpoint")).text)
        payload = format_payload(
            genesis=keys["genesis"],
            act=act,
            actor=key.did,
            seq=await self._last_seq(key) + 1,
            until=format_second(now_ms + _LIFE_MS),
            seen_size=seen.size,
            seen_root=seen.root,
            body=body,
        )
        envelope = orjson.dumps(sign_act(key, payload))
        await self._send(
            "POST", "v1/acts", envelope, {"Content-Type": "application/json"}
        )

    async def _last_seq(self, key: SigningKey) -> int:
        """The actor's newest sequence, from the log itself: it is short when we ask."""
        found = orjson.loads(await self.get("v1/entries"))
        entries = [decode_entry(parse_base64(item["leaf"])) for item in found["items"]]
        return max(
            (
                entry.act.seq
                for entry in entries
                if isinstance(entry, ActRecorded) and entry.act.actor == key.did
            ),
            default=0,
        )

    async def _send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> bytes:
        assert self._session is not None, "used outside its context"  # noqa: S101 -- ours
        url = f"{self.url}/{path}"
        try:
            async with self._session.request(
                method, url, data=body, headers=headers
            ) as answer:
                data = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnavailableError(
                f"{method} {url}: {type(error).__name__}, no answer"
            ) from error
        if answer.status not in {200, 201}:
            raise UnavailableError(
                f"{method} {url} answered {answer.status}: {_detail(data)}"
            )
        return data


def _detail(data: bytes) -> str:
    try:
        return str(orjson.loads(data)["detail"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "no problem was named"
