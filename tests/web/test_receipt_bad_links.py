"""Links that are damaged, strange or too early: each has its own sentence, in each language."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.receipts import main_text, open_link, record
from tests.world.service import Service

LOCALES = Path(__file__).resolve().parents[2] / "api" / "web" / "locale"
LANGUAGES = ("en", "es", "de", "fr", "ar")


def words(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (LOCALES / language / "receipt.json").read_text(encoding="utf-8")
    )
    return found


def spoiled(service: Service, kind: str) -> str:
    """A link with something wrong."""
    posted = record(service)
    page = f"{service.ledger_url}/r"
    match kind:
        case "damaged":
            return posted.link[:-3]
        case "wrong-secret":
            return f"{page}#{posted.id}.{record(service).secret}"
        case _:
            unknown = "00000000-0000-4000-8000-000000000000"
            return f"{page}#{unknown}.{posted.secret}"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_bad_link_has_its_own_sentence(
    visit: Visit, web_service: Service, language: str
) -> None:
    page, watch = await visit(locale=language)
    watch.allow("Failed to load resource")
    for kind in ("damaged", "wrong-secret", "unknown"):
        link = spoiled(web_service, kind)
        page = await page.context.new_page()

        assert await open_link(page, link) == kind

        text = await main_text(page)
        assert words(language)[f"cannot.{kind}.title"] in text
        assert words(language)[f"cannot.{kind}"] in text
    assert await violations(page) == []
    await watch.check(page)


async def test_a_ledger_that_cannot_be_reached_is_no_lie_and_is_tried_again(
    visit: Visit, web_service: Service
) -> None:
    posted = record(web_service)
    page, watch = await visit()
    watch.allow("Failed to load resource")
    await page.context.route("**/commons/v1/**", lambda route: route.abort())

    assert await open_link(page, posted.link) == "unreachable"
    assert "neither that it holds, nor that it was changed" in await main_text(page)
    assert await violations(page) == []
    await page.context.unroute_all()
    await page.get_by_role("button", name="Try again").click()
    await page.wait_for_selector("html[data-state=holds]")

    await watch.check(page)


async def test_a_link_pasted_into_the_page(visit: Visit, web_service: Service) -> None:
    posted = record(web_service)
    page, watch = await visit(secrets=(posted.secret,))
    await open_link(page, f"{web_service.ledger_url}/r")

    field = page.get_by_label("Or paste the link here")
    await field.fill("nonsense")
    await page.get_by_role("button", name="Open").click()
    assert "Some of its letters are missing" in await main_text(page)
    await field.fill(posted.link)
    await page.get_by_role("button", name="Open").click()
    await page.wait_for_selector("html[data-state=holds]")

    await watch.check(page)
