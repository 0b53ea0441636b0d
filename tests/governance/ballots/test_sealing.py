"""Sealed ballots: shares, boxes, and what a ballot must show to count."""

import json
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from nacl.public import PrivateKey, SealedBox

from ledger.canonical import format_base64url, jcs, parse_base64url
from ledger.errors import MalformedError, RejectedError
from ledger.governance.ballots.methods import METHODS
from ledger.governance.ballots.sealedbox import open_box, seal_box
from ledger.governance.ballots.sealing import (
    Sealing,
    keep,
    open_ballot,
    read_sealed,
    read_share,
    read_trustees,
    room_for,
    seal_ballot,
    shares_of as sealing_shares,
    take_share,
)
from ledger.governance.ballots.shamir import combine, multiply, split
from ledger.ids import Did
from ledger.keys import SigningKey, agreement_key, agreement_secret
from ledger.limits import ACT_PAYLOAD_BYTES_MAX, BALLOT_OPTIONS_MAX, TRUSTEES_MAX

IDENTITY = Path(__file__).parents[2] / "vectors" / "governance" / "identity"
PUBLISHED = json.loads((IDENTITY / "did-key-ed25519-x25519.json").read_text("utf-8"))
DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
TRUSTEES = [SigningKey(bytes([9, at]) + bytes(30)) for at in range(TRUSTEES_MAX)]
VOTER = SigningKey(b"\7" * 32).did
KEY = bytes(range(32))
SEALING = Sealing(
    proposal="a" * 43,
    voter=VOTER,
    trustees=tuple(key.did for key in TRUSTEES[:5]),
    threshold=3,
    room=room_for(()),
)
REASON = "r" * 42 + "o"


def base58(text: str) -> bytes:
    number = 0
    for char in text:
        number = number * 58 + DIGITS.index(char)
    return number.to_bytes(32, "big")


def sealed(choice: Any = "yes", sealing: Sealing = SEALING) -> dict[str, Any]:
    return seal_ballot(choice, REASON, sealing, KEY)


def shares_of(ballot: dict[str, Any], sealing: Sealing = SEALING) -> dict[int, bytes]:
    found = {}
    for number in range(1, len(sealing.trustees) + 1):
        share = take_share(ballot, sealing, number, TRUSTEES[number - 1])
        if share is not None:
            found[number] = share
    return found


# ---- Shamir --------------------------------------------------------------------------


def slowly(one: int, other: int) -> int:
    """A product by shifting and reducing, bit by bit."""
    found = 0
    while other:
        if other & 1:
            found ^= one
        one = one << 1 ^ (0x11B if one & 0x80 else 0)
        other >>= 1
    return found


def test_the_field_is_that_of_aes() -> None:
    assert multiply(0x57, 0x83) == 0xC1  # FIPS 197, section 4.2
    assert all(
        multiply(one, other) == slowly(one, other)
        for one in range(256)
        for other in range(256)
    )


@given(
    secret=st.binary(min_size=32, max_size=32),
    coefficients=st.lists(st.binary(min_size=32, max_size=32), max_size=5),
    more=st.integers(0, 4),
)
def test_any_threshold_of_shares_gives_it_back(
    secret: bytes, coefficients: list[bytes], more: int
) -> None:
    threshold = len(coefficients) + 1
    shares = dict(enumerate(split(secret, coefficients, threshold + more), 1))
    for numbers in list(combinations(shares, threshold))[:20]:
        assert combine({number: shares[number] for number in numbers}) == secret


def test_too_few_shares_fit_every_secret() -> None:
    """Whatever one of two shares is, each secret is still possible."""
    share = split(KEY, [b"\x55" * 32], 2)[0]
    for other in (bytes(32), b"\xff" * 32):
        line = bytes(multiply(s ^ o, 1) for s, o in zip(share, other, strict=True))
        assert split(other, [line], 1)[0] == share


@pytest.mark.parametrize("shares", [{0: bytes(32)}, {256: bytes(32)}, {1: bytes(31)}])
def test_shares_of_another_form(shares: dict[int, bytes]) -> None:
    with pytest.raises(MalformedError):
        combine(shares)


# ---- boxes ---------------------------------------------------------------------------


