"""One browser for the whole run, a fresh context for each test, one shared service.

Tests here are coroutines on one loop that lives as long as the run, the browser's:

    async def test_the_page_opens(visit: Visit, web_service: Service) -> None:
        page, watch = await visit()                      # a phone
        await page.goto(f"{web_service.ledger_url}/")
        assert await violations(page) == []
        await watch.check(page)

`viewport` is a parameter of each test that asks for it: a phone and a desk.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from pytest_asyncio import is_async_test

from tests.web.chromium import ARGUMENTS, find_chromium
from tests.web.courthouse import Courthouse
from tests.web.recorder import Recorder
from tests.world.service import Service

HERE: Final = Path(__file__).parent
PHONE: Final = {"width": 390, "height": 844}
DESK: Final = {"width": 1280, "height": 900}

Visit = Callable[..., Awaitable[tuple[Page, Recorder]]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's objects belong to one loop: every test of this folder runs on it."""
    on_one_loop = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if HERE in item.path.parents and is_async_test(item):
            item.add_marker(on_one_loop, append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium, headless, started once."""
    found = find_chromium()
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=found.path,
            args=list(ARGUMENTS),
            env={**os.environ, **found.environment},
        )
        yield started
        await started.close()


@pytest.fixture(params=["phone", "desk"])
def viewport(request: pytest.FixtureRequest) -> dict[str, int]:
    """The two sizes a page is held to."""
    return PHONE if request.param == "phone" else DESK


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, web_service: Service) -> AsyncIterator[Visit]:
    """Opens pages in contexts of their own: nothing is shared between two visits."""
    contexts: list[BrowserContext] = []

    async def opened(
        *,
        viewport: dict[str, int] | None = None,
        origin: str | None = None,
        secrets: tuple[str, ...] = (),
        **more: Any,
    ) -> tuple[Page, Recorder]:
        """`more`: Playwright's options of a context: locale, color_scheme, …"""
        size: Any = viewport or PHONE
        context = await browser.new_context(
            **{"viewport": size, "locale": "en-GB", "timezone_id": "UTC", **more}
        )
        contexts.append(context)
        watch = Recorder(context, origin or web_service.base_url, secrets=secrets)
        return await context.new_page(), watch

    yield opened
    for context in contexts:
        await context.close()


@pytest.fixture(scope="session")
def web_service() -> Iterator[Service]:
    """A service for every test that does not need one of its own."""
    with Service() as service:
        yield service


@pytest.fixture(scope="session")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Courthouse]:
    """A town with a reviewer; the last test that uses it moves its clock a month on."""
    folder = tmp_path_factory.mktemp("court")
    with Courthouse(folder, retention_floor_days=1, review_days=30) as opened:
        yield opened
