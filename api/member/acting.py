"""An act from its plan to its receipt.

(1) the log is met: its checkpoint verified, nothing gone back             `seen`
(2) the state is read, and the act planned on it                           the command
(3) the payload is made: this is what will be signed
(4) the ledger's own rules are asked whether they would take it now        `standing`
(5) it is signed and sent; texts that it names follow
(6) the receipt is checked: this very act, under a checkpoint of the log

What the rules would refuse is not signed: an act that is signed and not recorded could be
held back by whoever got it, and recorded later, until it lapses.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from api.member.client import BYTES, Client
from api.member.seen import Met, Seen
from api.member.standing import at, check_allowed, fetch_state
from ledger.canonical import format_base64url, parse_base64
from ledger.entries.act import Act, act_id, format_payload, sign_act
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ActRecorded
from ledger.entries.moment import format_second, parse_utc
from ledger.entries.receipt import Receipt, verify_receipt
from ledger.entries.saying import Saying, format_saying, parse_saying
from ledger.errors import MalformedError, VerificationError
from ledger.governance.state import State
from ledger.ids import Did, LeafIndex, TreeSize
from ledger.keys import SigningKey
from ledger.limits import TEXT_CHARS_MAX

LIFE_MS: Final = 10 * 60 * 1000  # ms; long enough to be recorded, short to be held back
_SALT_BYTES: Final = 16  # 128 bits; RFC 9901 section 9.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a command wants to sign.

    Attributes:
        act: its name.
        body: what it says.
        words: the same for people, a line each; the first is one sentence.
        sayings: texts that the body names by digest, to send after it.
        parts: encrypted parts of a case that it names, likewise.
        next: what to do when it is recorded, a line each.
        private: what only the one who signs may know, to be kept next to the receipt.
    """

    act: str
    body: dict[str, Any]
    words: Sequence[str]
    sayings: Sequence[Saying] = ()
    parts: Sequence[bytes] = ()
    next: Sequence[str] = ()
    private: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan as it would be signed.

    Attributes:
        payload: the bytes to be signed.
        act: the same, read; not signed.
    """

    plan: Plan
    payload: bytes
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An act that was recorded.

    Attributes:
        receipt: checked: this very act stands in the log.
        unsent: digests of texts that the service did not take, with what it said.
        unkept: parts that it did not take, likewise.
    """

    receipt: Receipt
    unsent: Sequence[tuple[str, str]] = field(default=())
    unkept: Sequence[tuple[bytes, str]] = field(default=())


class Desk:
    """Where one member signs one act; made by `open_desk`.

    Attributes:
        client: the ledger.
        key: who signs.
        met: the log, verified.
        state: as it would be now.
        member: for whom the key acts; None where it is no present member's.
        now_ms: this machine's time when the desk was opened.
    """

    def __init__(
        self, client: Client, key: SigningKey, met: Met, state: State, now_ms: int
    ) -> None:
        self.client = client
        self.key = key
        self.met = met
        self._published = state
        self.state = at(state, now_ms)
        self.now_ms = now_ms
        owner = state.people.owners.get(key.did)
        self.member: Did = key.did if owner is None else owner

    def prepare(self, plan: Plan) -> Prepared:
        """(3) The act as it would be signed.

        Raises:
            MalformedError: it says more than one act can.
        """
        until = format_second(self.now_ms + LIFE_MS)
        seen = self.met.checkpoint
        seq = self._published.sequences.get(self.key.did, 0) + 1
        payload = format_payload(
            genesis=self.met.genesis,
            act=plan.act,
            actor=self.key.did,
            seq=seq,
            until=until,
            seen_size=seen.size,
            seen_root=seen.root,
            body=plan.body,
        )
        act = Act(
            id=act_id(payload),
            genesis=self.met.genesis,
            act=plan.act,
            actor=self.key.did,
            seq=seq,
            until_ms=parse_utc(until),
            seen_size=seen.size,
            seen_root=seen.root,
            body=plan.body,
            payload=payload,
            envelope={},
        )
        return Prepared(plan=plan, payload=payload, act=act)

    def check(self, prepared: Prepared) -> None:
        """(4) That the ledger's own rules would record it now.

        Raises:
            RejectedError: they would refuse it. Nothing was signed.
        """
        size = TreeSize(prepared.act.seen_size)
        check_allowed(self._published, prepared.act, self.now_ms, size)

    async def send(self, prepared: Prepared) -> Done:
        """(5), (6) Signed, sent, and its receipt checked.

        Raises:
            RejectedError: refused; nothing was recorded.
            UnavailableError: no answer; `recorded` says whether it may be recorded.
            VerificationError: the service's receipt does not hold.
        """
        envelope = sign_act(self.key, prepared.payload)
        answer = await self.client.post("v1/acts", envelope)
        receipt = self._receipt(prepared, answer)
        unsent = []
        for saying in prepared.plan.sayings:
            sent = {"act": prepared.act.id, "disclosure": saying.disclosure}
            try:
                await self.client.post("v1/texts", sent)
            except Exception as error:  # noqa: BLE001 -- told with the receipt, never lost
                unsent.append((saying.digest, str(error)))
        unkept = []
        for blob in prepared.plan.parts:
            try:
                await self.client.send("POST", "v1/parts", blob, BYTES)
            except Exception as error:  # noqa: BLE001 -- told with the receipt, never lost
                unkept.append((blob, str(error)))
        return Done(receipt=receipt, unsent=unsent, unkept=unkept)

    def _receipt(self, prepared: Prepared, answer: Any) -> Receipt:
        try:
            given = answer["receipt"]
            receipt = Receipt(
                origin=self.met.origin,
                genesis=self.met.genesis,
                id=str(answer["id"]),
                index=LeafIndex(answer["index"]),
                leaf=parse_base64(given["leaf"]),
                proof=str(given["proof"]),
                policy=self.met.policy,
            )
            entry = decode_entry(receipt.leaf)
        except (KeyError, TypeError, MalformedError) as error:
            raise _unproved("it is none") from error
        if not isinstance(entry, ActRecorded) or entry.act.payload != prepared.payload:
            raise _unproved("its leaf is not what was signed")
        for check in verify_receipt(receipt, vkeys=self.met.vkeys).checks:
            if not check.holds:
                raise _unproved(check.sentence)
        return receipt


def _unproved(why: str) -> VerificationError:
    error = VerificationError(
        f"the service says that the act is recorded, and its receipt does not hold: {why}"
    )
    error.recorded = None
    return error


async def open_desk(client: Client, key: SigningKey, seen: Seen, now_ms: int) -> Desk:
    """(1), (2) The log met and its state read.

    Raises:
        VerificationError: the history went back, or what is served does not agree.
        RejectedError, UnavailableError, MalformedError: there is nothing to read there.
    """
    met = await seen.meet(client)
    state = await fetch_state(client, key.did)
    community = state.community
    if community is None or community.genesis != met.genesis:
        raise VerificationError("the state that is served is another ledger's")
    return Desk(client, key, met, state, now_ms)


def say(slot: str, text: str) -> Saying:
    """A text to be kept off the log, and its digest.

    Raises:
        MalformedError: longer than a text may be, or empty.
    """
    if not 1 <= len(text) <= TEXT_CHARS_MAX:
        raise MalformedError(f"a text is 1 to {TEXT_CHARS_MAX:,} characters")
    salt = format_base64url(secrets.token_bytes(_SALT_BYTES))
    return parse_saying(format_saying(slot, salt, text))
