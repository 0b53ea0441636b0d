"""Attacks on a sign-in, one test each, against the service and a certified provider."""

import hashlib
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from ledger.canonical import format_base64url
from ledger.clock import SystemClock
from ledger.ids import LedgerName, LogId
from ledger.limits import SIGN_IN_S
from ledger.log.identity import Ledger
from ledger.log.keyring import Keyring
from ledger.log.signins import SignIns
from tests.cli.command import Operator
from tests.e2e.canaries import Canaries, find
from tests.oidc.browser import Tab, asked, kind
from tests.oidc.certified import CLIENT_ID, Certified, client
from tests.world.service import Service, decision

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

SECRET = "a client secret of this test"


@dataclass(frozen=True, slots=True)
class World:
    provider: Certified
    service: Service

    def back(self, tab: Tab, account: str = "carmen") -> dict[str, str]:
        """What the redirect carries after an honest sign-in of this tab."""
        return self.provider.sign_in(tab.start(), account)

    def sign_ins(self, ledger: str = "commons") -> SignIns:
        """The service's own sealing, with its keys."""
        keys = self.service.get(f"/{ledger}/v1/keys").json()
        vault = Keyring(self.service.data / "keys" / ledger).vault()
        one = Ledger(
            log_id=LogId(1),
            name=LedgerName(ledger),
            origin=keys["origin"],
            genesis=keys["genesis"],
        )
        nowhere = cast("Any", type("NoStore", (), {"sign_ins": None})())
        return SignIns(one, nowhere, vault, SystemClock())


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Certified() as provider:
        env = {
            "COUNTERFOIL_OIDC_ISSUER": provider.issuer,
            "COUNTERFOIL_OIDC_CLIENT_ID": CLIENT_ID,
            "COUNTERFOIL_OIDC_CLIENT_SECRET": SECRET,
            "COUNTERFOIL_OIDC_CLAIM": "customer_number",
            "COUNTERFOIL_OIDC_SYSTEMS": "commons/example city/none",
            "COUNTERFOIL_LOG_LEVEL": "debug",
        }
        with Service(env=env, workers=2) as service:
            places = [f"{service.base_url}/{one}/lost/return" for one in LEDGERS]
            provider.serve([client(*places, secret=SECRET)])
            yield World(provider, service)


LEDGERS = ("commons", "city")


@pytest.fixture(scope="module")
def city(world: World) -> str:
    """A second ledger of the same service."""
    operator = Operator(world.service.data, world.service.database_url or "")
    operator.does("init", "city", "--origin", "example.org/c")
    return "city"


def test_an_honest_sign_in_is_taken_once(world: World) -> None:
    """A replayed code: the state that came with it is spent, whoever brings it."""
    tab = Tab(world.service)
    back = world.back(tab)
    url = asked(tab.start())

    assert (
        back["at"] == url["redirect_uri"] == f"{world.service.ledger_url}/lost/return"
    )
    assert tab.finish(back).status == 200
    again = tab.finish(back)
    assert (again.status, kind(again)) == (409, "sign-in-used")


def test_of_many_at_once_one_is_taken(world: World) -> None:
    tab = Tab(world.service)
    back = world.back(tab)
    with ThreadPoolExecutor(4) as pool:
        told = sorted(one.status for one in pool.map(tab.finish, [back] * 4))

    assert told == [200, 409, 409, 409]


def test_a_replayed_code_under_a_new_state_is_refused_by_the_provider(
    world: World,
) -> None:
    """Its verifier is another: PKCE binds the code to the first request."""
    tab = Tab(world.service)
    back = world.back(tab)
    fresh = asked(tab.start())["state"]

    answer = tab.finish({**back, "state": fresh})
    assert (answer.status, kind(answer)) == (422, "sign-in-refused")


def test_a_stolen_code_is_of_no_use_in_the_thiefs_own_sign_in(world: World) -> None:
    victim, thief = Tab(world.service), Tab(world.service)
    code = world.back(victim)["code"]
    own = world.back(thief, "mallory")

    answer = thief.finish({**own, "code": code})
    assert kind(answer) == "sign-in-refused"


