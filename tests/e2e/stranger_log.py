"""Where a stranger reads a log from, and the report of what it found there."""

import gzip
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tests.e2e.stranger_tree import Broken, Checkpoint, merkle_root, need

OCTETS = "application/octet-stream"

Answer = tuple[int, Mapping[str, str], bytes]


class Source(Protocol):
    """Answers a GET below the ledger's address with status, headers and body."""

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer: ...


@dataclass(frozen=True)
class Http:
    """A running service; `url` includes the ledger's name."""

    url: str

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        asked = {"Accept-Encoding": "gzip, identity", **(headers or {})}
        request = urllib.request.Request(f"{self.url}/{path}", headers=asked)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                body = answer.read()
                if answer.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                return answer.status, dict(answer.headers), body
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, dict(refused.headers), refused.read()


@dataclass
class Copy:
    """Remembers what it read from another source; without one it answers alone."""

    origin: Source | None = None
    files: dict[str, tuple[Mapping[str, str], bytes]] = field(default_factory=dict)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        if path not in self.files and self.origin is not None:
            status, made, body = self.origin.get(path, headers)
            if status != 200:
                return status, made, body
            self.files[path] = (made, body)
        if path not in self.files:
            return 404, {}, b""
        return 200, *self.files[path]


def fetch(source: Source, path: str, media: str = "application/json") -> bytes:
    status, headers, body = source.get(path)
    need("fetch", status == 200, f"{path}: {status}")
    found = headers.get("Content-Type", "")
    need("content-type", found == media, f"{path}: {found}")
    return body


def tile_paths(size: int, level: int) -> Iterator[tuple[str, int, int]]:
    """The tiles of a level of a tree: path after the level, first hash, width."""
    hashes = size >> (8 * level)
    for first in range(0, hashes, 256):
        width = min(256, hashes - first)
        digits = f"{first // 256:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        path = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        yield path + (f".p/{width}" if width < 256 else ""), first, width


@dataclass
class Report:
    """What was found; an empty `findings` means that everything holds."""

    findings: list[Broken] = field(default_factory=list)
    checkpoint: Checkpoint | None = None
    vkeys: list[str] = field(default_factory=list)
    genesis: str = ""
    leaves: list[bytes] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)

    @property
    def rules(self) -> set[str]:
        return {finding.rule for finding in self.findings}

    @property
    def head(self) -> Checkpoint:
        assert self.checkpoint is not None
        return self.checkpoint

    def root(self, size: int) -> bytes:
        return merkle_root(self.hashes[:size])

    def note(self, where: str, check: Callable[[], object]) -> bool:
        """Runs one check; a broken rule becomes a finding."""
        try:
            check()
        except Broken as broken:
            self.findings.append(Broken(broken.rule, f"{where}: {broken}"))
            return False
        except (KeyError, TypeError, ValueError, AttributeError) as bad:
            self.findings.append(Broken("schema", f"{where}: {bad!r}"))
            return False
        return True
