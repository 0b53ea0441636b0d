"""Every published vector that the Python side runs, in JavaScript, with the same verdict."""

import json
from typing import Any

import pytest

from ledger.canonical import parse_base64url
from ledger.merkle.bundle import parse_bundle
from tests.governance.ballots.test_sealing import IDENTITY, PUBLISHED, base58
from tests.merkle.test_published_jcs import BEYOND
from tests.merkle.test_published_signatures import CCTV, MLDSA, REFUSED, WYCHEPROOF
from tests.merkle.vectors import FOLDER, TESSERA, TESSERA_VKEY, b64, read
from tests.web.verify.node import Call, Verifier, unpack

PROOFS = read("transparency-dev.json")
JCS = read("rfc8785-jcs.json")
EXAMPLES = read("c2sp-examples.json")


def test_rfc_6962_roots(verifier: Verifier) -> None:
    vectors = read("rfc6962-roots.json")
    leaves = [bytes.fromhex(text) for text in vectors["leaf_inputs_hex"]]
    roots = vectors["root_hash_hex_by_size"]
    calls: list[Call] = [("root", [leaves[:size]]) for size in range(len(roots))]
    found = [unpack(answer.value).hex() for answer in verifier.call(calls)]
    assert found == roots


def _proof_call(case: dict[str, Any]) -> Call:
    proof = [b64(item) for item in case["proof"] or []]
    kind = case["path"].split("/")[0]
    members = {
        "inclusion": ("leafIdx", "treeSize", "leafHash", "root"),
        "consistency": ("size1", "size2", "root1", "root2"),
        "subtreeinclusion": ("leafIdx", "start", "end", "leafHash", "root"),
        "subtreeconsistency": ("start", "end", "size", "root1", "root2"),
    }[kind]
    args = [b64(case[n]) if isinstance(case[n], str) else case[n] for n in members]
    op = {"subtreeinclusion": "subtree-inclusion", "subtreeconsistency": "subtree"}
    return op.get(kind, kind), [*args[:-1], proof, args[-1]]


def test_transparency_devs_518_proofs(verifier: Verifier) -> None:
    answers = verifier.call(list(map(_proof_call, PROOFS)))
    wrong = [
        case["path"]
        for case, answer in zip(PROOFS, answers, strict=True)
        if answer.value is not (not case["wantErr"])
    ]
    assert (len(PROOFS), wrong) == (518, [])


@pytest.mark.parametrize("name", sorted(JCS))
def test_rfc_8785(verifier: Verifier, name: str) -> None:
    want = bytes.fromhex(JCS[name]["outhex"])
    value = verifier.call([("json", [JCS[name]["input"].encode()])])
    assert value[0].accepted
    (written,) = verifier.call([("jcs", [want])])
    # "structures" holds a 56.0, whose published output is on the subset.
    assert written.accepted is (name not in BEYOND or name == "structures.json")


def test_wycheproof_ed25519(verifier: Verifier) -> None:
    calls: list[Call] = [
        ("ed25519", [b64(case["key"]), b64(case["msg"]), b64(case["sig"])])
        for case in WYCHEPROOF
    ]
    held = [answer.value for answer in verifier.call(calls)]
    assert held == [case["result"] == "valid" for case in WYCHEPROOF]


def test_cctv_ed25519(verifier: Verifier) -> None:
    calls: list[Call] = [
        ("ed25519", [b64(case["key"]), case["msg"].encode(), b64(case["sig"])])
        for case in CCTV
    ]
    held = [answer.value for answer in verifier.call(calls)]
    assert held == [not REFUSED.intersection(case["flags"]) for case in CCTV]
    assert sum(held) == 43


def _doubled(x: int, y: int) -> tuple[int, int]:
    """RFC 8032 section 5.1.4, in affine coordinates."""
    p = 2**255 - 19
    t = -121_665 * pow(121_666, -1, p) * x * x * y * y
    return (2 * x * y * pow(1 + t, -1, p) % p, (y * y + x * x) * pow(1 - t, -1, p) % p)


