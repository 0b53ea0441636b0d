r"""Records every row of a CSV as a decision. Standard library only; can be resumed.

    python import_csv.py german-credit.csv mapping.json \
        --ledger http://127.0.0.1:8080/commons --token-file example.token

A file beside the CSV (`german-credit.csv.import.jsonl`, readable by you alone) keeps the
id chosen for each row before it is sent, and the receipt's index and secret after. Stop
it, lose the network, start it again: rows that were recorded are not sent again, and a
row whose answer was lost is sent with the same id, so that nothing is recorded twice.
"""

import argparse
import csv
import hashlib
import itertools
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mapping import MappingError, decision

ATTEMPTS = 8
TIMEOUT_S = 120
RECORDED = {200, 201}  # 200: it was recorded by an earlier attempt


class StoppedError(Exception):
    """The import cannot go on; what was recorded so far is in the state file."""


class State:
    """The state file: one JSON line for each thing learned, never rewritten.

    Attributes:
        now: when the import was first begun; the same after a restart.
        ids: row number to the id chosen for it.
        done: rows that are recorded.
    """

    def __init__(self, path: Path, source: bytes) -> None:
        """Reads the state, or begins one for this `source`."""
        self.now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.ids: dict[int, str] = {}
        self.done: set[int] = set()
        digest = hashlib.sha256(source).hexdigest()
        kept = path.read_bytes() if path.exists() else b""
        # A crash may have cut the last line; its row is then simply sent again.
        whole = kept[: kept.rfind(b"\n") + 1]
        if whole != kept:
            path.write_bytes(whole)
        found = whole.splitlines()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
        if not found:
            self.write([{"source_sha256": digest, "now": self.now}])
            return
        first, *rest = map(json.loads, found)
        if first["source_sha256"] != digest:
            raise StoppedError(f"{path} belongs to another CSV: move it away")
        self.now = first["now"]
        for line in rest:
            self.ids[line["row"]] = line["id"]
            if line.get("status") in RECORDED:
                self.done.add(line["row"])

    def write(self, lines: Iterable[dict[str, Any]]) -> None:
        """Appends, and waits for the disk: an id must outlive a crash."""
        self._file.writelines(json.dumps(line) + "\n" for line in lines)
        self._file.flush()
        os.fsync(self._file.fileno())

    def choose(self, rows: Iterable[int]) -> None:
        """Chooses a random id for each row that has none yet."""
        new = {row: str(uuid.uuid4()) for row in rows if row not in self.ids}
        self.write({"row": row, "id": chosen} for row, chosen in new.items())
        self.ids.update(new)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def main() -> int:
    """Imports; 0 when every row is recorded, 1 otherwise."""
    given = arguments()
    try:
        return run(given)
    except (StoppedError, MappingError, OSError) as stopped:
        print(f"\nstopped: {stopped}", file=sys.stderr)
        return 1


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Records each row of a CSV.")
    parser.add_argument("csv", type=Path)
    parser.add_argument("mapping", type=Path)
    parser.add_argument("--ledger", required=True, help="http://HOST/<ledger>")
    parser.add_argument("--token-file", type=Path, required=True)
    parser.add_argument("--batch", type=int, default=500, help="rows a request")
    parser.add_argument("--state", type=Path, help="default: CSV.import.jsonl")
    return parser.parse_args()


def run(given: argparse.Namespace) -> int:
    """Maps, sends in batches, shows progress, sums up."""
    mapping = json.loads(given.mapping.read_text(encoding="utf-8"))
    token = given.token_file.read_text(encoding="ascii").strip()
    path = given.state or given.csv.with_name(f"{given.csv.name}.import.jsonl")
    state = State(path, given.csv.read_bytes())
    with given.csv.open(newline="", encoding="utf-8") as file:
        rows = dict(enumerate(csv.DictReader(file), start=1))
    todo = [row for row in rows if row not in state.done]
    refused = 0
    begun = time.monotonic()
    for batch in batches(todo, given.batch):
        state.choose(batch)
        bodies = {
            row: {
                "id": state.ids[row],
                **decision(mapping, rows[row], number=row, now=state.now),
            }
            for row in batch
        }
        refused += send(given.ledger, token, bodies, state)
        progress(len(state.done), refused, len(rows), len(todo), begun)
    state.close()
    print(f"\n{len(state.done)} of {len(rows)} rows recorded, {refused} refused")
    return 0 if len(state.done) == len(rows) else 1


def batches(rows: Iterable[int], size: int) -> Iterator[list[int]]:
    """Cuts `rows` into lists of at most `size`."""
    left = iter(rows)
    while batch := list(itertools.islice(left, size)):
        yield batch


def send(
    ledger: str, token: str, bodies: dict[int, dict[str, Any]], state: State
) -> int:
    """Sends until each row is recorded or refused; returns how many were refused."""
    refused = 0
    wait_s = 0.5
    for _ in range(ATTEMPTS):
        try:
            lines = post(ledger, token, bodies.values())
        except OSError as lost:  # busy, reset, timed out: the same ids go out again
            lines = [{"status": "unknown", "detail": str(lost)}] * len(bodies)
        for row, line in zip(list(bodies), lines, strict=True):
            status = line["status"]
            if status in {"unknown", 429, 503}:
                continue
            kept = {name: line[name] for name in ("index", "secret") if name in line}
            state.write([{"row": row, "id": state.ids[row], "status": status, **kept}])
            del bodies[row]
            if status in RECORDED:
                state.done.add(row)
            else:
                refused += 1
                said = line.get("detail") or line.get("title")
                print(f"\nrow {row}: {status} {said}", file=sys.stderr)
        if not bodies:
            return refused
        time.sleep(wait_s)
        wait_s = min(wait_s * 2, 30)
    raise StoppedError("no answer after several attempts; start again to go on")


def post(ledger: str, token: str, bodies: Iterable[dict[str, Any]]) -> list[Any]:
    """Posts decisions as NDJSON; the answer's lines, in order.

    Raises:
        StoppedError: the whole batch was refused.
        OSError: no answer, or busy.
    """
    content = "".join(json.dumps(body) + "\n" for body in bodies).encode()
    request = urllib.request.Request(
        f"{ledger}/v1/decisions",
        data=content,
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/x-ndjson",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return [json.loads(line) for line in answer.read().splitlines()]
    except urllib.error.HTTPError as error:
        with error:
            if error.code in {429, 503}:
                raise OSError(f"{error.code}: busy") from None
            raise StoppedError(
                f"{error.code} {error.read(500).decode(errors='replace')}"
            ) from None


def progress(done: int, refused: int, total: int, todo: int, begun: float) -> None:
    """One line, rewritten in place: where it stands and how fast it goes."""
    if not sys.stderr.isatty():
        return
    took = time.monotonic() - begun
    rate = (todo - (total - done - refused)) / took if took else 0
    sys.stderr.write(f"\r{done:,} of {total:,} recorded, {rate:,.0f}/s ")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
