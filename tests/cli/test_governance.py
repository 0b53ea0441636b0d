"""What members type: every act shown, asked for, signed, recorded; reads; refusals."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cli.main import COMMANDS
from api.keyfile import read_identity
from api.member.words import act_in_words
from ledger.canonical import format_base64
from ledger.entries.receipt import parse_receipt, verify_receipt
from ledger.governance.people.bodies import credential_message
from ledger.governance.state import EMPTY
from ledger.governance.tables import ACTS
from ledger.ids import Did
from ledger.merkle.note import parse_vkey
from tests.e2e.contract import keys
from tests.e2e.town import Town, here
from tests.world.service import LEDGER, ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

EXAMPLES = ROOT / "examples"
PEOPLE = ("alice", "bob", "chris")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Three members beside the founder."""
    with Town(tmp_path_factory.mktemp("town")) as running:
        for name in PEOPLE:
            running.does(running.person(name), "apply")
            running.does(running.founder, "admit", running.did(running.person(name)))
        yield running


def write(town: Town, name: str, value: Any) -> Path:
    path = town.home / name
    path.write_text(json.dumps(value))
    return path


def resolution(town: Town, title: str, **more: Any) -> Path:
    said = {"title": title, "text": "Nothing else.", **more}
    return write(town, f"{title[:8].strip()}.json", said)


# ---- the whole of it -----------------------------------------------------------------


def test_every_act_has_words_of_its_own() -> None:
    for act in ACTS:
        words = act_in_words(EMPTY, act, {})
        assert words[0] != f"Sign the act {act}."


def test_every_command_explains_itself() -> None:
    top = here("--help")
    assert top.code == 0
    for name in COMMANDS:
        assert re.search(rf"^  {name} +[a-z]", top.out, re.MULTILINE), name
        told = here(name, "--help")
        assert told.code == 0
        assert told.out.startswith("usage: counterfoil")


# ---- what is shown before ------------------------------------------------------------


def test_it_shows_what_will_be_signed_and_the_receipt_holds(town: Town) -> None:
    who = town.person("alice")
    file = resolution(town, "Shown first")
    told = here("propose", file, "--url", town.service.ledger_url,
                "--identity", who, "--yes")  # fmt: skip

    assert told.code == 0, told
    assert told.out.startswith("Open a proposal: Shown first\n")
    assert "It would change nothing: a resolution." in told.out
    shown = json.loads(told.out[told.out.index("{") : told.out.rindex("}") + 1])
    assert shown["actor"] == town.did(who)
    kept = Path(re.findall(r"Receipt: (.+)$", told.out, re.MULTILINE)[0])
    receipt = parse_receipt(kept.read_bytes())
    vkey = parse_vkey(keys(town.service)["vkeys"][0])
    assert verify_receipt(receipt, vkeys=[vkey]).holds
    assert here("verify", kept).code == 0


def test_a_dry_run_signs_nothing_and_says_what_would_come(town: Town) -> None:
    who, stranger = town.person("alice"), town.person("stranger")
    before = town.service.get(f"/{LEDGER}/v1/actors/{town.did(who)}").json()
    common = ("--url", town.service.ledger_url, "--dry-run")
    file = resolution(town, "Not yet")

    told = here("propose", file, *common, "--identity", who)
    assert told.code == 0
    assert "nothing was signed. The ledger would record this now." in told.out
    assert "a second act" not in told.out
    told = here("propose", file, "--submit", *common, "--identity", who)
    assert (
        told.code,
        "Once this is recorded, a second act submits it" in told.out,
    ) == (
        0,
        True,
    )
    told = here("propose", file, *common, "--identity", who, "--json")
    assert json.loads(told.out)["would"] == "record"
    told = here("propose", file, *common, "--identity", stranger)
    assert told.code == 1
    assert told.err == (
        "counterfoil: refused: the actor's key is not one of a present member of this "
        "ledger\n"
    )
    after = town.service.get(f"/{LEDGER}/v1/actors/{town.did(who)}").json()
    assert after["seq"] == before["seq"]


