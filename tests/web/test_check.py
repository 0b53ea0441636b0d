"""`/check` and the offline page: a file is checked in the browser and goes nowhere."""

from pathlib import Path

from playwright.async_api import Page

from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.receipts import is_too_wide, receipt_file, record
from tests.world.service import Service

READY = "html[data-state=ready]"


async def checked(page: Page, name: str, body: bytes) -> str:
    """Chooses a file and gives the verdict."""
    await page.set_input_files(
        "#file", {"name": name, "mimeType": "application/json", "buffer": body}
    )
    await page.wait_for_selector("#result .box")
    return await page.inner_text("#result")


async def test_a_file_is_checked_and_never_sent(
    visit: Visit, web_service: Service, viewport: dict[str, int]
) -> None:
    posted = record(web_service)
    page, watch = await visit(viewport=viewport, secrets=(posted.secret,))
    await page.goto(f"{web_service.ledger_url}/check")
    await page.wait_for_selector(READY)
    asked = len(watch.requests)

    text = await checked(page, "mine.json", receipt_file(web_service, posted))

    assert text.startswith("✓ The receipt holds: entry")
    assert "the key that this ledger publishes" in text
    assert await violations(page) == []
    assert not await is_too_wide(page)
    await page.evaluate("document.querySelector('#result').replaceChildren()")
    other = record(web_service)
    text = await checked(
        page, "bad.json", receipt_file(web_service, posted, secret=other.secret)
    )
    assert text.startswith("✗ The receipt does not hold")
    assert "✗ The secret opens this entry" in text
    await page.evaluate("document.querySelector('#result').replaceChildren()")
    assert "not a receipt file" in await checked(page, "x.json", b'{"a": 1}')
    assert await violations(page) == []
    assert len(watch.requests) == asked
    await watch.check(page)


async def test_the_offline_page_works_from_a_disk_without_any_server(
    visit: Visit, web_service: Service, tmp_path: Path
) -> None:
    posted = record(web_service)
    kept = tmp_path / "counterfoil-check.html"
    answer = web_service.get("/commons/check.html?lang=de")
    kept.write_bytes(answer.body)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]

    page, watch = await visit(origin=kept.parent.as_uri(), offline=True)
    await page.goto(kept.as_uri())
    await page.wait_for_selector(READY)

    text = await checked(page, "mine.json", receipt_file(web_service, posted))
    assert text.startswith("✓ Der Beleg stimmt: Eintrag")
    assert "den die Datei selbst nennt" in text
    assert await violations(page) == []
    vkey = web_service.get("/commons/v1/keys").json()["vkeys"][0]
    await page.get_by_text("Wessen Unterschrift gelten soll").click()
    await page.fill("#vkey", vkey)
    await page.get_by_role("button", name="Noch einmal prüfen").click()
    await page.get_by_text("den Sie angegeben haben").wait_for()
    await page.evaluate("document.querySelector('#result').replaceChildren()")
    broken = receipt_file(web_service, posted, index=0)
    assert "✗ Der Beleg stimmt nicht" in await checked(page, "bad.json", broken)
    assert [r.url for r in watch.requests] == [kept.as_uri()]
    assert watch.faults == []
