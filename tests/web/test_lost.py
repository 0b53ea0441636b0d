"""Lost receipts in a real Chromium, with a certified provider: `/{ledger}/lost`."""

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.async_api import Page, Route, expect

from api.web.catalogue import LANGUAGES
from api.web.lost import OUTCOMES
from tests.cli.command import Operator
from tests.oidc.browser import Tab
from tests.oidc.certified import CLIENT_ID, Certified, client
from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.recorder import Recorder
from tests.world.service import Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]


@dataclass(frozen=True, slots=True)
class World:
    provider: Certified
    service: Service

    @property
    def page(self) -> str:
        return f"{self.service.ledger_url}/lost"

    @property
    def host(self) -> str:
        return urlsplit(self.provider.issuer).netloc


@dataclass(frozen=True, slots=True)
class Recorded:
    id: str
    link: str


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Certified() as provider:
        env = {
            "COUNTERFOIL_OIDC_ISSUER": provider.issuer,
            "COUNTERFOIL_OIDC_CLIENT_ID": CLIENT_ID,
            "COUNTERFOIL_SWEEP_S": "1",
        }
        with Service(env=env) as service:
            places = [f"{service.base_url}/{one}/lost/return" for one in LEDGERS]
            provider.serve([client(*places)])
            yield World(provider, service)


LEDGERS = ("commons", "city")


@pytest.fixture(scope="module")
def receipt(world: World, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Of a decision about "dolores", in a ledger whose delay is three seconds."""
    numbers = tmp_path_factory.mktemp("city") / "numbers.json"
    numbers.write_text(json.dumps({"reissue_delay_s": 3}))
    operator = Operator(world.service.data, world.service.database_url or "")
    origin = ("--origin", "example.org/city")
    operator.does("init", "city", *origin, "--parameters", str(numbers))
    operator.does(
        "systems", "add", "city", "s1", "--operator", "Acme", "--version", "1"
    )
    token = operator.does("tokens", "issue", "city", "s1").out.split()[-1]
    body = decision(system="s1", system_version="1", subject={"ref": "dolores"})
    answer = world.service.request(
        "POST",
        "/city/v1/decisions",
        body=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        },
    )
    assert answer.status == 201, answer.body
    told = answer.json()
    return Recorded(told["id"], told["receipt"]["link"])


async def signed_in(page: Page, account: str, *, button: str = "Sign in") -> None:
    """At the provider's own page."""
    await page.get_by_label("Account").fill(account)
    await page.get_by_role("button", name=button, exact=True).click()


async def gone_nowhere(route: Route) -> None:
    """Shows a page that says so, instead of the one that was asked for."""
    await route.fulfill(body="<!doctype html><title>kept</title><p>kept</p>")


async def check(world: World, watch: Recorder, page: Page) -> None:
    """Nothing left but to the provider, and only by going there; nothing is kept."""
    assert watch.faults == []
    for request in watch.requests:
        if not request.url.startswith((f"{world.service.base_url}/", "data:")):
            assert request.url.startswith(f"{world.provider.issuer}/")
            assert request.is_navigation_request()
            assert "referer" not in await request.all_headers() or (
                (await request.all_headers())["referer"].startswith(
                    world.provider.issuer
                )
            )
    own = await page.context.cookies(world.service.base_url)
    # A host's ports share their cookies: what is here is the provider's own.
    assert all(one["name"].startswith("_") for one in own), own
    assert urlsplit(page.url).query == ""
    assert await page.evaluate("JSON.stringify(history.state)") == "null"
    assert await page.evaluate("sessionStorage.length + localStorage.length") == 0


async def test_without_a_provider_the_page_tells_the_one_way(
    visit: Visit, web_service: Service, viewport: dict[str, int]
) -> None:
    page, watch = await visit(viewport=viewport)
    await page.goto(f"{web_service.ledger_url}/lost")

    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "You lost a receipt"
    )
    assert await page.get_by_role("button").count() == 0
    assert await page.locator("script").count() == 0
    assert "3 days" in await page.locator("ol").inner_text()
    assert await violations(page) == []
    await watch.check(page)
    links = await page.locator("a[href^='/']").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    assert "/commons/systems" in links
    assert [link for link in links if web_service.get(link).status != 200] == []
    refused = web_service.request(
        "POST",
        "/commons/v1/lost/start",
        body=b'{"binder": "' + b"A" * 43 + b'"}',
        headers={"Content-Type": "application/json"},
    )
    assert refused.status == 404
    assert refused.json()["type"] == "/docs#problem-no-sign-in"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_in_every_language(
    visit: Visit, world: World, language: str
) -> None:
    page, watch = await visit(origin=world.service.base_url)
    await page.goto(f"{world.page}?lang={language}")

    direction = await page.evaluate("document.documentElement.dir")
    assert direction == ("rtl" if language == "ar" else "ltr")
    await expect(page.locator("#sign-in")).to_contain_text(world.host)
    assert await violations(page) == []
    # Every outcome is on the page, and none has lost a word.
    await page.evaluate(
        "document.querySelectorAll('[hidden]').forEach(o => o.hidden = 0)"
    )
    for name in OUTCOMES:
        assert len(await page.locator(f'[data-outcome="{name}"]').inner_text()) > 20
    assert "{" not in await page.locator("main").inner_text()
    await watch.check(page)


