"""An auditor by a stranger: the contract and the C2SP pages, nothing of the project.

Standard library and `cryptography` only. It fetches the whole log of a running service,
or reads a copy of it, and names every rule the log breaks:

    python -m tests.e2e.stranger http://127.0.0.1:8080/commons [VKEY]
"""

import json
import re
import sys
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tests.e2e.stranger_leaves import Replay
from tests.e2e.stranger_log import OCTETS, Http, Report, Source, fetch, tile_paths
from tests.e2e.stranger_tree import (
    Checkpoint,
    b64,
    b64url,
    canonical,
    jcs,
    leaf_hash,
    merkle_root,
    need,
    read_checkpoint,
    read_vkey,
    root_from_inclusion,
    roots_from_consistency,
    sha,
)


def audit(
    source: Source, *, vkey: str | None = None, since: Checkpoint | None = None
) -> Report:
    """Fetches and checks everything; `vkey` and `since` are what the caller trusts."""
    report = Report()
    state: dict[str, Any] = {"size": 0}
    steps: list[tuple[str, Callable[[], object]]] = [
        ("state", lambda: state.update(_state(source))),  # before the checkpoint
        ("keys", partial(_keys, source, report, vkey)),
        ("checkpoint", lambda: _head(source, report, int(state["size"]))),
        ("bundles", partial(_bundles, source, report)),
        ("tiles", partial(_tiles, source, report)),
        ("root", partial(_root, report)),
        ("since", partial(_since, report, since)),
    ]
    for where, step in steps:
        if not report.note(where, step) and where in {"keys", "checkpoint", "bundles"}:
            return report
    Replay(report).run()
    return report


def _state(source: Source) -> dict[str, Any]:
    state = json.loads(fetch(source, "v1/state"))
    sections = state["sections"]
    need("state", set(state) == {"size", "root", "sections"}, str(sorted(state)))
    need("state", all(re.fullmatch("[0-9a-f]{64}", one) for one in sections.values()))
    need(
        "state", sha(jcs(sections)).hex() == state["root"], "root is not the sections'"
    )
    return dict(state)


def _keys(source: Source, report: Report, vkey: str | None) -> None:
    keys = json.loads(fetch(source, "v1/keys"))
    need("keys", set(keys) >= {"origin", "genesis", "vkeys", "policy"}, str(keys))
    served = list(keys["vkeys"])
    report.vkeys = [vkey] if vkey is not None else served
    report.genesis = keys["genesis"]
    b64url(report.genesis, 32)
    names = {read_vkey(one)[0] for one in served}
    need("keys", names == {keys["origin"]}, f"{names} for {keys['origin']}")
    logs = re.findall(r"^log (\S+)", keys["policy"], re.MULTILINE)
    need("keys", set(logs) == set(served), "the policy names other logs")


def _head(source: Source, report: Report, at_least: int) -> None:
    text = fetch(source, "checkpoint", "text/plain; charset=utf-8").decode()
    report.checkpoint = read_checkpoint(text, report.vkeys)
    need("state", report.head.size >= at_least, "the checkpoint is behind the state")
    need("checkpoint", report.head.size > 0, "an empty log")


def read_bundle(raw: bytes) -> list[bytes]:
    leaves: list[bytes] = []
    at = 0
    while at < len(raw):
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        need("bundle", at + 2 <= len(raw) and end <= len(raw), "it is cut")
        leaves.append(raw[at + 2 : end])
        at = end
    return leaves


def _bundles(source: Source, report: Report) -> None:
    for path, _, width in tile_paths(report.head.size, 0):
        found = read_bundle(fetch(source, f"tile/entries/{path}", OCTETS))
        need("bundle", len(found) == width, f"{path} has {len(found)} entries")
        report.leaves += found
    report.hashes = [leaf_hash(leaf) for leaf in report.leaves]


def _tiles(source: Source, report: Report) -> None:
    made, level = report.hashes, 0
    while made:
        for path, first, width in tile_paths(report.head.size, level):
            raw = fetch(source, f"tile/{level}/{path}", OCTETS)
            want = b"".join(made[first : first + width])
            need("tile", raw == want, f"tile/{level}/{path} is not its entries'")
        whole = len(made) - len(made) % 256
        made = [merkle_root(made[at : at + 256]) for at in range(0, whole, 256)]
        level += 1


