"""The public pages of a real service, read as HTML and seen in a real browser."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Final
from urllib.parse import quote, urljoin

import pytest
from playwright.async_api import ViewportSize

from api.web.catalogue import LANGUAGES
from ledger.limits import PAGE_ITEMS_MAX
from tests.e2e.town import Town
from tests.web.axe import violations
from tests.web.conftest import DESK, PHONE, Visit
from tests.web.html import Element, parse
from tests.web.place import NAME, OPERATOR, RULE, TEXT, TITLE, Place
from tests.world.service import LEDGER, SYSTEM, Answer

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

WIDE: Final = "document.documentElement.scrollWidth - innerWidth"
# The same in every language; the second is a file to keep.
ALIKE: Final = {"/docs", f"/{LEDGER}/check.html"}
WEIGHT_MAX: Final = 40_000  # bytes over the wire of a page and all it loads


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    town = Town(tmp_path_factory.mktemp("place"), retention_floor_days=1)
    town.service._env["COUNTERFOIL_SWEEP_S"] = "3600"  # one that never comes
    with town:
        yield Place(town)


def get(place: Place, path: str, **headers: str) -> Answer:
    wanted = {"Accept": "text/html,*/*;q=0.8", **headers}
    return place.service.get(path, headers=wanted)


def page(place: Place, path: str, *, status: int = 200) -> Element:
    answer = get(place, f"/{LEDGER}{path}")
    assert answer.status == status, (path, answer.status)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return parse(answer.body.decode())


def main_of(place: Place, path: str, *, status: int = 200) -> Element:
    return page(place, path, status=status).one("main")


def one_of_each(place: Place) -> list[str]:
    """One page of each template: what a browser takes a second for."""
    return [
        *("/", "/systems", f"/systems/{place.system}", "/safeguards"),
        *(f"/safeguards/{RULE}", "/proposals", f"/proposals/{place.open_proposal}"),
        *("/contests", f"/contests/{place.contests[0]}", "/members", "/entries"),
        *(f"/entries/{place.decided[0]['index']}", "/search"),
    ]


def every_path(place: Place) -> list[str]:
    """Pages of each kind and state."""
    first = place.decided[0]["index"]
    return [
        *("/", "/systems", f"/systems/{place.system}", "/systems/example"),
        *("/safeguards", f"/safeguards/{RULE}", "/proposals"),
        *(f"/proposals/{place.proposal}", f"/proposals/{place.open_proposal}"),
        *("/contests", "/contests?status=ended", f"/contests/{place.contests[0]}"),
        *(f"/contests/{place.contests[1]}", "/members", "/entries", "/entries/0"),
        *(f"/entries/{first}", f"/entries/{first + 3}", "/search", "/entries?before=5"),
    ]


# ---- what the pages say ------------------------------------------------------------------


def test_the_first_page_says_how_the_ledger_stands(place: Place) -> None:
    found = main_of(place, "/")

    assert found.one("h1").text == "4 decisions, made by computer programs"
    headings = [one.text for one in found.all("h2")]
    assert "2 programs decide" in headings
    assert "2 decisions were contested" in headings
    assert "1 rule in force" in headings
    assert "1 proposal is open" in headings
    (row,) = [one for one in found.all("tr") if NAME in one.text]
    assert [one.text for one in row.all("td")] == ["3", "1"]
    facts = dict(
        zip(
            [one.text for one in found.all("dt")],
            [one.text for one in found.all("dd")],
            strict=True,
        )
    )
    assert facts["Overdue"] == "1 contest"
    assert facts["Waiting for a reviewer"] == "0 contests"
    assert facts["The person took the contest back"] == "1 contest"


def test_from_a_decision_to_its_rule_to_the_vote_is_two_clicks(place: Place) -> None:
    system = main_of(place, f"/systems/{place.system}")
    rule = f"/{LEDGER}/safeguards/{RULE}"
    assert system.links[rule] == TITLE

    found = page(place, f"/safeguards/{RULE}").one("main")
    vote = f"/{LEDGER}/proposals/{place.proposal}"
    assert found.links[vote] in {"Decided by vote of 2 people: 2 for, 0 against", TITLE}
    assert "A decision that breaks it is stopped." in found.text

    proposal = main_of(place, f"/proposals/{place.proposal}")
    assert "It passed and was carried out." in proposal.text
    votes = {
        row.one("th").text: row.one("td").text
        for row in proposal.all("tr")
        if row.all("td")
    }
    assert votes["For"] == "2"
    assert votes["Against"] == "0"
    assert next(iter(votes)) == "For"


def test_a_missed_deadline_is_a_public_fact(place: Place) -> None:
    late = main_of(place, f"/contests/{place.contests[0]}")
    assert "This review is overdue." in late.one("div", **{"class": "box bad"}).text
    index = place.decided[0]["index"]
    assert f"/{LEDGER}/entries/{index}" in late.links
    assert "Somebody contested a decision" in late.text

    listed = main_of(place, "/contests?status=overdue")
    own = [one for one in listed.links if "/contests/" in one]
    assert own == [f"/{LEDGER}/contests/{place.contests[0]}"]
    entry = main_of(place, f"/entries/{index}")
    assert "What happened since" in entry.text


def test_an_erasure_that_nobody_executes_is_a_public_fact(place: Place) -> None:
    for path in ("/", "/contests", f"/systems/{place.system}"):
        late = main_of(place, path).one("div", id="late")
        assert "1 erasure is late" in late.text
        assert f"/{LEDGER}/search?q={place.asked}" in late.links
    assert not main_of(place, f"/systems/{SYSTEM}").all("div", id="late")


def test_a_legal_hold_stands_on_its_programs_page(place: Place) -> None:
    page = main_of(place, f"/systems/{SYSTEM}")
    assert "may be deleted for now: tribunal" in page.text
    assert f"/{LEDGER}/proposals/{place.hold}" in page.links
    assert "tribunal" not in main_of(place, f"/systems/{place.system}").text


def test_what_members_say_stands_on_the_proposals_page(place: Place) -> None:
    page = main_of(place, f"/proposals/{place.open_proposal}")
    said = page.one("ul", **{"class": "items"}).one("li")
    assert "<b>Why</b> now? ⟨U+202E⟩evil" in said.text
    assert "agree: 0, disagree: 0" in said.text
    assert not said.all("b")
    assert not main_of(place, f"/proposals/{place.proposal}").all("h2", id="comments")


def test_a_decision_says_nothing_that_is_sealed(place: Place) -> None:
    found = main_of(place, f"/entries/{place.decided[2]['index']}")

    assert NAME in found.one("h1").text
    assert "the outcome and the reasons are not public" in found.text
    # The code as a word: two letters stand in many a digest by chance.
    assert "R1" not in re.findall(r"[\w-]+", found.text)
    assert "rejected" not in found.text


def test_an_id_leads_to_its_page(place: Place) -> None:
    decided = place.decided[0]
    for asked, want in {
        decided["id"]: f"entries/{decided['index']}",
        decided["id"].upper(): f"entries/{decided['index']}",
        str(decided["index"]): f"entries/{decided['index']}",
        place.system: f"systems/{place.system}",
        RULE: f"safeguards/{RULE}",
        place.proposal: f"proposals/{place.proposal}",
        place.contests[0]: f"contests/{place.contests[0]}",
    }.items():
        assert leads_to(place, asked).endswith(want), asked

    for nothing in ("zzz", "<b>x</b>", "\0", "999999999999", "-1", "a" * 500):
        found = main_of(place, f"/search?q={quote(nothing, safe='')}", status=404)
        assert "Nothing here is called" in found.text


def leads_to(place: Place, asked: str) -> str:
    connection = HTTPConnection("127.0.0.1", place.service.port)
    connection.request("GET", f"/{LEDGER}/search?q={quote(asked, safe='')}")
    answer = connection.getresponse()
    assert answer.status == 302
    found = answer.headers["Location"]
    connection.close()
    return str(found)


# ---- hostile names -----------------------------------------------------------------------


def test_what_strangers_wrote_is_text_and_never_markup(place: Place) -> None:
    for path in every_path(place):
        found = page(place, path)
        assert found.all("script") == [], path
        assert found.all("img") == [], path
        assert found.all("b") + found.all("em") == [], path
        for element in found.all("a"):
            assert element.attributes["href"].startswith(("/", "?", "#")), path

    assert NAME in main_of(place, f"/systems/{place.system}").one("h1").text
    assert OPERATOR in main_of(place, f"/systems/{place.system}").text
    words = main_of(place, f"/proposals/{place.proposal}").one(
        "div", **{"class": "words"}
    )
    assert words.text == " ".join(TEXT.split())
    assert "<em>Ask</em> a person & wait." in main_of(place, f"/safeguards/{RULE}").text


# ---- every page ---------------------------------------------------------------------------


def test_every_page_keeps_the_strict_headers(place: Place) -> None:
    for path in (*every_path(place), "/nothing-here"):
        answer = get(place, f"/{LEDGER}{path}")
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src")
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Content-Language"] == "en"
        assert "style=" not in answer.body.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_of_every_page_leads_somewhere(place: Place, language: str) -> None:
    """Pages are crawled from the first; in a chosen language links stay in it."""
    seen: set[str] = set()
    queue = [(f"/{LEDGER}/?lang={language}", "")]
    while queue:
        path, page_before = queue.pop()
        if path in seen or len(seen) > PAGE_ITEMS_MAX:
            continue
        seen.add(path)
        answer = get(place, path)
        assert answer.status == 200, (page_before, path)
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        found = parse(answer.body.decode())
        html = found.one("html").attributes
        if path.startswith(f"/{LEDGER}/"):
            assert html["lang"] == language, (page_before, path)
            assert html["dir"] == ("rtl" if language == "ar" else "ltr")
            assert len(found.all("h1")) == 1, path
        for link in found.links:
            target = urljoin(path, link).partition("#")[0]
            bare = target.partition("?")[0]
            if link.startswith(("?", "#")) or bare in ALIKE:
                continue
            if not (seen_enough(bare) and bare in bares(seen)):
                queue.append((target, path))
    assert len(seen) > 30


def seen_enough(bare: str) -> bool:
    """Entries are many and alike; each address of them once is enough."""
    return "/entries" in bare or "/v1/" in bare


def bares(seen: set[str]) -> set[str]:
    return {one.partition("?")[0] for one in seen}


def test_a_browser_gets_mishaps_in_words_and_a_program_the_problem(
    place: Place,
) -> None:
    found = page(place, "/systems/no-such", status=404)
    assert found.one("h1").text == "There is nothing here"
    assert found.all("form", role="search")

    none = get(place, "/no-such-ledger/")
    assert none.status == 404
    assert parse(none.body.decode()).one("h1").text == "There is nothing here"

    answer = place.service.get(f"/{LEDGER}/systems/no-such")
    assert answer.status == 404
    assert answer.json()["type"] == "/docs#problem-not-found"
    french = get(place, f"/{LEDGER}/nothing", **{"Accept-Language": "fr-CA"})
    assert parse(french.body.decode()).one("h1").text == "Il n’y a rien ici"


def test_the_ledgers_name_alone_and_the_root_lead_to_the_first_page(
    place: Place,
) -> None:
    for path in ("/", f"/{LEDGER}", f"/{LEDGER}?lang=de"):
        answer = get(place, path)
        assert answer.status == 200
        assert b"<h1>4 " in answer.body


# ---- in a browser -------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_every_page_in_a_real_browser(
    place: Place, visit: Visit, language: str
) -> None:
    locale = {"en": "en-GB", "ar": "ar-EG"}[language]
    tab, watch = await visit(locale=locale, origin=place.service.base_url)
    for path in one_of_each(place):
        await tab.set_viewport_size(size(PHONE))
        await tab.goto(f"{place.service.ledger_url}{path}")
        assert await tab.get_attribute("html", "lang") == language
        for viewport in (PHONE, DESK):
            await tab.set_viewport_size(size(viewport))
            assert await violations(tab) == [], (path, viewport)
            assert await tab.evaluate(WIDE) <= 0, (path, viewport)
    await watch.check(tab)


def size(viewport: dict[str, int]) -> ViewportSize:
    return ViewportSize(width=viewport["width"], height=viewport["height"])


async def test_dark_and_in_print_and_at_four_times_the_size(
    place: Place, visit: Visit
) -> None:
    origin = place.service.base_url
    for more in ({"color_scheme": "dark"}, {"viewport": {"width": 320, "height": 568}}):
        tab, watch = await visit(origin=origin, **{"viewport": PHONE, **more})
        for path in ("/", f"/contests/{place.contests[0]}"):
            await tab.goto(f"{place.service.ledger_url}{path}")
            assert await violations(tab) == [], (more, path)
            assert await tab.evaluate(WIDE) <= 0, (more, path)
        await watch.check(tab)
    tab, _ = await visit(origin=origin, viewport=PHONE)
    for language in LANGUAGES:  # words differ in length
        await tab.goto(f"{place.service.ledger_url}/?lang={language}")
        assert await tab.evaluate(WIDE) <= 0, language
    tab, _ = await visit(origin=origin, viewport=DESK)
    await tab.goto(f"{place.service.ledger_url}/")
    await tab.emulate_media(media="print")
    assert not await tab.locator("form").first.is_visible()
    assert await tab.locator("h1").is_visible()


async def test_pages_work_without_scripts_and_are_light(
    place: Place, visit: Visit
) -> None:
    tab, watch = await visit(origin=place.service.base_url, java_script_enabled=False)
    await tab.goto(f"{place.service.ledger_url}/")
    sizes = [await one.sizes() for one in watch.requests]
    weight = sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
    assert weight <= WEIGHT_MAX

    await tab.keyboard.press("Tab")
    assert await tab.locator(":focus").get_attribute("href") == "#main"
    await tab.fill("#q", place.decided[0]["id"])
    await tab.click("form button")
    await tab.wait_for_url(f"**/entries/{place.decided[0]['index']}")
    await watch.check(tab)


async def test_a_receipts_secret_cannot_be_searched_for(
    place: Place, visit: Visit
) -> None:
    receipt = place.decided[0]["receipt"]
    tab, watch = await visit(
        origin=place.service.base_url,
        java_script_enabled=False,
        secrets=(receipt["secret"],),
    )
    await tab.goto(f"{place.service.ledger_url}/search")
    for pasted in (receipt["link"], receipt["link"].partition("#")[2]):
        await tab.fill("#q", pasted)
        await tab.click("form button")
        assert tab.url == f"{place.service.ledger_url}/search"
    for asked in ("example", "1,234", place.proposal, f"did:key:z6Mk{'a' * 44}"):
        await tab.fill("#q", asked)
        assert await tab.locator("#q:valid").count() == 1, asked
    await watch.check(tab)
