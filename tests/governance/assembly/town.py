"""A town of members who found a community, propose and vote; time is told, never read."""

from dataclasses import dataclass, field
from typing import Any

from ledger.canonical import format_base64url
from ledger.entries.act import Act, act_id, format_payload, read_envelope, sign_act
from ledger.entries.codec import encode_entry
from ledger.entries.entry import Entry, Founded, TimePassed
from ledger.entries.moment import format_log_time
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.assembly.status import phase_of
from ledger.governance.decide import decide_on
from ledger.governance.evolve import evolve
from ledger.governance.state import EMPTY, State
from ledger.ids import Did, LeafIndex, LedgerName, TreeSize
from ledger.keys import SigningKey
from ledger.merkle.hashing import hash_leaf

NOW_MS = 1_795_341_600_000
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
LEDGER = LedgerName("town")
PASSED = "9b2f7c52-3a4e-4f63-8d1a-6a1f7b1c2d3e"
REASON = format_base64url(b"\7" * 32)
SAFEGUARD: dict[str, Any] = {"name": "decided_at_age_days", "value": 60}


def key(number: int) -> SigningKey:
    return SigningKey(bytes([number + 1]) * 32)


def founded(members: int, parameters: dict[str, int]) -> Founded:
    return Founded(
        id="5f0c1c1e-6f3c-4a43-9d0b-1f5a2f6c7d10",
        ledger=LEDGER,
        time_ms=NOW_MS,
        time=format_log_time(NOW_MS),
        origin="ledger.example/town",
        vkeys=(),
        founders=tuple(key(number).did for number in range(members)),
        parameters={"proposal_interval_s": 0, **parameters},
        extra={},
    )


@dataclass
class Town:
    """A community, its state and its log."""

    members: int = 5
    parameters: dict[str, int] = field(default_factory=dict)
    time_ms: int = NOW_MS
    state: State = EMPTY
    entries: list[Entry] = field(default_factory=list)
    seen_root: bytes = b"\0" * 32

    def __post_init__(self) -> None:
        self.append(founded(self.members, self.parameters))

    @property
    def genesis(self) -> str:
        return format_base64url(hash_leaf(encode_entry(self.entries[0])))

    def append(self, entry: Entry) -> None:
        index = LeafIndex(len(self.entries))
        self.state = evolve(self.state, entry, index)
        self.entries.append(entry)

    def sign(self, signer: SigningKey, act: str, body: dict[str, Any]) -> Act:
        payload = format_payload(
            genesis=self.genesis,
            act=act,
            actor=signer.did,
            seq=self.state.sequences.get(signer.did, 0) + 1,
            until=format_log_time(self.time_ms + HOUR_MS),
            seen_size=len(self.entries),
            seen_root=self.seen_root,
            body=body,
        )
        return read_envelope(sign_act(signer, payload))

    def passed(self) -> TimePassed:
        return TimePassed(
            id=PASSED,
            ledger=LEDGER,
            time_ms=self.time_ms,
            checkpoint=None,
            refused={},
        )

    def do(self, signer: SigningKey | int, act: str, body: dict[str, Any]) -> str:
        """Record an act one millisecond later; its id."""
        who = key(signer) if isinstance(signer, int) else signer
        self.time_ms += 1
        signed = self.sign(who, act, body)
        self.record(signed)
        return act_id(signed.payload)

    def record(self, signed: Act) -> None:
        for entry, after in decide_on(
            self.state,
            signed,
            time_ms=self.time_ms,
            size=TreeSize(len(self.entries)),
            seen_holds=True,
            passed=self.passed(),
        ):
            self.append(entry)
            assert self.state == after  # by `evolve`, which reads and checks again

    def wait_until(self, time_ms: int) -> None:
        """Let log time be `time_ms`, as an entry of passing time says."""
        assert time_ms >= self.time_ms
        self.time_ms = time_ms
        self.append(self.passed())

    def wait(self, span_ms: int) -> None:
        self.wait_until(self.time_ms + span_ms)

    # ---- proposals ------------------------------------------------------------------

    def open(
        self,
        by: int = 0,
        *actions: tuple[str, dict[str, Any]],
        nonce: str = "1",
        **more: Any,
    ) -> str:
        """Open one; its key."""
        body: dict[str, Any] = {
            "nonce": nonce,
            "title": "A title",
            "text": "Why.\n",
            "ballot": {"method": "yesno"},
            "expedited": False,
        }
        if "options" not in more:
            said = [{"action": name, "body": what} for name, what in actions]
            body["actions"] = said
        self.do(by, "proposal.open", {**body, **more})
        proposals = self.state.assembly.proposals
        return next(
            k for k, p in proposals.items()
            if p.nonce == nonce and p.proposer == key(by).did
        )  # fmt: skip

    def proposal(self, proposal: str) -> Proposal:
        return self.state.assembly.proposals[proposal]

    def phase(self, proposal: str) -> str:
        return phase_of(self.proposal(proposal), self.time_ms)

    def id(self, proposal: str) -> str:
        return self.proposal(proposal).revision

    def to_deliberation(self, proposal: str) -> None:
        by = next(
            n for n in range(100) if key(n).did == self.proposal(proposal).proposer
        )
        self.do(by, "proposal.submit", {"proposal": proposal})
        for number in range(self.members):
            if self.phase(proposal) == "Endorsing" and number != by:
                body = {"proposal": proposal, "revision": self.id(proposal)}
                self.do(number, "proposal.endorse", body)
        assert self.phase(proposal) == "Deliberation"

    def to_voting(self, proposal: str) -> None:
        if self.phase(proposal) == "Draft":
            self.to_deliberation(proposal)
        self.wait_until(self.proposal(proposal).pending_until_ms + 1)
        assert self.phase(proposal) == "Voting"

    def vote(self, by: int, proposal: str, choice: Any = "yes") -> str:
        reason = REASON if choice == "objection" else None
        body = {"proposal": self.id(proposal), "choice": choice, "reason": reason}
        return self.do(by, "ballot.cast", body)

    def deadline(self, proposal: str) -> int:
        vote = self.proposal(proposal).vote
        assert vote is not None
        return vote.deadline_ms

    def close(self, proposal: str) -> None:
        while self.proposal(proposal).vote is not None:
            self.wait_until(self.deadline(proposal) + 1)

    def pass_it(self, proposal: str) -> None:
        """Everybody votes yes; to Challenge."""
        self.to_voting(proposal)
        for number in range(self.members):
            self.vote(number, proposal)
        self.close(proposal)

    def to_ready(self, proposal: str) -> None:
        self.pass_it(proposal)
        self.wait_until(self.proposal(proposal).timelock_until_ms + 1)
        assert self.phase(proposal) == "Ready"

    def execute(self, proposal: str, by: int = 1) -> str:
        return self.do(by, "proposal.execute", {"proposal": self.id(proposal)})


def did(number: int) -> Did:
    return key(number).did
