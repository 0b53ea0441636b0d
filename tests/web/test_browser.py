"""The browser, the recorder and axe: a check that cannot fail would be no check."""

import json

from playwright.async_api import Route

from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.world.service import Service

SECRET = "s3cret-of-this-test"


async def test_a_page_of_the_service_opens_and_is_quiet(
    visit: Visit, web_service: Service, viewport: dict[str, int]
) -> None:
    page, watch = await visit(viewport=viewport)
    await page.goto(f"{web_service.base_url}/docs")

    assert "interface" in await page.title()
    assert await page.evaluate("innerWidth") == viewport["width"]
    assert await page.evaluate("isSecureContext && crypto.subtle !== undefined")
    await watch.check(page)


async def test_the_recorder_hears_strangers_errors_and_secrets(
    visit: Visit, web_service: Service
) -> None:
    page, watch = await visit(secrets=(SECRET,))
    await page.goto(f"{web_service.base_url}/health/live?{SECRET}")

    async def answer(route: Route) -> None:
        await route.fulfill(status=200, body="")

    await page.context.route("https://stranger.example/**", answer)
    sent = json.dumps({"headers": {"Authorization": SECRET}})
    await page.evaluate(
        f"fetch('/health/ready', {sent}).then(() => console.error('heard'))"
    )
    await page.evaluate(
        f"fetch('/health/ready', {{method: 'POST', body: '{SECRET}'}}).catch(() => 0)"
    )
    await page.evaluate(
        "fetch('https://stranger.example/', {mode: 'no-cors'}).catch(() => 0)"
    )
    await page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    await page.wait_for_timeout(50)

    assert [fault.text for fault in watch.faults if "heard" in fault.text]
    assert [fault.text for fault in watch.faults if "thrown" in fault.text]
    assert watch.strangers == ["https://stranger.example/"]
    told = await watch.told()
    assert [one.partition(" ")[0] for one in told] == ["address", "header", "body"]


async def test_axe_objects_to_a_bad_page_and_not_to_a_good_one(
    visit: Visit, web_service: Service
) -> None:
    page, _ = await visit()
    await page.goto(f"{web_service.base_url}/docs")
    await page.set_content("<html><body><img src='data:,'><input></body></html>")
    found = " ".join(await violations(page))
    await page.set_content(
        "<html lang='en'><title>Good</title><main><h1>Good</h1><p>Text.</p></main>"
    )

    assert "image-alt" in found
    assert "label" in found
    assert await violations(page) == []
