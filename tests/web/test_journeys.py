"""From a letter's link to a corrected decision, and the other roads a person may take."""

import secrets

import pytest
from playwright.async_api import Page, expect

from ledger.canonical import parse_base64url
from ledger.entries.secret import derive
from ledger.keys import SigningKey
from tests.web.asking import SAID, WAIT_MS, contest, look_again
from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.courthouse import Courthouse
from tests.web.receipts import Posted, is_too_wide, main_text, open_link, verdict
from tests.world.person import Person
from tests.world.service import Service


async def contest_an_input(page: Page) -> str:
    """ "This is wrong", beside what it knew: the form knows what was pressed."""
    row = page.locator(".known li", has_text="experience years")
    await row.get_by_role("button").click()
    assert await page.get_by_label("Something it knew about me is wrong").is_checked()
    await page.get_by_label("What is right for “experience years”?").fill("3")
    await page.get_by_label("What should the reviewer know?").fill(SAID)
    assert await violations(page) == []
    assert not await is_too_wide(page)
    await page.get_by_role("button", name="See what will be sent").click()
    await page.get_by_text("1 reviewer of this community, and you").wait_for()
    assert await violations(page) == []
    await page.get_by_role("button", name="Send it").click()
    box = page.locator("[data-contest]")
    await box.wait_for(timeout=WAIT_MS)
    name = await box.get_attribute("data-contest")
    assert name is not None
    assert await box.get_attribute("data-status") == "open"
    assert "Your backup sheet" in await main_text(page)
    assert not await is_too_wide(page)
    assert await violations(page) == []
    return name


async def test_from_the_letter_to_a_corrected_decision(
    visit: Visit, court: Courthouse, viewport: dict[str, int]
) -> None:
    posted = court.record()
    page, watch = await visit(
        viewport=viewport, origin=court.service.base_url, secrets=(posted.secret,)
    )
    assert await open_link(page, posted.link) == "holds"

    name = await contest_an_input(page)

    # She reads exactly what was written, and nobody else could have.
    assert court.reviewer.statement(name) == {
        "ground": "inputs",
        "text": SAID,
        "fields": [{"field": "experience_years", "text": "3"}],
    }
    court.reviewer.take_and_read(name, posted.id)
    text = await look_again(page)
    assert "A reviewer has had the case since" in text
    assert "The private part was read by" in text
    assert "Read 1 time:" in text

    outcome = {"code": "shortlisted", "favourable": True}
    corrected = court.record(outcome=outcome, subject={"ref": "the same person"})
    watch.secrets.append(corrected.secret)
    why = "The certificate shows three years."
    court.reviewer.conclude(name, "changed", why, corrected)
    text = await look_again(page)

    await expect(page.locator("[data-status=changed]")).to_have_count(1)
    assert why in text
    assert "The decision went against you: rejected" in text
    assert "The decision was in your favour: shortlisted" in text
    assert await violations(page) == []
    await page.get_by_role("button", name="Open the new decision").click()
    await page.get_by_role(
        "heading", name="The decision was in your favour: shortlisted"
    ).wait_for()
    assert await verdict(page) == "holds"
    await watch.check(page)
    assert posted.secret not in court.service.log


async def test_a_conclusion_that_the_decision_stays(
    visit: Visit, court: Courthouse
) -> None:
    posted = court.record()
    page, watch = await visit(origin=court.service.base_url)
    await open_link(page, posted.link)
    name = await contest(page)

    await page.locator("[data-contest] summary").click()
    await page.get_by_label("What do you want to add?").fill("One thing more.")
    await page.get_by_role("button", name="Send it to the reviewers").click()
    await page.get_by_text("Added. The reviewers can read it.").wait_for()
    assert court.reviewer.statement(name)["text"] == "One thing more."
    court.reviewer.take_and_read(name, posted.id)
    court.reviewer.conclude(name, "upheld", "The job asks for three years.")

    text = await look_again(page)
    assert "the decision stays" in text
    assert "The job asks for three years." in text
    await expect(page.locator("#contest")).to_have_count(1)  # another may be opened
    await watch.check(page)


@pytest.mark.parametrize(
    ("press", "state"),
    [("Take it back", "withdrawn-by-opener"), ("We agree now", "settled")],
)
async def test_the_opener_ends_it(
    visit: Visit, court: Courthouse, press: str, state: str
) -> None:
    page, watch = await visit(origin=court.service.base_url)
    await open_link(page, court.record().link)
    await contest(page)

    await page.get_by_role("button", name=press).click()

    await page.locator(f"[data-status={state}]").wait_for(timeout=WAIT_MS)
    await watch.check(page)


def person_of(service: Service, posted: Posted) -> Person:
    """The same person as a program; acts show the receipt as `Somebody.shown` has it."""
    return Person(
        genesis=service.get("/commons/v1/keys").json()["genesis"],
        id=posted.id,
        index=posted.index,
        leaf=b"",
        secret=parse_base64url(posted.secret),
    )


