"""Files that every page may ask for: read, hashed and compressed once, at start.

    /static/site.css                   api/web/static/site.css
    /static/verify/leaf.js             api/web/static/verify/leaf.js
    /static/locale/ar/receipt.json     api/web/locale/ar/receipt.json

An answer is a look-up in a table: no path of a request ever reaches a file system.
"""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from aiohttp import web

from ledger.errors import NotFoundError

TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
PREFIX: Final = "/static/"
# A browser asks each time and is told "unchanged" in a hundred bytes: so a new version
# of the service is never read together with an old script.
FRESH: Final = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
PLAIN_BYTES_MIN: Final = 256  # bytes; below this, gzip's own frame eats what it saves
# A file opened by itself as a page may run nothing and load nothing but its own.
POLICY: Final = "default-src 'none'; style-src 'self'; img-src 'self' data:"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, ready to send: as it is and compressed, each with its own tag."""

    kind: str
    body: bytes
    tag: str
    zipped: bytes | None
    zipped_tag: str


def static_file(name: str, body: bytes) -> StaticFile:
    """`body` as the file `name` is served; the ending of the name says the type.

    Raises:
        KeyError: an ending that is not in `TYPES`: a mistake of ours.
    """
    digest = sha256(body).hexdigest()[:24]
    zipped = gzip.compress(body, 9, mtime=0) if len(body) >= PLAIN_BYTES_MIN else body
    return StaticFile(
        kind=TYPES["." + name.rpartition(".")[2]],
        body=body,
        tag=f'"{digest}"',
        zipped=zipped if len(zipped) < len(body) else None,
        zipped_tag=f'"{digest}-gzip"',
    )


def _walk(folder: Traversable, below: str) -> Iterator[tuple[str, bytes]]:
    for found in folder.iterdir():
        path = f"{below}{found.name}"
        if found.is_dir():
            yield from _walk(found, f"{path}/")
        elif "." + found.name.rpartition(".")[2] in TYPES:
            yield path, found.read_bytes()


class StaticFiles:
    """Every static file of the package, by path."""

    def __init__(self) -> None:
        """Reads `static/` and the catalogues."""
        web_folder = files("api") / "web"
        self._files = {
            PREFIX + path: static_file(path, body)
            for folder, below in (("static", ""), ("locale", "locale/"))
            for path, body in _walk(web_folder / folder, below)
        }

    @property
    def paths(self) -> frozenset[str]:
        """Every path that is answered."""
        return frozenset(self._files)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """A style sheet, a script, a picture, a catalogue.

        Raises:
            NotFoundError: no such file.
        """
        found = self._files.get(request.path)
        if found is None:
            raise NotFoundError("not-found", "no such file")
        body, headers = found.body, {"ETag": found.tag}
        if found.zipped is not None and accepts_gzip(request):
            body = found.zipped
            headers = {"ETag": found.zipped_tag, "Content-Encoding": "gzip"}
        headers |= {**FRESH, "Content-Type": found.kind}
        if headers["ETag"] in _tags(request.headers.get("If-None-Match", "")):
            del headers["Content-Type"]
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=body, headers={**headers, "Content-Security-Policy": POLICY}
        )


def accepts_gzip(request: web.BaseRequest) -> bool:
    """Whether the client takes gzip (RFC 9110 section 12.5.3; `q=0` refuses)."""
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _tags(header: str) -> set[str]:
    return {part.strip().removeprefix("W/") for part in header.split(",")}
