"""What the page says of witnesses: who confirmed that everybody is shown the same log."""

import json
from typing import Any, Final

import pytest

from ledger.clock import SystemClock
from ledger.merkle.cosignature import cosign
from ledger.merkle.note import format_signature, format_vkey, signer_key
from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.receipts import is_too_wide, lie, main_text, open_link, record
from tests.world.service import Service

LIBRARY: Final = signer_key("witness.example/library", b"\3" * 32, 0x04)
UNION: Final = signer_key("witness.example/union", b"\4" * 32, 0x04)
POLICY: Final = (
    f"witness library {format_vkey(LIBRARY.vkey)}\n"
    f"witness union {format_vkey(UNION.vkey)}\n"
)


def asked_of_witnesses(quorum: str) -> Any:
    """A change of `/v1/keys`: its policy names the two, and asks for a quorum."""

    def change(keys: dict[str, Any]) -> dict[str, Any]:
        logs = [one for one in keys["policy"].splitlines() if one.startswith("log ")]
        return {**keys, "policy": "\n".join(logs) + f"\n{POLICY}{quorum}"}

    return change


def cosigned(*signers: Any, altered: bool = False) -> Any:
    """A change of a receipt's proof: its checkpoint carries these cosignatures."""

    def change(body: bytes) -> bytes:
        _, _, note = body.partition(b"\n\n")
        text = note.partition(b"\n\n")[0] + b"\n"
        said = text.replace(b"\n", b"\n0", 1) if altered else text
        now_s = SystemClock().now_ms() // 1_000
        return body + b"".join(
            format_signature(cosign(one, said, now_s)) for one in signers
        )

    return change


@pytest.mark.parametrize(
    "quorum", ["quorum none\n", "group two all library union\nquorum two\n"]
)
async def test_who_witnessed_it_is_said(
    visit: Visit, web_service: Service, viewport: dict[str, int], quorum: str
) -> None:
    posted = record(web_service)
    page, watch = await visit(viewport=viewport, secrets=(posted.secret,))
    await lie(page, "/v1/keys", asked_of_witnesses(quorum))
    await lie(page, f"/v1/receipts/{posted.id}", cosigned(LIBRARY, UNION), raw=True)

    assert await open_link(page, posted.link) == "holds"

    await page.locator("#proof summary").click()
    text = await main_text(page)
    assert "confirmed by library, union" in text
    assert "Not yet witnessed" not in text
    assert await violations(page) == []
    assert not await is_too_wide(page)
    await watch.check(page)


async def test_a_witness_that_confirmed_another_log_is_no_witness(
    visit: Visit, web_service: Service
) -> None:
    posted = record(web_service)
    page, watch = await visit(secrets=(posted.secret,))
    await lie(page, "/v1/keys", asked_of_witnesses("quorum library\n"))
    wrong = cosigned(LIBRARY, altered=True)
    await lie(page, f"/v1/receipts/{posted.id}", wrong, raw=True)

    assert await open_link(page, posted.link) == "altered"

    assert "rejected" not in json.dumps(await main_text(page))
    await watch.check(page)


async def test_witnesses_that_have_not_confirmed_yet(
    visit: Visit, web_service: Service
) -> None:
    posted = record(web_service)
    page, watch = await visit()
    await lie(page, "/v1/keys", asked_of_witnesses("quorum none\n"))

    assert await open_link(page, posted.link) == "holds"

    await page.locator("#proof summary").click()
    assert "Not yet witnessed" in await main_text(page)
    await watch.check(page)
