"""A helper's page: a key of their own, the address the person sent, and what they may do."""

import json
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Page

from ledger.canonical import format_base64url
from ledger.keys import SigningKey
from tests.web.asking import SAID, WAIT_MS, contest, look_again
from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.courthouse import Courthouse
from tests.web.receipts import is_too_wide, lie, open_link, record
from tests.world.service import Service

LANGUAGES: Final = ("en", "es", "de", "fr", "ar")


async def open_help(page: Page, address: str, key: Path) -> str:
    """The page once a key was shown to it: what it says the key is."""
    await page.goto("about:blank")
    await page.goto(address)
    await page.wait_for_selector("html[data-state=key]", timeout=WAIT_MS)
    await page.set_input_files("#identity", key)
    await page.locator("button.strong").click()
    await page.wait_for_selector("html:not([data-state=key])", timeout=WAIT_MS)
    return await page.get_attribute("html", "data-state") or ""


async def help_text(page: Page) -> str:
    text = await page.inner_text("#help")
    return text.replace("\u2068", "").replace("\u2069", "")


async def made_key(page: Page, court: Courthouse, folder: Path) -> tuple[Path, str]:
    """A key made on the page: its file, and its did as the page shows it."""
    await page.goto(f"{court.service.ledger_url}/help")
    await page.wait_for_selector("html[data-state=key]", timeout=WAIT_MS)
    async with page.expect_download() as saving:
        await page.get_by_role("button", name="Make a key").click()
    file = folder / "identity.key"
    await (await saving.value).save_as(file)
    did = await page.inner_text("#did")
    assert await violations(page) == []
    assert not await is_too_wide(page)
    told = json.loads(file.read_text())
    assert told["did"] == did
    return file, did


async def named(page: Page, did: str) -> str:
    """The person names them, for more than contesting: the address to send them."""
    await page.get_by_text("Name a helper").click()
    await page.fill("#helper-did", did)
    for scope in ("read the private part", "ask for erasure"):
        await page.get_by_label(scope).check()
    await page.get_by_role("button", name="Name this helper").click()
    item = page.locator(f"[data-helper='{did}']")
    return await item.locator("code").inner_text(timeout=WAIT_MS)


async def reads(helper: Page) -> None:
    """They see what they may do, look, and it is recorded."""
    text = await help_text(helper)
    assert "You may: read the private part, ask for a review, ask for erasure." in text
    assert "rejected" not in text
    assert await violations(helper) == []
    assert not await is_too_wide(helper)
    await helper.get_by_role("button", name="Look, and have it recorded").click()
    await helper.locator("#fields").wait_for(timeout=WAIT_MS)
    assert "rejected" in await helper.inner_text("#fields")


async def test_a_helper_is_named_acts_and_is_ended(
    visit: Visit, court: Courthouse, viewport: dict[str, int], tmp_path: Path
) -> None:
    posted = court.record()
    page, watch = await visit(
        viewport=viewport, origin=court.service.base_url, secrets=(posted.secret,)
    )
    helper, seen = await visit(
        viewport=viewport, origin=court.service.base_url, secrets=(posted.secret,)
    )
    key, did = await made_key(helper, court, tmp_path)
    seen.secrets.append(json.loads(key.read_text())["seed"])

    await open_link(page, posted.link)
    address = await named(page, did)
    item = page.locator(f"[data-helper='{did}']")
    assert address == f"{court.service.ledger_url}/help#{posted.id}"
    assert not await is_too_wide(page)

    # The helper reads, and the person sees it.
    assert await open_help(helper, address, key) == "helper"
    await reads(helper)
    assert "Read 1 time:" in await look_again(page)

    # The helper contests; the reviewer reads it, the person sees who it was.
    name = await contest(helper, SAID)
    assert await violations(helper) == []
    assert court.reviewer.statement(name)["text"] == SAID
    assert "asked to look again, by your helper" in await look_again(page)
    court.reviewer.take_and_read(name, posted.id)
    court.reviewer.conclude(name, "upheld", "The job asks for three years.")
    assert await open_help(helper, address, key) == "helper"
    assert "The job asks for three years." in await help_text(helper)

    await helper.get_by_role("button", name="Ask for erasure").click()
    await helper.get_by_text("Your request was recorded.").wait_for(timeout=WAIT_MS)
    assert "You asked for erasure" in await look_again(page)
    assert "Only the person can take it back." in await help_text(helper)
    await page.get_by_role("button", name="Take this request back").click()
    await page.get_by_text("The request was taken back.").wait_for(timeout=WAIT_MS)

    await item.get_by_role("button", name="End this").click()
    await page.get_by_text("can no longer act for you").wait_for(timeout=WAIT_MS)
    assert await open_help(helper, address, key) == "over"
    assert await helper.get_by_role("button").count() == 0
    assert await violations(helper) == []
    await watch.check(page)
    await seen.check(helper)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_was_not_named_is_told_so_in_every_language(
    visit: Visit, court: Courthouse, tmp_path: Path, language: str
) -> None:
    posted = court.record()
    stranger = SigningKey(b"\6" * 32)
    file = tmp_path / "stranger.key"
    seed = format_base64url(stranger.seed)
    file.write_text(
        json.dumps({"counterfoil_identity": 1, "did": stranger.did, "seed": seed})
    )
    page, watch = await visit(
        origin=court.service.base_url, secrets=(seed,), locale=language
    )
    address = f"{court.service.ledger_url}/help#{posted.id}"

    assert await open_help(page, address, file) == "stranger"

    assert stranger.did in await help_text(page)
    assert await page.locator("#help button").count() == 0
    assert await violations(page) == []
    assert not await is_too_wide(page)
    await watch.check(page)


async def test_what_is_no_key_no_decision_or_not_true(
    visit: Visit, web_service: Service, tmp_path: Path
) -> None:
    page, watch = await visit()
    file = tmp_path / "a.key"
    await page.goto(f"{web_service.ledger_url}/help")
    await page.wait_for_selector("html[data-state=key]")
    press = page.locator("button.strong")

    await press.click()
    await page.get_by_text("Choose a file first.").wait_for()
    await page.get_by_text("This names no decision.").wait_for()
    file.write_text("{}")
    await page.set_input_files("#identity", file)
    unknown = "7e57ab1e-0000-4000-8000-000000000000"
    await page.fill("#decision", unknown)
    await press.click()
    await page.get_by_text("This is not an identity file.").wait_for()
    key = SigningKey(b"\6" * 32)
    seed = format_base64url(key.seed)
    file.write_text(
        json.dumps({"counterfoil_identity": 1, "did": key.did, "seed": seed})
    )
    await page.set_input_files("#identity", file)
    await press.click()
    await page.get_by_text("The ledger knows no such decision.").wait_for()
    assert await violations(page) == []
    watch.allow("status of 404")

    # A ledger that shows another leaf is not believed.
    one, other = record(web_service), record(web_service)
    leaf = web_service.get(f"/commons/v1/decisions/{other.id}").json()["leaf"]
    await lie(page, f"/v1/decisions/{one.id}", lambda view: {**view, "leaf": leaf})
    await page.fill("#decision", one.id)
    await press.click()
    await page.get_by_text("is not what was signed").wait_for()
    await watch.check(page)
