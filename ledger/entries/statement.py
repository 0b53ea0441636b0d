"""The statement: what the sealer of a decision fixes, and a sealing client signs.

    statement = JCS {"v":1, "id", "genesis", "system", "version", "profile", "automation",
                     "time", "subject_tag", "contest_key", "sealed": {slot: digest},
                     "outcome"?}
    signed    = "counterfoil/v1/statement" ‖ 0x00 ‖ statement
    subject_tag = base64url(SHA-256(tag)); contest_key = did:key of the contest key

`outcome` stands here with profile `open` only. `version` is null while the system has
none. Statements are written by concatenation, because every value is a code, a digest, a
time or a key, none of which JSON would escape; a test holds that equal to `jcs`.

Example, shortened: `{"automation":"full","contest_key":"did:key:z6Mk…","genesis":"g0X6…",
"id":"0b0f7d0e-…","profile":"sealed","sealed":{"counterfactuals":"5kiY…",…},…,"v":1}`.
"""

from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

from ledger.canonical import jcs, parse_jcs
from ledger.entries.disclosure import SLOTS
from ledger.entries.moment import is_hour, is_second
from ledger.errors import MalformedError, VerificationError
from ledger.ids import DecisionId, Did, SystemId, is_code, is_uuid4, is_version
from ledger.keys import SigningKey, is_did_key, parse_did_key, verify

STATEMENT_PREFIX: Final = b"counterfoil/v1/statement\0"  # never changes
PROFILES: Final = ("open", "sealed")  # never change
AUTOMATIONS: Final = ("full", "partial", "advisory")  # never change

SEALED_ORDER: Final = tuple(sorted(SLOTS))  # JCS sorts names, and ASCII as UTF-16
_SEALED = "{" + ",".join(f'"{slot}":"%s"' for slot in SEALED_ORDER) + "}"
_NAMES = frozenset(
    {
        "v",
        "id",
        "genesis",
        "system",
        "version",
        "profile",
        "automation",
        "time",
        "subject_tag",
        "contest_key",
        "sealed",
    }
)
_NAMES_OPEN = _NAMES | {"outcome"}
_SLOT_NAMES = frozenset(SLOTS)
_in_sealed_order = itemgetter(*SEALED_ORDER)
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LAST = "AEIMQUYcgkosw048"  # letters whose two low bits are zero


class Statement(NamedTuple):
    """What the sealer of one decision fixed.

    Attributes:
        id: the decision's.
        genesis: base64url of entry 0's leaf hash: which ledger.
        system: which AI system decided.
        version: the system's, None while none was registered.
        profile: "open" or "sealed".
        automation: "full", "partial" or "advisory".
        time: when it was decided, cut to the hour (open: to the second).
        subject_tag: base64url(SHA-256(tag)).
        contest_key: did:key of the contest key.
        digests: of all slots, in the order of `SEALED_ORDER`.
        outcome: {"code", "favourable"} with profile "open", else None.
    """

    id: DecisionId
    genesis: str
    system: SystemId
    version: str | None
    profile: str
    automation: str
    time: str
    subject_tag: str
    contest_key: Did
    digests: tuple[str, ...]
    outcome: dict[str, Any] | None

    @property
    def sealed(self) -> dict[str, str]:
        """Slot to digest, all slots; made anew at each call."""
        return dict(zip(SEALED_ORDER, self.digests, strict=True))


def format_statement(statement: Statement) -> bytes:
    """The statement's JCS bytes, by the general encoder."""
    value: dict[str, Any] = {
        "v": 1,
        "id": statement.id,
        "genesis": statement.genesis,
        "system": statement.system,
        "version": statement.version,
        "profile": statement.profile,
        "automation": statement.automation,
        "time": statement.time,
        "subject_tag": statement.subject_tag,
        "contest_key": statement.contest_key,
        "sealed": statement.sealed,
    }
    if statement.outcome is not None:
        value["outcome"] = statement.outcome
    return jcs(value)


def parse_statement(data: bytes) -> Statement:
    """The statement whose JCS bytes are `data`.

    Raises:
        MalformedError: not canonical, or not a statement.
    """
    return read_statement(parse_jcs(data))