async def test_signing_in_and_coming_back(visit: Visit, world: World) -> None:
    page, watch = await visit(origin=world.service.base_url)
    await page.goto(world.page)
    assert await violations(page) == []
    await page.get_by_role("button", name=f"Sign in at {world.host}").click()
    await signed_in(page, "carmen")

    await expect(page.get_by_text("No decision was found")).to_be_visible()
    await expect(page.get_by_text("No decision was found")).to_be_focused()
    assert urlsplit(page.url).path == "/commons/lost/return"
    assert await violations(page) == []
    await check(world, watch, page)
    await page.reload()
    await expect(page.get_by_text("There is nothing to do here")).to_be_visible()


async def test_a_lost_receipt_is_issued_again(
    visit: Visit, world: World, receipt: Recorded, viewport: dict[str, int]
) -> None:
    """Twice: on a phone from the first request on, on a desk with what is ready."""
    secret = receipt.link.rpartition(".")[2]
    page, watch = await visit(
        viewport=viewport, origin=world.service.base_url, secrets=(secret,)
    )
    city = f"{world.service.base_url}/city"
    seen: set[str] = set()
    ready = page.get_by_role("link", name="Open the receipt")
    settled = page.locator(
        '#outcomes [data-outcome]:not([hidden], [data-outcome="working"])'
    )
    end = time.monotonic() + 90
    while await ready.count() == 0:
        assert time.monotonic() < end, seen
        await page.goto(f"{city}/lost")
        await page.locator("#sign-in").click()
        # The provider may know the browser, and send it straight back.
        label = page.get_by_label("Account")
        await expect(label.or_(settled)).to_be_visible()
        if await label.count() == 1:
            await signed_in(page, "dolores")
        await expect(settled).to_be_visible()
        if await ready.count() == 0:
            seen.add(await settled.get_attribute("data-outcome") or "")
            assert await violations(page) == []
            await page.wait_for_timeout(200)

    assert seen <= {"waiting", "dated"}
    assert await ready.get_attribute("href") == receipt.link
    assert await violations(page) == []
    await check(world, watch, page)
    assert await watch.told() == []
    noted = [
        leaf
        for one in world.service.get("/city/v1/entries").json()["items"]
        if (leaf := json.loads(base64.b64decode(one["leaf"])))["type"]
        == "org.counterfoil.receipt.reissued.v1"
    ]
    assert [one["data"] for one in noted] == [{"decisions": [receipt.id]}]
    assert "dolores" not in json.dumps(noted)


async def test_the_language_that_was_chosen_comes_back(
    visit: Visit, world: World
) -> None:
    page, _ = await visit(origin=world.service.base_url)
    await page.goto(f"{world.page}?lang=ar")
    await page.locator("#sign-in").click()
    await signed_in(page, "carmen")

    await expect(page.get_by_text("لم يُعثر على قرار")).to_be_visible()
    assert urlsplit(page.url).query == "lang=ar"
    assert await page.evaluate("document.documentElement.dir") == "rtl"
    assert await page.evaluate("sessionStorage.length") == 0
    links = await page.locator("footer a").evaluate_all("all => all.map(a => a.href)")
    assert not any("code=" in link or "state=" in link for link in links)


async def test_saying_no_at_the_provider(visit: Visit, world: World) -> None:
    page, watch = await visit(origin=world.service.base_url)
    await page.goto(world.page)
    await page.locator("#sign-in").click()
    await signed_in(page, "carmen", button="Cancel")

    await expect(page.get_by_text("You did not sign in")).to_be_visible()
    await check(world, watch, page)


async def test_the_address_back_in_another_browser_does_nothing(
    visit: Visit, world: World
) -> None:
    """Somebody is sent the address that another's sign-in came back with."""
    tab = Tab(world.service)
    back = await asyncio.to_thread(world.provider.sign_in, tab.start(), "mallory")
    address = f"{back.pop('at')}?{urlencode(back)}"

    victim, watch = await visit(origin=world.service.base_url)
    await victim.goto(address)
    words = "This sign-in began in another browser"
    await expect(victim.get_by_text(words)).to_be_visible()
    await check(world, watch, victim)

    # With a tab of their own under way, the server says the same.
    await victim.goto(world.page)
    await victim.route(f"{world.provider.issuer}/**", gone_nowhere)
    await victim.locator("#sign-in").click()
    await expect(victim.get_by_text("kept")).to_be_visible()
    watch.allow("403")
    await victim.goto(address)
    await expect(victim.get_by_text(words)).to_be_visible()


async def test_a_provider_that_is_away_is_told_in_words(
    visit: Visit, world: World
) -> None:
    page, watch = await visit(origin=world.service.base_url)
    watch.allow("lost/start")
    await page.goto(world.page)
    await page.route("**/v1/lost/start", lambda route: route.abort())
    await page.locator("#sign-in").click()

    await expect(page.get_by_text("There is no answer")).to_be_visible()
    assert await violations(page) == []
    await watch.check(page)
