"""A case from both sides of the terminal: claimed, contested, reviewed, corrected, read."""

import asyncio
import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ledger.entries.receipt import parse_receipt
from tests.e2e.contract import b64, check_tlog_proof, keys
from tests.e2e.court import (
    LETTER,
    SAID,
    WHY,
    Court,
    contested,
    grants,
    id_of,
    later,
    payloads,
    private_files,
    private_needles,
    shown,
)
from tests.e2e.test_canaries import dump
from tests.e2e.town import here
from tests.soak import HttpPublic
from tests.world.oracle import read_leaves
from tests.world.service import LEDGER

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    with Court(tmp_path_factory.mktemp("court")) as running:
        yield running


# ---- the whole of it -----------------------------------------------------------------


def test_from_the_decision_to_the_corrected_one(court: Court, tmp_path: Path) -> None:
    receipt = court.decides("ana", inputs={"years": 2})
    claim = court.does_here("claim", receipt)
    assert claim["act"] == "receipt.claim"
    letter = tmp_path / "letter.txt"
    letter.write_bytes(LETTER)
    contest = contested(
        court, receipt, "--attach", letter, "--field", "inputs.years=5, not 2"
    )
    files = private_files(receipt)
    assert len(files) == 3
    assert set(files.values()) == {0o600}

    # Everybody sees that it is contested, and nothing of what was said.
    public = shown(court, contest)
    assert (public["status"], public["opened"]) == ("open", False)
    assert SAID not in json.dumps(public)
    assert [one["id"] for one in court.reads("review", "list")] == [contest]

    # The reviewer takes it and reads; the look is an entry.
    refused = court.tries(court.rita, "review", "read", contest)
    assert (refused.code, "take it first" in refused.err) == (1, True)
    court.does(court.rita, "review", "take", contest)
    case = court.does(
        court.rita, "review", "read", contest, "--attachments", tmp_path / "case"
    )
    (message,) = case["messages"]
    assert message["value"] == {
        "ground": "inputs",
        "text": SAID,
        "fields": [{"field": "inputs.years", "text": "5, not 2"}],
    }
    (attached,) = message["attachments"]
    assert Path(attached["file"]).read_bytes() == LETTER
    assert Path(attached["file"]).stat().st_mode & 0o777 == 0o600
    assert case["fields"]["inputs"] == {"years": 2}
    assert case["fields"]["outcome"]["code"] == "rejected"
    reads = later(court, receipt)
    assert reads == ["receipt.claim", "contest.open", "review.take", "grant.read"]
    again = court.does(court.rita, "review", "read", contest)
    assert again["fields"] == case["fields"]
    assert later(court, receipt) == reads  # within the hour nothing new
    corrected_and_read(court, receipt, contest)


def corrected_and_read(court: Court, receipt: Path, contest: str) -> None:
    # They talk; then it is corrected.
    court.does(court.rita, "review", "say", contest, "Which years were these?")
    court.does_here("contest", "say", receipt, "2019 to 2024.")
    outcome = {"code": "invited", "favourable": True}
    corrected = court.decides("ana", outcome=outcome, inputs={"years": 5})
    court.does(
        *(court.rita, "review", "conclude", contest, "changed", WHY),
        *("--looked-at", "inputs", "--looked-at", "attachments"),
        *("--corrected", corrected),
    )

    # The person reads why, and gets the corrected decision's secret.
    own = shown(court, contest, "--receipt", receipt)
    assert own["status"] == "changed"
    steps = [one["type"] for one in own["timeline"]]
    assert steps[:3] == ["contest.open", "review.take", "grant.read"]
    assert steps[3:] == ["case.say", "case.say", "review.conclude"]
    assert own["looked_at"] == ["inputs", "attachments"]
    assert own["told"]["value"] == {
        "text": WHY,
        "secret": json.loads(corrected.read_text())["secret"],
        "id": id_of(corrected),
    }
    said = [one["value"]["text"] for one in own["messages"]]
    assert said == [SAID, "Which years were these?", "2019 to 2024."]
    assert later(court, corrected) == ["review.conclude"]
    assert court.get(f"contests/{contest}")["corrected"] == id_of(corrected)
    told = here("contest", "show", contest, "--receipt", receipt,
                "--url", court.service.ledger_url)  # fmt: skip
    assert told.code == 0
    assert "changed\n" in told.out
    assert WHY in told.out


