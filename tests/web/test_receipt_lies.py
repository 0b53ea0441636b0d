"""A server that lies: one lie a test. The page says what is wrong, and shows no decision."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from ledger.merkle.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle.note import format_vkey, signer_key
from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.receipts import Posted, lie, main_text, open_link, record
from tests.world.service import Service

FORGER = b"\7" * 32


def flipped(data: bytes, at: int) -> bytes:
    """`data` with one bit changed."""
    where = at % len(data)
    return data[:where] + bytes([data[where] ^ 1]) + data[where + 1 :]


def other_leaf(leaf: str, change: Callable[[dict[str, Any]], None]) -> str:
    """A leaf with one thing changed, still in canonical form."""
    value = json.loads(base64.b64decode(leaf))
    change(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(text.encode()).decode()


def proof_with(change: Callable[[list[str]], None]) -> Callable[[bytes], bytes]:
    """A change of a tlog-proof's lines of hashes."""

    def changed(body: bytes) -> bytes:
        head, _, note = body.decode().partition("\n\n")
        lines = head.split("\n")
        change(lines)
        return ("\n".join(lines) + "\n\n" + note).encode()

    return changed


def wrong_hash(lines: list[str]) -> None:
    lines[2] = base64.b64encode(flipped(base64.b64decode(lines[2]), 5)).decode()


def resigned(body: bytes) -> bytes:
    """The same tree head, signed by another key of the same name."""
    head, _, note = body.decode().partition("\n\n")
    origin, size, root = note.split("\n")[:3]
    checkpoint = Checkpoint(
        origin=origin,
        size=int(size),  # type: ignore[arg-type]
        root=base64.b64decode(root),  # type: ignore[arg-type]
    )
    forged = sign_checkpoint(signer_key(origin, FORGER), checkpoint).decode()
    return f"{head}\n\n{forged}".encode()


def another_root(body: bytes) -> bytes:
    """The checkpoint's text changed under its signature."""
    return re.sub(
        rb"\n\n([^\n]+\n)(\d+)\n",
        lambda found: b"\n\n" + found[1] + str(int(found[2]) + 1).encode() + b"\n",
        body,
        count=1,
    )


def forged_keys(value: dict[str, Any]) -> dict[str, Any]:
    origin = value["origin"]
    vkey = format_vkey(signer_key(origin, FORGER).vkey)
    return {**value, "vkeys": [vkey], "policy": f"log {vkey}\nquorum none\n"}


async def shown_of(
    visit: Visit, service: Service, posted: Posted, lies: list[Any]
) -> str:
    page, watch = await visit(secrets=(posted.secret,))
    watch.allow("Failed to load resource")
    for path, change, raw in lies:
        await lie(page, path, change, raw=raw)

    assert await open_link(page, posted.link) == "altered"

    text = await main_text(page)
    assert text.startswith("✗ This record cannot be trusted")
    assert "rejected" not in text
    assert "Bäckerei" not in text
    assert "✓ This record has not been changed" not in text
    assert "Save the evidence" in text
    assert await violations(page) == []
    await watch.check(page)
    del service
    return text


LIES: dict[str, tuple[str, list[tuple[str, Any, bool]]]] = {
    "ciphertext": (
        "something that is not what was recorded",
        [("/v1/sealed/{id}", lambda body: flipped(body, 99), True)],
    ),
    "proof": (
        "cannot prove that this record stands in the log",
        [("/v1/receipts/{id}", proof_with(wrong_hash), True)],
    ),
    "checkpoint": (
        "not signed by the key of this ledger",
        [("/v1/receipts/{id}", another_root, True)],
    ),
    "leaf": (
        "cannot prove that this record stands in the log",
        [
            (
                "/v1/decisions/{id}",
                lambda view: {
                    **view,
                    "leaf": other_leaf(
                        view["leaf"], lambda leaf: leaf["data"].update(refused=7)
                    ),
                },
                False,
            )
        ],
    ),
    "disclosure": (
        "something that is not what was recorded",
        [
            (
                "/v1/decisions/{id}",
                lambda view: {
                    **view,
                    "leaf": other_leaf(
                        view["leaf"],
                        lambda leaf: leaf["data"]["statement"]["sealed"].update(
                            reasons=leaf["data"]["statement"]["sealed"]["outcome"]
                        ),
                    ),
                },
                False,
            )
        ],
    ),
    "key": (
        "not signed by the key of this ledger",
        [
            ("/v1/keys", forged_keys, False),
            ("/v1/receipts/{id}", resigned, True),
        ],
    ),
    "rules": (
        "other rules than the ones recorded",
        [
            (
                "/v1/decisions/{id}/rules",
                lambda file: {**file, "rules": [{"id": "invented"}]},
                False,
            )
        ],
    ),
}


