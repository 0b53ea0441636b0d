"""CONTRACT's and the cases' known answers, and RFC 9180's, byte for byte in JavaScript."""

import json
from typing import Any

import pytest

from ledger.canonical import format_base64url, parse_base64, parse_base64url
from ledger.entries.act import check_act, read_envelope
from ledger.entries.disclosure import SLOTS
from ledger.keys import parse_did_key
from tests.entries.vectors import FOLDER, INPUT, SECRET, WANT, load
from tests.web.verify.node import Verifier

ACT = load("act")
CASES = FOLDER.parent / "cases"
CASE = json.loads((CASES / "case.json").read_text("utf-8"))
HPKE = json.loads((CASES / "hpke.json").read_text("utf-8"))
ABOUT = {"decision": CASE["input"]["decision"], "genesis": CASE["input"]["genesis"]}


def given(name: str) -> bytes:
    return parse_base64url(CASE["input"][name])


def wanted(name: str) -> bytes:
    return parse_base64url(CASE["want"][name])


def test_a_decisions_keys(verifier: Verifier) -> None:
    keys = verifier.ask("keys", SECRET)
    assert format_base64url(keys["tag"]) == WANT["tag"]
    assert format_base64url(keys["dek"]) == WANT["dek"]
    assert keys["did"] == WANT["contest_key"]


def test_a_decisions_leaf_statement_and_sealed_part(verifier: Verifier) -> None:
    leaf = verifier.ask("leaf", WANT["leaf"].encode())
    assert leaf["kind"] == "decision"
    assert leaf["statementJcs"] == WANT["statement_jcs"].encode()
    sealed = parse_base64url(WANT["sealed"])
    opened = verifier.ask("sealed", SECRET, leaf["statementJcs"], sealed)
    values = {one["slot"]: one["value"] for one in opened}
    assert values == {slot: INPUT["values"].get(slot) for slot in SLOTS}
    assert leaf["statement"]["sealed"] == {
        one["slot"]: verifier.ask("digest", one["text"]) for one in opened
    }


def test_the_founding_leaf_names_the_ledger(verifier: Verifier) -> None:
    root = verifier.ask("root", [WANT["genesis_leaf"].encode()])
    assert format_base64url(root) == WANT["genesis"]


def test_an_act_is_read_checked_and_signed_alike(verifier: Verifier) -> None:
    envelope = ACT["want"]["envelope"]
    read = verifier.ask("envelope", json.dumps(envelope).encode())
    assert read["id"] == ACT["want"]["id"]
    assert read["signed"] is True
    said = json.loads(read["payload"])
    said["seen"] = {
        "size": said["seen"]["size"],
        "root": parse_base64(said["seen"]["root"]),
    }
    seed = parse_base64url(ACT["input"]["seed"])
    assert verifier.ask("sign-act", seed, said) == envelope


def test_acts_of_receipts_and_of_fresh_keys_hold_in_python(verifier: Verifier) -> None:
    said = {
        "genesis": WANT["genesis"],
        "act": "receipt.claim",
        "seq": 1,
        "until": "2026-11-23T10:00:00Z",
        "seen": {"size": 2, "root": bytes(32)},
        "body": {"receipt": {"id": "x"}, "count": 3},
    }
    by_receipt = read_envelope(verifier.ask("sign-with-receipt", SECRET, said))
    assert by_receipt.actor == WANT["contest_key"]
    check_act(by_receipt)
    check_act(read_envelope(verifier.ask("sign-with-fresh-key", said)))


def test_a_box_of_rfc_9180(verifier: Verifier) -> None:
    at: dict[str, bytes] = {n: bytes.fromhex(t) for n, t in HPKE["input"].items()}
    box = verifier.ask(
        "hpke-seal", at["pt"], at["pkRm"], at["info"], at["aad"], at["skEm"]
    )
    assert box.hex() == HPKE["want"]["enc"] + HPKE["want"]["ct"]
    assert verifier.ask("hpke-open", box, at["skRm"], at["info"], at["aad"]) == at["pt"]


def test_a_cases_keys_and_boxes(verifier: Verifier) -> None:
    keys = verifier.ask("case-keys", given("C"))
    assert (keys["tag"], keys["partKey"]) == (wanted("tag"), wanted("part_key"))
    assert keys["tagDigest"] == CASE["want"]["tag_digest"]
    reviewer = CASE["want"]["reviewer"]
    assert verifier.ask("x25519", reviewer) == wanted("reviewer_x25519")
    seed = given("reviewer_seed")
    assert verifier.ask("agreement-of-seed", seed) == wanted("reviewer_x25519")
    box = verifier.ask("seal-case", given("C"), reviewer, ABOUT, given("ephemeral"))
    assert box == CASE["want"]["box"]
    secret = wanted("reviewer_x25519_secret")
    assert verifier.ask("open-case", box, secret, ABOUT) == given("C")


@pytest.mark.parametrize(("grant", "name"), [(True, "grant_box"), (False, "wrapped")])
def test_boxes_of_a_data_key(verifier: Verifier, grant: bool, name: str) -> None:
    about: dict[str, Any] = {
        **ABOUT,
        "grant": CASE["input"]["grant"] if grant else None,
    }
    reviewer = CASE["want"]["reviewer"]
    box = verifier.ask("seal-dek", given("dek"), reviewer, about, given("ephemeral"))
    assert box == CASE["want"][name]
    secret = wanted("reviewer_x25519_secret")
    assert verifier.ask("open-dek", box, secret, about) == given("dek")


def test_a_part(verifier: Verifier) -> None:
    at, want = CASE["input"], CASE["want"]
    made = verifier.ask("format-part", at["slot"], at["value"], at["salt"])
    assert made == {"disclosure": want["disclosure"], "digest": want["digest"]}
    sealed = verifier.ask("seal-part", made, wanted("part_key"), given("nonce"))
    assert format_base64url(sealed["blob"]) == want["blob"]
    assert sealed["named"] == {"digest": want["digest"], "part": want["part"]}
    opened = verifier.ask(
        "open-part", sealed["blob"], wanted("part_key"), sealed["named"]
    )
    assert opened["value"] == at["value"]


def test_a_claim(verifier: Verifier) -> None:
    want = CASE["want"]
    keys = verifier.ask("claim-keys", given("S"))
    assert keys == {"did": want["claim_key"], "sealKey": want["seal_key"]}
    proof = verifier.ask("prove-claim", given("S"), ABOUT)
    assert proof == parse_base64(want["claim_proof"])
    named = {**ABOUT, "key": want["claim_key"], "seal_key": want["seal_key"]}
    assert verifier.ask("check-claim", proof, named) is True
    other = {**named, "decision": "1" + ABOUT["decision"][1:]}
    assert verifier.ask("check-claim", proof, other) is False
    opened = verifier.ask("claim-opens", given("S"), want["box_to_claim"], ABOUT)
    assert opened == given("C")


def test_names_of_keys(verifier: Verifier) -> None:
    name = WANT["contest_key"]
    assert verifier.ask("didkey", name) == parse_did_key(name)
    assert verifier.ask("format-didkey", parse_did_key(name)) == name


def test_a_links_fragment(verifier: Verifier) -> None:
    text = f"#{ABOUT['decision']}.{INPUT['K']}"
    found = verifier.ask("fragment", text)
    assert found == {"id": ABOUT["decision"], "secret": SECRET}
    bad = [text[:-1], text + "A", text.replace(".", "-"), "#", "", "#x." + INPUT["K"]]
    answers = verifier.call([("fragment", [one]) for one in bad])
    assert [answer.refusal for answer in answers] == ["MalformedError"] * len(bad)