def test_the_claim_alone_goes_on_from_another_machine(
    court: Court, tmp_path: Path
) -> None:
    receipt = court.decides("eli")
    court.does_here("claim", receipt)
    contest = contested(court, receipt)
    elsewhere = tmp_path / "mine.counterfoil.json"
    elsewhere.write_bytes(receipt.read_bytes())
    claim = elsewhere.with_name(f"{elsewhere.name}.claim")
    claim.write_bytes(receipt.with_name(f"{receipt.name}.claim").read_bytes())
    claim.chmod(0o600)
    own = shown(court, contest, "--receipt", elsewhere)
    assert own["messages"][0]["value"]["text"] == SAID
    court.does_here("contest", "settle", elsewhere)
    assert shown(court, contest)["status"] == "settled"


def test_the_receipts_own_key_contests_and_has_no_box(court: Court) -> None:
    """Whoever decided may have that key: the case's key is kept in a file instead."""
    receipt = court.decides("fay")
    contest = contested(court, receipt)
    row = shown(court, contest, "--receipt", receipt)
    assert row["messages"][0]["value"]["text"] == SAID
    assert row["opener"] not in row["boxes"]
    assert court.did(court.rita) in row["boxes"]
    copy = receipt.with_name("other.counterfoil.json")
    copy.write_bytes(receipt.read_bytes())
    told = here("contest", "show", contest, "--receipt", copy,
                "--url", court.service.ledger_url)  # fmt: skip
    assert (told.code, "no box of this case is for this key" in told.err) == (1, True)
    court.does_here("contest", "withdraw", receipt)
    assert shown(court, contest)["status"] == "withdrawn-by-opener"


def test_a_helper_contests_and_the_person_can_read_it(court: Court) -> None:
    receipt, union = court.decides("gus"), court.person("union")
    court.does_here("claim", receipt)
    named = ("helper", "name", receipt, court.did(union))
    court.does_here(*named, "--scope", "contest", "--scope", "read", "--days", "30")
    words = ("contest", "open", receipt, "decision", SAID, "--identity", union)
    contest = str(court.does_here(*words)["id"])
    row = shown(court, contest, "--receipt", receipt)
    assert row["helped"] is True
    assert row["messages"][0]["value"]["text"] == SAID
    assert shown(court, contest, "--identity", union)["opened"] is True
    (grant,) = [g for g, one in grants(court).items() if one["to"] == court.did(union)]
    told = court.does(union, "grant", "read", grant)
    assert told["fields"]["outcome"]["code"] == "rejected"
    court.does_here("helper", "end", receipt, court.did(union))
    late = court.types("contest", "say", receipt, "more", "--identity", union)
    assert late.code == 1
    assert court.tries(union, "grant", "read", grant).code == 1


def test_an_auditor_reads_until_the_person_ends_it(court: Court) -> None:
    receipt, auditor = court.decides("hal"), court.person("auditor")
    words = ("grant", "give", receipt, court.did(auditor), "audit", "--days", "3")
    grant = court.does_here(*words)["id"]
    told = court.does(auditor, "grant", "read", grant[:8])
    assert told["decision"] == id_of(receipt)
    assert told["fields"]["subject"]
    court.does_here("grant", "end", receipt, grant)
    refused = court.tries(auditor, "grant", "read", grant)
    assert (refused.code, "grant has ended" in refused.err) == (1, True)


