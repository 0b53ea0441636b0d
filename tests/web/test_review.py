"""The reviewers' page: a key that stays on the device, a case read and concluded in the browser."""

import asyncio
import json
import secrets
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from ledger.canonical import format_base64, format_base64url
from ledger.clock import SystemClock
from ledger.entries.codec import decode_entry
from ledger.entries.decision import Submission, seal
from ledger.entries.moment import format_hour
from ledger.entries.statement import sign_statement
from ledger.ids import SystemId
from ledger.keys import SigningKey
from ledger.log.entropy import fresh
from schemas.submission import SEALED
from tests.e2e.contract import keys
from tests.e2e.court import Court, id_of
from tests.e2e.town import here
from tests.web.asking import contest, look_again
from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.courthouse import moment
from tests.web.receipts import is_too_wide, main_text, open_link, verdict
from tests.web.recorder import Recorder
from tests.world.service import LEDGER

SAID = "I have worked there for five years, not two."
WHY = "The years at the bakery count. The decision is changed."
SEALER = "sealer"  # a system whose deployer seals: the ledger has no key
DEPLOYER = SigningKey(b"\4" * 32)
READY_MS = 20_000  # generous: a loaded machine reviews as well as a quick one


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    with Court(tmp_path_factory.mktemp("court")) as court:
        court.operator("systems", "add", LEDGER, SEALER, "--key", DEPLOYER.did)
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


async def by_the_town(page: Page) -> None:
    """The browser's clock is the town's, whose votes moved it on."""
    await page.clock.set_system_time(SystemClock().now_ms() / 1_000)


async def opened(page: Page, court: Court) -> None:
    await by_the_town(page)
    await page.goto(f"{court.service.ledger_url}/review")
    await page.wait_for_selector("html[data-state=key]", timeout=READY_MS)


async def enter(
    visit: Visit, court: Court, key: Path, **more: object
) -> tuple[Page, Recorder]:
    """The page once a key was chosen and the contests are shown."""
    private = (seed_of(key), SAID, WHY)
    page, watch = await visit(origin=court.service.base_url, secrets=private, **more)
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

    await expect(page.locator("#review .box.bad")).to_have_count(1)
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


# ---- reviewers whose key was turned, or who came later -----------------------------------


def turned(court: Court, key: Path) -> Path:
    """Somebody takes another key: its file."""
    new = court.home / f"{key.stem}-{secrets.token_hex(3)}.key"
    assert here("identity", "new", new).code == 0
    court.does(key, "key", "rotate", new)
    return new


def appointed(court: Court, name: str) -> Path:
    """One more reviewer, by a vote."""
    key = court.person(name)
    court.does(key, "apply")
    court.does(court.founder, "admit", court.did(key))
    until = moment(court.clock, 300 * 86_400_000)
    body = {"role": "reviewer", "member": court.did(key), "until": until}
    file = court.home / f"{name}.json"
    file.write_text(
        json.dumps(
            {
                "title": f"{name} reviews",
                "text": "One more.",
                "actions": [{"action": "role.appoint", "body": body}],
            }
        )
    )
    proposal = court.opens(court.founder, file, court.rita)
    court.passes(proposal, [court.founder, court.rita])
    return key


def link_to(court: Court, receipt: Path) -> tuple[str, str]:
    """A receipt's link, and its secret."""
    told = json.loads(receipt.read_text())
    link = f"{court.service.ledger_url}/r#{told['id']}.{told['secret']}"
    return link, told["secret"]


