"""The reviewers' page: a key that stays on the device, a case read and concluded in the browser."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from ledger.clock import SystemClock
from tests.e2e.court import Court, id_of
from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.recorder import Recorder

SAID = "I have worked there for five years, not two."
WHY = "The years at the bakery count. The decision is changed."
READY_MS = 20_000  # generous: a loaded machine reviews as well as a quick one


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    with Court(tmp_path_factory.mktemp("court")) as court:
        yield court


def contested(court: Court, folder: Path) -> tuple[Path, str]:
    """A decision about somebody, who contests it: their receipt, and the contest's id."""
    receipt = court.decides("ana", inputs={"years": 2})
    court.does_here("claim", receipt)
    letter = folder / "letter.txt"
    letter.write_text("five years")
    told = court.does_here(
        *("contest", "open", receipt, "inputs", SAID),
        *("--attach", letter, "--field", "inputs.years=5, not 2"),
    )
    return receipt, str(told["id"])


def corrected(court: Court) -> dict[str, str]:
    """The receipt of a decision that may take the place of another."""
    outcome = {"code": "invited", "favourable": True}
    path = court.decides("ana", outcome=outcome)
    told: dict[str, str] = json.loads(path.read_text())
    return told


def seed_of(key: Path) -> str:
    return str(json.loads(key.read_text())["seed"])


async def opened(page: Page, court: Court) -> None:
    await page.clock.set_system_time(SystemClock().now_ms() / 1_000)
    await page.goto(f"{court.service.ledger_url}/review")
    await page.wait_for_selector("html[data-state=key]", timeout=READY_MS)


async def enter(
    visit: Visit, court: Court, key: Path, **more: object
) -> tuple[Page, Recorder]:
    """The page once a key was chosen and the contests are shown."""
    secrets = (seed_of(key), SAID, WHY)
    page, watch = await visit(origin=court.service.base_url, secrets=secrets, **more)
    await opened(page, court)
    await page.set_input_files("#identity", key)
    await page.locator("button.strong").click()
    await page.wait_for_selector("html[data-state=list]", timeout=READY_MS)
    return page, watch


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).click()


async def look(page: Page) -> None:
    await press(page, "Look, and have it recorded")
    await page.locator("#fields").wait_for(timeout=READY_MS)


async def test_a_case_is_taken_read_and_changed(
    visit: Visit, court: Court, tmp_path: Path, viewport: dict[str, int]
) -> None:
    receipt, contest = await asyncio.to_thread(contested, court, tmp_path)
    page, watch = await enter(visit, court, court.rita, viewport=viewport)
    assert await violations(page) == []
    row = page.locator(f"[data-contest='{contest}']")
    await row.get_by_role("button", name="Take it and read").click()
    await page.wait_for_selector("html[data-state=case]", timeout=READY_MS)

    text = await page.inner_text("#review")
    for part in (SAID, "It knew something wrong about me", "5, not 2"):
        assert part in text
    assert await page.locator("#fields").count() == 0
    async with page.expect_download() as saved:
        await press(page, "Save")
    letter = await (await saved.value).path()
    assert await asyncio.to_thread(letter.read_text) == "five years"

    # To look is recorded first.
    await look(page)
    assert "rejected" in await page.inner_text("#fields")
    later = court.get(f"decisions/{id_of(receipt)}")["later"]
    assert later[-1]["type"] == "org.counterfoil.act.grant.read.v1"

    await page.fill("#say", "Which years were these?")
    await press(page, "Send")
    await page.get_by_text("Sent: the person finds it").wait_for(timeout=READY_MS)
    await look(page)
    replaced = await asyncio.to_thread(corrected, court)
    watch.secrets.append(replaced["secret"])
    await conclude(page, id_of(receipt), replaced)

    # The person reads the reasons, and what took the decision's place.
    told = await asyncio.to_thread(
        court.reads, "contest", "show", contest, "--receipt", receipt
    )
    assert told["status"] == "changed"
    value = {"text": WHY, "secret": replaced["secret"], "id": replaced["id"]}
    assert told["told"]["value"] == value
    assert court.get(f"contests/{contest}")["corrected"] == replaced["id"]
    watch.allow("status of 404")  # what a wrong link asks for
    await watch.check(page)


async def conclude(page: Page, contested: str, replaced: dict[str, str]) -> None:
    """What is missing or wrong is said beside it; then it is signed."""
    await press(page, "Conclude the review")
    await press(page, "Sign and conclude")
    await page.get_by_text("Choose what becomes of the decision.").wait_for()
    assert await violations(page) == []
    await page.get_by_label("It is changed").check()
    await page.fill("#reasons", WHY)
    await page.get_by_label("what it knew").check()
    await page.fill("#corrected", f"/r#{contested}.{replaced['secret']}")
    await press(page, "Sign and conclude")
    wrong = page.get_by_text("not the link of a receipt that holds")
    await wrong.wait_for(timeout=READY_MS)
    await page.fill("#corrected", f"/r#{replaced['id']}.{replaced['secret']}")
    await press(page, "Sign and conclude")
    await page.get_by_text("Concluded.").wait_for(timeout=READY_MS)


async def test_who_is_no_reviewer_is_told_so(
    visit: Visit, court: Court, tmp_path: Path
) -> None:
    await asyncio.to_thread(contested, court, tmp_path)
    page, watch = await enter(visit, court, court.person("nobody"), locale="ar")

    assert await page.locator("#review .box.bad").count() == 1
    assert await page.locator("#review li button").count() == 0
    assert await violations(page) == []
    await watch.check(page)


async def test_a_file_that_is_no_identity(
    visit: Visit, court: Court, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    page, watch = await visit(origin=court.service.base_url)
    await opened(page, court)
    seed = "A" * 43  # of another key than the file's did
    wrong = json.dumps(
        {"counterfoil_identity": 1, "did": court.did(court.rita), "seed": seed}
    )
    for data in (b"", b"{}", b"\xff" * 5_000, wrong.encode()):
        other.write_bytes(data)
        await page.set_input_files("#identity", other)
        await page.locator("button.strong").click()
        await page.get_by_text("This is not an identity file.").wait_for()

    assert await violations(page) == []
    await watch.check(page)
