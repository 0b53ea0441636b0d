"""Journeys in which the ledger acts by itself, or the town's clock moves on."""

import json
import secrets
from typing import Final

from playwright.async_api import Page

from ledger.keys import SigningKey
from tests.web.asking import WAIT_MS, contest, look_again
from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.courthouse import CHECKED, Courthouse, keep_time
from tests.web.receipts import Posted, main_text, open_link, verdict
from tests.world.service import SYSTEM, Service, wait_until

# How each language begins to say that a permission's time is over.
OVER: Final = {
    "en": "Over since",
    "es": "Terminó el",
    "de": "Abgelaufen seit",
    "fr": "Fini depuis le",
    "ar": "انتهى منذ",
}


async def test_a_held_decision_until_a_person_confirms_and_the_rule_that_held_it(
    visit: Visit, court: Courthouse
) -> None:
    posted = court.record(outcome={"code": CHECKED, "favourable": False})
    page, watch = await visit(origin=court.service.base_url, secrets=(posted.secret,))
    assert await open_link(page, posted.link) == "holds"

    text = await main_text(page)
    assert "This decision has no effect yet. A person must confirm it first." in text
    assert "held: a person must confirm" in text
    assert await violations(page) == []
    said = {"system": SYSTEM, "decision": posted.id, "confirm": True}
    court.overseer.does("hold.confirm", said)
    assert "A person has confirmed it." in await look_again(page)

    # From a receipt to the rule to the vote that made it: two presses.
    await page.get_by_role("link", name="A person looks first").click()
    await page.get_by_role("heading", name="A person looks first").wait_for()
    await page.go_back()
    await verdict(page)
    await page.get_by_role("link", name="the vote that made it").click()
    await page.get_by_role("heading", name="A reviewer").wait_for()
    await watch.check(page)


async def test_a_receipt_asked_for_again_shows_and_is_stopped(
    visit: Visit, court: Courthouse, viewport: dict[str, int]
) -> None:
    reference = f"lost-at-{viewport['width']}"
    posted = court.record(subject={"ref": reference})
    asked = court.service.request(
        "POST",
        "/commons/v1/reissues",
        body=json.dumps({"subject": {"ref": reference}}).encode(),
        headers={
            "Authorization": f"Bearer {court.service.token}",
            "Content-Type": "application/json",
        },
    )
    assert asked.status == 202, asked.body
    path = f"/commons/v1/decisions/{posted.id}"
    wait_until("a re-issue", lambda: court.service.get(path).json()["later"], 60)
    page, watch = await visit(
        viewport=viewport, origin=court.service.base_url, secrets=(posted.secret,)
    )
    await open_link(page, posted.link)

    assert "Somebody asked for this receipt to be given again" in await main_text(page)
    assert await violations(page) == []
    await page.get_by_role("button", name="It was not me: stop it").click()
    await page.get_by_text("Giving it again was stopped").wait_for(timeout=WAIT_MS)

    assert await page.locator("#reissue").count() == 0
    await watch.check(page)


async def ask_for_erasure(page: Page) -> None:
    await page.locator("summary", has_text="Ask for erasure").click()
    await page.get_by_role("button", name="Ask for erasure").click()
    await page.get_by_text("Your request was recorded.").wait_for(timeout=WAIT_MS)


async def test_time_passes_an_erasure_is_done_and_an_answer_is_late(
    visit: Visit, court: Courthouse, viewport: dict[str, int]
) -> None:
    """Last of all here: the town's clock is months ahead from then on."""
    erased, waiting = court.record(), court.record()
    secrets_ = (erased.secret, waiting.secret)
    page, watch = await visit(
        viewport=viewport, origin=court.service.base_url, secrets=secrets_
    )
    watch.allow("Failed to load resource")  # 410: the private part is gone
    await keep_time(page, court)
    await open_link(page, erased.link)
    await ask_for_erasure(page)
    await page.get_by_role("button", name="Take this request back").click()
    await page.get_by_text("The request was taken back.").wait_for(timeout=WAIT_MS)
    await ask_for_erasure(page)
    assert "It will be done soon after" in await main_text(page)
    other = await page.context.new_page()
    await open_link(other, waiting.link)
    name = await contest(other)
    await name_helper(other)

    court.town.clock.forward(31 * 86_400_000)
    await keep_time(page, court)
    path = "/commons/v1"
    wait_until("erasure", lambda: _erased(court.service, erased), 90)
    await look_again(page)

    text = await main_text(page)
    assert await verdict(page) == "erased"
    assert "Erased on" in text
    assert "Copies in backups can be read by nobody from" in text
    assert "The proof is intact." in text
    assert "rejected" not in text
    assert "✓ This record has not been changed" in text
    assert await violations(page) == []

    wait_until(
        "the deadline to be missed",
        lambda: (
            court.service.get(f"{path}/contests/{name}").json()["status"] == "overdue"
        ),
        60,
    )
    text = await look_again(other)
    assert "The answer is late." in text
    assert await other.locator("[data-status=overdue]").count() == 1
    assert await violations(other) == []
    await a_helper_whose_time_is_over(other, waiting.link)
    await watch.check(page, other)


async def name_helper(page: Page) -> None:
    """For thirty days."""
    await page.get_by_text("Name a helper").click()
    await page.fill("#helper-did", SigningKey(secrets.token_bytes(32)).did)
    await page.get_by_role("button", name="Name this helper").click()
    await page.locator("[data-helper]").wait_for(timeout=WAIT_MS)


async def a_helper_whose_time_is_over(page: Page, link: str) -> None:
    """Each language says that it is over, and since when."""
    for code, words in OVER.items():
        await page.goto("about:blank")
        await open_link(page, link.replace("/r#", f"/r?lang={code}#"))
        helper = await page.locator("[data-helper]").inner_text()
        assert words in helper, (code, helper)


def _erased(service: Service, posted: Posted) -> bool:
    found = service.get(f"/commons/v1/decisions/{posted.id}").json()
    return bool(found["erased"])