def read_statement(value: object, *beside: object) -> Statement:
    """A statement from its decoded JSON; checks every member, not the spelling.

    `beside` are digests that stand next to it: checking them together costs nothing.

    Raises:
        MalformedError: a member missing, unknown, or of another form.
    """
    if type(value) is not dict:
        raise MalformedError("a statement is a JSON object")
    profile = value.get("profile")
    if value.keys() != (_NAMES_OPEN if profile == "open" else _NAMES):
        raise MalformedError("a statement with other members than its profile's")
    if type(value["v"]) is not int or value["v"] != 1:
        raise MalformedError("a statement of another version than 1")
    _check_plain(value)
    sealed = value["sealed"]
    if type(sealed) is not dict or sealed.keys() != _SLOT_NAMES:
        raise MalformedError("a statement seals every slot, and no other")
    digests = _in_sealed_order(sealed)
    check_digests([*digests, value["subject_tag"], value["genesis"], *beside])
    if not is_did_key(value["contest_key"]):
        raise MalformedError("a contest_key is a did:key of an Ed25519 key")
    return Statement(
        id=value["id"],
        genesis=value["genesis"],
        system=value["system"],
        version=value["version"],
        profile=value["profile"],
        automation=value["automation"],
        time=value["time"],
        subject_tag=value["subject_tag"],
        contest_key=value["contest_key"],
        digests=digests,
        outcome=value.get("outcome"),
    )


@lru_cache(maxsize=4_096)
def _plain_is_sound(
    system: object, version: object, profile: object, automation: object, time: object
) -> bool:
    """Cached: decisions of one system and hour share all five."""
    return (
        type(system) is str
        and is_code(system)
        and (version is None or (type(version) is str and is_version(version)))
        and profile in PROFILES
        and automation in AUTOMATIONS
        and type(time) is str
        and (is_second(time) if profile == "open" else is_hour(time))
    )


def _check_plain(value: dict[str, Any]) -> None:
    try:
        sound = _plain_is_sound(
            value["system"],
            value["version"],
            value["profile"],
            value["automation"],
            value["time"],
        )
    except TypeError:  # a list or an object cannot be a key of the cache
        sound = False
    if not sound:
        raise MalformedError(
            "a statement's system, version, profile, automation or time is none"
        )
    if type(value["id"]) is not str or not is_uuid4(value["id"]):
        raise MalformedError("a decision's id is a random UUID (version 4)")
    if "outcome" in value:
        _check_outcome(value["outcome"])


def _check_outcome(outcome: object) -> None:
    if (
        type(outcome) is not dict
        or outcome.keys() != {"code", "favourable"}
        or type(outcome["code"]) is not str
        or not is_code(outcome["code"])
        or type(outcome["favourable"]) is not bool
    ):
        raise MalformedError('an outcome is {"code", "favourable"}')


def check_digests(texts: list[Any]) -> None:
    """That each text is the canonical base64url of 32 bytes; all in one pass.

    43 letters carry 258 bits: the two stray bits of each last letter must be zero.

    Raises:
        MalformedError: one is not.
    """
    try:
        if {*map(len, texts)} != {43}:
            raise MalformedError("a digest is 43 letters of base64url")
        letters = "".join(texts)
    except TypeError as error:
        raise MalformedError("a digest is a text") from error
    check_digest_letters(letters)


def check_digest_letters(letters: str) -> None:
    """`check_digests` of digests joined, each known to be 43 letters long.

    Raises:
        MalformedError: one is not base64url, or has stray bits.
    """
    if not letters.isascii() or letters.encode("ascii").translate(None, _LETTERS):
        raise MalformedError("a digest that is not base64url")
    if letters[42::43].strip(_LAST):
        raise MalformedError("a digest with stray bits")


def sign_statement(key: SigningKey, statement: bytes) -> bytes:
    """A sealing client's 64-byte signature on the statement's JCS bytes."""
    return key.sign(STATEMENT_PREFIX + statement)


def check_statement_signature(keyid: str, statement: bytes, signature: bytes) -> None:
    """That the holder of the did:key `keyid` signed the statement's JCS bytes.

    Raises:
        MalformedError: `keyid` is no did:key.
        VerificationError: the signature does not hold.
    """
    if not verify(parse_did_key(keyid), STATEMENT_PREFIX + statement, signature):
        raise VerificationError("the deployer's signature on the statement")


def compose_statement(
    *,
    genesis: str,
    id_: str,
    system: str,
    version: str | None,
    profile: str,
    automation: str,
    time: str,
    subject_tag: str,
    contest_key: str,
    digests: list[str],
    outcome: dict[str, Any] | None,
) -> bytes:
    """`format_statement` by concatenation, for values already checked.

    The arguments are `Statement`'s members, none with a character that JSON escapes;
    `digests` stand in the order of `SEALED_ORDER`, not of `SLOTS`.
    """
    public = "" if outcome is None else f'"outcome":{jcs(outcome).decode("ascii")},'
    number = "null" if version is None else f'"{version}"'
    sealed = _SEALED % tuple(digests)
    return (
        f'{{"automation":"{automation}","contest_key":"{contest_key}",'
        f'"genesis":"{genesis}","id":"{id_}",{public}"profile":"{profile}",'
        f'"sealed":{sealed},"subject_tag":"{subject_tag}","system":"{system}",'
        f'"time":"{time}","v":1,"version":{number}}}'
    ).encode("ascii")