async def test_a_case_is_shared_with_who_reviews_later_and_with_a_key_turned(
    visit: Visit, court: Court, viewport: dict[str, int]
) -> None:
    """A box is sealed to the keys that reviewers have today; who comes later gets one."""
    link, secret = link_to(court, court.decides("ana", inputs={"years": 2}))
    page, watch = await visit(
        origin=court.service.base_url, secrets=(secret,), viewport=viewport
    )
    await by_the_town(page)
    await open_link(page, link)
    first = await contest(page, SAID)
    assert await page.get_by_role("button", name="Let").count() == 0

    def happens() -> Path:
        ruth = appointed(court, f"ruth-{secrets.token_hex(2)}")
        return turned(court, ruth)

    ruth = await asyncio.to_thread(happens)
    await by_the_town(page)
    assert court.did(ruth) not in court.get(f"contests/{first}")["boxes"]
    await look_again(page)
    share = page.get_by_role("button", name="new reviewer")
    await share.wait_for(timeout=READY_MS)
    assert await violations(page) == []
    assert not await is_too_wide(page)
    await share.click()
    await page.get_by_text("They can read it now.").wait_for(timeout=READY_MS)
    assert court.did(ruth) in court.get(f"contests/{first}")["boxes"]
    await share.wait_for(state="detached")

    # What is opened from now on is readable with the new key at once.
    link, other = link_to(court, court.decides("ben", inputs={"years": 2}))
    watch.secrets.append(other)
    await open_link(page, link)
    await verdict(page)
    second = await contest(page, SAID)
    review, seen = await enter(visit, court, ruth, viewport=viewport)
    for name in (first, second):
        row = review.locator(f"[data-contest='{name}']")
        await row.get_by_role("button", name="Take it and read").click()
        await review.wait_for_selector("html[data-state=case]", timeout=READY_MS)
        assert SAID in await review.inner_text("#review")
        await press(review, "Back to the list")
        await review.wait_for_selector("html[data-state=list]", timeout=READY_MS)
    await watch.check(page)
    await seen.check(review)


# ---- sealed mode -------------------------------------------------------------------------


def sealed_decision(court: Court) -> tuple[str, str]:
    """A decision that its deployer sealed and signed: K, and the link."""
    known = keys(court.service)
    told = json.loads(court.decides("rules", inputs={}).read_text())
    rules = decode_entry(b64decode(told["leaf"])).rules  # type: ignore[union-attr]
    ((id_, entropy),) = fresh(1)
    submission = Submission(
        id=id_,
        system=SystemId(SEALER),
        version=None,
        profile="sealed",
        automation="full",
        time=format_hour(SystemClock().now_ms() // 3_600_000),
        outcome=None,
        values={
            "outcome": b'{"code":"rejected","favourable":false}',
            "inputs": b'{"years":2}',
        },
    )
    made = seal(known["genesis"], submission, entropy)
    body = {
        "statement": json.loads(made.statement),
        "signature": {
            "keyid": DEPLOYER.did,
            "sig": format_base64url(sign_statement(DEPLOYER, made.statement)),
        },
        "sealed": format_base64(made.sealed),
        "rules": rules,
        "handle": None,
    }
    token = court.operator("tokens", "issue", LEDGER, SEALER).strip()
    answer = court.service.request(
        "POST",
        f"/{LEDGER}/v1/decisions",
        body=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": SEALED},
    )
    assert answer.status == 201, answer.body
    secret = format_base64url(entropy.secret)
    return secret, f"{court.service.ledger_url}/r#{id_}.{secret}"


async def test_a_sealed_decision_is_checked_contested_and_shown_to_a_reviewer(
    visit: Visit, court: Court, viewport: dict[str, int]
) -> None:
    """The ledger has no key to it: the person hands it on, to a reviewer and an adviser."""
    secret, link = await asyncio.to_thread(sealed_decision, court)
    page, watch = await visit(
        origin=court.service.base_url, secrets=(secret,), viewport=viewport
    )
    await by_the_town(page)
    assert await open_link(page, link) == "holds"
    text = await main_text(page)
    assert "The decision went against you: rejected" in text
    assert await violations(page) == []
    contested_ = await contest(page, SAID)

    adviser = court.person(f"adviser-{viewport['width']}")
    await page.get_by_text("Let somebody read the private part").click()
    await page.fill("#grant-did", court.did(adviser))
    await page.get_by_role("button", name="Let them read").click()
    grant = await page.locator("[data-grant]").get_attribute(
        "data-grant", timeout=READY_MS
    )
    assert grant is not None
    assert court.get("state/grants")["value"][grant]["wrapped"]
    told = await asyncio.to_thread(court.does, adviser, "grant", "read", grant)
    assert '"years": 2' in json.dumps(told)

    reviewer = court.rita
    review, seen = await enter(visit, court, reviewer, viewport=viewport)
    row = review.locator(f"[data-contest='{contested_}']")
    await row.get_by_role("button", name="Take it and read").click()
    await review.wait_for_selector("html[data-state=case]", timeout=READY_MS)
    await look(review)
    fields = await review.inner_text("#fields")
    assert "rejected" in fields
    assert "2" in fields
    await look_again(page)
    await expect(page.get_by_text("Read 1 time")).to_have_count(2)
    await watch.check(page)
    await seen.check(review)
    assert secret not in court.service.log