def test_the_binder_of_another_browser_opens_nothing(world: World) -> None:
    """Whoever reads code and state in a server's log has not what the tab keeps."""
    tab, other = Tab(world.service), Tab(world.service)
    back = world.back(tab)

    answer = other.finish(back)
    assert (answer.status, kind(answer)) == (403, "sign-in-elsewhere")
    assert tab.finish(back).status == 200


def test_the_hash_of_the_binder_is_not_the_binder(world: World) -> None:
    tab = Tab(world.service)
    back = world.back(tab)
    hash_ = format_base64url(hashlib.sha256(tab.binder).digest())

    assert kind(tab.finish(back, binder=hash_)) == "sign-in-elsewhere"


@pytest.mark.parametrize("place", [0, 20, 60, 100, 140, 175])
def test_a_state_with_one_letter_changed_is_unknown(world: World, place: int) -> None:
    tab = Tab(world.service)
    state = asked(tab.start())["state"]
    other = "A" if state[place] != "A" else "Q"
    changed = state[:place] + other + state[place + 1 :]

    answer = tab.finish({"state": changed, "code": "x"})
    assert (answer.status, kind(answer)) == (422, "sign-in-unknown")


def test_a_state_made_up_is_unknown(world: World) -> None:
    made_up = format_base64url(secrets.token_bytes(132))

    answer = Tab(world.service).finish({"state": made_up, "code": "x"})
    assert kind(answer) == "sign-in-unknown"


def test_a_state_of_another_ledger_is_unknown(world: World, city: str) -> None:
    here, there = Tab(world.service), Tab(world.service, city)
    there.binder = here.binder
    back = world.back(here)
    back_there = world.provider.sign_in(there.start(), "carmen")

    assert kind(there.finish(back)) == "sign-in-unknown"
    assert kind(here.finish(back_there)) == "sign-in-unknown"
    assert here.finish(back).status == 200
    assert there.finish(back_there).status == 200


def test_a_state_whose_time_has_passed(world: World) -> None:
    tab = Tab(world.service)
    sign_ins = world.sign_ins()
    state, begun = sign_ins.begin(hashlib.sha256(tab.binder).digest())
    late = replace(begun, expires_ms=SystemClock().now_ms() - 1)
    back = world.back(tab)

    answer = tab.finish({**back, "state": sign_ins.seal(late)})
    assert (answer.status, kind(answer)) == (422, "sign-in-expired")
    # The same, still in time, is this service's own: it gets as far as the provider.
    assert kind(tab.finish({**back, "state": state})) == "sign-in-refused"
    assert begun.expires_ms - SystemClock().now_ms() < SIGN_IN_S * 1_000


def test_a_claim_that_the_provider_does_not_give(world: World) -> None:
    tab = Tab(world.service)

    answer = tab.finish(world.back(tab, "nobody"))
    assert (answer.status, kind(answer)) == (422, "no-identifier")


@pytest.mark.parametrize("issuer", [None, "https://other.example"])
def test_a_redirect_that_names_another_issuer(world: World, issuer: str | None) -> None:
    """The provider says that its redirects name it (RFC 9207)."""
    tab = Tab(world.service)

    answer = tab.finish(world.back(tab), iss=issuer)
    assert (answer.status, kind(answer)) == (403, "sign-in-untrusted")


def test_another_redirect_address_is_refused_at_the_provider(world: World) -> None:
    address = Tab(world.service).start()
    elsewhere = address.replace("lost%2Freturn", "lost%2Freturn%2Fx")
    assert elsewhere != address

    with pytest.raises(AssertionError, match="redirect_uri"):
        world.provider.sign_in(elsewhere, "carmen")


def test_the_address_tells_the_provider_nothing_but_what_it_needs(
    world: World,
) -> None:
    tab = Tab(world.service)
    url = asked(tab.start())

    assert url.keys() == {
        *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
        *("code_challenge", "code_challenge_method", "prompt"),
    }
    assert url["prompt"] == "login"
    assert url["code_challenge_method"] == "S256"
    assert asked(tab.start())["nonce"] != url["nonce"]


