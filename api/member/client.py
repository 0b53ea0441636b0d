"""One ledger over HTTP: what it answers, and its problems as errors."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
import orjson

from ledger.errors import MalformedError, RejectedError, UnavailableError
from ledger.limits import STATE_FETCH_BYTES_MAX

_ANSWER_S: Final = 30.0  # seconds for one answer
JSON: Final = {"Content-Type": "application/json"}
BYTES: Final = {"Content-Type": "application/octet-stream"}


class Client:
    """One ledger over HTTP; an async context that owns its connections."""

    def __init__(self, url: str) -> None:
        """`url`: of the ledger, as `http://127.0.0.1:8080/commons`.

        Raises:
            MalformedError: no such address. Nothing was sent.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.path.strip("/"):
            raise MalformedError(
                "a ledger's address is as http://127.0.0.1:8080/commons: with its name "
                "at the end"
            )
        self.url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Opens the connections."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=_ANSWER_S),
            cookie_jar=aiohttp.DummyCookieJar(),
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

    async def get(self, path: str, authorization: str | None = None) -> bytes:
        """What stands at a path below the ledger's.

        Raises:
            RejectedError: the service's own refusal: its kind, and what it said.
            UnavailableError: it cannot be reached, or could not answer.
        """
        headers = {} if authorization is None else {"Authorization": authorization}
        return await self.send("GET", path, None, headers)

    async def read(self, path: str, authorization: str | None = None) -> Any:
        """The JSON at a path.

        Raises:
            RejectedError, UnavailableError: as `get`.
        """
        return _json(await self.get(path, authorization), path)

    async def post(self, path: str, value: Any) -> Any:
        """The answer to some JSON.

        Raises:
            RejectedError, UnavailableError: as `get`; `recorded` is None where it may
                have been recorded all the same.
        """
        return _json(await self.send("POST", path, orjson.dumps(value), JSON), path)

    async def send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> bytes:
        """The body of an answer of success.

        Raises:
            RejectedError, UnavailableError: as `post`.
        """
        assert self._session is not None, "used outside its context"  # noqa: S101 -- ours
        url = f"{self.url}/{path}"
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                status, data = answer.status, await _read(answer)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            problem = UnavailableError(
                f"{self.url} cannot be reached ({type(error).__name__}): is the service "
                "running there? --url names another"
            )
            problem.recorded = None if method == "POST" else False
            raise problem from error
        if status in {200, 201}:
            return data
        raise _refusal(status, data, path)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_any():
        size += len(part)
        if size > STATE_FETCH_BYTES_MAX:
            raise ValueError("an answer that does not end")
        parts.append(part)
    return b"".join(parts)


def _json(data: bytes, path: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UnavailableError(
            f"{path} is not answered with JSON: is this a Counterfoil service?"
        ) from error


def _refusal(status: int, data: bytes, path: str) -> Exception:
    """The error that a problem is (RFC 9457)."""
    try:
        problem = orjson.loads(data)
        kind = str(problem["type"]).rpartition("#problem-")[2]
        detail, recorded = str(problem["detail"]), problem["recorded"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return UnavailableError(
            f"{path} is answered {status}, and no reason is given: is this a "
            "Counterfoil service?"
        )
    if status >= 500 or status == 429:
        unavailable = UnavailableError(plain(detail))
        unavailable.recorded = recorded
        return unavailable
    rejected = RejectedError(plain(kind), plain(detail))
    rejected.recorded = recorded
    return rejected


def plain(text: str) -> str:
    """Without control characters: the text is a stranger's, the terminal is ours."""
    return "".join(c if c.isprintable() else " " for c in text)
