"""Receipts on a page: a decision with everything in it, its link, the page once it is checked."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from playwright.async_api import Page, Route

from tests.world.service import Service, decision

CHECKED_MS: Final = 20_000  # generous: a loaded machine checks as well as a quick one

EVERYTHING: Final[dict[str, Any]] = {
    "score": "0.31",
    "threshold": "0.5",
    "reasons": [
        {"code": f"R{rank}", "text": text, "direction": "against", "rank": rank}
        for rank, text in (
            (2, "The place of work is far from your home."),
            (1, "Your experience was counted as 2 years; the job asks for 3."),
            (3, "Question 7 was not answered."),
            (4, "Many others applied."),
            (5, "Your certificate could not be read."),
        )
    ],
    "counterfactuals": [
        {
            "factor": "years of experience",
            "from": "2",
            "to": "3",
            "outcome": "shortlisted",
        }
    ],
    "inputs": {
        "experience_years": 2,
        "languages": ["de", "en"],
        "employer": {"last": "Bäckerei Müller", "months": 25},
    },
    "protected": {"sex": "female", "age_band": "25 to 45", "source": "self"},
    "human": {"involved": False, "could_override": True, "override": False},
    "recourse": {"how": "Write to us.", "deadline_days": 30, "authority": "Equality"},
    "footprint": {"energy_wh": "0.42"},
}


@dataclass(frozen=True, slots=True)
class Posted:
    """A decision that was recorded: its id, its secret, and its link on this server."""

    id: str
    index: int
    secret: str
    link: str


def record(service: Service, **changes: object) -> Posted:
    """Records a decision with all its fields; `changes` replace some."""
    answer = service.post(decision(**{**EVERYTHING, **changes}))
    assert answer.status == 201, answer.body
    told = answer.json()
    secret = told["receipt"]["secret"]
    link = f"{service.ledger_url}/r#{told['id']}.{secret}"
    return Posted(id=told["id"], index=told["index"], secret=secret, link=link)


def receipt_file(service: Service, posted: Posted, **changes: Any) -> bytes:
    """A receipt file with everything in it, made from the public answers."""
    view = service.get(f"/commons/v1/decisions/{posted.id}").json()
    keys = service.get("/commons/v1/keys").json()
    value = {
        "counterfoil": 1,
        "origin": keys["origin"],
        "genesis": keys["genesis"],
        "id": posted.id,
        "index": view["index"],
        "leaf": view["leaf"],
        "proof": service.get(f"/commons/v1/receipts/{posted.id}").body.decode(),
        "secret": posted.secret,
        "policy": keys["policy"],
    }
    return json.dumps({**value, **changes}).encode()


async def open_link(page: Page, link: str) -> str:
    """Opens a receipt's page and waits for its verdict: the page's state."""
    await page.goto(link)
    return await verdict(page)


async def verdict(page: Page) -> str:
    """The page's state, once it has one."""
    await page.wait_for_selector("html[data-state]", timeout=CHECKED_MS)
    state = await page.get_attribute("html", "data-state")
    assert state is not None
    return state


async def main_text(page: Page) -> str:
    """What a person reads, without the marks that isolate directions."""
    text = await page.inner_text("#receipt")
    return text.replace("\u2068", "").replace("\u2069", "")


async def is_too_wide(page: Page) -> bool:
    """Whether a person must scroll sideways."""
    found = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return bool(found)


Change = Callable[[Any], Any]


async def lie(page: Page, path: str, change: Change, *, raw: bool = False) -> None:
    """Alters what the real server answers under `path`, on its way to the page.

    Args:
        page: whose requests are answered with lies.
        path: the end of the address, before a query.
        change: of the JSON answered, or of its bytes.
        raw: whether `change` takes and gives bytes.
    """

    async def altered(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.body()
        if answer.ok:
            body = (
                change(body) if raw else json.dumps(change(json.loads(body))).encode()
            )
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name not in {"content-length", "content-encoding"}
        }
        await route.fulfill(status=answer.status, headers=headers, body=body)

    def asked(url: str) -> bool:
        return url.partition("?")[0].endswith(path)

    await page.context.route(asked, altered)
