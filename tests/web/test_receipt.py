"""The receipt page, read: what it shows, in which order, and what it keeps to itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.cli.command import Operator
from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.receipts import lie, main_text, open_link, record, verdict
from tests.world.service import Service

# Each language once, in one of the two schemes: colours do not depend on letters.
LANGUAGES = {"en": "dark", "es": "light", "de": "dark", "fr": "light", "ar": "dark"}


async def test_the_page_tells_the_decision_in_order_and_verifies_it(
    visit: Visit, web_service: Service, viewport: dict[str, int]
) -> None:
    posted = record(web_service)
    page, watch = await visit(viewport=viewport, secrets=(posted.secret,))

    state = await open_link(page, posted.link)

    text = await main_text(page)
    parts = (
        "The decision went against you: rejected",
        "The program decided alone",
        "Why",
        "Your experience was counted as 2 years",
        "The place of work is far",
        "1 more reason",
        "years of experience: 3 instead of 2 → shortlisted",
        "What it knew about you",
        "This is not me",
        "Bäckerei Müller",
        "What you can do, until",
        "Ask a person to look again",
        "The rules it had to follow",
        "A union, an adviser or a relative",
        "This record has not been changed",
    )
    places = [text.find(part) for part in parts]
    assert state == "holds"
    assert -1 not in places, dict(zip(parts, places, strict=True))
    assert places == sorted(places), dict(zip(parts, places, strict=True))
    assert await page.locator("button.strong").count() == 1
    assert page.url == f"{web_service.ledger_url}/r"
    assert await violations(page) == []
    await watch.check(page)
    assert posted.secret not in web_service.log


async def test_the_five_checks_are_named_and_folded(
    visit: Visit, web_service: Service
) -> None:
    posted = record(web_service)
    page, watch = await visit()
    await open_link(page, posted.link)

    proof = page.locator("#proof")
    assert await proof.get_attribute("open") is None
    await proof.locator("summary").click()

    names = await proof.locator(".checks strong").all_inner_texts()
    assert len(names) == 5
    assert all(name.startswith("✓ ") for name in names)
    assert "Not yet witnessed" in await proof.inner_text()
    assert await violations(page) == []
    await watch.check(page)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_language_in_light_or_dark(
    visit: Visit, web_service: Service, language: str
) -> None:
    posted = record(web_service)
    page, watch = await visit(locale=language, color_scheme=LANGUAGES[language])

    assert await open_link(page, posted.link) == "holds"

    direction = await page.get_attribute("html", "dir")
    assert direction == ("rtl" if language == "ar" else "ltr")
    assert await page.get_attribute("html", "lang") == language
    overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
    assert await violations(page) == []
    await watch.check(page)


async def test_a_reload_and_another_language_keep_the_receipt_in_this_tab(
    visit: Visit, web_service: Service
) -> None:
    posted = record(web_service)
    page, watch = await visit(secrets=(posted.secret,))
    await open_link(page, posted.link)

    await page.reload()
    assert await verdict(page) == "holds"
    await page.get_by_role("link", name="Deutsch").click()
    await page.wait_for_url("**/r?lang=de")
    assert await verdict(page) == "holds"
    other = await page.context.new_page()
    assert await open_link(other, f"{web_service.ledger_url}/r") == "damaged"

    assert "Open your receipt" in await main_text(other)
    await watch.check(page, other)


async def test_the_page_is_quick_and_small(visit: Visit, web_service: Service) -> None:
    """Cold, on this machine; the quickest of a few counts, since others use it too."""
    posted = record(web_service)
    paints: list[float] = []
    for _ in range(3):
        page, _watch = await visit()
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        received: list[float] = []

        def finished(one: dict[str, float], into: list[float] = received) -> None:
            into.append(one["encodedDataLength"])

        session.on("Network.loadingFinished", finished)
        await open_link(page, posted.link)
        assert sum(received) <= 135_000  # 150 kB are allowed
        paints.append(
            await page.evaluate(
                "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            )
        )
        if paints[-1] <= 1_000:
            break

    assert min(paints) <= 1_000


async def test_the_saved_file_is_verified_by_the_command(
    visit: Visit, web_service: Service, tmp_path: Path
) -> None:
    posted = record(web_service)
    page, watch = await visit()
    await open_link(page, posted.link)

    async with page.expect_download() as waiting:
        await page.locator("#actions").get_by_role("button", name="Save").click()
    saved = tmp_path / "mine.counterfoil.json"
    await (await waiting.value).save_as(saved)

    assert json.loads(saved.read_text())["secret"] == posted.secret
    vkey = web_service.get("/commons/v1/keys").json()["vkeys"][0]
    for options in ((), ("--vkey", vkey)):
        told = Operator(tmp_path).does("verify", str(saved), *options)
        assert "sealed" in told.out
    await watch.check(page)


async def test_the_keyboard_reaches_everything_in_order(
    visit: Visit, web_service: Service
) -> None:
    posted = record(web_service)
    page, _ = await visit()
    await open_link(page, posted.link)

    reached = await _tabbed(page, 24)

    wanted = ["Skip to the content", "This is not me", "Ask a person to look again"]
    assert [name for name in reached if name in wanted] == wanted


async def _tabbed(page: Page, times: int) -> list[str]:
    names = []
    await page.evaluate("document.activeElement.blur()")
    for _ in range(times):
        await page.keyboard.press("Tab")
        names.append(
            await page.evaluate(
                "document.activeElement.textContent.trim().split('\\n')[0]"
            )
        )
    return names


@pytest.mark.parametrize(("width", "size"), [(320, "100%"), (640, "200%")])
async def test_large_letters_and_narrow_screens_need_no_sideways_scrolling(
    visit: Visit, web_service: Service, width: int, size: str
) -> None:
    """WCAG 2.2: text at twice its size (1.4.4), and reflow at 320 px (1.4.10)."""
    posted = record(web_service)
    page, _ = await visit(viewport={"width": width, "height": 700})
    await open_link(page, posted.link)

    await page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
    await page.evaluate(
        "document.querySelectorAll('details').forEach(x => x.open = true)"
    )

    overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


async def test_a_legal_hold_says_why_the_data_is_kept(
    visit: Visit, web_service: Service, viewport: dict[str, int]
) -> None:
    posted = record(web_service)
    hold = {"reason": "tribunal", "by": "A" * 43, "since_ms": 1_790_000_000_000}

    def held(answer: dict[str, object]) -> dict[str, object]:
        return {**answer, "legal_holds": [hold]}

    page, watch = await visit(viewport=viewport, secrets=(posted.secret,))
    await lie(page, f"/v1/decisions/{posted.id}", held)
    await open_link(page, posted.link)

    box = page.locator(".box.hold")
    text = await box.inner_text()
    assert "Your data is kept because: tribunal" in text
    assert "The community decided it on 21 September 2026." in text
    assert await violations(page) == []
    await watch.check(page)


async def test_an_erasure_that_is_late_is_said_first(
    visit: Visit, web_service: Service
) -> None:
    posted = record(web_service)
    page, watch = await visit(secrets=(posted.secret,))
    await open_link(page, posted.link)
    await page.locator("summary", has_text="Ask for erasure").click()
    await page.get_by_role("button", name="Ask for erasure").click()
    await page.get_by_text("Your request was recorded.").wait_for()
    assert "It will be done soon after" in await main_text(page)

    def late(answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "erasure_due_ms": 1_700_000_000_000}

    await lie(page, f"/v1/decisions/{posted.id}", late)
    await page.reload()
    assert await verdict(page) == "holds"
    text = await main_text(page)
    assert "was to be deleted on 14 November 2023, and it has not been" in text
    assert "It will be done soon after" not in text
    assert await violations(page) == []
    await watch.check(page)
