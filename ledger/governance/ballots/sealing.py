r"""Ballots sealed until the vote closes: nobody reads one before enough trustees agree.

    sealed  = {"ciphertext", "key": digest, "shares": [digest, one a trustee],
               "boxes": [sealed box, one a trustee]}             all base64url

The voter draws a key of 32 random bytes for this one ballot. All else follows from it:

    context     = SHA-256("counterfoil/v1/ballot\0" ‖ JCS {"proposal", "voter",
                  "trustees", "threshold"})
    derive(w,n) = SHA-256("counterfoil/v1/ballot-derive\0" ‖ w ‖ n ‖ context ‖ key)
                  w, n: one byte each; w = 1 cipher key, 2 coefficient, 3 box's key
    plaintext   = JCS {"choice", "reason"}, filled up with spaces to `room` bytes, so that
                  its length says nothing
    ciphertext  = XSalsa20-Poly1305(derive(1,0), nonce of 24 zero bytes, plaintext): the
                  key is used once
    share n     = Shamir share (`shamir`) of the key, coefficients derive(2,1)…
    key digest  = SHA-256("counterfoil/v1/ballot-key\0" ‖ context ‖ key)
    share n's   = SHA-256("counterfoil/v1/ballot-share\0" ‖ n ‖ context ‖ share)
    box n       = libsodium's sealed box of share n to the X25519 form of the trustee's
                  Ed25519 key, with derive(3,n) as its ephemeral secret key

After the close the trustees publish their shares; each fits its digest or is refused.
Whoever has `threshold` of them finds the key and derives key digest, share digests and
ciphertext again: a ballot counts only if they are the same. Another voter's ballot cannot
be copied, because the voter is in the context. Boxes are not derived again (a tenth of a
millisecond each): one that holds something else keeps its trustee from publishing, and
the ballot is spoilt unless enough others can. A voter knows the key, so has every share,
and can publish those of the own ballot if the trustees do not. These bytes never change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from nacl.bindings import crypto_secretbox, crypto_secretbox_open
from nacl.exceptions import CryptoError

from ledger.canonical import format_base64url, jcs, parse_base64url, parse_jcs
from ledger.errors import MalformedError
from ledger.governance.ballots.sealedbox import open_box, seal_box
from ledger.governance.ballots.shamir import SECRET_BYTES, combine, split
from ledger.governance.body import refuse
from ledger.ids import Did
from ledger.keys import SigningKey
from ledger.limits import TRUSTEES_MAX

_CONTEXT: Final = b"counterfoil/v1/ballot\0"  # never change
_DERIVE: Final = b"counterfoil/v1/ballot-derive\0"
_KEY: Final = b"counterfoil/v1/ballot-key\0"
_SHARE: Final = b"counterfoil/v1/ballot-share\0"
_NONCE: Final = bytes(24)
_TAG_BYTES: Final = 16
_DIGEST_BYTES: Final = 32
_BOX_BYTES: Final = SECRET_BYTES + 48  # ephemeral key and tag
_FRAME_BYTES: Final = 128  # {"choice":…,"reason":"43 letters"} without the options
_PER_OPTION_BYTES: Final = 8  # quotes, brackets, a number, commas
_SECRETS: Final = {"ciphertext", "key", "shares", "boxes"}
CIPHER, COEFFICIENT, BOX = 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """What a sealed ballot is bound to.

    Attributes:
        proposal: the frozen id.
        voter: the member.
        trustees: as the proposal names them, in its order; numbered from 1.
        threshold: how many must publish.
        room: bytes of every plaintext of this vote.
    """

    proposal: str
    voter: Did
    trustees: tuple[Did, ...]
    threshold: int
    room: int

    def context(self) -> bytes:
        """The 32 bytes that every hash of the ballot contains."""
        named = {
            "proposal": self.proposal,
            "voter": self.voter,
            "trustees": list(self.trustees),
            "threshold": self.threshold,
        }
        return sha256(_CONTEXT + jcs(named)).digest()


def room_for(options: tuple[str, ...]) -> int:
    """Bytes of every plaintext of a vote among these options; () for yes or no."""
    return _FRAME_BYTES + sum(len(option) + _PER_OPTION_BYTES for option in options)


def seal_ballot(
    choice: Any, reason: str | None, sealing: Sealing, key: bytes
) -> dict[str, Any]:
    """The `sealed` of a ballot; `key` is 32 random bytes, drawn for it alone.

    Raises:
        MalformedError: a choice that is no JSON of a leaf, or has no room; a trustee's
            key that no box can be sealed to. Nothing was recorded.
    """
    plain = jcs({"choice": choice, "reason": reason})
    if len(plain) > sealing.room:
        raise MalformedError(f"a choice of more than {sealing.room} bytes of JSON")
    context = sealing.context()
    shares = shares_of(sealing, key)
    boxes = [
        seal_box(shares[number - 1], did, _derive(BOX, number, context, key))
        for number, did in enumerate(sealing.trustees, 1)
    ]
    return {
        **_commit(plain, sealing, key, shares),
        "boxes": [format_base64url(box) for box in boxes],
    }


def shares_of(sealing: Sealing, key: bytes) -> list[bytes]:
    """Every trustee's share of a ballot's key, as its voter knows them."""
    context = sealing.context()
    numbers = range(1, sealing.threshold)
    coefficients = [_derive(COEFFICIENT, at, context, key) for at in numbers]
    return split(key, coefficients, len(sealing.trustees))


def _commit(
    plain: bytes, sealing: Sealing, key: bytes, shares: list[bytes]
) -> dict[str, Any]:
    """All of a sealed ballot but its boxes."""
    context = sealing.context()
    cipher = _derive(CIPHER, 0, context, key)
    sealed = crypto_secretbox(plain.ljust(sealing.room), _NONCE, cipher)
    return {
        "ciphertext": format_base64url(sealed),
        "key": format_base64url(sha256(_KEY + context + key).digest()),
        "shares": [
            share_digest(context, number, share)
            for number, share in enumerate(shares, 1)
        ],
    }


def read_sealed(value: Any, sealing: Sealing) -> dict[str, Any]:
    """A ballot's `sealed` of the form that this vote has.

    Raises:
        RejectedError: `invalid-act`: another form or length. Nothing was recorded.
    """
    count = len(sealing.trustees)
    if type(value) is not dict or value.keys() != _SECRETS:
        raise refuse("sealed has ciphertext, key, shares and boxes; all, and no other")
    if type(value["shares"]) is not list or type(value["boxes"]) is not list:
        raise refuse("shares and boxes are lists, one item for each trustee")
    if len(value["shares"]) != count or len(value["boxes"]) != count:
        raise refuse("shares and boxes have one item for each trustee")
    parts = [
        (value["ciphertext"], sealing.room + _TAG_BYTES),
        (value["key"], _DIGEST_BYTES),
        *((digest, _DIGEST_BYTES) for digest in value["shares"]),
        *((box, _BOX_BYTES) for box in value["boxes"]),
    ]
    for text, length in parts:
        _read_bytes(text, length)
    return value


def keep(sealed: Mapping[str, Any]) -> dict[str, Any]:
    """What the state keeps of a ballot until it is opened: all but the boxes."""
    return {
        "ciphertext": sealed["ciphertext"],
        "key": sealed["key"],
        "shares": list(sealed["shares"]),
    }


def _read_bytes(text: Any, length: int) -> bytes:
    if type(text) is not str:
        raise refuse("the parts of a sealed ballot are base64url texts")
    try:
        return parse_base64url(text, length=length)
    except MalformedError as error:
        raise refuse(
            f"a part of a sealed ballot is base64url without padding, of {length} bytes"
        ) from error


def read_share(text: Any) -> bytes:
    """A published share.

    Raises:
        RejectedError: `invalid-act`: not base64url of 32 bytes. Nothing was recorded.
    """
    return _read_bytes(text, SECRET_BYTES)


def share_digest(context: bytes, number: int, share: bytes) -> str:
    """What the ballot says of the share of trustee `number`."""
    return format_base64url(sha256(_SHARE + bytes([number]) + context + share).digest())


def take_share(
    sealed: Mapping[str, Any], sealing: Sealing, number: int, key: SigningKey
) -> bytes | None:
    """What trustee `number` finds in the box, if it is what the ballot says it is."""
    share = open_box(parse_base64url(sealed["boxes"][number - 1]), key)
    if share is None or len(share) != SECRET_BYTES:
        return None
    digest = share_digest(sealing.context(), number, share)
    return share if digest == sealed["shares"][number - 1] else None


def open_ballot(
    sealed: Mapping[str, Any], sealing: Sealing, shares: Mapping[int, bytes]
) -> tuple[Any, str | None] | None:
    """The choice (JSON, still to be read) and the reason; None if the ballot is spoilt.

    Args:
        sealed: as `keep` keeps it.
        sealing: of this voter.
        shares: number → share; each fits its digest.
    """
    if len(shares) < sealing.threshold:
        return None
    context = sealing.context()
    chosen = sorted(shares)[: sealing.threshold]
    key = combine({number: shares[number] for number in chosen})
    cipher = _derive(CIPHER, 0, context, key)
    try:
        plain = crypto_secretbox_open(
            parse_base64url(sealed["ciphertext"]), _NONCE, cipher
        )
        said = parse_jcs(plain.rstrip(b" "))
    except (CryptoError, MalformedError):
        return None
    if type(said) is not dict or said.keys() != {"choice", "reason"}:
        return None
    if _commit(plain, sealing, key, shares_of(sealing, key)) != dict(sealed):
        return None
    reason = said["reason"]
    return (said["choice"], reason) if is_reason(reason) else None


def is_reason(reason: object) -> bool:
    """Whether it is None or the digest of a text in the vault."""
    if type(reason) is not str:
        return reason is None
    try:
        return len(parse_base64url(reason)) == _DIGEST_BYTES
    except MalformedError:
        return False


def _derive(what: int, number: int, context: bytes, key: bytes) -> bytes:
    return sha256(_DERIVE + bytes([what, number]) + context + key).digest()


def read_trustees(value: Any) -> tuple[tuple[str, ...], int]:
    """A proposal's `sealed`, {"trustees": [did], "threshold"}: who, and how many must.

    Raises:
        RejectedError: `invalid-act`: fewer than two trustees or more than 15, one twice,
            or a threshold that is not from 2 to their number. Nothing was recorded.
    """
    if type(value) is not dict or value.keys() != {"trustees", "threshold"}:
        raise refuse("sealed has trustees and threshold, and no other member")
    trustees, threshold = value["trustees"], value["threshold"]
    if (
        type(trustees) is not list
        or not 2 <= len(trustees) <= TRUSTEES_MAX
        or not all(type(did) is str for did in trustees)
        or len(set(trustees)) != len(trustees)
    ):
        raise refuse(f"trustees are 2 to {TRUSTEES_MAX} members, each once")
    if type(threshold) is not int or not 2 <= threshold <= len(trustees):
        raise refuse("threshold is a whole number from 2 to the number of trustees")
    return tuple(trustees), threshold
