"""What several journeys do on the page of a receipt: ask for a review, come back later."""

from typing import Final

from playwright.async_api import Page

from tests.web.receipts import main_text, verdict

SAID: Final = "I have worked for three years.\nMy certificate says so."
WAIT_MS: Final = 20_000


async def contest(page: Page, text: str = SAID) -> str:
    """Asks for a review on the page, from the first press to the last: its id."""
    await page.locator("#contest").click()
    await page.get_by_label("What should the reviewer know?").fill(text)
    await page.get_by_role("button", name="See what will be sent").click()
    await page.get_by_role("button", name="Send it").click()
    found = page.locator("[data-contest]")
    await found.wait_for(timeout=WAIT_MS)
    named = await found.get_attribute("data-contest")
    assert named is not None
    return named


async def look_again(page: Page) -> str:
    """The person comes back later: the page, opened anew in the same browser."""
    await page.reload()
    assert await verdict(page) in {"holds", "erased"}
    return await main_text(page)
