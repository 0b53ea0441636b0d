"""The same modules in a real Chromium: another WebCrypto, which must judge alike.

The page is the service's own, under its own Content-Security-Policy; only the tests' two
files, which no server has, are put beside the verifier by the test.
"""

import json
from random import Random

from playwright.async_api import Page, Route

from tests.merkle.test_published_signatures import CCTV, MLDSA, REFUSED, WYCHEPROOF
from tests.merkle.vectors import b64
from tests.web.conftest import Visit
from tests.web.verify.differential import SEED
from tests.web.verify.edges import EDGES
from tests.web.verify.families import calls as some_calls
from tests.web.verify.node import HERE, Answer, Call, pack_calls, read_answers
from tests.web.verify.sides import divergence
from tests.world.service import Service

COUNT = 500


async def _put_beside(route: Route) -> None:
    text = (HERE / route.request.url.rpartition("/")[2]).read_text("utf-8")
    text = text.replace("../../../api/web/static/verify/", "/static/verify/")
    await route.fulfill(body=text, content_type="text/javascript")


async def _ask(page: Page, calls: list[Call]) -> list[Answer]:
    told = await page.evaluate(
        """async (calls) => {
          const { answer } = await import("/static/tests/wire.mjs");
          const answers = [];
          for (const call of JSON.parse(calls)) answers.push(await answer(call));
          return JSON.stringify(answers);
        }""",
        json.dumps(pack_calls(calls)),  # Playwright has its own idea of __proto__
    )
    return read_answers(calls, json.loads(told))


async def test_a_browser_judges_as_node_and_python_do(
    visit: Visit, web_service: Service
) -> None:
    page, watch = await visit()
    await page.goto(f"{web_service.base_url}/docs")
    await page.route("**/static/tests/*.mjs", _put_beside)

    signatures: list[Call] = [
        ("ed25519", [b64(case["key"]), case["msg"].encode(), b64(case["sig"])])
        for case in CCTV
    ]
    held = [answer.value for answer in await _ask(page, signatures)]
    wrong = [
        (case["id"], case["flags"])
        for case, one in zip(CCTV, held, strict=True)
        if one is not (not REFUSED.intersection(case["flags"]))
    ]
    assert wrong == []

    signatures = [
        ("ed25519", [b64(case["key"]), b64(case["msg"]), b64(case["sig"])])
        for case in WYCHEPROOF
    ]
    held = [answer.value for answer in await _ask(page, signatures)]
    assert held == [case["result"] == "valid" for case in WYCHEPROOF]

    quantum: list[Call] = [
        ("mldsa44", [b64(MLDSA["keys"][c["group"]]), b64(c["msg"]), b64(c["sig"])])
        for c in MLDSA["cases"]
        if "ctx" not in c
    ]
    found = await _ask(page, quantum)
    assert [divergence(*both) for both in zip(quantum, found, strict=True)] == [
        None for _ in quantum
    ]

    mixed = [edge.call for edge in EDGES] + some_calls(
        Random(f"{SEED}/chromium"), COUNT
    )
    found = await _ask(page, mixed)
    told = [divergence(*both) for both in zip(mixed, found, strict=True)]
    assert [one for one in told if one is not None] == []
    assert watch.strangers == []
