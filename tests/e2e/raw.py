"""A client that speaks HTTP by hand, so that it can speak it wrongly."""

import json
import socket
from collections.abc import Mapping
from typing import Any, Self

from tests.world.service import LEDGER, Service

DECISIONS = f"/{LEDGER}/v1/decisions"


class Wire:
    """One connection; every read has a bound."""

    def __init__(self, port: int, timeout_s: float = 10.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        try:
            self.socket.sendall(data)
        except OSError:
            return  # cut off while we spoke: what it answered is still to be read

    def all(self) -> bytes:
        """Everything until the server closes."""
        parts = []
        try:
            while part := self.socket.recv(65_536):
                parts.append(part)
        except (ConnectionResetError, BrokenPipeError):
            pass
        return b"".join(parts)


def head(service: Service, **headers: str) -> bytes:
    """The head of a POST of decisions that closes its connection."""
    lines = {
        "Host": "localhost",
        "Authorization": f"Bearer {service.token}",
        "Content-Type": "application/json",
        "Connection": "close",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"POST {DECISIONS} HTTP/1.1\r\n{text}\r\n".encode()


def exchange(service: Service, data: bytes, timeout_s: float = 10.0) -> "Parsed":
    with Wire(service.port, timeout_s) as wire:
        wire.send(data)
        return Parsed(wire.all())


class Parsed:
    """An answer as it came: its status, headers and body."""

    def __init__(self, data: bytes) -> None:
        top, _, self.body = data.partition(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        self.raw = data
        self.status = int(first.split(" ")[1]) if first else 0
        pairs = (line.partition(": ") for line in lines)
        self.headers: Mapping[str, str] = {name: value for name, _, value in pairs}

    def problem(self) -> dict[str, Any]:
        """The problem it is; fails where it is something else."""
        assert self.headers["Content-Type"] == "application/problem+json", self.raw
        found: dict[str, Any] = json.loads(self.body)
        assert found["status"] == self.status
        assert found["type"].startswith("/docs#problem-")
        assert found["detail"]
        return found