@pytest.mark.parametrize("did", PUBLISHED)
def test_published_agreement_keys(did: str) -> None:
    published = PUBLISHED[did]
    if "seed" not in published:
        pytest.skip("a document without its seed")
    key = SigningKey(bytes.fromhex(published["seed"]))
    pair = published["keyAgreementKeyPair"]
    assert key.did == did
    if "publicKeyJwk" in pair:
        public = parse_base64url(pair["publicKeyJwk"]["x"])
        secret = parse_base64url(pair["privateKeyJwk"]["d"])
    else:
        public = base58(pair["publicKeyBase58"])
        secret = base58(pair["privateKeyBase58"])
    assert agreement_key(Did(did)) == public
    assert agreement_secret(key) == secret


@given(message=st.binary(max_size=64), ephemeral=st.binary(min_size=32, max_size=32))
def test_libsodiums_own_box_opens_it(message: bytes, ephemeral: bytes) -> None:
    key = TRUSTEES[0]
    box = seal_box(message, key.did, ephemeral)
    assert SealedBox(PrivateKey(agreement_secret(key))).decrypt(box) == message
    assert open_box(box, key) == message
    assert open_box(box, TRUSTEES[1]) is None
    assert open_box(box[:-1] + bytes([box[-1] ^ 1]), key) is None


def test_it_opens_libsodiums_own_boxes() -> None:
    key = TRUSTEES[0]
    public = PrivateKey(agreement_secret(key)).public_key
    assert open_box(SealedBox(public).encrypt(b"a share"), key) == b"a share"


@pytest.mark.parametrize("box", [b"", bytes(10), bytes(80)])
def test_what_is_no_box(box: bytes) -> None:
    assert open_box(box, TRUSTEES[0]) is None


# ---- ballots -------------------------------------------------------------------------


@given(data=st.data())
def test_sealed_and_opened(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, TRUSTEES_MAX))
    sealing = Sealing(
        proposal="b" * 43,
        voter=VOTER,
        trustees=tuple(key.did for key in TRUSTEES[:count]),
        threshold=data.draw(st.integers(2, count)),
        room=room_for(("a", "b")),
    )
    key = data.draw(st.binary(min_size=32, max_size=32))
    ballot = seal_ballot(["b", "a"], None, sealing, key)
    assert read_sealed(ballot, sealing) == ballot
    shares = shares_of(ballot, sealing)
    assert len(shares) == count
    some = data.draw(st.permutations(sorted(shares)))[: sealing.threshold]
    opened = {number: shares[number] for number in some}
    assert open_ballot(keep(ballot), sealing, opened) == (["b", "a"], None)
    assert open_ballot(keep(ballot), sealing, shares) == (["b", "a"], None)
    fewer = {number: shares[number] for number in some[1:]}
    assert open_ballot(keep(ballot), sealing, fewer) is None


def test_every_ballot_has_one_length() -> None:
    lengths = {
        len(jcs(seal_ballot(choice, reason, SEALING, KEY)))
        for choice in ("yes", "no", "abstain", "objection")
        for reason in (None, REASON)
    }
    assert len(lengths) == 1


@pytest.mark.parametrize("method", METHODS)
def test_the_longest_choice_has_room_and_fits_a_leaf(method: str) -> None:
    options = tuple(f"{at:064}" for at in range(BALLOT_OPTIONS_MAX))
    longest: dict[str, Any] = {
        "yesno": "objection",
        "single": options[0],
        "approval": list(options),
        "score": dict.fromkeys(options, 10),
        "quadratic": dict.fromkeys(options, -1),
        "instant-runoff": list(options),
        "stv": list(options),
    }
    choice = longest.get(method, [[name] for name in options])
    METHODS[method].read(choice, options)
    sealing = Sealing(
        proposal="c" * 43,
        voter=VOTER,
        trustees=tuple(key.did for key in TRUSTEES),
        threshold=8,
        room=room_for(() if method == "yesno" else options),
    )
    ballot = seal_ballot(choice, REASON, sealing, KEY)
    body = {"proposal": sealing.proposal, "sealed": ballot}
    assert len(jcs(body)) < ACT_PAYLOAD_BYTES_MAX - 1_000
    shares = shares_of(ballot, sealing)
    assert open_ballot(keep(ballot), sealing, shares) == (choice, REASON)


def test_a_choice_without_room() -> None:
    with pytest.raises(MalformedError):
        sealed("y" * 200)


def changed(text: str) -> str:
    raw = bytearray(parse_base64url(text))
    raw[0] ^= 1
    return format_base64url(bytes(raw))


