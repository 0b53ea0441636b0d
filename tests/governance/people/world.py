"""A community of several people, and acts of theirs, one after the other."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ledger.canonical import format_base64
from ledger.entries.act import Act, format_payload, read_envelope, sign_act
from ledger.entries.entry import TimePassed
from ledger.entries.moment import format_log_time
from ledger.errors import CounterfoilError, RejectedError
from ledger.governance.actions import ACTIONS
from ledger.governance.decide import decide_on
from ledger.governance.evolve import evolve
from ledger.governance.kinds import Context
from ledger.governance.passing import is_due, tick
from ledger.governance.people.bodies import key_message
from ledger.governance.people.room import People, from_sections
from ledger.governance.state import State
from ledger.ids import Did, LeafIndex, TreeSize
from ledger.keys import SigningKey
from tests.entries.passkeys import Authenticator
from tests.governance.world import (
    COMMONS,
    FOUNDED,
    FOUNDER,
    GENESIS,
    NOW_MS,
    ROOT,
    START,
)

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
CONSENT: dict[str, Any] = {"statement": "open-votes-are-public", "credential": None}


def key(number: int) -> SigningKey:
    return SigningKey(b"\7" + number.to_bytes(31, "big"))


ANN, BOB, CAT, DAN, EVE, FAY = (key(number) for number in range(6))


def proof(new: SigningKey, member: SigningKey, genesis: str = GENESIS) -> str:
    return format_base64(new.sign(key_message(genesis, member.did, new.did)))


def new_key(new: SigningKey, member: SigningKey) -> dict[str, Any]:
    return {"key": new.did, "proof": proof(new, member)}


@dataclass
class World:
    """A state that acts move; every one at a millisecond of its own."""

    state: State = START
    size: int = 1
    time_ms: int = NOW_MS
    parameters: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.state.community is not None
        community = replace(self.state.community, parameters=self.parameters)
        self.state = replace(self.state, community=community)

    @property
    def people(self) -> People:
        return self.state.people

    def sign(
        self,
        act: str,
        body: dict[str, Any],
        by: SigningKey,
        *,
        genesis: str = GENESIS,
        seq: int | None = None,
        passkey: Authenticator | None = None,
    ) -> Act:
        payload = format_payload(
            genesis=genesis,
            act=act,
            actor=by.did,
            seq=self.state.sequences.get(by.did, 0) + 1 if seq is None else seq,
            until=format_log_time(self.time_ms + 12 * HOUR_MS),
            seen_size=1,
            seen_root=ROOT,
            body=body,
        )
        envelope = (
            sign_act(by, payload) if passkey is None else passkey.envelope(payload)
        )
        return read_envelope(envelope)

    def record(self, act: Act) -> None:
        """Decide and evolve; then the state must come back from its sections."""
        self.time_ms += 1
        if is_due(self.state, self.time_ms):
            self.pass_time(0)
        made = decide_on(
            self.state,
            act,
            time_ms=self.time_ms,
            size=TreeSize(self.size),
            seen_holds=True,
        )
        for entry, after in made:
            self.state = evolve(self.state, entry, LeafIndex(self.size))
            assert self.state == after
            self.size += 1
        assert from_sections(self.people.sections()) == self.people

    def do(self, act: str, by: SigningKey, **body: Any) -> None:
        self.record(self.sign(act, body, by))

    def refuses(self, act: str, by: SigningKey, **body: Any) -> str:
        """The kind of the refusal; the state stays as it was."""
        return self.refuses_act(self.sign(act, body, by))

    def refuses_act(self, act: Act) -> str:
        before = self.state
        with pytest.raises(CounterfoilError) as caught:
            self.record(act)
        assert self.state is before
        if isinstance(caught.value, RejectedError):
            for text in (*act.body.values(), act.actor):
                if type(text) is str and len(text) > 12:
                    assert text not in str(caught.value)
            return caught.value.kind
        return type(caught.value).__name__

    def pass_time(self, ms: int) -> None:
        self.time_ms += ms
        entry = TimePassed(
            id=FOUNDED.id,
            ledger=COMMONS,
            time_ms=self.time_ms,
            checkpoint=None,
            refused={},
        )
        self.state = tick(self.state, self.time_ms)
        self.state = evolve(self.state, entry, LeafIndex(self.size))
        self.size += 1
        assert from_sections(self.people.sections()) == self.people

    def enact(self, action: str, **body: Any) -> None:
        """What an executed proposal does."""
        kind = ACTIONS[action]
        self.time_ms += 1
        context = Context(
            act_id="",
            actor=FOUNDER.did,
            time_ms=self.time_ms,
            index=self.size,
            proposal="proposal",
        )
        value = kind.read(body)
        kind.check(self.state, value, context)
        self.state = kind.apply(self.state, value, context)
        self.size += 1
        assert from_sections(self.people.sections()) == self.people

    def refuses_action(self, action: str, **body: Any) -> str:
        before = self.state
        with pytest.raises(RejectedError) as caught:
            self.enact(action, **body)
        assert self.state is before
        return caught.value.kind

    # ---- short cuts ------------------------------------------------------------------

    def apply(self, by: SigningKey, credential: Any = None) -> None:
        self.do("member.apply", by, **{**CONSENT, "credential": credential})

    def found(self, *members: SigningKey) -> "World":
        """With members whom the founder admitted, their waiting over."""
        for member in members:
            self.apply(member)
            self.do("member.admit", FOUNDER, applicant=member.did)
        self.pass_time(8 * DAY_MS)
        return self

    def belongs(self, member: SigningKey | Did) -> bool:
        did = member.did if isinstance(member, SigningKey) else member
        found = self.people.members.get(did)
        return found is not None and found.belongs