def _of_small_order() -> set[int]:
    """y of the eight points whose order divides 8, from the curve's equation."""
    p, found = 2**255 - 19, set()
    d = -121_665 * pow(121_666, -1, p) % p
    for case in CCTV:
        y = int.from_bytes(b64(case["key"]), "little") % 2**255 % p
        square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
        x = pow(square, (p + 3) // 8, p)
        if x * x % p != square:
            x = x * pow(2, (p - 1) // 4, p) % p
        if x * x % p == square and _doubled(*_doubled(*_doubled(x, y))) == (0, 1):
            found.add(y)
    return found


def test_points_of_small_order_are_refused_whatever_webcrypto_does(
    verifier: Verifier,
) -> None:
    """Node 24 refuses them itself, Node 20 and Chromium do not: so each is asked alone."""
    p, small = 2**255 - 19, _of_small_order()
    assert len(small) == 5
    every = {y + k * p for y in small for k in (0, 1) if y + k * p < 2**255}
    encoded = [(y + sign).to_bytes(32, "little") for y in every for sign in (0, 2**255)]
    beyond = [(p + n).to_bytes(32, "little") for n in range(19)]
    answers = verifier.call([("strict-point", [one]) for one in encoded + beyond])
    assert {answer.value for answer in answers} == {False}
    sound = [b64(case["key"]) for case in WYCHEPROOF if case["result"] == "valid"]
    answers = verifier.call([("strict-point", [one]) for one in sound])
    assert {answer.value for answer in answers} == {True}


def test_wycheproof_mldsa44(verifier: Verifier) -> None:
    calls: list[Call] = [
        (
            "mldsa44",
            [
                b64(MLDSA["keys"][case["group"]]),
                b64(case["msg"]),
                b64(case["sig"]),
                b64(case.get("ctx", "")),
            ],
        )
        for case in MLDSA["cases"]
    ]
    held = [answer.value for answer in verifier.call(calls)]
    assert held == [case["result"] == "valid" for case in MLDSA["cases"]]
    assert sum(held) == 77


def test_sigsums_policies(verifier: Verifier) -> None:
    paths = sorted((FOLDER / "sigsum-policies").iterdir())
    assert len(paths) == 4
    for path in paths:
        text = path.read_text("utf-8")
        policy = verifier.ask("policy", text)
        assert len(policy["logs"]) == text.count("\nlog ")
        assert len(policy["witnesses"]) == text.count("\nwitness ")
        assert len(policy["groups"]) == text.count("\ngroup ")
        everybody = [witness[0] for witness in policy["witnesses"]]
        assert verifier.ask("met", text, everybody) is True
        assert verifier.ask("met", text, everybody[:1]) is False


def test_keys_of_the_witness_network(verifier: Verifier) -> None:
    keys = [
        line.split(" ")[1]
        for path in sorted((FOLDER / "witness-network-lists").iterdir())
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("vkey ")
    ]
    keys += [TESSERA_VKEY, EXAMPLES["signed_note_example"]["vkey"]]
    assert len(keys) == 23
    changed = [key[:-1] + ("A" if key[-1] != "A" else "Q") for key in keys]
    answers = verifier.call([("vkey", [key]) for key in keys + changed])
    assert [answer.accepted for answer in answers] == [True] * 23 + [False] * 23


@pytest.mark.parametrize(
    "name",
    [
        "note_format_only_example",
        "cosigned_checkpoint_format_example",
        "add_checkpoint_request_format_example",
    ],
)
def test_the_specifications_notes(verifier: Verifier, name: str) -> None:
    found = verifier.ask("note", EXAMPLES[name].encode())
    assert EXAMPLES[name].encode().startswith(found["text"])
    assert len(found["signatures"]) >= 1


def test_tesseras_log(verifier: Verifier) -> None:
    for size in range(16):
        data = (TESSERA / f"checkpoint.{size}").read_bytes()
        head, lines = verifier.ask("open-checkpoint", data, [TESSERA_VKEY])
        assert (head["size"], lines) == (size, [[TESSERA_VKEY, None]])
        leaves = []
        if size:
            entries = (TESSERA / f"tile/entries/000.p/{size}").read_bytes()
            leaves = parse_bundle(entries)
        assert verifier.ask("root", leaves) == head["root"]


def test_the_published_dsse_encoding(verifier: Verifier) -> None:
    example = json.loads((IDENTITY / "dsse_example.json").read_text("utf-8"))
    signed = verifier.ask("pae", example["body"].encode(), example["payloadType"])
    assert signed == example["pae"].encode()


def _published(pair: dict[str, Any]) -> bytes:
    if "publicKeyJwk" in pair:
        return parse_base64url(pair["publicKeyJwk"]["x"])
    return base58(pair["publicKeyBase58"])


@pytest.mark.parametrize("did", PUBLISHED)
def test_published_did_keys_and_their_agreement_keys(
    verifier: Verifier, did: str
) -> None:
    about = PUBLISHED[did]
    public = verifier.ask("didkey", did)
    assert verifier.ask("format-didkey", public) == did
    agreement = verifier.ask("x25519", did)
    if "seed" in about:
        assert public == _published(about["verificationKeyPair"])
        assert agreement == _published(about["keyAgreementKeyPair"])
        seed = bytes.fromhex(about["seed"])
        assert verifier.ask("agreement-of-seed", seed) == agreement
