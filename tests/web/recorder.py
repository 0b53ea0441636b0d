"""Everything a page said to the network and to the console, and what it must not say.

watch = Recorder(context, service.base_url, secrets=[receipt_secret])
…                                           # the journey
await watch.check(page)                     # origin, console, secrets, address bar
"""

from collections.abc import Iterable
from dataclasses import dataclass

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, WebError


@dataclass(frozen=True, slots=True)
class Fault:
    """A line on the console that was not expected."""

    text: str
    url: str


class Recorder:
    """Listens to one browser context from its first page to its last.

    Attributes:
        requests: all that went out, in order.
        secrets: what may be in no request, referrer, log or address: K and the like.
    """

    def __init__(
        self, context: BrowserContext, origin: str, *, secrets: Iterable[str] = ()
    ) -> None:
        """`origin`: the only one that may be spoken to."""
        self._origin = origin
        self._faults: list[Fault] = []
        self._allowed: list[str] = []
        self.requests: list[Request] = []
        self.secrets = list(secrets)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", self._error)

    def _request(self, request: Request) -> None:
        self.requests.append(request)

    def allow(self, text: str) -> None:
        """A console line that holds `text` is expected: a refused request, mostly."""
        self._allowed.append(text)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            where = str(message.location.get("url", ""))
            self._faults.append(Fault(message.text, where))

    def _error(self, error: WebError) -> None:
        self._faults.append(Fault(f"uncaught: {error.error}", ""))

    @property
    def faults(self) -> list[Fault]:
        """Errors and warnings on the console, less those that were allowed."""
        return [
            fault
            for fault in self._faults
            if not any(
                text in fault.text or text in fault.url for text in self._allowed
            )
        ]

    @property
    def strangers(self) -> list[str]:
        """Requests to any other place than the one origin."""
        own = ("data:", "blob:", f"{self._origin}/")
        return [r.url for r in self.requests if not r.url.startswith(own)]

    async def told(self) -> list[str]:
        """Where a secret went out: in an address, a header or a body."""
        found: list[str] = []
        for request in self.requests:
            headers = "\n".join((await request.all_headers()).values())
            body = (request.post_data_buffer or b"").decode("latin-1")
            for part, text in (
                ("address", request.url),
                ("header", headers),
                ("body", body),
            ):
                if any(secret in text for secret in self.secrets):
                    found.append(f"{part} of {request.method} {request.url}")
        return found

    async def check(self, *pages: Page) -> None:
        """Fails on another origin, a console error, or a secret outside the page."""
        assert not self.strangers, self.strangers
        assert not self.faults, self.faults
        told = await self.told()
        assert not told, told
        for page in pages:
            for secret in self.secrets:
                assert secret not in page.url, "a secret stands in the address bar"
                assert secret not in await page.evaluate("document.referrer")
                assert secret not in await page.evaluate(
                    "JSON.stringify(history.state)"
                )