def test_it_asks_at_a_terminal_and_nowhere_else(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = town.person("alice")
    words = ("propose", resolution(town, "Asked"), "--url", town.service.ledger_url,
             "--identity", who)  # fmt: skip
    told = here(*words)
    assert told.code == 2
    assert "nobody is at a terminal to ask: --yes signs without asking" in told.err

    for answer, code in (("n", 1), ("", 1), ("yes", 0)):
        monkeypatch.setattr("sys.stdin", Terminal(answer))
        told = here(*words)
        assert told.code == code, told
        assert ("Nothing was signed." in told.out) == (code == 1)


class Terminal:
    def __init__(self, answer: str) -> None:
        self.answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return f"{self.answer}\n"


# ---- acts ----------------------------------------------------------------------------


def test_a_proposal_from_draft_to_withdrawal(town: Town) -> None:
    alice, bob, chris = map(town.person, PEOPLE)
    opened = town.does(alice, "propose", resolution(town, "A draft"))
    key = opened["words"][-1].removeprefix("its key: ")
    assert town.reads("proposal", key)["state"] == "Draft"
    town.does(alice, "amend", key, resolution(town, "Amended"))
    assert town.reads("proposal", key)["title"] == "Amended"
    town.does(alice, "submit", key)
    told = town.tries(bob, "withdraw", key)
    assert told.code == 1
    assert "its proposer may" in told.err
    view = town.reads("proposal", key)
    assert (view["state"], view["endorsements"]) == ("Endorsing", 1)
    town.does(bob, "endorse", key)
    assert town.reads("proposal", key)["state"] == "Deliberation"

    said = town.does(chris, "comment", key, "Why now?")
    assert said["unsent"] == []
    town.does(bob, "agree", said["id"])
    town.does(bob, "disagree", said["id"])
    town.does(bob, "agree", said["id"], "--neither")
    town.does(bob, "flag", said["id"], "off-topic")
    town.does(bob, "flag", said["id"], "--take-back")
    reply = ("--reply-to", said["id"], "--suggest", "must-not")
    town.does(alice, "comment", key, "Because.", *reply)
    comments = town.service.get(f"/{LEDGER}/v1/proposals/{key}/comments").json()
    assert {one["text"] for one in comments["items"]} == {"Why now?", "Because."}

    told = town.tries(bob, "cancel", key, "--reason", "It harms.")
    assert told.code == 1
    assert "no guardian" in told.err
    told = town.tries(bob, "vote", key, "yes")
    assert "the proposal is Deliberation: voting is for" in told.err
    assert town.tries(bob, "execute", key).code == 1
    assert town.tries(bob, "challenge", key, "--reason", "x").code == 1
    town.does(alice, "withdraw", key)
    assert town.reads("proposal", key)["ending"] == "Withdrawn"
    told = here("proposal", key, "--url", town.service.ledger_url)
    assert told.out.startswith("Amended\nWithdrawn\n")
    assert "Timeline (UTC)" in told.out


def test_delegation_keys_recovery_and_exit(town: Town) -> None:
    alice, bob, chris = map(town.person, PEOPLE)
    town.does(alice, "delegate", town.did(bob), "--scope", "standard", "--days", "9",
              "--reason", "She knows better.")  # fmt: skip
    told = town.tries(alice, "delegate", town.did(alice))
    assert "a delegate is another present member" in told.err
    town.does(alice, "undelegate", "--scope", "standard")

    phone, new = town.person("phone"), town.person("new")
    town.does(alice, "key", "add", phone)
    town.does(phone, "key", "revoke", town.did(alice))
    town.does(phone, "key", "rotate", new)
    assert town.tries(phone, "exit").code == 1
    contacts = (town.did(bob), town.did(chris), town.did(town.founder))
    town.does(new, "recovery", "set", *contacts, "--threshold", "2")
    found = town.person("found")
    common = ("--url", town.service.ledger_url)
    proof = here("key", "prove", found, "--member", town.did(alice), *common)
    file = town.home / "proof.json"
    file.write_text(proof.out)
    town.does(bob, "recovery", "approve", town.did(alice), file)
    town.does(chris, "recovery", "approve", town.did(alice), file)
    town.does(new, "recovery", "stop")

    challenge = here("passkey", "challenge", "--member", town.did(alice), *common)
    assert json.loads(challenge.out)["rp_id"] == "example.org"
    enrolment = dict.fromkeys(
        ("credential", "public_key", "client_data", "authenticator_data"), "AAAA"
    )
    told = town.tries(new, "passkey", "enroll", write(town, "passkey.json", enrolment))
    assert told.code == 1
    assert town.tries(new, "passkey", "revoke", "-AAA").code == 1
    assert town.tries(new, "resign", "guardian").code == 1

    town.does(new, "exit")
    gone = [m for m in town.reads("members")["members"] if m["id"] == town.did(alice)]
    assert gone[0]["left"] == "exited"


def test_applications_and_vouches(town: Town) -> None:
    bob, chris = town.person("bob"), town.person("chris")
    for name in ("dora", "emil"):
        town.does(town.person(name), "apply")
    town.does(town.person("emil"), "apply", "--withdraw")
    dora = town.did(town.person("dora"))
    town.does(bob, "vouch", dora[-6:])
    town.does(bob, "vouch", dora, "--withdraw")
    town.does(bob, "vouch", dora)
    waiting = town.reads("members")["applications"]
    assert waiting == [{"id": dora, "vouches": 1, "applied": True}]
    town.does(chris, "vouch", dora)
    listed = here("members", "--url", town.service.ledger_url).out
    assert f"{dora}  votes" in listed

    genesis = keys(town.service)["genesis"]
    message = credential_message(genesis, Did(town.did(town.person("emil"))))
    signature = format_base64(read_identity(bob).sign(message))
    file = write(town, "credential.json", {"issuer": town.did(bob), "sig": signature})
    told = town.tries(town.person("emil"), "apply", "--credential", file)
    assert "no credential is asked for here" in told.err


def test_systems_are_watched_over(town: Town) -> None:
    bob, founder = town.person("bob"), town.founder
    body = {
        "system": "triage", "name": "Triage", "operator": "City", "impact_level": "II",
        "domain": "health", "jurisdiction": "SE", "profile": "sealed", "outcomes": [],
        "versions": [], "keys": [],
    }  # fmt: skip
    town.does(founder, "act", "system.register", write(town, "system.json", body))
    overseers = {"system": "triage", "overseers": [town.did(bob)]}
    file = write(town, "overseers.json", overseers)
    assert town.tries(bob, "act", "system.overseers", file).code == 1
    town.does(founder, "act", "system.overseers", file)
    town.does(bob, "suspend", "triage", "--reason", "bias")
    told = town.tries(bob, "suspend", "triage", "--reason", "It is biased.")
    assert "stands already" in told.err
    told = town.tries(bob, "confirm", "0b0ad7c6-6f1c-4e2e-8a6d-0f5d1b2c3d4e")
    assert told.code == 1


# ---- what is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("absent.toml", None, "No such file or directory"),
        ("empty.toml", "", "a proposal has title and text"),
        ("broken.toml", "title = ", "does not parse"),
        ("list.json", "[]", "does not hold one object"),
        ("odd.toml", 'title = "a"\ntext = "b"\ncolour = "red"', "not colour"),
        ("date.toml", 'title = "a"\ntext = 2026-11-22', "a value that JSON has not"),
        ("both.toml", 'title="a"\ntext="b"\nactions=[]\noptions=[]', "not both"),
        (
            "unknown.toml",
            'title = "a"\ntext = "b"\n[[actions]]\naction = "x.y"\nbody = {}',
            "there is no such action",
        ),
        (
            "body.toml",
            'title="a"\ntext="b"\n[[actions]]\naction="member.remove"\nbody={}',
            "its members are member",
        ),
        ("title.toml", 'title = ""\ntext = "b"', "title is 1 to"),
        ("long.json", f'{{"title": "{"a" * 70_000}"}}', "longer than 60,000 bytes"),
        ("latin.toml", b"title = '\xe9'", "does not parse"),
    ],
)
def test_a_wrong_proposal_file(
    town: Town, name: str, text: str | bytes | None, told: str
) -> None:
    path = town.home / name
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = town.tries(town.person("bob"), "propose", path)
    assert found.code == 2
    assert told in found.err
    assert found.err.startswith("counterfoil: ")
    assert found.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("vote", "nonesuch", "yes"), 1, "there is no proposal of this id"),
        (("endorse", "."), 1, "there is no proposal of this id"),
        (("endorse", ""), 2, "name a proposal: the first letters of its id will do"),
        (("agree", "nonesuch"), 1, "there is no comment of this id"),
        (("vouch", "nonesuch"), 1, "there is no member or applicant of this id"),
        (("undelegate",), 1, "no delegation of this scope stands"),
        (("suspend", "nonesuch", "--reason", "bias"), 1, "no system of this id"),
        (("act", "member.exit", "nowhere.json"), 2, "cannot read nowhere.json"),
        (("reveal", "nonesuch"), 1, "there is no proposal of this id"),
        (("object", "nonesuch", "--receipt", "no.json"), 2, "cannot read no.json"),
    ],
)
def test_a_refusal_is_one_clear_line(
    town: Town, words: tuple[str, ...], code: int, told: str
) -> None:
    found = town.tries(town.person("bob"), *words)
    assert found.code == code, found
    assert told in found.err
    assert found.err.count("\n") == 1
    assert json.loads(found.out)["recorded"] is False


def test_an_identity_that_is_none(town: Town) -> None:
    told = town.tries(town.home / "nobody.key", "exit")
    assert told.code == 2
    assert "nobody.key" in told.err
    odd = town.home / "odd.key"
    odd.write_text("{}")
    odd.chmod(0o600)
    assert town.tries(odd, "exit").code == 2


def test_examples_can_be_proposed(town: Town) -> None:
    bob = town.person("bob")
    for name in ("proposal-system.toml", "proposal-options.toml"):
        told = here("propose", EXAMPLES / name, "--url", town.service.ledger_url,
                    "--identity", bob, "--dry-run", "--json")  # fmt: skip
        assert told.code == 0, told
    tried = town.reads("safeguards", "try", EXAMPLES / "proposal-hiring.toml")
    assert tried["rules"][0]["id"] == "explained-rejection"