def test_erasure_is_asked_for_and_taken_back(court: Court) -> None:
    receipt = court.decides("ida")
    court.does_here("erase", "ask", receipt)
    assert court.types("erase", "ask", receipt).code == 1
    court.does_here("erase", "withdraw", receipt)
    assert later(court, receipt) == ["erasure.ask", "erasure.withdraw"]


def test_a_review_that_is_late_is_a_public_fact(court: Court) -> None:
    receipt = court.decides("jan")
    contest = contested(court, receipt)
    due = court.get(f"contests/{contest}")["due_ms"]
    opened = court.get(f"contests/{contest}")["opened_ms"]
    assert timedelta(milliseconds=due - opened) == timedelta(days=30)
    court.clock.forward(due - opened)
    assert shown(court, contest)["status"] == "overdue"
    # Any entry after it is due carries the fact; here it is a claim of somebody else's.
    court.does_here("claim", court.decides("kim"))
    view = court.get(f"contests/{contest}")
    assert (view["status"], view["overdue"]) == ("overdue", True)
    assert view["overdue_ms"] is not None
    late = court.get("contests?status=overdue")["items"]
    assert contest in [one["id"] for one in late]
    passed = next(
        one
        for one in reversed(court.get("entries?after=0&limit=1000")["items"])
        if b"time.passed" in b64(one["leaf"])
    )
    # What the ledger itself records has a receipt too, by its id.
    leaf = b64(passed["leaf"])
    name = json.loads(leaf)["id"]
    text = court.service.get(f"/{LEDGER}/v1/receipts/{name}").body.decode()
    check_tlog_proof(text, leaf, passed["index"], keys(court.service)["vkeys"][0])


# ---- before it is signed, and what is refused ----------------------------------------------


def test_a_dry_run_signs_nothing_and_leaves_no_claim(court: Court) -> None:
    receipt = court.decides("lea")
    told = here("claim", receipt, "--url", court.service.ledger_url, "--dry-run")
    assert told.code == 0
    assert told.out.startswith(f"Claim the receipt of decision {id_of(receipt)}")
    assert "It excludes nobody" in told.out
    assert "nothing was signed" in told.out
    assert private_files(receipt) == {}
    told = here("contest", "open", receipt, "decision", SAID, "--dry-run",
                "--url", court.service.ledger_url)  # fmt: skip
    assert told.code == 0
    assert "Signed with the receipt's own key" in told.out
    assert "Readable for one key of reviewers in office" in told.out
    assert SAID in told.out  # shown to the one who says it, and not in the payload
    payload = told.out[told.out.index("{") : told.out.rindex("}") + 1]
    assert SAID not in payload
    assert later(court, receipt) == []