@pytest.mark.parametrize("part", ["ciphertext", "key"])
def test_a_ballot_of_which_a_part_was_changed_is_spoilt(part: str) -> None:
    ballot = sealed()
    shares = shares_of(ballot)
    ballot[part] = changed(ballot[part])
    assert open_ballot(keep(ballot), SEALING, shares) is None


def test_a_box_with_something_else_than_its_digest_says() -> None:
    """Its trustee finds nothing to publish; the others can open the ballot."""
    ballot = sealed()
    box = seal_box(bytes(32), TRUSTEES[4].did, b"\1" * 32)
    ballot["boxes"][4] = format_base64url(box)
    assert take_share(ballot, SEALING, 5, TRUSTEES[4]) is None
    shares = shares_of(ballot)
    assert sorted(shares) == [1, 2, 3, 4]
    assert open_ballot(keep(ballot), SEALING, shares) == ("yes", REASON)


def test_a_voter_has_every_share() -> None:
    known = sealing_shares(SEALING, KEY)
    assert dict(enumerate(known, 1)) == shares_of(sealed())


def test_what_is_sealed_is_a_choice_and_a_digest() -> None:
    for reason in ("", "A" * 42, "not a digest"):
        ballot = seal_ballot("yes", reason, SEALING, KEY)
        assert open_ballot(keep(ballot), SEALING, shares_of(ballot)) is None


def test_shares_that_lead_to_another_key() -> None:
    """A voter whose digests fit shares of no polynomial is spoilt, whoever opens it."""
    ballot = sealed()
    shares = shares_of(ballot)
    shares[1] = bytes(32)
    assert open_ballot(keep(ballot), SEALING, shares) is None


def test_a_copied_ballot_is_spoilt() -> None:
    ballot = sealed()
    other = Sealing(
        proposal=SEALING.proposal,
        voter=TRUSTEES[14].did,
        trustees=SEALING.trustees,
        threshold=SEALING.threshold,
        room=SEALING.room,
    )
    assert shares_of(ballot, other) == {}
    assert open_ballot(keep(ballot), other, shares_of(ballot)) is None


REFUSED: list[Any] = [
    None,
    {},
    {**sealed(), "more": 1},
    {**sealed(), "ciphertext": "AA"},
    {**sealed(), "ciphertext": 1},
    {**sealed(), "key": "A" * 43 + "="},
    {**sealed(), "shares": []},
    {**sealed(), "shares": "A" * 5},
    {**sealed(), "shares": [None] * 5},
    {**sealed(), "boxes": sealed()["boxes"][:4]},
    {**sealed(), "boxes": [*sealed()["boxes"], sealed()["boxes"][0]]},
]


@pytest.mark.parametrize("value", REFUSED, ids=range(len(REFUSED)))
def test_sealed_of_another_form(value: Any) -> None:
    with pytest.raises(RejectedError) as refused:
        read_sealed(value, SEALING)
    assert refused.value.kind == "invalid-act"


@pytest.mark.parametrize("value", [None, 1, "", "A" * 42, "A" * 44, "=" * 43])
def test_a_share_of_another_form(value: Any) -> None:
    with pytest.raises(RejectedError):
        read_share(value)


DIDS = [key.did for key in TRUSTEES]


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"trustees": DIDS},
        {"trustees": DIDS[:1], "threshold": 1},
        {"trustees": DIDS[:3], "threshold": 1},
        {"trustees": DIDS[:3], "threshold": 4},
        {"trustees": DIDS[:3], "threshold": True},
        {"trustees": [*DIDS, "more"], "threshold": 2},
        {"trustees": [DIDS[0], DIDS[0]], "threshold": 2},
        {"trustees": [DIDS[0], 1], "threshold": 2},
        {"trustees": DIDS[:3], "threshold": 2, "more": 1},
    ],
)
def test_trustees_of_another_form(value: Any) -> None:
    with pytest.raises(RejectedError):
        read_trustees(value)
    assert read_trustees({"trustees": DIDS[:3], "threshold": 2}) == (tuple(DIDS[:3]), 2)


def test_the_bytes_never_change() -> None:
    """Pinned from this code's first run: ballots of then must open for ever."""
    digest = sha256(jcs(sealed())).hexdigest()
    assert digest == (
        "ca74af37a7e2d2f17633fa5d7cbfcc6db1ba544d8e371ba56e65668aac9e6015"
    )