def test_the_page_that_one_returns_to_repeats_nothing_of_its_address(
    world: World,
) -> None:
    canaries = Canaries()
    code, state = canaries.new(), canaries.new()
    for query in (f"code={code}&state={state}", f"lang=fr&state={state}&code={code}"):
        page = world.service.get(f"/commons/lost/return?{query}")
        assert page.status == 200
        assert find(page.body, canaries.needles()) == []
        assert find(str(page.headers).encode(), canaries.needles()) == []
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert "form-action 'self'" in page.headers["Content-Security-Policy"]
        assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
    assert find(world.service.log.encode(), canaries.needles()) == []


BAD: dict[str, dict[str, Any]] = {
    "no binder": {"binder": None},
    "a short binder": {"binder": "AAAA"},
    "a number": {"binder": 7},
    "a short state": {"state": "x"},
    "no state": {"state": None},
    "no code": {"code": None},
    "an empty code": {"code": ""},
    "a long code": {"code": "x" * 4_097},
    "a code with a line break": {"code": "a\r\nb"},
    "a code that is not ASCII": {"code": "é"},
    "a long issuer": {"iss": "x" * 501},
    "another member": {"sub": "carmen"},
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_step_of_a_sign_in(world: World, what: str) -> None:
    good = {"state": "A" * 176, "code": "x"}

    answer = Tab(world.service).finish(good, **BAD[what])
    assert (answer.status, kind(answer)) == (422, "invalid-sign-in")


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b'{"binder": "' + b"A" * 43 + b'"}', "text/plain", 415),
        (b'{"binder": 1, "binder": 2}', "application/json", 400),
        (b" " * 20_000, "application/json", 413),
        (b"[]", "application/json", 422),
    ],
)
def test_a_start_that_is_none(
    world: World, body: bytes, media: str, status: int
) -> None:
    answer = world.service.request(
        "POST",
        "/commons/v1/lost/start",
        body=body,
        headers={"Content-Type": media},
    )
    assert answer.status == status
    assert answer.json()["recorded"] is False


def test_no_other_origin_may_ask(world: World) -> None:
    """A page elsewhere gets no leave to send JSON here, nor to read the answer."""
    for step in ("start", "finish"):
        asked_first = world.service.request("OPTIONS", f"/commons/v1/lost/{step}")
        assert "Access-Control-Allow-Headers" not in asked_first.headers
        answer = Tab(world.service).post(step, {})
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_identifier_is_nowhere_in_the_clear(world: World) -> None:
    """No file of the data folder, no log line at debug level, no answer holds it."""
    canaries = Canaries()
    account, tab = canaries.new(), Tab(world.service)
    made = world.service.post(decision(subject={"ref": account}))
    assert made.status == 201
    answers = [tab.finish(world.back(tab, account)) for _ in range(2)]
    refused = [tab.finish(world.back(tab, account), iss="https://other.example")]
    refused.append(tab.finish({**world.back(tab, account), "code": "x"}))
    assert [one.json().get("status") for one in answers] == ["waiting"] * 2
    assert [one.status for one in refused] == [403, 422]

    needles = canaries.needles()
    for answer in (*answers, *refused, world.service.get("/metrics")):
        assert find(answer.body, needles) == []
    assert find(world.service.log.encode(), needles) == []
    files = [one for one in world.service.data.rglob("*") if one.is_file()]
    if world.service.database_url is None:
        assert len(files) > 500, "the database lies here"
    found = {one.name: find(one.read_bytes(), needles) for one in files}
    assert {name: forms for name, forms in found.items() if forms} == {}


def test_a_crowd_is_told_to_wait(world: World) -> None:
    """Last in this file: it uses up what a process lets through at once."""
    tab = Tab(world.service)
    hash_ = format_base64url(hashlib.sha256(tab.binder).digest())
    end = time.monotonic() + 60
    answer = tab.post("start", {"binder": hash_})
    while answer.status == 200 and time.monotonic() < end:
        answer = tab.post("start", {"binder": hash_})

    assert (answer.status, kind(answer)) == (429, "too-many-requests")
    assert answer.headers["Retry-After"] == "1"
