"""A town with systems that decide, reviewers whom a vote appointed, and people with receipts.

Its log is real: leaves, trees, signatures; anybody can audit it. The town is made once
and copied, so that every test begins with its reviewers in office.
"""

from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from typing_extensions import override

from ledger.canonical import format_base64, format_base64url
from ledger.entries.case import ClaimKeys, derive_claim, prove_claim
from ledger.entries.codec import decode_entry, encode_entry
from ledger.entries.decision import Entropy, Submission, leaf_of, seal
from ledger.entries.entry import ErasureExecuted, ReceiptReissued
from ledger.entries.moment import HOUR_MS, format_hour, format_log_time
from ledger.entries.secret import derive
from ledger.errors import RejectedError
from ledger.governance.cases.contest import Contest
from ledger.governance.cases.states import status_of
from ledger.governance.snapshot import format_snapshot, parse_snapshot
from ledger.ids import DecisionId, Did, LeafIndex, LedgerName, SystemId
from ledger.keys import SigningKey
from tests.governance.assembly.town import DAY_MS, key
from tests.governance.attacks.hall import Hall
from tests.governance.world import REGISTER

LEDGER = LedgerName("town")
EXAMPLE = SystemId("example")
OTHER = SystemId("other")
REVIEWERS = (1, 2)  # by number
OVERSEER = 3  # of the system "example", and a reviewer too
DEPLOYER = SigningKey(b"\x44" * 32)  # signs statements of "example"
NGO = SigningKey(b"\x55" * 32)
STRANGER = SigningKey(b"\x66" * 32)
QUICK = dict.fromkeys(
    (
        *("draft_s", "endorsing_s", "deliberation_s", "frozen_s", "pending_s"),
        *("voting_s", "extension_s", "challenge_s", "timelock_standard_s"),
    ),
    600,
)