def _root(report: Report) -> None:
    made = report.root(report.head.size)
    need("root", made == report.head.root, "the entries do not hash to the root")


def _since(report: Report, since: Checkpoint | None) -> None:
    if since is None:
        return
    need("origin", since.origin == report.head.origin, report.head.origin)
    need("stale", since.size <= report.head.size, "the log is smaller than it was")
    need("history", report.root(since.size) == since.root, "the history was rewritten")


# ---- the service's own proofs, lists and stream ------------------------------------


def check_inclusion(source: Source, report: Report, index: int, size: int) -> None:
    asked = f"v1/proofs/inclusion?index={index}&size={size}"
    got = json.loads(fetch(source, asked))
    need("inclusion", (got["index"], got["size"]) == (index, size), str(got))
    leaf = b64(got["leaf_hash"], 32)
    need("inclusion", leaf == report.hashes[index], "another leaf hash")
    path = [b64(one, 32) for one in got["hashes"]]
    made = root_from_inclusion(index, size, leaf, path)
    need("inclusion", made == report.root(size), f"{index} in {size}")
    if got["checkpoint"] is not None:
        head = read_checkpoint(got["checkpoint"], report.vkeys)
        need("inclusion", (head.size, head.root) == (size, made), "another checkpoint")


def check_consistency(source: Source, report: Report, first: int, second: int) -> None:
    asked = f"v1/proofs/consistency?from={first}&to={second}"
    got = json.loads(fetch(source, asked))
    need("consistency", (got["from"], got["to"]) == (first, second), str(got))
    path = [b64(one, 32) for one in got["hashes"]]
    old, new = report.root(first), report.root(second)
    if first in {0, second}:  # nothing to prove
        need("consistency", not path, "hashes where none are needed")
        return
    made = roots_from_consistency(first, second, old, path)
    need("consistency", made == (old, new), f"from {first} to {second}")


def check_list(source: Source, report: Report) -> None:
    """GET /entries, page by page, is the log."""
    found: list[bytes] = []
    after = ""
    while len(found) < report.head.size:
        page = json.loads(fetch(source, f"v1/entries?limit=100{after}"))
        for item in page["items"]:
            need("list", item["index"] == len(found), f"index {item['index']}")
            found.append(b64(item["leaf"]))
        need("list", len(found) >= report.head.size or page["next"], "it ends early")
        after = f"&after={page['next']}"
    need("list", found[: report.head.size] == report.leaves, "/entries is another log")


def check_stream(url: str, report: Report, after: int) -> int:
    """Reads the stream from after an index to the head; returns how many events."""
    asked = {"Last-Event-ID": str(after), "Accept": "text/event-stream"}
    request = urllib.request.Request(f"{url}/v1/entries/stream", headers=asked)
    want = after + 1
    event: dict[str, str] = {}
    with urllib.request.urlopen(request, timeout=60) as stream:
        need("stream", stream.headers["Content-Type"].startswith("text/event-stream"))
        while want < report.head.size:
            line = stream.readline().decode()
            need("stream", line, f"it ended before {want}")
            name, _, value = line.rstrip("\r\n").partition(":")
            event[name] = value.removeprefix(" ")
            if name:
                continue
            if "data" in event:
                leaf = report.leaves[want]
                need("stream", event["id"] == str(want), f"id {event['id']}")
                need("stream", event["data"].encode() == leaf, f"data of {want}")
                need(
                    "stream", event["event"] == canonical(leaf)["type"], event["event"]
                )
                want += 1
            event = {}
    return want - after - 1


def main(arguments: Sequence[str]) -> int:
    vkey = arguments[1] if len(arguments) > 1 else None
    report = audit(Http(arguments[0].rstrip("/")), vkey=vkey)
    for finding in report.findings:
        sys.stdout.write(f"{finding}\n")
    sys.stdout.write(f"{len(report.leaves)} entries, {len(report.findings)} findings\n")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