def test_a_claim_that_was_lost_on_its_way_is_found_again(court: Court) -> None:
    receipt = court.decides("mia")
    first = court.does_here("claim", receipt)
    file = receipt.with_name(f"{receipt.name}.claim")
    kept = file.read_bytes()
    file.unlink()
    again = court.types("claim", receipt)
    assert again.code == 1
    assert "has claimed" in again.err
    file.write_bytes(kept)
    file.chmod(0o644)
    told = court.types("contest", "open", receipt, "decision", SAID)
    assert (told.code, "can be read by others" in told.err) == (2, True)
    file.chmod(0o600)
    assert first["payload"]["body"]["key"] == json.loads(kept)["key"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("contest", "open", "nowhere.json", "other", "x"), 2, "cannot read"),
        (("contest", "say", "{receipt}", "x"), 1, "no contest of this decision"),
        (("contest", "withdraw", "{receipt}"), 1, "no contest of this decision"),
        (("contest", "open", "{receipt}", "other", ""), 2, "a text is 1 to"),
        (("contest", "open", "{receipt}", "other", "x" * 10_001), 2, "a text is 1 to"),
        (
            ("contest", "open", "{receipt}", "other", "x", "--attach", "nowhere.pdf"),
            2,
            "cannot read nowhere.pdf",
        ),
        (
            ("contest", "open", "{receipt}", "other", "x", "--attach", "{large}"),
            2,
            "is too large: an attachment is at most 220,000 bytes",
        ),
        (
            ("contest", "open", "{receipt}", "other", "x", "--field", "="),
            2,
            "a text is",
        ),
        (("grant", "give", "{receipt}", "rita", "audit"), 2, "did:key"),
        (("grant", "end", "{receipt}", "nonesuch"), 1, "no grant of this id"),
        (("helper", "end", "{receipt}", "{did}"), 1, "not-shown|nobody has shown"),
        (("erase", "withdraw", "{receipt}"), 1, ""),
        (("claim", "{nosecret}"), 2, "has no secret"),
    ],
)
def test_a_refusal_is_one_clear_line(
    court: Court, tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    receipt = court.decides("ned")
    value = json.loads(receipt.read_text())
    del value["secret"]
    bare, large = tmp_path / "bare.json", tmp_path / "large.bin"
    bare.write_text(json.dumps(value))
    large.write_bytes(bytes(220_001))
    given = {"receipt": receipt, "nosecret": bare, "large": large}
    named = {**given, "did": court.did(court.rita)}
    found = court.types(*(word.format(**named) for word in words))
    assert found.code == code, found
    assert any(one in found.err for one in told.split("|")), found
    assert found.err.count("\n") == 1
    assert json.loads(found.out)["recorded"] is False
    assert later(court, receipt) == []


def test_a_stranger_reviews_nothing(court: Court) -> None:
    receipt, stranger = court.decides("ola"), court.person("stranger")
    contest = contested(court, receipt)
    for words in (
        ("review", "take", contest),
        ("review", "release", contest),
        ("review", "read", contest),
        ("review", "conclude", contest, "upheld", "x", "--looked-at", "statement"),
        ("review", "say", contest, "x"),
    ):
        assert court.tries(stranger, *words).code == 1, words
    missing = court.tries(court.rita, "review", "take", "nonesuch")
    assert (missing.code, "no contest of this id" in missing.err) == (1, True)
    court.does(court.rita, "review", "take", contest)
    blind = court.tries(
        *(court.rita, "review", "conclude", contest, "upheld", "x"),
        *("--looked-at", "inputs"),
    )
    assert (blind.code, "no read by this reviewer" in blind.err) == (1, True)
    court.does(court.rita, "review", "release", contest)
    assert shown(court, contest)["status"] == "open"


def test_parts_that_were_not_taken_can_be_sent_again(court: Court) -> None:
    receipt = court.decides("pat")
    contest = contested(court, receipt)
    assert shown(court, contest, "--receipt", receipt)["opened"]
    parse_receipt(receipt.read_bytes())
    stray = receipt.with_name("stray.part")
    stray.write_bytes(bytes(100))
    told = here("contest", "send", stray, "--url", court.service.ledger_url)
    assert (told.code, "no act names" in told.err.lower()) == (1, True)


# ---- what is private stays where it belongs ----------------------------------------------


def test_nothing_private_left_the_vault(court: Court) -> None:
    """After all of the above: no leaf, table, log line or metric says what was said."""
    needles = private_needles(court.home, [SAID, LETTER.decode(), WHY, "2019 to 2024."])
    size = int(court.service.get(f"/{LEDGER}/checkpoint").body.splitlines()[1])
    leaves = asyncio.run(read_leaves(HttpPublic(court.service), size))
    acts = [base64.b64decode(text) for text in payloads(leaves)]
    held = dump(court.service)
    places = {
        "leaves": b"\n".join([*leaves, *acts]),
        "log": court.service.log_path.read_bytes(),
        "metrics": court.service.get("/metrics").body,
        **held,
    }
    assert len(held["case_parts"]) > 3_000
    for name, data in places.items():
        assert [one for one in needles if one in data] == [], name