async def test_claimed_by_somebody_else(
    visit: Visit, court: Courthouse, viewport: dict[str, int]
) -> None:
    """The page says so, what it means, and shuts nobody out."""
    posted = court.record()
    holder = court.somebody(
        SigningKey(derive(parse_base64url(posted.secret)).contest_seed)
    )
    _, body = person_of(court.service, posted).claim([])
    holder.does("receipt.claim", {**body, "receipt": holder.shown(posted.id)})
    page, watch = await visit(
        viewport=viewport, origin=court.service.base_url, secrets=(posted.secret,)
    )

    await open_link(page, posted.link)

    text = await main_text(page)
    assert "Somebody already has a key to this receipt" in text
    assert "nobody is shut out" in text
    assert await violations(page) == []
    await page.get_by_role("button", name="Make a key for this receipt").click()
    await page.locator("#sheet").wait_for(timeout=WAIT_MS)
    await contest(page)
    assert "by you, with this device" in await main_text(page)
    await watch.check(page)


async def test_the_backup_sheet_brings_the_key_back(
    visit: Visit, court: Courthouse
) -> None:
    posted = court.record()
    page, watch = await visit(origin=court.service.base_url, secrets=(posted.secret,))
    await open_link(page, posted.link)
    await page.get_by_role("button", name="Make a key for this receipt").click()
    seed = await page.inner_text("#seed", timeout=WAIT_MS)
    watch.secrets.append(seed)
    await expect(page.locator("#sheet svg.qr")).to_have_count(2)

    other, seen = await visit(origin=court.service.base_url, secrets=(seed,))
    await open_link(other, posted.link)
    await other.get_by_text("I have a backup sheet").click()
    field = other.get_by_label("The key on your sheet")
    await field.fill(seed[:-1])
    await other.get_by_role("button", name="Get my key back").click()
    assert "does not belong to this receipt" in await main_text(other)
    await field.fill(seed)
    await other.get_by_role("button", name="Get my key back").click()
    await other.get_by_text("This device has your own key").wait_for(timeout=WAIT_MS)
    await contest(other)

    await watch.check(page)
    await seen.check(other)


async def test_a_helper_acts_and_is_ended(
    visit: Visit, court: Courthouse, viewport: dict[str, int]
) -> None:
    posted = court.record()
    union = court.somebody(SigningKey(secrets.token_bytes(32)))
    page, watch = await visit(
        viewport=viewport, origin=court.service.base_url, secrets=(posted.secret,)
    )
    await open_link(page, posted.link)
    await page.get_by_text("Name a helper").click()
    await page.fill("#helper-did", "did:key:zNobody")
    await page.get_by_role("button", name="Name this helper").click()
    assert "This is no key" in await main_text(page)
    await page.fill("#helper-did", union.did)
    await page.get_by_label("read the private part").check()
    assert await violations(page) == []
    await page.get_by_role("button", name="Name this helper").click()
    await page.locator(f"[data-helper='{union.did}']").wait_for(timeout=WAIT_MS)

    opening = person_of(court.service, posted).opening([], SAID)
    shown = {"receipt": union.shown(posted.id)}
    union.does("contest.open", {**opening, **shown})
    text = await look_again(page)
    assert "A person was asked to look again, by your helper" in text
    await expect(page.locator("[data-grant]")).to_have_count(1)

    item = page.locator(f"[data-helper='{union.did}']")
    await item.get_by_role("button", name="End this").click()
    await page.get_by_text("can no longer act for you").wait_for(timeout=WAIT_MS)
    again = union.tries("contest.open", {**opening, "receipt": union.shown(posted.id)})
    assert again.status == 403
    await watch.check(page)


async def test_a_permission_is_given_used_seen_and_ended(
    visit: Visit, court: Courthouse
) -> None:
    posted = court.record()
    adviser = court.somebody(SigningKey(secrets.token_bytes(32)))
    page, watch = await visit(origin=court.service.base_url)
    await open_link(page, posted.link)
    await page.get_by_text("Let somebody read the private part").click()
    await page.fill("#grant-did", adviser.did)
    await page.get_by_role("button", name="Let them read").click()
    grant = page.locator("[data-grant]")
    await grant.wait_for(timeout=WAIT_MS)
    assert "Not read so far." in await grant.inner_text()

    name = await grant.get_attribute("data-grant")
    adviser.does("grant.read", {"grant": name, "decision": posted.id})
    await look_again(page)
    assert "Read 1 time:" in await grant.inner_text()
    await grant.get_by_role("button", name="End this permission").click()
    await page.get_by_text("This permission is ended.").wait_for(timeout=WAIT_MS)
    refused = adviser.tries("grant.read", {"grant": name, "decision": posted.id})
    assert refused.status == 422
    await watch.check(page)


async def test_what_is_written_has_bounds(visit: Visit, court: Courthouse) -> None:
    page, watch = await visit(origin=court.service.base_url)
    await open_link(page, court.record().link)
    await page.locator("#contest").click()
    words = page.get_by_label("What should the reviewer know?")
    following = page.get_by_role("button", name="See what will be sent")

    await following.click()
    assert "Write at least a few words." in await main_text(page)
    assert await words.get_attribute("aria-invalid") == "true"
    await words.fill("x" * 10_001)
    await following.click()
    assert "10,001 characters, where 10,000 are the most" in await main_text(page)
    await words.fill("Enough.")
    large = {
        "name": "scan.pdf",
        "mimeType": "application/pdf",
        "buffer": b"x" * 300_000,
    }
    await page.set_input_files("#files", large)  # type: ignore[arg-type]
    await following.click()
    await page.get_by_text("“scan.pdf” is too large").wait_for()
    assert await violations(page) == []
    await watch.check(page)
