"""The wallet: receipts on the device, in and out, news, and the passkey that locks them."""

import json

from playwright.async_api import Page, expect

from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.qr.png import code_png, png
from tests.web.qr.test_draw import drawn
from tests.web.receipts import (
    is_too_wide,
    main_text,
    open_link,
    receipt_file,
    record,
    verdict,
)
from tests.world.service import Service

READY = "html[data-state=ready]"
STORED = """async (name) => {
  const database = await new Promise((resolve) => {
    const asked = indexedDB.open("counterfoil");
    asked.onsuccess = () => resolve(asked.result);
  });
  const rows = await new Promise((resolve) => {
    const asked = database.transaction(name).objectStore(name).getAll();
    asked.onsuccess = () => resolve(asked.result);
  });
  return JSON.stringify(rows, (_, value) => value instanceof Uint8Array ? [...value] : value);
}"""


async def open_wallet(page: Page, service: Service) -> None:
    await page.goto(f"{service.ledger_url}/wallet")
    await page.wait_for_selector(READY)


async def test_receipts_come_in_are_opened_and_leave(
    visit: Visit, web_service: Service, viewport: dict[str, int]
) -> None:
    kept, pasted = record(web_service), record(web_service)
    secrets = (kept.secret, pasted.secret)
    page, watch = await visit(viewport=viewport, secrets=secrets)
    await open_link(page, kept.link)
    await page.get_by_role("button", name="Keep on this device").click()
    await page.get_by_role("link", name="See all my receipts").click()
    await page.wait_for_selector(READY)

    assert "The decision went against you: rejected" in await page.inner_text("#wallet")
    await page.fill("#import", "nonsense")
    await page.get_by_role("button", name="Add it").click()
    await page.get_by_text("This is no link to a receipt").wait_for()
    await page.fill("#import", pasted.link)
    await page.get_by_role("button", name="Add it").click()
    await page.locator(f"[data-receipt='{pasted.id}']").wait_for()
    assert await violations(page) == []
    assert not await is_too_wide(page)

    await page.get_by_role("button", name="Look for news").click()
    await page.get_by_text("0 new things since you last looked").wait_for()
    await (
        page.locator(f"[data-receipt='{pasted.id}']")
        .get_by_role("button", name="Open")
        .click()
    )
    assert await verdict(page) == "holds"
    assert page.url == f"{web_service.ledger_url}/r"
    await page.get_by_role("button", name="Make a key").click()
    await page.locator("#sheet").wait_for()

    await open_wallet(page, web_service)
    await page.get_by_role("button", name="Look for news").click()
    await page.get_by_text("1 new thing since you last looked").wait_for()
    await page.locator(f"[data-receipt='{kept.id}'] .quiet").click()
    await page.get_by_role("button", name="for good").click()
    await page.get_by_text("Removed from this device").wait_for()
    await expect(page.locator("[data-receipt]")).to_have_count(1)
    await watch.check(page)


async def test_a_passkey_locks_what_is_kept(visit: Visit, web_service: Service) -> None:
    """Passkeys need a name for the host: the same server, as localhost."""
    base = web_service.base_url.replace("127.0.0.1", "localhost")
    kept = record(web_service)
    link = kept.link.replace(web_service.base_url, base)
    page, watch = await visit(origin=base, secrets=(kept.secret,))
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "hasPrf": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    await page.goto(f"{base}/commons/wallet")
    await page.wait_for_selector(READY)
    await page.fill("#import", link)
    await page.get_by_role("button", name="Add it").click()
    await page.locator("[data-receipt]").wait_for()
    assert kept.secret in await page.evaluate(STORED, "receipts")

    await page.get_by_role("button", name="Lock with a passkey").click()
    await page.get_by_text("From now on your passkey opens them").wait_for()
    assert kept.secret not in await page.evaluate(STORED, "receipts")
    await page.reload()
    await page.wait_for_selector(READY)
    assert await page.locator("[data-receipt]").count() == 0
    assert await violations(page) == []

    await page.get_by_role("button", name="Unlock").click()
    await page.locator("[data-receipt]").get_by_role("button", name="Open").click()
    assert await verdict(page) == "holds"
    assert "rejected" in await main_text(page)
    await watch.check(page)


async def test_without_a_lock_the_page_says_what_that_means(
    visit: Visit, web_service: Service
) -> None:
    page, watch = await visit()
    await page.add_init_script("delete globalThis.PublicKeyCredential")
    await open_wallet(page, web_service)

    text = await page.inner_text("#wallet")
    assert "This browser cannot lock receipts" in text
    assert await page.get_by_role("button", name="Lock with a passkey").count() == 0
    await watch.check(page)


async def test_files_come_in_and_those_that_open_nothing_do_not(
    visit: Visit, web_service: Service
) -> None:
    posted = record(web_service)
    page, watch = await visit(secrets=(posted.secret,))
    await open_wallet(page, web_service)

    async def choose(name: str, body: bytes, kind: str = "application/json") -> None:
        file = {"name": name, "mimeType": kind, "buffer": body}
        await page.set_input_files("#import-file", file)  # type: ignore[arg-type]
        await page.get_by_role("button", name="Add it").click()

    bare = json.loads(receipt_file(web_service, posted))
    del bare["secret"]
    await choose("bare.json", json.dumps(bare).encode())
    await page.get_by_text("This file holds no secret").wait_for()
    strange = receipt_file(web_service, posted, genesis="A" * 43)
    await choose("strange.json", strange)
    await page.get_by_text("This receipt is from another ledger").wait_for()
    await choose("mine.counterfoil.json", receipt_file(web_service, posted))
    await page.locator(f"[data-receipt='{posted.id}']").wait_for()
    await watch.check(page)


async def test_a_picture_of_the_code_brings_the_receipt(
    visit: Visit, web_service: Service, viewport: dict[str, int]
) -> None:
    """This browser has no reader of its own: ours is loaded with the first picture."""
    posted = record(web_service)
    page, watch = await visit(viewport=viewport, secrets=(posted.secret,))
    await open_wallet(page, web_service)
    assert not [one.url for one in watch.requests if "/qr/read" in one.url]

    async def choose(body: bytes) -> None:
        file = {"name": "letter.png", "mimeType": "image/png", "buffer": body}
        await page.set_input_files("#import-file", file)  # type: ignore[arg-type]
        await page.get_by_role("button", name="Add it").click()

    await choose(b"no picture at all")
    await page.get_by_text("is no picture that this browser can open").wait_for()
    await choose(png([b"\xff" * 300] * 300))
    await page.get_by_text("There is no QR code in this picture").wait_for()
    assert await violations(page) == []
    assert not await is_too_wide(page)
    await choose(code_png(drawn(["https://example.org/"])[0]))
    await page.get_by_text("This is no link to a receipt").wait_for()
    await choose(code_png(drawn([posted.link])[0]))
    await page.locator(f"[data-receipt='{posted.id}']").wait_for()
    await page.get_by_role("button", name="Open").click()
    assert await verdict(page) == "holds"
    await watch.check(page)