def bytes_of(number: int, length: int, what: str) -> bytes:
    """Bytes that look random and are counted."""
    seed = sha256(b"%d %b" % (number, what.encode())).digest()
    return (seed * (length // 32 + 1))[:length]


def uuid_of(number: int, what: str = "decision") -> DecisionId:
    raw = bytearray(bytes_of(number, 16, what))
    raw[6], raw[8] = raw[6] & 15 | 64, raw[8] & 63 | 128
    return DecisionId(str(UUID(bytes=bytes(raw))))


def text_of(number: int, what: str, length: int = 32) -> str:
    """base64url of counted bytes: a digest, a tag, a box."""
    return format_base64url(bytes_of(number, length, what))


def part_of(number: int) -> dict[str, str]:
    """P: the name of a part."""
    return {"digest": text_of(number, "digest"), "part": text_of(number, "part")}


def claim_keys(number: int) -> ClaimKeys:
    return derive_claim(bytes_of(number, 32, "claim"))


@dataclass(frozen=True, slots=True)
class Held:
    """What a person holds: a decision's secret, and where it stands."""

    number: int
    secret: bytes
    index: int

    @property
    def id(self) -> DecisionId:
        return uuid_of(self.number)

    @property
    def key(self) -> SigningKey:
        """The contest key; the deployer may have it too."""
        return SigningKey(derive(self.secret).contest_seed)


def held_of(number: int, index: int = 0) -> Held:
    """What the person of decision `number` holds."""
    return Held(number, bytes_of(number, 32, "secret"), index)


@dataclass
class Desk(Hall):
    """A `Hall` with decisions, and acts about them."""

    seqs: dict[str, int] = field(default_factory=dict)
    parts: int = 0

    @override
    def record(self, signed: Any) -> None:
        super().record(signed)
        assert parse_snapshot(format_snapshot(self.state)) == self.state

    def decide(
        self, number: int, system: SystemId = EXAMPLE, *, signed: bool = False
    ) -> Held:
        """Append a decision; what its person holds."""
        held = held_of(number, len(self.entries))
        submission = Submission(
            id=uuid_of(number),
            system=system,
            version="2026-11",
            profile="sealed",
            automation="full",
            time=format_hour(self.time_ms // HOUR_MS),
            outcome=None,
            values={"outcome": b'{"code":"rejected","favourable":false}'},
        )
        entropy = Entropy(
            secret=held.secret,
            salts=bytes_of(number, 288, "salts"),
            nonce=bytes_of(number, 12, "nonce"),
        )
        sealed = seal(self.genesis, submission, entropy)
        self.seqs[system] = self.seqs.get(system, 0) + 1
        leaf = leaf_of(
            LEDGER,
            sealed,
            seq=self.seqs[system],
            rules=self.state.safeguards.rule_set.hash,
            results=b"[]",
            refused=0,
        )
        entry: Any = decode_entry(leaf)
        if signed:
            message = b"counterfoil/v1/statement\0" + entry.statement_jcs
            sig = DEPLOYER.sign(message)
            entry = entry._replace(keyid=DEPLOYER.did, signature=sig)
        self.append(entry)
        return held

    def receipt(self, held: Held) -> dict[str, Any]:
        """R, in the tree that the next act has seen."""
        proof = self.tree().inclusion(LeafIndex(held.index))
        return {
            "id": held.id,
            "index": held.index,
            "leaf": format_base64(encode_entry(self.entries[held.index])),
            "proof": [format_base64(one) for one in proof],
        }

    # ---- acts, as they are mostly made ------------------------------------------------

    def part(self) -> dict[str, str]:
        """The name of a part that no act has named."""
        self.parts += 1
        return part_of(self.parts)

    def claim_body(self, held: Held, claim: ClaimKeys) -> dict[str, Any]:
        proof = prove_claim(claim, decision=held.id, genesis=self.genesis)
        return {
            "receipt": self.receipt(held),
            "key": claim.key.did,
            "seal_key": claim.seal_key,
            "proof": format_base64(proof),
        }

    def claim(self, held: Held, number: int) -> SigningKey:
        """Claim a receipt; the new key."""
        claim = claim_keys(number)
        self.do(held.key, "receipt.claim", self.claim_body(held, claim))
        return claim.key

    def opening(self, held: Held, **other: Any) -> dict[str, Any]:
        return {
            "receipt": self.receipt(held),
            "seal_key": text_of(held.number, "seal"),
            "tag": text_of(held.number, "tag"),
            "boxes": [
                {"to": key(n).did, "box": text_of(n, "box", 80)} for n in REVIEWERS
            ],
            "statement": self.part(),
            "attachments": [],
            **other,
        }

    def contest(self, held: Held, by: SigningKey | None = None, **other: Any) -> str:
        """Open a contest; its id."""
        signer = held.key if by is None else by
        return self.do(signer, "contest.open", self.opening(held, **other))

    def take(self, contest: str, by: int = REVIEWERS[0]) -> str:
        """A reviewer takes it; the grant's id."""
        return self.do(by, "review.take", {"contest": contest})

    def read(self, grant: str, by: int | SigningKey = REVIEWERS[0]) -> str:
        decision = self.state.cases.grants[grant].decision
        return self.do(by, "grant.read", {"grant": grant, "decision": decision})

    def concluding(self, contest: str, **other: Any) -> dict[str, Any]:
        return {
            "contest": contest,
            "conclusion": "upheld",
            "reasons": self.part(),
            "looked_at": ["reasons", "statement"],
            "corrected": None,
            **other,
        }

    def conclude(self, contest: str, by: int = REVIEWERS[0], **other: Any) -> str:
        return self.do(by, "review.conclude", self.concluding(contest, **other))

    def naming(
        self, held: Held, helper: Did, *scope: str, **other: Any
    ) -> dict[str, Any]:
        return {
            "receipt": self.receipt(held),
            "helper": helper,
            "scope": list(scope),
            "until": format_log_time(self.time_ms + 100 * DAY_MS),
            **other,
        }

    def granting(self, held: Held, to: Did, **other: Any) -> dict[str, Any]:
        return {
            "receipt": self.receipt(held),
            "to": to,
            "purpose": "audit",
            "until": format_log_time(self.time_ms + 10 * DAY_MS),
            "wrapped": None,
            **other,
        }

    def sweep(self, *erased: DecisionId) -> None:
        """The ledger's own entry that decisions were erased."""
        self.time_ms += 1
        self.append(
            ErasureExecuted(
                id=uuid_of(len(self.entries), "entry"),
                ledger=LEDGER,
                time_ms=self.time_ms,
                decisions=tuple(sorted(erased)),
            )
        )

    def reissue(self, *decisions: DecisionId) -> None:
        """The ledger's own entry that receipts were asked for again."""
        self.time_ms += 1
        self.append(
            ReceiptReissued(
                id=uuid_of(len(self.entries), "entry"),
                ledger=LEDGER,
                time_ms=self.time_ms,
                decisions=tuple(sorted(decisions)),
            )
        )

    def refuses(
        self, signer: SigningKey | int, act: str, body: dict[str, Any]
    ) -> tuple[str, str]:
        """The kind of the refusal and its sentence; nothing is recorded."""
        before, size, now = self.state, len(self.entries), self.time_ms
        with pytest.raises(RejectedError) as caught:
            self.do(signer, act, body)
        assert (self.state, len(self.entries)) == (before, size)
        self.time_ms = now
        sentence = str(caught.value)
        assert not any(text in sentence for text in _texts(body) if len(text) > 16)
        assert caught.value.recorded is False
        return caught.value.kind, sentence

    def enact(self, *actions: tuple[str, dict[str, Any]], nonce: str) -> None:
        """A proposal of these actions, passed and executed."""
        proposal = self.open(0, *actions, nonce=nonce)
        self.to_ready(proposal)
        self.execute(proposal)
        assert self.phase(proposal) == "Executed"

    # ---- looking --------------------------------------------------------------------

    def found(self, contest: str) -> Contest:
        return self.state.cases.contests[contest]

    def status(self, contest: str) -> str:
        return status_of(self.found(contest), self.time_ms)

    def copy(self) -> "Desk":
        return _copy(self)


def _copy(desk: Desk, kind: type[Desk] = Desk) -> Desk:
    other = kind.__new__(kind)
    other.members, other.parameters = desk.members, dict(desk.parameters)
    other.time_ms, other.state = desk.time_ms, desk.state
    other.entries, other.seen_root = list(desk.entries), desk.seen_root
    other.seqs, other.parts = dict(desk.seqs), desk.parts
    return other


def _texts(value: Any) -> list[str]:
    """Every text in a body: none of them is ever told again."""
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        return [text for item in items for text in _texts(item)]
    return []


@cache
def _made() -> Desk:
    desk = Desk(members=5, parameters=QUICK)
    system = {**REGISTER, "keys": [DEPLOYER.did], "overseers": [key(OVERSEER).did]}
    desk.do(0, "system.register", system)
    desk.do(0, "system.register", {**REGISTER, "system": OTHER, "review_days": 7})
    until = format_log_time(desk.time_ms + 300 * DAY_MS)
    reviewers = [
        ("role.appoint", {"role": "reviewer", "member": key(n).did, "until": until})
        for n in (*REVIEWERS, OVERSEER)
    ]
    desk.enact(*reviewers, nonce="reviewers")
    return desk


def new_desk() -> Desk:
    """A desk of its own, as `_made` left it."""
    return _made().copy()