@pytest.mark.parametrize("name", sorted(LIES))
async def test_a_lie_is_caught_and_named(
    visit: Visit, web_service: Service, name: str
) -> None:
    posted = record(web_service)
    record(web_service)  # so that there is a hash to be wrong in each proof
    sentence, lies = LIES[name]

    placed = [(path.format(id=posted.id), change, raw) for path, change, raw in lies]
    text = await shown_of(visit, web_service, posted, placed)

    assert sentence in text


async def test_another_ledgers_founding_with_a_key_of_the_liars(
    visit: Visit, web_service: Service
) -> None:
    """Keys, entry 0 and signatures that fit each other, but not the record's genesis."""
    posted = record(web_service)

    def founded(answer: dict[str, Any]) -> dict[str, Any]:
        def change(leaf: dict[str, Any]) -> None:
            origin = leaf["data"]["origin"]
            vkey = format_vkey(signer_key(origin, FORGER).vkey)
            leaf["data"]["vkeys"] = [vkey]

        return {**answer, "leaf": other_leaf(answer["leaf"], change)}

    text = await shown_of(
        visit,
        web_service,
        posted,
        [
            ("/v1/keys", forged_keys, False),
            ("/v1/entries/0", founded, False),
            (f"/v1/receipts/{posted.id}", resigned, True),
        ],
    )

    assert "another ledger than the one your record is in" in text


async def test_another_persons_leaf(visit: Visit, web_service: Service) -> None:
    posted, other = record(web_service), record(web_service)
    view = web_service.get(f"/commons/v1/decisions/{other.id}").json()
    proof = web_service.get(f"/commons/v1/receipts/{other.id}").body

    text = await shown_of(
        visit,
        web_service,
        posted,
        [
            (f"/v1/decisions/{posted.id}", lambda _: view, False),
            (f"/v1/receipts/{posted.id}", lambda _: proof, True),
        ],
    )

    assert "something that is not what was recorded" in text


async def test_an_older_checkpoint_and_a_rewritten_log(
    visit: Visit, web_service: Service
) -> None:
    """What this browser saw before is what it holds the server to."""
    posted = record(web_service)
    old_proof = web_service.get(f"/commons/v1/receipts/{posted.id}").body
    later = record(web_service)
    page, watch = await visit(secrets=(posted.secret, later.secret))
    assert await open_link(page, later.link) == "holds"

    await lie(page, f"/v1/receipts/{posted.id}", lambda _: old_proof, raw=True)
    assert await open_link(page, posted.link) == "altered"
    assert "an older log than this device has already seen" in await main_text(page)
    await page.context.unroute_all()

    memory = (
        "Object.keys(localStorage).find(key => key.startsWith('counterfoil.seen.'))"
    )
    forget = (
        f"const name = {memory}, seen = JSON.parse(localStorage[name]);"
        "seen.root = btoa('\\x07'.repeat(32)); localStorage[name] = JSON.stringify(seen);"
    )
    await page.evaluate(f"() => {{ {forget} }}")
    assert await open_link(page, posted.link) == "altered"
    assert "The log was rewritten" in await main_text(page)
    await watch.check(page)


async def test_a_private_part_that_is_withheld(
    visit: Visit, web_service: Service
) -> None:
    posted = record(web_service)
    page, watch = await visit()
    watch.allow("Failed to load resource")
    await page.context.route(
        f"**/v1/sealed/{posted.id}",
        lambda route: route.fulfill(status=404, body="{}"),
    )

    assert await open_link(page, posted.link) == "withheld"

    text = await main_text(page)
    assert "does not give out the private part" in text
    assert "rejected" not in text
    await watch.check(page)
